import type { BoardView, CardView, ReplyView } from './view.ts'

/** What a name of the view holds, for the check at start. `any` stands for what could not be found out. */
export type Shape = 'text' | 'number' | 'flag' | 'time' | 'rich' | 'any' | ListShape | RecordShape

export interface ListShape {
  readonly item: Shape
}

export interface RecordShape {
  readonly members: { readonly [name: string]: Shape }
}

/** What a filter may say it takes. */
export type Kind = 'text' | 'number' | 'flag' | 'time' | 'rich' | 'list' | 'record'

export function toKind(shape: Shape | Kind): Kind | 'any' {
  if (typeof shape !== 'object') return shape
  return 'item' in shape ? 'list' : 'record'
}

const DESCRIBED: Readonly<Record<Kind | 'any', string>> = {
  text: 'a text',
  number: 'a number',
  flag: 'a yes or no',
  time: 'a time',
  rich: 'formatted text',
  list: 'a list',
  record: 'a record',
  any: 'something unknown',
}

export function describe(shape: Shape | Kind): string {
  return DESCRIBED[toKind(shape)]
}

/** The shape of a type, so that the compiler keeps the two in step. */
type ShapeOf<T> = [T] extends [string]
  ? 'text'
  : [T] extends [number]
    ? 'number'
    : [T] extends [boolean]
      ? 'flag'
      : [T] extends [Date]
        ? 'time'
        : T extends readonly (infer Item)[]
          ? { readonly item: ShapeOf<Item> }
          : { readonly members: { readonly [K in keyof T]: ShapeOf<NonNullable<T[K]>> } }

const PERSON = { members: { name: 'text', email: 'text' } } as const
const NAMED = { members: { name: 'text', value: 'text' } } as const
const RESPONDER = { members: { ...PERSON.members, acknowledged: 'flag', acknowledged_at: 'time' } } as const
const TEXT_CHANGE = { members: { from: 'text', to: 'text' } } as const
const NAMED_CHANGE = { members: { ...TEXT_CHANGE.members, name: 'text' } } as const

const SHARED = {
  incident: {
    members: {
      title: 'text',
      id: 'text',
      num: 'text',
      severity: 'text',
      status: 'text',
      progress: 'text',
      description: 'text',
      body: 'text',
      impact: 'text',
      root_cause: 'text',
      resolution: 'text',
      channel: 'text',
      account: 'text',
      url: 'text',
      ack_url: 'text',
      alert_count: 'number',
      started_at: 'time',
      created_at: 'time',
      updated_at: 'time',
      last_alert_at: 'time',
      recovered_at: 'time',
      acknowledged_at: 'time',
      closed_at: 'time',
      snoozed_until: 'time',
      duration_ms: 'number',
      labels: { item: NAMED },
      labels_more: 'number',
      fields: { item: NAMED },
      fields_more: 'number',
      responders: { item: RESPONDER },
      responders_more: 'number',
      responder_count: 'number',
      acknowledged_by: { item: RESPONDER },
      acknowledged_count: 'number',
      creator: PERSON,
      closer: PERSON,
      assignment: 'text',
      policy: 'text',
      layer: 'number',
    },
  },
  state: { members: { name: 'text', label: 'text', icon: 'text', tone: 'text', closed: 'flag' } },
  severity: { members: { name: 'text', label: 'text', icon: 'text', tone: 'text' } },
  status: { members: { name: 'text', label: 'text' } },
  event: { members: { type: 'text', label: 'text', at: 'time', by: PERSON, after_ms: 'number', late: 'flag' } },
  words: {
    members: {
      fields: {
        members: {
          title: 'text',
          severity: 'text',
          status: 'text',
          progress: 'text',
          channel: 'text',
          responders: 'text',
          alerts: 'text',
          started: 'text',
          duration: 'text',
          impact: 'text',
          root_cause: 'text',
          resolution: 'text',
        },
      },
      links: { members: { open: 'text', acknowledge: 'text' } },
      phrases: {
        members: {
          incident: 'text',
          someone: 'text',
          no_title: 'text',
          late: 'text',
          replaces_lost: 'text',
          comma: 'text',
        },
      },
      units: { members: { day: 'text', hour: 'text', minute: 'text', second: 'text' } },
    },
  },
} as const

/** Every name card.yaml may use. */
export const CARD_SHAPE: ShapeOf<CardView> = { members: { ...SHARED, replaces_lost: 'flag' } }

const WAITING = {
  members: {
    icon: 'text',
    label: 'text',
    count: 'number',
    incidents: { item: { members: { title: 'text', url: 'text' } } },
    more: 'number',
  },
} as const

/** Every name board.yaml may use. */
export const BOARD_SHAPE: ShapeOf<BoardView> = {
  members: {
    ...CARD_SHAPE.members,
    board: { members: { waiting: 'number', critical: WAITING, warning: WAITING, info: WAITING, other: WAITING } },
  },
}

/** Every name a file in events/ may use. */
export const REPLY_SHAPE: ShapeOf<ReplyView> = {
  members: {
    ...SHARED,
    changes: {
      members: {
        title: TEXT_CHANGE,
        description: TEXT_CHANGE,
        impact: TEXT_CHANGE,
        root_cause: TEXT_CHANGE,
        resolution: TEXT_CHANGE,
        severity: { members: { ...TEXT_CHANGE.members, direction: 'text' } },
        status: TEXT_CHANGE,
        progress: TEXT_CHANGE,
        channel: TEXT_CHANGE,
        alert_count: { members: { from: 'number', to: 'number' } },
        snooze: { members: { from: 'time', to: 'time' } },
        fields: { item: NAMED_CHANGE },
        labels: { item: NAMED_CHANGE },
        joined: { item: PERSON },
        left: { item: PERSON },
        acknowledged: { item: PERSON },
        unacknowledged: { item: PERSON },
        all: { item: NAMED_CHANGE },
      },
    },
  },
}

/** Shape of `forloop` inside a loop. */
export const LOOP_SHAPE: RecordShape = {
  members: {
    first: 'flag',
    last: 'flag',
    index: 'number',
    index0: 'number',
    rindex: 'number',
    rindex0: 'number',
    length: 'number',
  },
}
