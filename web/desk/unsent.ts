/**
 * What this person wrote and the server has not taken yet, or would not take.
 *
 * U1 nothing that was written is lost: it is kept across reloads until it is accepted, put back into the field, or discarded.
 * U2 it belongs to the person who wrote it: somebody else in the same browser neither sees nor sends it.
 */
import { signal } from '@preact/signals'
import type { BattutaClientError, DeskPending } from '../../src/client/index.ts'
import { readStored, writeStored } from '../shared/stored.ts'

const storedName = 'battuta-desk-unsent'

export interface Unsent {
  readonly said: DeskPending
  readonly at: number
  /** Why it was refused; null while it is on its way. */
  readonly refusal: string | null
}

export const unsent = signal<readonly Unsent[]>([])
let writer: string | null = null

/** Takes up what this person left behind, and returns what is still to be sent. */
export function takeUp(person: string): readonly DeskPending[] {
  if (writer !== person) {
    writer = person
    unsent.value = stored(person)
  }
  return unsent.value.filter(({ refusal }) => refusal === null).map(({ said }) => said)
}

export function wrote(said: DeskPending): void {
  change([...unsent.value, { said, at: Date.now(), refusal: null }])
}

export function wasTaken(id: string): void {
  change(unsent.value.filter(({ said }) => said.id !== id))
}

export function wasRefused(id: string, error: BattutaClientError): void {
  change(unsent.value.map((one) => (one.said.id === id ? { ...one, refusal: refusalWords(error) } : one)))
}

export function forgetUnsent(): void {
  change([])
}

export function refusalWords({ code, detail }: { readonly code: string; readonly detail: string }): string {
  return code === 'STALE_EPOCH' || code === 'NOT_OWNER' ? 'Somebody else has this conversation now; nothing was sent.' : detail
}

function change(next: readonly Unsent[]): void {
  unsent.value = next
  if (writer !== null) writeStored(storedName, next.length === 0 ? null : JSON.stringify({ person: writer, unsent: next }))
}

function stored(person: string): readonly Unsent[] {
  try {
    const held = JSON.parse(readStored(storedName) ?? 'null') as { person: string; unsent: readonly Unsent[] } | null
    return held?.person === person ? held.unsent : []
  } catch {
    return []
  }
}
