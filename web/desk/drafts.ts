/** What is being written, per conversation and kind, kept across reloads. Empty drafts are not kept. */
import { signal } from '@preact/signals'
import { readStored, writeStored } from '../shared/stored.ts'

export type DraftKind = 'reply' | 'note'

const storedName = 'battuta-desk-drafts'
/** Conversations that may have a draft; the oldest gives way. */
const draftsMax = 60

export const drafts = signal<Readonly<Record<string, string>>>(stored())

export function draftOf(conversation: string, kind: DraftKind): string {
  return drafts.value[keyOf(conversation, kind)] ?? ''
}

export function writeDraft(conversation: string, kind: DraftKind, text: string): void {
  const key = keyOf(conversation, kind)
  const { [key]: _, ...rest } = drafts.value
  drafts.value = text === '' ? rest : Object.fromEntries([...Object.entries(rest).slice(1 - draftsMax), [key, text]])
  writeStored(storedName, Object.keys(drafts.value).length === 0 ? null : JSON.stringify(drafts.value))
}

/** Puts words back where they were written, after what is there by now. */
export function putBack(conversation: string, kind: DraftKind, text: string): void {
  const held = draftOf(conversation, kind)
  writeDraft(conversation, kind, held === '' ? text : `${held}\n${text}`)
}

export function forgetDrafts(): void {
  drafts.value = {}
  writeStored(storedName, null)
}

function keyOf(conversation: string, kind: DraftKind): string {
  return `${kind} ${conversation}`
}

function stored(): Readonly<Record<string, string>> {
  try {
    return JSON.parse(readStored(storedName) ?? '{}') as Record<string, string>
  } catch {
    return {}
  }
}
