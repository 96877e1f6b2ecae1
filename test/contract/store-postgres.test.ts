import { openPostgres } from '../../src/store/postgres.ts'
import type { Store } from '../../src/store/store.ts'
import { createDatabase } from '../postgres/database.ts'
import { describeStore } from './store.ts'

const urls = new WeakMap<Store, string>()

async function open(url: string): Promise<Store> {
  const { store } = await openPostgres({ url })
  urls.set(store, url)
  return store
}

describeStore('Postgres', {
  open: async () => open(await createDatabase()),
  reopen: async (store) => {
    await store.close()
    return open(urls.get(store) ?? '')
  },
})
