import { readFileSync } from 'node:fs'
import { PermissionFlagsBits } from 'discord.js'
import { describe, expect, it } from 'vitest'
import {
  NEEDED,
  PERMISSIONS,
  toBits,
  toInviteUrl,
  toPermitted,
  type Permission,
} from '../../../src/platform/discord/permissions.ts'

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
const GUILD = '1100000000000000100'
const ROLE = '1100000000000000020'
const BOT = '1100000000000000010'
const ALL = toBits(NEEDED)
const ADMINISTRATOR = 8n

describe('the invite link', () => {
  it('asks for the rights the README names, and no more', () => {
    expect(readme).toContain(toInviteUrl('YOUR_APP_ID', NEEDED))
    expect(readme).toContain(`permissions=${toBits([...NEEDED, 'MENTION_EVERYONE'])}`)
  })

  it('has the bits that Discord itself gives these names', () => {
    const names: Readonly<Record<Permission, keyof typeof PermissionFlagsBits>> = {
      VIEW_CHANNEL: 'ViewChannel',
      SEND_MESSAGES: 'SendMessages',
      EMBED_LINKS: 'EmbedLinks',
      READ_MESSAGE_HISTORY: 'ReadMessageHistory',
      MENTION_EVERYONE: 'MentionEveryone',
      CREATE_PUBLIC_THREADS: 'CreatePublicThreads',
      SEND_MESSAGES_IN_THREADS: 'SendMessagesInThreads',
    }
    for (const [name, theirs] of Object.entries(names)) {
      expect(PERMISSIONS[name as Permission]).toBe(PermissionFlagsBits[theirs])
    }
    expect(ADMINISTRATOR).toBe(PermissionFlagsBits.Administrator)
  })
})

describe('what a bot may do in a channel', () => {
  const { SEND_MESSAGES: SEND, VIEW_CHANNEL: VIEW, READ_MESSAGE_HISTORY: READ } = PERMISSIONS
  const on = (id: string, type: 0 | 1, allow: bigint, deny: bigint) => ({ id, type, allow, deny })
  it.each([
    ['all its roles give', {}, [], ALL],
    ['nothing that everyone is denied', {}, [on(GUILD, 0, 0n, SEND)], ALL & ~SEND],
    ['what its role is allowed again', {}, [on(GUILD, 0, 0n, SEND), on(ROLE, 0, SEND, 0n)], ALL],
    ['nothing that is denied to itself', {}, [on(ROLE, 0, SEND, 0n), on(BOT, 1, 0n, SEND)], ALL & ~SEND],
    ['what it is allowed itself', {}, [on(ROLE, 0, 0n, SEND), on(BOT, 1, SEND, 0n)], ALL],
    ['the same whatever other roles and members are denied', {}, [on('1', 0, 0n, ALL), on('2', 1, 0n, ALL)], ALL],
    ['nothing at all if it cannot see it', {}, [on(GUILD, 0, 0n, VIEW)], 0n],
    ['only reading in a time-out', { until: '2026-11-24T10:00:01.000Z' }, [], VIEW | READ],
    ['everything after one', { until: '2026-11-24T09:59:59.000Z' }, [], ALL],
  ])('%s', (_, { until }: { until?: string }, overwrites, expected) => {
    const guild = {
      id: GUILD,
      roles: [
        { id: GUILD, name: '@everyone', permissions: VIEW | SEND | READ, mentionable: false },
        { id: ROLE, name: 'incident-relay', permissions: ALL, mentionable: false },
        { id: '1', name: 'other', permissions: ADMINISTRATOR, mentionable: false },
      ],
    }
    const member = { id: BOT, roles: [ROLE], communication_disabled_until: until }
    expect(toPermitted(member, guild, overwrites, Date.parse('2026-11-24T10:00:00.000Z')).here).toBe(expected)
    const admin = toPermitted({ ...member, roles: [ROLE, '1'] }, guild, overwrites, 0)
    expect(admin.here & ALL).toBe(ALL)
  })
})
