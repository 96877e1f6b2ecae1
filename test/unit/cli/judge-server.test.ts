import { expect, it } from 'vitest'
import { judgeServer } from '../../../src/cli/judge-server.ts'
import type { ServerFacts } from '../../../src/store/postgres/inspect.ts'

const ALONE: ServerFacts = {
  version: 180_004,
  role: 'relay',
  encoding: 'UTF8',
  is_standby: false,
  is_read_only: false,
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  synchronous_standby_names: '',
  standbys: 0,
  commitMs: 0.64,
}
const verdicts = (change: Partial<ServerFacts>) =>
  judgeServer({ ...ALONE, ...change }).map(({ check, verdict }) => `${check} ${verdict}`)
const said = (change: Partial<ServerFacts>) =>
  judgeServer({ ...ALONE, ...change })
    .map(({ says, repair = '' }) => `${says} > ${repair}`)
    .join('\n')

it('says of a server alone what is safe, how fast it is, and what it cannot see', () => {
  expect(verdicts({})).toEqual(['server ok', 'durability ok', 'standby unseen'])
  expect(said({})).toContain('Postgres 18.4; a commit takes 0.6 ms')
})

it('finds a server at fault that can lose an acknowledged push when it crashes', () => {
  expect(verdicts({ fsync: 'off' })).toEqual(['server ok', 'durability wrong', 'standby unseen'])
  expect(verdicts({ synchronous_commit: 'off', standbys: 2 })).toEqual(['server ok', 'durability wrong'])
  expect(said({ synchronous_commit: 'off' })).toContain('ALTER ROLE relay SET synchronous_commit = on')
  expect(verdicts({ full_page_writes: 'off' })).toEqual([
    'server ok',
    'durability hint',
    'durability ok',
    'standby unseen',
  ])
})

it.each<[string, Partial<ServerFacts>, string]>([
  ['loses what a standby had not yet', { standbys: 2 }, 'standby hint'],
  ['waits for a standby', { standbys: 1, synchronous_standby_names: '*' }, 'standby ok'],
  ['may lose in spite of its standby', { synchronous_standby_names: '*', synchronous_commit: 'local' }, 'standby hint'],
  ['has it in memory there', { synchronous_standby_names: '*', synchronous_commit: 'remote_write' }, 'standby hint'],
  ['has it on show there', { synchronous_standby_names: '*', synchronous_commit: 'remote_apply' }, 'standby ok'],
])('tells what a fail-over means where it %s', (_, change, verdict) => {
  expect(verdicts(change)).toEqual(['server ok', 'durability ok', verdict])
})

it('finds a server at fault that the relay cannot use', () => {
  expect(verdicts({ is_standby: true })).toEqual(['server wrong', 'durability ok'])
  expect(verdicts({ is_read_only: true })).toContain('server wrong')
  expect(verdicts({ encoding: 'SQL_ASCII' })).toContain('server wrong')
  expect(verdicts({ version: 140_011 })).toEqual(['server ok', 'server hint', 'durability ok', 'standby unseen'])
  const { commitMs: _, ...slow } = ALONE
  expect(judgeServer({ ...slow, synchronous_standby_names: 'gone' })[0]).toMatchObject({
    verdict: 'wrong',
    repair: expect.stringContaining('synchronous_standby_names'),
  })
})
