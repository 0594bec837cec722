/**
 * What a browser keeps of a conversation, per server: what all tabs of a customer share in the local storage, what is one
 * tab's own in the session's. No word of the conversation is kept but what still has to be sent: the rest is the server's.
 */
import type { Attachment, ChatMessage } from '../../src/client/index.ts'
import { readStored, writeStored } from '../shared/stored.ts'

export interface KeptToken {
  readonly token: string
  readonly expiresAt: number
  /** Whom the page's backend vouched for; null for somebody nobody knows. */
  readonly subject: string | null
}

export interface KeptPlace {
  readonly conversation: string
  /** Up to where the customer has read. */
  readonly seq: number
  /** Up to where the other side has, and since when that is known. */
  readonly read: { readonly seq: number; readonly at: number }
}

export interface KeptDraft {
  readonly text: string
  readonly attachments: readonly Attachment[]
}

export type PanelState = 'open' | 'small' | 'closed'
type Shared = 'token' | 'place' | 'pending'
type Own = 'draft' | 'panel'

export class Kept {
  readonly #server: string

  constructor(server: string) {
    this.#server = server
  }

  get token(): KeptToken | null {
    return this.#read('token', 'local') as KeptToken | null
  }
  set token(token: KeptToken | null) {
    this.#write('token', 'local', token)
  }

  get place(): KeptPlace | null {
    return this.#read('place', 'local') as KeptPlace | null
  }
  set place(place: KeptPlace | null) {
    this.#write('place', 'local', place)
  }

  get pending(): readonly ChatMessage[] {
    return (this.#read('pending', 'local') as readonly ChatMessage[] | null) ?? []
  }

  /** Each tab adds and removes its own; the list is read anew each time, since other tabs do the same. */
  addPending(message: ChatMessage): void {
    this.#write('pending', 'local', [...this.pending.filter(({ id }) => id !== message.id), message])
  }

  dropPending(id: string): void {
    const left = this.pending.filter((message) => message.id !== id)
    this.#write('pending', 'local', left.length === 0 ? null : left)
  }

  get draft(): KeptDraft {
    return (this.#read('draft', 'session') as KeptDraft | null) ?? { text: '', attachments: [] }
  }
  set draft(draft: KeptDraft) {
    this.#write('draft', 'session', draft.text === '' && draft.attachments.length === 0 ? null : draft)
  }

  get panel(): PanelState {
    return (this.#read('panel', 'session') as PanelState | null) ?? 'closed'
  }
  set panel(state: PanelState) {
    this.#write('panel', 'session', state)
  }

  /** The customer has signed out: the next one at this browser finds nothing. */
  forget(): void {
    for (const name of ['token', 'place', 'pending'] as const) this.#write(name, 'local', null)
    this.draft = { text: '', attachments: [] }
  }

  /** Runs `changed` when another tab changed something; null is everything. */
  watch(changed: (name: Shared | null) => void): void {
    window.addEventListener('storage', ({ key, storageArea }) => {
      if (key === null) changed(null)
      else if (storageArea === localStorage && key.startsWith(this.#name(''))) changed(key.slice(this.#name('').length) as Shared)
    })
  }

  #name(name: Shared | Own | ''): string {
    return `battuta ${this.#server} ${name}`
  }

  #read(name: Shared | Own, kind: 'local' | 'session'): unknown {
    try {
      return JSON.parse(readStored(this.#name(name), kind) ?? 'null')
    } catch {
      // Somebody else wrote under this name: as good as nothing.
      return null
    }
  }

  #write(name: Shared | Own, kind: 'local' | 'session', value: unknown): void {
    writeStored(this.#name(name), value === null ? null : JSON.stringify(value), kind)
  }
}
