/** The worker's end of a thread link: one message in, one message out, in order. */
import type { MessagePort } from 'node:worker_threads'
import { BattutaError } from '../base/index.ts'

/** `opened` comes first; after it, one reply for each request. */
export type ThreadReply =
  | { readonly kind: 'opened' | 'closed' }
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly message: string }

export interface ThreadJob<Request> {
  answer(request: Request): unknown
  close(): void
}

/** Null asks the worker to let go of its files and end. */
export function serve<Request>(port: MessagePort, open: () => ThreadJob<Request>): void {
  const reply = (message: ThreadReply): void => port.postMessage(message)
  let job: ThreadJob<Request>
  try {
    job = open()
  } catch (error) {
    reply({ kind: 'failed', message: sentenceOf(error) })
    port.close()
    return
  }
  port.on('message', (request: Request | null) => {
    try {
      if (request !== null) {
        reply({ kind: 'answer', answer: job.answer(request) })
      } else {
        job.close()
        reply({ kind: 'closed' })
      }
    } catch (error) {
      reply({ kind: 'failed', message: sentenceOf(error) })
    }
    if (request === null) port.close()
  })
  reply({ kind: 'opened' })
}

function sentenceOf(error: unknown): string {
  return error instanceof BattutaError ? error.message : `the disk refused: ${(error as Error).message}`
}
