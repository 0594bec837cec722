/**
 * This person's line to the server: its frames go to the signals that hold them, and what the person does goes out by it.
 *
 * Owns the `Desk` and its state. Does not own anything it hands on.
 */
import { computed, signal } from '@preact/signals'
import { BattutaClientError } from '../../src/client/index.ts'
import type { Desk, DeskHandlers, DeskState, HandoffTarget, InboxItem, Presence } from '../../src/client/index.ts'
import { announce, announceNow } from './announce.ts'
import { now, serverSays } from './clock.ts'
import { change, load, open, opened } from './conversation.ts'
import { speakersIn, withContext, withEntry, withNote, withOwner, withSeen } from './conversation-state.ts'
import { door } from './door.ts'
import { forgetDrafts, putBack } from './drafts.ts'
import { person, place, queues, workers } from './floor.ts'
import { drop, forgetInbox, isMine, items, take, takeAll } from './inbox.ts'
import { go } from './navigation.ts'
import { all, changed, ended, endedMs, offered, offers, without, wrappings } from './offers.ts'
import type { Ending, Offer } from './offers.ts'
import { endSession, noDeskHere, signOut } from './session.ts'
import { setFold } from './thread/packet-fold.ts'
import { sawTyping } from './typing.ts'
import { forgetUnsent, takeUp, unsent, wasRefused, wasTaken, wrote } from './unsent.ts'
import { customerName } from './words.ts'

export const deskState = signal<DeskState>({ kind: 'connecting' })
/** When the line was last known to be good, on the reader's clock; null before the first time. */
export const lastOpenAt = signal<number | null>(null)
export const isLive = computed(() => deskState.value.kind === 'open')
/** Since when nothing has come; null while all is well, and before anything came. */
export const notLiveSince = computed(() => (isLive.value ? null : lastOpenAt.value))
/** What the server complained of and nobody waited for; shown until it is put away. */
export const complaint = signal<BattutaClientError | null>(null)

let line: Desk | null = null
/** Ids that the list of workers was read again for. */
const met = new Set<string>()

const handlers: DeskHandlers = {
  state: (state) => {
    if (deskState.value.kind === 'open') lastOpenAt.value = Date.now()
    deskState.value = state
    if (state.kind !== 'refused') return
    if (state.error.status === 401 || state.error.code === 'UNAUTHENTICATED') endSession()
    else noDeskHere(state.error)
  },
  welcome: (frame) => {
    serverSays(frame.at)
    person.value = frame.person
    place.value = {
      state: frame.presence,
      taken: frame.inbox.filter((item) => isMine(item, frame.person.id)).length + frame.offers.length,
      capacity: frame.person.capacity,
    }
    queues.value = frame.queues
    offers.value = all(offers.value, frame.offers)
    takeAll(frame.inbox)
    line?.restore(takeUp(frame.person.id))
    void loadWorkers()
    if (opened.value !== null) void follow(opened.value.id)
  },
  offer: ({ offer, packet }) => {
    if (!offers.value.some(({ reservation }) => reservation === offer.reservation)) announceNow(offerWords(offer))
    offers.value = offered(offers.value, offer, packet)
  },
  rescinded: ({ reservation, reason }) => endOffer(reservation, reason),
  item: ({ item }) => takeItem(item),
  gone: ({ conversation }) => drop(conversation),
  delivery: ({ conversation, entry }) => {
    if (entry.from === 'customer') {
      sawTyping(conversation, { from: 'customer', by: null }, false)
      if (opened.value?.id === conversation) announce(`Customer: ${entry.text}`)
    }
    change(conversation, (held) => withEntry(held, entry))
    meetStrangers()
  },
  note: ({ conversation, note }) => change(conversation, (held) => withNote(held, note)),
  owner: (frame) => {
    change(frame.conversation, (held) => withOwner(held, frame))
    const item = items.value.get(frame.conversation)
    if (item && frame.epoch >= item.epoch) take({ ...item, epoch: frame.epoch, owner: frame.role, worker: frame.worker, queue: frame.queue })
    // Whoever takes over is told what was known by then.
    if (opened.value?.id === frame.conversation) void load(frame.conversation).then(meetStrangers)
  },
  context: ({ conversation, features, emotion }) => change(conversation, (held) => withContext(held, features, emotion, Date.now())),
  typing: ({ conversation, from, by, on }) => {
    if (by === null || by !== person.value?.id) sawTyping(conversation, { from, by }, on)
  },
  seen: ({ conversation, seq }) => change(conversation, (held) => withSeen(held, seq)),
  presence: ({ state, taken, capacity }) => (place.value = { state, taken, capacity }),
  queues: (frame) => (queues.value = frame.queues),
  wrapping: ({ reservation, conversation, endsAt, codes }) => {
    const rest = wrappings.value.filter((one) => one.reservation !== reservation)
    const customer = items.value.get(conversation)?.customer ?? (opened.value?.id === conversation ? opened.value.head?.customer : null) ?? null
    wrappings.value = [...rest, { reservation, conversation, customer, endsAt, codes }]
  },
  accepted: (id) => wasTaken(id),
  refused: ({ id, conversation }, error) => {
    wasRefused(id, error)
    if (opened.value?.id === conversation) void load(conversation)
  },
  complaint: (error, conversation) => {
    // What is open says so itself, where it stands.
    if (error.code === 'CONVERSATION_UNKNOWN' && conversation === opened.value?.id) void load(conversation)
    else complaint.value = error
  },
}

