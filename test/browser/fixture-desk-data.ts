/** A made-up floor in the real wire types: what the desk's fixture serves. Times hang on one moment, so a picture is of one piece. */
import type {
  ConversationReply,
  CustomerReply,
  EmotionPoint,
  EntryReply,
  FeatureReply,
  HandoffPacket,
  InboxItem,
  Notice,
  PersonReply,
  QueueReply,
  TimelineItem,
} from '../../src/client/index.ts'

export const people: readonly PersonReply[] = [
  { id: 'person:cards-1', name: 'Cards desk 1', role: 'desk', skills: ['cards', 'disputes'], capacity: 4 },
  { id: 'person:cards-2', name: 'Cards desk 2', role: 'desk', skills: ['cards'], capacity: 3 },
  { id: 'person:lead', name: 'Floor lead', role: 'supervisor', skills: ['cards', 'disputes'], capacity: 2 },
]
export const password = 'a long enough password'

export const queueTable: readonly Omit<QueueReply, 'waiting' | 'longestWaitMs' | 'workersAvailable'>[] = [
  {
    name: 'cards',
    team: 'Cards team',
    skills: ['cards'],
    serviceLevel: { share: 0.8, withinMs: 20_000, measured: 0.76, count: 214 },
    wrapUpCodes: ['solved', 'callBack', 'notOurs', 'customerGone'],
  },
  {
    name: 'disputes',
    team: 'Disputes team',
    skills: ['disputes'],
    serviceLevel: { share: 0.8, withinMs: 60_000, measured: 0.91, count: 61 },
    wrapUpCodes: ['refunded', 'explained', 'customerGone'],
  },
]

const s = 1_000
const min = 60 * s
const h = 60 * min
const day = 24 * h
/** `10:42` */
const hour = (at: number) => new Date(at).toTimeString().slice(0, 5)

export interface Held extends Omit<ConversationReply, 'entries' | 'notes' | 'emotion'> {
  entries: EntryReply[]
  notes: ConversationReply['notes'][number][]
  emotion: EmotionPoint[]
}

interface Line {
  readonly from: EntryReply['from']
  readonly text: string
  readonly ago: number
  readonly epoch?: number
  readonly by?: string
  readonly notice?: Notice
}

function entriesOf(lines: readonly Line[], now: number): EntryReply[] {
  return lines.map(({ from, text, ago, epoch = 6, by = null, notice = null }, index) => ({
    seq: index + 1,
    epoch,
    at: now - ago,
    from,
    by,
    text,
    notice,
    attachments: [],
  }))
}

function conversation(id: string, now: number, lines: readonly Line[], more: Partial<Held> & Pick<InboxItem, 'customer'>): Held {
  const entries = entriesOf(lines, now)
  const last = entries.findLast(({ notice }) => notice === null) ?? null
  return {
    conversation: id,
    channel: 'chat',
    status: 'open',
    owner: 'human',
    worker: 'person:cards-1',
    queue: 'cards',
    task: `tsk_${id}`,
    epoch: 7,
    seq: entries.length,
    waitingSince: null,
    priority: 0,
    goal: last?.text ?? '',
    because: null,
    last: last && { from: last.from, text: last.text, at: last.at },
    updatedAt: last?.at ?? now,
    openedAt: entries[0]?.at ?? now,
    messages: entries.length,
    notes: [],
    packet: null,
    emotion: [],
    flow: null,
    wrapUpCodes: queueTable[0]?.wrapUpCodes ?? [],
    ...more,
    entries,
  }
}

const waits = (id: string, customer: string, goal: string, now: number, agoMs: number, more: Partial<Held> = {}): Held =>
  conversation(id, now, [{ from: 'customer', text: goal, ago: agoMs + 9 * s }], {
    customer,
    owner: null,
    worker: null,
    waitingSince: now - agoMs,
    epoch: 2,
    goal,
    ...more,
  })

function emotionOf(levels: readonly number[], now: number): EmotionPoint[] {
  return levels.map((level, index) => ({ seq: index < 8 ? index - 4 : index - 2, at: now - (levels.length - index) * 40 * s, level }))
}

