import { describe, expect, it } from 'vitest'
import { applySet } from '../../../src/cli/set.ts'

const PUSH = {
  event_id: 'e-1',
  event_time: 1_773_457_331_000,
  incident: {
    title: 'disk full',
    alert_cnt: 3,
    labels: { env: 'prod' },
    fields: { orders: 5 },
    responders: [{ person_name: 'Ann', email: 'ann@example.com' }],
  },
}

describe('--set', () => {
  it.each([
    ['incident_severity=Critical', { incident: { incident_severity: 'Critical' } }],
    ['title=a=b, c', { incident: { title: 'a=b, c' } }],
    ['title=', { incident: { title: '' } }],
    ['title=12', { incident: { title: '12' } }],
    ['labels.env=1.10', { incident: { labels: { env: '1.10' } } }],
    ['labels.app.kubernetes.io/name=shop', { incident: { labels: { env: 'prod', 'app.kubernetes.io/name': 'shop' } } }],
    ['alert_cnt=40', { incident: { alert_cnt: 40 } }],
    ['fields.orders=7', { incident: { fields: { orders: 7 } } }],
    ['fields.team=7', { incident: { fields: { team: '7' } } }],
    ['fields.regions:=["eu","us"]', { incident: { fields: { regions: ['eu', 'us'] } } }],
    ['fields.paid:=true', { incident: { fields: { paid: true } } }],
    ['title:=null', { incident: { title: null } }],
    ['incident_severity:="Fatal"', { incident: { incident_severity: 'Fatal' } }],
    [
      'responders.0.email=bob@example.com',
      { incident: { responders: [{ person_name: 'Ann', email: 'bob@example.com' }] } },
    ],
    [
      'responders.1.person_name=Bob',
      { incident: { responders: [PUSH.incident.responders[0], { person_name: 'Bob' }] } },
    ],
    ['event_time=1773457331001', { event_time: 1_773_457_331_001 }],
    ['event_id=7', { event_id: '7' }],
    ['person.person_name=Ann', { person: { person_name: 'Ann' } }],
    ['incident.title=x', { incident: { title: 'x' } }],
  ])('%s', (text, expected) => {
    const applied = applySet(PUSH, text)
    expect(applied).toMatchObject({ push: expected })
    if ('push' in applied) expect(Object.keys(applied.push)).toEqual(expect.arrayContaining(Object.keys(PUSH)))
  })

  it.each([
    ['severity', 'is not PATH=VALUE'],
    ['incident_severty=Critical', 'there is no "incident_severty" in an incident, did you mean "incident_severity"?'],
    ['persn.email=x', 'there is no "persn" in an incident'],
    ['responders.0.emial=x', 'did you mean "email"?'],
    ['responders.ann.email=x', 'responders is a list'],
    ['responders.7.email=x', 'responders is a list'],
    [
      'incident_severity=critcal',
      'is none of Critical, Warning, Info, did you mean "Critical"? (incident_severity:="critcal" sends it all the same)',
    ],
    ['alert_cnt=many', 'expected a number, got "many"'],
    ['title.x=1', 'title has no parts'],
    ['labels.=1', 'a name is missing'],
    ['fields.x:=[1', 'is no JSON'],
    ['__proto__.x=1', 'there is no "__proto__"'],
  ])('%s is refused', (text, reason) => {
    expect(applySet(PUSH, text)).toEqual({ problem: expect.stringContaining(reason) })
  })

  it('leaves the push it was given as it is', () => {
    const before = structuredClone(PUSH)
    applySet(PUSH, 'labels.env=dev')
    expect(PUSH).toEqual(before)
  })
})