/** Opens the line; the function that is returned closes it. */
export function startDesk(): () => void {
  line = door.desk({ handlers })
  const lost = () => line?.networkLost()
  const back = () => line?.retryNow()
  addEventListener('offline', lost)
  addEventListener('online', back)
  return () => {
    removeEventListener('offline', lost)
    removeEventListener('online', back)
    line?.close()
    line = null
  }
}

export function retryNow(): void {
  line?.retryNow()
}

/** Opens a conversation, or none: read at its door first, then followed from there. */
export function show(conversation: string | null): void {
  if (opened.value?.id === conversation) return
  const packet = offers.value.find((offer) => offer.conversation === conversation)?.packet ?? null
  open(conversation, packet)
  if (conversation === null) line?.watch(null)
  else void follow(conversation)
}

export function readAgain(conversation: string): void {
  void follow(conversation)
}

async function follow(conversation: string): Promise<void> {
  const seq = await load(conversation)
  meetStrangers()
  if (seq !== null && opened.value?.id === conversation) line?.watch(conversation, seq)
}

/** Whoever speaks and is not known by name came after the list was read: it is read again, once for each. */
function meetStrangers(): void {
  if (opened.value === null) return
  // Routing knows somebody who has not said yet how they are by their id alone.
  const known = new Set([...workers.value.filter(({ id, name }) => name !== id).map(({ id }) => id), ...met])
  const strangers = [...speakersIn(opened.value)].filter((id) => !known.has(id))
  if (strangers.length === 0) return
  for (const id of strangers) met.add(id)
  void loadWorkers()
}

export async function loadWorkers(): Promise<void> {
  try {
    workers.value = await door.workers.list()
  } catch (error) {
    // Without it colleagues are known by their id.
    if (!(error instanceof BattutaClientError)) throw error
  }
}

export function setPresence(state: Exclude<Presence, 'offline'>): void {
  line?.presence(state)
}

export async function accept(offer: Offer): Promise<void> {
  if (offer.ended !== null || offer.answering !== null || !isLive.value) return
  offers.value = changed(offers.value, offer.reservation, { answering: 'accept', problem: null })
  const error = await attempted(() => line?.accept(offer.reservation))
  if (error === null) {
    setFold(offer.conversation, 'first')
    show(offer.conversation)
    go({ conversation: offer.conversation, pane: 'conversation', list: 'mine' })
    offers.value = without(offers.value, offer.reservation)
    announce(`Accepted: ${customerName(offer.customer)}`)
  } else if (error.code === 'RESERVATION_GONE') endOffer(offer.reservation, 'taken')
  else offers.value = changed(offers.value, offer.reservation, { answering: null, problem: error.detail })
}

