/** How a call failed before the platform's answer was there. `sent` is false only if no byte of it can have been acted on. */
export interface TransportFailure {
  readonly sent: boolean
  readonly detail: string
}

/** Failures while connecting: the request was never written. */
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** System calls that come before the first byte. */
const CONNECTING = new Set(['connect', 'getaddrinfo'])

/** What `fetch` says for a request it did not make, or did not make again elsewhere; there is no code for these. */
const NOT_DONE = new Set(['unexpected redirect', 'bad port'])

const TIMEOUTS = new Set(['AbortError', 'TimeoutError'])

/** More causes than any real chain has; ends a chain that loops. */
const MAX_CAUSES = 10

/**
 * Say what is known about a failure without an answer, from the error and all its causes. The words are our own or an
 * error code: messages of the network stack may hold addresses, and of proxies anything.
 */
export function toTransportFailure(error: unknown): TransportFailure {
  const chain = causesOf(error)
  const code = chain.map(codeOf).find((one) => one !== undefined)
  if (chain.some(isBeforeSending)) return { sent: false, detail: withCode('not connected', code) }
  const said = chain.find(({ message }) => NOT_DONE.has(message))
  if (said !== undefined) return { sent: false, detail: said.message }
  if (chain.some(({ name }) => TIMEOUTS.has(name))) return { sent: true, detail: 'timed out' }
  return { sent: true, detail: withCode('connection failed', code) }
}

/** An error, its cause, the cause of that, and so on. */
function causesOf(error: unknown): readonly Error[] {
  const chain: Error[] = []
  let one = error
  while (one instanceof Error && chain.length < MAX_CAUSES) {
    chain.push(one)
    one = one.cause
  }
  return chain
}

function isBeforeSending(error: unknown): boolean {
  // A host with several addresses fails with one error for each; all of them must have failed to connect.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isBeforeSending)
  if (!(error instanceof Error)) return false
  const code = codeOf(error)
  if (code !== undefined && BEFORE_SENDING.has(code)) return true
  return 'syscall' in error && CONNECTING.has(String(error.syscall))
}

function codeOf(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,50}$/.test(code) ? code : undefined
}

function withCode(words: string, code: string | undefined): string {
  return code === undefined ? words : `${words}: ${code}`
}
