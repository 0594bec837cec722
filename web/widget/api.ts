/** `window.Battuta`: what a page may ask of its chat. */
import { effect, untracked } from '@preact/signals'
import type { Parts } from './parts.ts'

export interface Battuta {
  /** Shows the chat; with `draft` in the field, unless the customer has words of their own in it. */
  open(draft?: string): void
  /** Puts the chat away. The conversation goes on, and `unread` is still told. */
  close(): void
  /**
   * Says who the customer is, by a JWT that your backend signed; null when they sign out, and then nothing of them stays in
   * this browser. Rejects with the server's refusal, whose `code` says which.
   */
  identify(jwt: string | null): Promise<void>
  /** Tells an event of a type that the app lets customers send. Resolves once it is durable. */
  event(type: string, data: Readonly<Record<string, unknown>>): Promise<void>
  /** Calls `run` with how many messages are unread, now and whenever that changes; the function returned ends it. */
  on(what: 'unread', run: (count: number) => void): () => void
}

declare global {
  interface Window {
    Battuta?: Battuta
  }
}

export function api({ draft, panel, session, show, talk }: Parts): Battuta {
  return {
    open: (words) => {
      if (words !== undefined && draft.isEmpty.value) draft.write(words)
      show('open')
    },
    close: () => show('closed'),
    identify: async (jwt) => {
      if (jwt === null) {
        session.forget()
        draft.clear()
        talk.end()
        if (panel.value === 'open') talk.start()
      } else if (await session.identify(jwt)) {
        talk.changedCustomer()
      }
    },
    event: async (type, data) => {
      const requester = await session.requester()
      // Without a subject and a time: the token says whose it is, and the server's clock when.
      await requester.json('POST', '/v1/events', {
        body: { specversion: '1.0', id: eventId(), source: 'widget', type, data },
        contentType: 'application/cloudevents+json',
      })
    },
    on: (_what, run) =>
      effect(() => {
        const count = talk.unread.value
        untracked(() => run(count))
      }),
  }
}

/** 128 bits; `randomUUID` is not there on plain HTTP. */
function eventId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16).padStart(8, '0')).join('')
}