/** What the bot knew when it handed over. */
function packetOf(now: number): HandoffPacket {
  return {
    from: { owner: 'bot', name: 'unblockCard' },
    to: { owner: 'human', name: 'person:cards-1' },
    at: now - 56 * s,
    goal: 'Wants to pay by card today; it was declined three times this morning.',
    facts: [
      { text: `Declined ${[5, 4, 2].map((ago) => hour(now - ago * min)).join(', ')}: limit`, status: 'verified', source: 'cardDeclined', at: now - 2 * min },
      { text: 'Raise to €1,500 starts tonight, 21:14', status: 'verified', source: 'limitRaised', at: now - 13 * h },
      { text: 'Believes the raise was active yesterday', status: 'claimed', source: 'chat', at: now - 3 * min },
    ],
    tried: [{ text: 'Unblock: the card was never blocked', at: now - 3 * min }],
    promised: [{ text: 'An answer from a person', at: now - 56 * s }],
    question: 'Can the raise start now?',
    emotion: [],
    because: 'an angry customer of value',
    decision: 'dec_01JD4M70000',
    agreed: [],
  }
}

const current4821 = (now: number): Held =>
  conversation(
    'con_4821',
    now,
    [
      { from: 'customer', text: 'Card not accepted at the till. I raised my limit yesterday?', ago: 3 * min + 6 * s, epoch: 5 },
      {
        from: 'bot',
        by: 'unblockCard',
        text: `I see the decline at ${hour(now - 4 * min)}. Your card is active and not blocked. Shall I try the terminal reset?`,
        ago: 3 * min + 5 * s,
        epoch: 5,
      },
      { from: 'customer', text: 'My card was declined again at the till, third time this morning, and I have had enough.', ago: 56 * s, epoch: 5 },
      { from: 'system', text: 'A person from Cards team takes over.', ago: 56 * s, epoch: 6, notice: { kind: 'waiting', team: 'Cards team' } },
      { from: 'system', text: 'A colleague from Cards team joined.', ago: 45 * s, epoch: 7, notice: { kind: 'joined', team: 'Cards team' } },
      {
        from: 'human',
        by: 'person:cards-1',
        text: 'I have read all of it, and I am sorry: three times at the till is three too many. Your higher limit is approved but only starts tonight at 21:14.',
        ago: 21 * s,
        epoch: 7,
      },
      { from: 'customer', text: 'Can you make it start now?', ago: 9 * s, epoch: 7 },
    ],
    {
      customer: 'user:current-4821',
      goal: 'Wants to pay by card today; it was declined three times this morning.',
      because: 'an angry customer of value',
      packet: packetOf(now),
      emotion: emotionOf([0.25, 0.25, 0.375, 0.375, 0.5, 0.6, 0.6, 0.95, 0.85, 0.65], now),
      flow: {
        name: 'unblockCard',
        goal: 'use the card again',
        asking: 'confirm',
        slots: [
          { name: 'last4', label: 'card number', type: 'digits', options: [], value: '4821' },
          { name: 'where', label: 'where it was declined', type: 'choice', options: ['till', 'online', 'cashMachine'], value: 'till' },
          { name: 'limit', label: 'new limit', type: 'amount', options: [], value: null },
          { name: 'confirm', label: 'start it now', type: 'yesNo', options: [], value: null },
        ],
      },
    },
  )

