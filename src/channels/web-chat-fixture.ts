/** A page of web chat for tests, and the little it is told of. */
import type { Attachment, ChatServerFrame } from '../definition/index.ts'
import type { ConversationRow } from '../records/index.ts'
import type { ChatSocket } from './port.ts'
import type { WebChat } from './web-chat.ts'

export const attachment = (id: string): Attachment => ({ id, name: `${id}.png`, type: 'image/png', bytes: 10 })

export function row(id: string, epoch: number, owner: ConversationRow['owner'], queue: string | null = null): ConversationRow {
  const plain = {
    customer: 'user:1',
    channel: 'web',
    worker: null,
    task: null,
    seq: 0,
    messages: 0,
    status: 'open' as const,
    openedAt: 0,
    updatedAt: 0,
    memory: '{}',
  }
  return { id, owner, queue, epoch, ...plain }
}

export class Page implements ChatSocket {
  readonly frames: ChatServerFrame[] = []
  readonly closes: [number, string][] = []
  buffered = 0
  readonly seat: ReturnType<WebChat['open']>

  constructor(chat: WebChat) {
    this.seat = chat.open(this)
  }

  send(frame: string): void {
    this.frames.push(JSON.parse(frame) as ChatServerFrame)
  }

  close(code: number, reason: string): void {
    this.closes.push([code, reason])
  }

  say(frame: unknown): void {
    this.seat.receive(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  hello(conversation = 'a', after?: number): void {
    this.say({ type: 'hello', token: `user:1 ${conversation}`, ...(after === undefined ? {} : { after }) })
  }

  get types(): string[] {
    return this.frames.map((frame) => ('seq' in frame ? `${frame.type} ${frame.seq}` : 'code' in frame ? `${frame.type} ${frame.code}` : frame.type))
  }
}