export async function decline(offer: Offer): Promise<void> {
  if (offer.ended !== null || offer.answering !== null || !isLive.value) return
  offers.value = changed(offers.value, offer.reservation, { answering: 'reject', problem: null })
  const error = await attempted(() => line?.reject(offer.reservation))
  if (error === null || error.code === 'RESERVATION_GONE') offers.value = without(offers.value, offer.reservation)
  else offers.value = changed(offers.value, offer.reservation, { answering: null, problem: error.detail })
}

/** The wrap-up is over, with its code. What the door said against it; null when it is done. */
export async function completeWrapUp(reservation: string, code: string): Promise<BattutaClientError | null> {
  const error = await attempted(() => line?.complete(reservation, code))
  if (error === null || error.code === 'RESERVATION_GONE') endWrapUp(reservation)
  return error?.code === 'RESERVATION_GONE' ? null : error
}

export function endWrapUp(reservation: string): void {
  wrappings.value = wrappings.value.filter((one) => one.reservation !== reservation)
}

/** False when too much waits already. */
export function say(message: { conversation: string; epoch: number; text: string; attachments: readonly string[] }): boolean {
  const id = line?.say(message) ?? null
  if (id === null) return false
  wrote({ kind: 'message', id, ...message })
  return true
}

export function noteDown(conversation: string, text: string): boolean {
  const id = line?.note(conversation, text) ?? null
  if (id === null) return false
  wrote({ kind: 'note', id, conversation, text })
  return true
}

export function isTyping(conversation: string, on: boolean): void {
  line?.typing(conversation, on)
}

export function handOver(handoff: {
  conversation: string
  epoch: number
  to: HandoffTarget
  because?: string
  agreed?: readonly string[]
}): Promise<BattutaClientError | null> {
  return attempted(() => line?.handOff(handoff))
}

export function resolve(resolved: { conversation: string; epoch: number; wrapUpCode: string }): Promise<BattutaClientError | null> {
  return attempted(() => line?.resolve(resolved))
}

/** Refused words go back into the field they came from. */
export function takeBack(id: string): void {
  const one = unsent.value.find(({ said }) => said.id === id)
  if (!one) return
  putBack(one.said.conversation, one.said.kind === 'note' ? 'note' : 'reply', one.said.text)
  wasTaken(id)
}

export function discard(id: string): void {
  wasTaken(id)
}

/** Signs out, and leaves nothing of this person in the browser. */
export async function leave(): Promise<void> {
  forgetUnsent()
  forgetDrafts()
  forgetInbox()
  offers.value = []
  wrappings.value = []
  opened.value = null
  lastOpenAt.value = null
  await signOut()
}

function takeItem(item: InboxItem): void {
  take(item)
  change(item.conversation, (held) => (held.head === null || item.epoch < held.head.epoch ? held : { ...held, head: { ...held.head, ...item } }))
}

function endOffer(reservation: string, ending: Ending): void {
  const before = offers.value.find((offer) => offer.reservation === reservation)
  offers.value = ended(offers.value, reservation, ending)
  if (before && offers.value.some((offer) => offer.reservation === reservation && offer.ended !== null))
    setTimeout(() => (offers.value = without(offers.value, reservation)), endedMs)
}

function offerWords({ customer, queue, goal, expiresAt }: { customer: string; queue: string; goal: string; expiresAt: number }): string {
  const seconds = Math.max(0, Math.ceil((expiresAt - now.value) / 1_000))
  return `Offer for you: ${customerName(customer)}, ${queue}. ${goal}. ${seconds} seconds to accept.`
}

async function attempted(ask: () => Promise<void> | undefined): Promise<BattutaClientError | null> {
  try {
    await ask()
    return null
  } catch (error) {
    if (error instanceof BattutaClientError) return error
    throw error
  }
}
