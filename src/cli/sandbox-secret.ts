/** Known to everyone, so it opens nothing but a sandbox on loopback. */
export const SANDBOX_SECRET = 'sandbox-secret-for-loopback-only'
