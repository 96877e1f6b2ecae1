import { expect, it } from 'vitest'
import { toAckUrl, toSafeUrl } from '../../../src/message/url.ts'

it.each([
  ['https://x.example/i/1', 'https://x.example/i/1?ack=1'],
  ['https://x.example/i/1?a=1', 'https://x.example/i/1?a=1&ack=1'],
  ['https://x.example/i/1?ack=0&b=2', 'https://x.example/i/1?b=2&ack=1'],
  ['https://x.example/i/1?back=1#/top', 'https://x.example/i/1?back=1&ack=1#/top'],
])('%s acknowledges at %s', (url, ack) => {
  expect(toAckUrl(url)).toBe(ack)
})

it.each(['javascript:alert(1)', 'https://ann:secret@x.example/', 'ftp://x.example/', '//x.example', 'https://', ''])(
  '%j is no address to link to',
  (text) => {
    expect(toSafeUrl(text)).toBeUndefined()
  },
)
