import { element } from './element.js'
import { redraw } from './redraw.js'
import { moveFocus } from './roving.js'

/** @typedef {import('./pane.js').ChannelView} ChannelView */

/**
 * Keep `list` showing the channels: one of them is in the tab order, up and down go through all.
 * @param {HTMLElement} list
 * @param {(id: string) => void} choose
 */
export function createChannels(list, choose) {
  list.addEventListener('click', ({ target }) => {
    const id = target instanceof Element ? target.closest('button')?.dataset['channel'] : undefined
    if (id !== undefined) choose(id)
  })
  list.addEventListener('keydown', (event) => {
    const buttons = [...list.querySelectorAll('button')]
    const now = moveFocus(buttons, event, { back: 'ArrowUp', on: 'ArrowDown' })
    if (now !== undefined) for (const button of buttons) button.tabIndex = button === now ? 0 : -1
  })
  /** @param {readonly { each: ChannelView, isCurrent: boolean, count: { posts: number, pings: number } }[]} entries */
  return (entries) =>
    redraw(
      list,
      entries.map(({ each, isCurrent, count }) => ({
        key: each.id,
        says: JSON.stringify([each.name, each.note, isCurrent, count]),
        draw: () => drawEntry(each, isCurrent, count),
      })),
    )
}

/**
 * @param {ChannelView} channel
 * @param {boolean} isCurrent
 * @param {{ posts: number, pings: number }} count
 */
function drawEntry({ id, name, kind, note }, isCurrent, count) {
  const classes = [note !== '' && 'dim', count.posts > 0 && 'unread']
  const button = element(
    'button',
    {
      type: 'button',
      class: classes.filter(Boolean).join(' '),
      title: note === '' ? undefined : note,
      tabindex: isCurrent ? '0' : '-1',
      'aria-current': isCurrent ? 'true' : undefined,
      'data-channel': id,
    },
    element('span', { class: `icon ${kind}`, 'aria-hidden': 'true' }),
    element('span', { class: 'name' }, name),
    count.posts > 0 && hidden(` ${count.posts} unread`),
    count.pings > 0 && hidden(' with mentions: '),
    count.pings > 0 && element('span', { class: 'badge' }, String(count.pings)),
  )
  return element('li', {}, button)
}

/** @param {string} words */
function hidden(words) {
  return element('span', { class: 'for-ears' }, words)
}
