/**
 * The conversation that is open: read at its door, then followed by frames.
 *
 * Owns the one that is open. Does not own its line (connection.ts) nor how it is drawn.
 */
import { signal } from '@preact/signals'
import { BattutaClientError } from '../../src/client/index.ts'
import type { HandoffPacket } from '../../src/client/index.ts'
import { opening, withContext, withReply } from './conversation-state.ts'
import type { Opened } from './conversation-state.ts'
import { door } from './door.ts'
import { endSession } from './session.ts'

export const opened = signal<Opened | null>(null)

export function open(conversation: string | null, packet: HandoffPacket | null): void {
  if (opened.value?.id === conversation) return
  opened.value = conversation === null ? null : opening(conversation, packet)
}

/** Changes what is open, when it is this one. */
export function change(conversation: string, next: (held: Opened) => Opened): void {
  const held = opened.value
  if (held?.id === conversation) opened.value = next(held)
}

/** Reads it again; the highest entry that is then known, or null when it cannot be read. */
export async function load(conversation: string): Promise<number | null> {
  try {
    const reply = await door.conversations.get(conversation)
    change(conversation, (held) => withReply(held, reply))
    void loadFeatures(conversation, reply.customer)
    return opened.value?.id === conversation ? (opened.value.entries.at(-1)?.seq ?? 0) : null
  } catch (error) {
    if (!(error instanceof BattutaClientError)) throw error
    if (error.code === 'UNAUTHENTICATED') endSession()
    change(conversation, (held) => ({ ...held, error }))
    return null
  }
}

/** As they are now; what changes from here on comes by frames. A desk that may not read them shows none. */
async function loadFeatures(conversation: string, customer: string): Promise<void> {
  const before = opened.value?.features
  try {
    const { features } = await door.customers.features(customer)
    // A frame that came meanwhile is newer than the reply; what was there before it is not.
    change(conversation, (held) => withContext(held, held.features === before ? features : { ...features, ...held.features }, null, Date.now()))
  } catch (error) {
    if (!(error instanceof BattutaClientError)) throw error
  }
}