export function conversations(now: number): Held[] {
  return [
    current4821(now),
    conversation('con_2210', now, [{ from: 'customer', text: 'Re: second card for my daughter', ago: 26 * min }], {
      customer: 'user:joint-2210',
      channel: 'email',
    }),
    conversation(
      'con_1120',
      now,
      [
        { from: 'customer', text: 'When does my loan letter come?', ago: 50 * min },
        { from: 'human', by: 'person:cards-1', text: 'I will send the letter tonight.', ago: 48 * min, epoch: 7 },
      ],
      { customer: 'user:student-1120', channel: 'sms' },
    ),
    waits('con_3305', 'user:current-3305', 'Charged twice for one coffee', now, 41 * s, { priority: 2 }),
    waits('con_0188', 'user:current-0188', 'Third decline in five minutes', now, 26 * s, { channel: 'app' }),
    waits('con_7754', 'user:savings-7754', 'Close the account, please', now, 12 * s),
    waits('con_9071', 'user:joint-9071', 'Statement for the tax office', now, 5 * s, { channel: 'email' }),
    waits('con_0937', 'user:business-0937', 'A supplier payment of €12,400 went out twice. The agent may not refund above €500.', now, 7 * s, {
      queue: 'disputes',
      priority: 6,
      because: 'the first dispute above €10,000',
      wrapUpCodes: queueTable[1]?.wrapUpCodes ?? [],
      packet: {
        ...packetOf(now),
        from: { owner: 'agent', name: 'disputes' },
        goal: 'Wants the second of two supplier payments back, €12,400 each.',
        question: 'Does the supplier agree to send it back?',
        facts: [{ text: 'Two payments of €12,400 to one account, 09:58 and 09:59', status: 'verified', source: 'transferBooked', at: now - 40 * min }],
        tried: [{ text: 'Recall: the bank of the supplier has not answered', at: now - 30 * min }],
        because: 'the first dispute above €10,000',
      },
    }),
    conversation('con_6412', now, [{ from: 'customer', text: 'What is the rate for dollars?', ago: 70 * s }], {
      customer: 'user:current-6412',
      owner: 'bot',
      worker: null,
      queue: null,
    }),
    conversation('con_1900', now, [{ from: 'customer', text: 'Thank you', ago: 30 * day, epoch: 9 }], {
      customer: 'user:current-4821',
      status: 'resolved',
      owner: null,
      goal: 'Asked about travel insurance',
      updatedAt: now - 30 * day,
    }),
  ]
}

export function features(now: number): Record<string, FeatureReply> {
  const of = (value: unknown, ageMs: number | null, status: FeatureReply['status'] = 'PRESENT'): FeatureReply => ({
    value,
    status,
    at: ageMs === null ? null : now - ageMs,
    ageMs,
    version: 'a91e04c2',
  })
  return {
    declines5m: of(3, 98 * s),
    spend30d: of(2846.1, 3 * h),
    handoffs7d: of(2, 45 * s),
    messages1h: of(6, 9 * s),
    balanceBand: of(null, 26 * h, 'OUTSIDE_MAX_AGE'),
    lastTravelNotice: of(null, null, 'NOT_FOUND'),
  }
}

export function customer(id: string, now: number): CustomerReply {
  return { id, identities: [id, 'email:sealed', 'phone:sealed'], firstSeenAt: now - 9.2 * 365 * day, lastSeenAt: now - 9 * s, conversation: null }
}

export function timeline(now: number): TimelineItem[] {
  const events: readonly [agoMs: number, type: string, data: unknown][] = [
    [9 * s, 'message.received', { text: 'Can you make it start now?', conversation: 'con_4821' }],
    [21 * s, 'message.sent', { text: 'I have read all of it', conversation: 'con_4821', author: 'human' }],
    [45 * s, 'conversation.assigned', { conversation: 'con_4821' }],
    [98 * s, 'cardDeclined', { amount: 64.2, reason: 'limit', iban: { pii: 'IBAN_CODE' } }],
    [4 * min, 'cardDeclined', { amount: 18.9, merchant: 'Grocer' }],
    [5 * min, 'cardDeclined', { amount: 18.9, merchant: 'Grocer' }],
    [14 * h, 'limitRaised', { to: 1500, currency: 'EUR' }],
    [15 * h, 'appOpened', { screen: 'limits' }],
    [30 * day, 'message.received', { text: 'Thank you', conversation: 'con_1900', channel: 'email' }],
    [31 * day, 'addressChanged', { city: { pii: 'CITY' }, by: 'call' }],
  ]
  return events.map(([ago, type, data], index) => ({
    at: now - ago,
    partition: 5,
    offset: 48_211 - index,
    event: { id: `evt_${index}`, type, source: 'core', data },
    decision: null,
  }))
}
