import { element } from './element.js'
import { button } from './strip-form.js'

/**
 * The body that will be sent, to look at and to change. What is no JSON is said, and may be sent all the same.
 * @param {() => void} refill  Put the text for what is chosen back.
 */
export function createEditor(refill) {
  let touched = false
  const text = element('textarea', {
    id: 'strip-body',
    rows: '10',
    spellcheck: 'false',
    autocapitalize: 'off',
    'aria-describedby': 'strip-body-problem',
  })
  const problem = element('p', { id: 'strip-body-problem', class: 'tool-problem', role: 'status' })
  text.addEventListener('input', () => {
    touched = true
    check()
  })

  function check() {
    const found = toProblem(text.value)
    text.setAttribute('aria-invalid', String(found !== ''))
    problem.textContent = found
  }

  return {
    made: element(
      'details',
      { class: 'tool-more' },
      element('summary', {}, 'Payload'),
      element('label', { class: 'for-ears', for: 'strip-body' }, 'Body of the push, JSON'),
      text,
      problem,
      button('Back to what is chosen', refill),
    ),
    text: () => text.value,
    /** Whether somebody typed: then it is sent as it is, the same event_id included. */
    isTouched: () => touched,
    /** @param {string} body */
    fill(body) {
      touched = false
      text.value = body
      check()
    },
  }
}

/** @param {string} body */
function toProblem(body) {
  try {
    JSON.parse(body)
    return ''
  } catch (error) {
    return `Not JSON: ${error instanceof Error ? error.message : 'it cannot be read'}. It will be sent as it is.`
  }
}
