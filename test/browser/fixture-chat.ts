/** The chat door of the fixture: one conversation in an array, and every way a connection can misbehave. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import type { ChatClientFrame, ChatServerFrame } from '../../src/client/index.ts'

type Said = ChatServerFrame & { type: 'delivery' }

export class FixtureChat {
  readonly said: Said[] = []
  /** While false, sockets are refused at the door. */
  up = true
  /** Messages are heard, but their acknowledgement is lost with the connection. */
  loseAccepted = false
  /** Everything is delivered twice. */
  repeat = false
  /** Messages with this text are refused for good. */
  refusedText: string | null = null
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #open = new Set<WebSocket>()

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.up) {
      socket.destroy()
      return
    }
    this.#server.handleUpgrade(request, socket, head, (line) => {
      this.#open.add(line)
      line.on('close', () => this.#open.delete(line))
      line.on('message', (data) => this.#hear(line, JSON.parse(String(data)) as ChatClientFrame))
    })
  }

  /** Says something to the customer, over every socket that is open. */
  say(from: Said['from'], text: string, id?: string): void {
    const delivery: Said = { type: 'delivery', seq: this.said.length + 1, epoch: 1, from, text, ...(id === undefined ? {} : { id }) }
    this.said.push(delivery)
    if (from === 'customer') return
    for (const line of this.#open) for (let time = 0; time < (this.repeat ? 2 : 1); time++) tell(line, delivery)
  }

  owner(role: 'bot' | 'agent' | 'human' | null): void {
    for (const line of this.#open) tell(line, { type: 'owner', epoch: 2, role })
  }

  cut(): void {
    for (const line of this.#open) line.terminate()
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #hear(line: WebSocket, frame: ChatClientFrame): void {
    if (frame.type === 'hello') {
      for (const delivery of this.said) if (delivery.seq > frame.after) tell(line, delivery)
      tell(line, { type: 'welcome', conversation: 'con_1', seq: this.said.length })
    }
    if (frame.type !== 'message') return
    if (frame.text === this.refusedText) {
      tell(line, { type: 'error', code: 'MESSAGE_INVALID', detail: 'The text is longer than 4,000 characters. Send it in two messages.', id: frame.id })
      return
    }
    const known = this.said.some(({ id }) => id === frame.id)
    if (!known) this.say('customer', frame.text, frame.id)
    if (this.loseAccepted) line.terminate()
    else tell(line, { type: 'accepted', id: frame.id, seq: this.said.findIndex(({ id }) => id === frame.id) + 1 })
    if (!known) this.say('bot', `You said: ${frame.text}`)
  }
}

function tell(line: WebSocket, frame: ChatServerFrame): void {
  line.send(JSON.stringify(frame))
}
