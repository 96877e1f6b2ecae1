/** Where a Postgres database is, without the name and the password that open it. */
export function inWordsOf(postgres: string): string {
  const { host, pathname } = new URL(postgres)
  return `Postgres at ${host === '' ? 'this machine' : host}, database ${pathname.slice(1) || 'of the user'}`
}
