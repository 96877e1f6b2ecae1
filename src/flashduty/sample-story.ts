/** A part of a push, as JSON has it. */
export type Json = Readonly<Record<string, unknown>>

/** One thing that happens to the sample incident. */
export interface SampleStep {
  readonly type: string
  /** Since the incident began. */
  readonly afterS: number
  /** Who did it; absent for what happens by itself. */
  readonly person?: Json
  readonly change: (before: { readonly incident: Json; readonly atS: number }) => Json
}

const ANN = { person_id: 2291048792504, person_name: 'Ann Lee', email: 'ann@example.com' }
const BOB = { person_id: 2291048792505, person_name: 'Bob Cruz', email: 'bob@example.com' }

const none = (): Json => ({})

/**
 * What happens to the sample incident, in order. Each documented type happens once and changes what the source would
 * change with it. Texts arrive after the close, as they mostly do.
 */
export const SAMPLE_STEPS: readonly SampleStep[] = [
  { type: 'i_new', afterS: 0, change: none },
  {
    type: 'i_assign',
    afterS: 30,
    change: ({ atS }) => ({
      assigned_to: { type: 'assign', escalate_rule_name: 'Payments on-call', layer_idx: 0, assigned_at: atS },
      responders: [ANN, BOB].map((person) => ({ ...person, assigned_at: atS, acknowledged_at: 0 })),
    }),
  },
  {
    type: 'i_ack',
    afterS: 120,
    person: ANN,
    change: ({ incident, atS }) => ({
      progress: 'Processing',
      ack_time: atS,
      responders: acknowledged(incident, ANN.person_id, atS),
    }),
  },
  { type: 'i_comm', afterS: 180, person: BOB, change: none },
  { type: 'i_storm', afterS: 240, change: ({ atS }) => ({ alert_cnt: 120, last_time: atS }) },
  {
    type: 'i_r_severity',
    afterS: 300,
    person: ANN,
    change: ({ incident }) => ({
      incident_severity: incident['incident_severity'] === 'Info' ? 'Warning' : 'Critical',
      incident_status: incident['incident_severity'] === 'Info' ? 'Warning' : 'Critical',
    }),
  },
  {
    type: 'i_r_title',
    afterS: 360,
    person: ANN,
    change: () => ({ title: 'Checkout fails: payment gateway answers 502' }),
  },
  {
    type: 'i_r_desc',
    afterS: 420,
    person: ANN,
    change: () => ({ description: 'About 30 % of checkouts fail.\nThe gateway answers 502; retries make it worse.' }),
  },
  {
    type: 'i_r_field',
    afterS: 480,
    person: BOB,
    change: () => ({ fields: { priority: 'P1', affected_orders: 1840, customer_facing: true } }),
  },
  { type: 'i_custom', afterS: 540, person: BOB, change: none },
  { type: 'i_merge', afterS: 600, person: BOB, change: ({ atS }) => ({ alert_cnt: 143, last_time: atS }) },
  { type: 'i_snooze', afterS: 660, person: ANN, change: ({ atS }) => ({ snoozed_before: atS + 3_600 }) },
  { type: 'i_wake', afterS: 900, person: ANN, change: () => ({ snoozed_before: 0 }) },
  {
    type: 'i_example',
    afterS: 930,
    person: BOB,
    change: () => ({ fields: { priority: 'P1', affected_orders: 2110 } }),
  },
  {
    type: 'i_unack',
    afterS: 960,
    person: ANN,
    change: ({ incident }) => ({
      progress: 'Triggered',
      ack_time: 0,
      responders: acknowledged(incident, ANN.person_id, 0),
    }),
  },
  {
    type: 'i_rslv',
    afterS: 1_800,
    change: ({ atS }) => ({ progress: 'Closed', incident_status: 'Ok', end_time: atS, close_time: atS }),
  },
  {
    type: 'i_r_impact',
    afterS: 2_400,
    person: ANN,
    change: () => ({ impact: '1,840 orders failed between 03:02 and 03:28 UTC.' }),
  },
  {
    type: 'i_r_rc',
    afterS: 2_460,
    person: ANN,
    change: () => ({ root_cause: 'A deploy of payment-gateway halved its connection pool.' }),
  },
  {
    type: 'i_r_rsltn',
    afterS: 2_520,
    person: BOB,
    change: () => ({ resolution: 'Rolled the deploy back, then raised the pool to 200.' }),
  },
  {
    type: 'i_reopen',
    afterS: 3_600,
    person: BOB,
    change: ({ incident, atS }) => ({
      progress: 'Triggered',
      incident_status: incident['incident_severity'],
      end_time: 0,
      close_time: 0,
      assigned_to: { type: 'reopen', escalate_rule_name: 'Payments on-call', layer_idx: 0, assigned_at: atS },
    }),
  },
]

function acknowledged(incident: Json, personId: number, atS: number): readonly Json[] {
  const responders: readonly Json[] = Array.isArray(incident['responders']) ? incident['responders'] : []
  return responders.map((one) => (one['person_id'] === personId ? { ...one, acknowledged_at: atS } : one))
}
