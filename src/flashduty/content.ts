import type { Refusal } from './refusal.ts'

interface ContentHeaders {
  readonly 'content-type'?: string | undefined
  readonly 'content-encoding'?: string | undefined
}

/**
 * Why a body of this type cannot be read; undefined if it can. JSON in UTF-8,
 * uncompressed. A missing type is fine: the body will show.
 */
export function toMediaProblem(headers: ContentHeaders): Refusal | undefined {
  if (headers['content-type'] === 'application/json' && headers['content-encoding'] === undefined) return undefined
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? ''
  if (encoding !== '' && encoding !== 'identity') {
    return { code: 'unsupported_encoding', reason: 'The body is compressed.' }
  }
  const [type = '', ...parameters] = (headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  if (type !== '' && type !== 'application/json') {
    return { code: 'unsupported_type', reason: 'The content type is not application/json.' }
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length)
  if (charset !== undefined && !/^"?utf-?8"?$/.test(charset)) {
    return { code: 'unsupported_type', reason: 'The character set is not UTF-8.' }
  }
  return undefined
}
