import { describe, expect, it } from 'vitest'
import { matchesPattern } from '../../../src/incident/pattern.ts'
import type { Language } from '../../../src/incident/language.ts'
import { toLanguage, toRouteHits, type Route, type RouteMatch } from '../../../src/incident/route.ts'
import { incident } from './fixture.ts'

describe('matchesPattern', () => {
  it.each([
    ['prod', 'prod', true],
    ['prod', 'production', false],
    ['prod*', 'prod/eu', true],
    ['*prod*', 'eu-PROD-1', true],
    ['p?od', 'prod', true],
    ['p?od', 'pod', false],
    ['*', '', true],
    ['', '', true],
    ['', 'x', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['[a-z]+', 'abc', false],
    ['a.c', 'abc', false],
  ])('%s against %s is %s', (pattern, text, matches) => {
    expect(matchesPattern(pattern, text)).toBe(matches)
  })

  it('takes no more steps than pattern times text', () => {
    expect(matchesPattern('*a'.repeat(100) + 'b', 'a'.repeat(10_000))).toBe(false)
  })
})

describe('toRouteHits', () => {
  const payments = incident({
    severity: 'Critical',
    channelId: '1840312623504',
    channelName: 'Payments EU',
    labels: [{ name: 'env', value: 'prod-eu' }],
    fields: [{ name: 'team', value: 'core' }],
  })

  it.each<[string, RouteMatch, boolean]>([
    ['nothing asked', {}, true],
    ['the channel by id', { channel: ['1840312623504'] }, true],
    ['the channel by name', { channel: ['Other', 'payments*'] }, true],
    ['another channel', { channel: ['Search'] }, false],
    ['a severity of several', { severity: ['Warning', 'Critical'] }, true],
    ['the event type', { eventType: ['i_rslv'] }, false],
    ['a label', { labels: { env: ['prod*'] } }, true],
    ['a label it does not have', { labels: { region: ['*'] } }, false],
    ['a field', { fields: { team: ['core'] } }, true],
    ['all at once', { channel: ['Payments*'], severity: ['Critical'], labels: { env: ['prod*'] } }, true],
    ['all but one', { channel: ['Payments*'], severity: ['Info'] }, false],
  ])('%s', (_, match, matches) => {
    expect(hits([route('one', match)])).toEqual(matches ? ['one'] : [])
  })

  it('stops at the first match, unless it says to go on', () => {
    expect(hits([route('a'), route('b')])).toEqual(['a'])
    expect(hits([route('a', {}, true), route('no', { severity: ['Info'] }), route('b'), route('c')])).toEqual([
      'a',
      'b',
    ])
  })

  it('says why', () => {
    const match = { channel: ['Payments*'], severity: ['Critical'] }
    const [hit] = toRouteHits([route('one', match)], { incident: payments, eventType: 'i_new' })
    expect(hit?.because).toEqual(['channel Payments EU fits Payments*', 'severity is Critical'])
  })

  function hits(routes: readonly Route[]): string[] {
    return toRouteHits(routes, { incident: payments, eventType: 'i_new' }).map((hit) => hit.route.name)
  }

  function route(name: string, match: RouteMatch = {}, goesOn = false): Route {
    return { name, to: ['sre'], continue: goesOn, match, attention: {}, mention: [] }
  }
})

describe('toLanguage', () => {
  const routes: readonly Route[] = [
    spoken('chinese', { severity: ['Critical'] }, ['sre', 'cn'], 'zh'),
    spoken('beginning', { severity: ['Warning'], eventType: ['i_new'] }, ['sre'], 'zh'),
    spoken('english', { severity: ['Info'] }, ['sre', 'cn'], 'en'),
    spoken('rest', {}, ['sre']),
  ]

  it.each<[string, string, string, Language]>([
    ['the first route that fits and leads there', 'Critical', 'sre', 'zh'],
    ['whatever the event is', 'Warning', 'sre', 'zh'],
    ['a later route, where it is the first that fits', 'Info', 'sre', 'en'],
    ['the default, where that route names none', 'P1', 'sre', 'en'],
    ['the first that leads there, where none fits', 'P1', 'cn', 'zh'],
    ['the default, where none leads there any more', 'Critical', 'gone', 'en'],
  ])('is that of %s', (_, severity, destination, language) => {
    expect(toLanguage(routes, { incident: incident({ severity }), destination }, 'en')).toBe(language)
  })

  it('is that of the first route that leads there for a storm board, which is no incident of a route', () => {
    const board = { destination: 'cn', groups: [] }
    const subject = { incident: incident({ severity: 'Info', board }), destination: 'cn' }
    expect(toLanguage(routes, subject, 'en')).toBe('zh')
  })

  function spoken(name: string, match: RouteMatch, to: readonly string[], language?: Language): Route {
    return { name, to, continue: true, match, attention: {}, mention: [], ...(language && { language }) }
  }
})
