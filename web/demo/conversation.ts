/**
 * The conversation as the customer sees it.
 *
 * Owns what is on screen and in what order, the token and what waits to be sent. Does not own the connection.
 *
 * K1 everything the customer wrote stays on screen with how far it got, across reloads and lost connections.
 * K2 everything is shown once.
 */
import { signal } from '@preact/signals'
import { battutaClient } from '../../src/client/index.ts'
import type { Chat, ChatAuthor, ChatDelivery, ChatMessage, ChatSessionReply, ChatState } from '../../src/client/index.ts'
import { readStored, writeStored } from '../shared/stored.ts'
import { accepted, refused, told, written } from './entries.ts'
import type { Entry } from './entries.ts'

const tokenName = 'harbour-bank-chat'
const pendingName = 'harbour-bank-pending'
/** A token that ends sooner than this is not worth opening a connection with. */
const tokenLeftMsMin = 10_000

export const entries = signal<readonly Entry[]>([])
export const chatState = signal<ChatState>({ kind: 'connecting' })
export const owner = signal<Exclude<ChatAuthor, 'system' | 'customer'> | null>(null)
/** The reader's clock in whole seconds, for the countdown. */
export const now = signal(Date.now())

const door = battutaClient({ url: location.origin })
let chat: Chat | null = null
let current: string | null = null

export function startConversation(): void {
  const pending = storedPending()
  entries.value = pending.reduce(written, entries.value)
  chat = door.chat({
    token,
    pending,
    handlers: {
      state: (state) => (chatState.value = state),
      welcome: (conversation) => enter(conversation),
      delivery: (delivery) => take(delivery),
      accepted: (id, seq) => change(accepted(entries.value, id, seq)),
      refused: (id, error) => change(refused(entries.value, id, error)),
      owner: ({ role }) => (owner.value = role),
    },
  })
  setInterval(() => (now.value = Date.now()), 1_000)
}

/** False when too much waits already. */
export function say(text: string): boolean {
  const id = chat?.send(text) ?? null
  if (id === null) return false
  change(written(entries.value, { id, text }))
  return true
}

/** A message that was refused is the customer's again. */
export function takeBack(id: string): void {
  change(entries.value.filter((entry) => entry.key !== id))
}

export function retryNow(): void {
  chat?.retryNow()
}

/** A renewed token may open another conversation; what was said in the last one is no part of it. */
function enter(conversation: string): void {
  if (current !== null && current !== conversation) change(entries.value.filter(({ seq }) => seq === null))
  current = conversation
}

function take(delivery: ChatDelivery): void {
  if (delivery.from === 'bot' || delivery.from === 'agent' || delivery.from === 'human') owner.value = delivery.from
  change(told(entries.value, delivery))
}

function change(to: readonly Entry[]): void {
  entries.value = to
  writeStored(pendingName, JSON.stringify(chat?.pending ?? []), 'session')
}

/** The token of this tab's conversation, or a new one. */
async function token(invalid: boolean): Promise<string> {
  const stored = invalid ? null : storedToken()
  if (stored) return stored.token
  const fresh = await door.chatSessions.open()
  writeStored(tokenName, JSON.stringify(fresh), 'session')
  return fresh.token
}

function storedToken(): ChatSessionReply | null {
  const stored = JSON.parse(readStored(tokenName, 'session') ?? 'null') as ChatSessionReply | null
  return stored && stored.expiresAt > Date.now() + tokenLeftMsMin ? stored : null
}

function storedPending(): readonly ChatMessage[] {
  return JSON.parse(readStored(pendingName, 'session') ?? '[]') as ChatMessage[]
}
