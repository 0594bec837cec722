/**
 * Web chat over a socket. Owns: which sockets look at which conversation, and what each was already sent.
 * Does not own: conversations, sequence numbers or ownership (records hold them), nor the socket itself (the server does).
 *
 * C1 A socket gets every delivery after its `after`, in order of seq, none twice, whatever arrives while it catches up.
 * C2 A message is `accepted` only once it is durable and committed; a repeated id is accepted again with its first seq.
 * C3 A socket speaks only for the customer and conversation of its token.
 */
import { assert, BattutaError, limits } from '../base/index.ts'
import type { ChatClientFrame, ChatServerFrame } from '../definition/index.ts'
import type { Channel, ChatSocket, Delivery } from './port.ts'

export interface ChatSession {
  readonly customer: string
  readonly conversation: string
}

/** What web chat needs to know of a conversation; the composer wires it to records and the orchestrator. */
export interface WebChatConversation {
  /** Checks the token. Throws CHAT_TOKEN_INVALID. */
  session(token: string): ChatSession
  /** Through the whole step. */
  say(session: ChatSession, id: string, text: string): Promise<{ readonly seq: number }>
  /** Entries after `after`, in order, and the last seq and owner. */
  history(conversation: string, after: number): Promise<{ readonly items: readonly Delivery[]; readonly seq: number; readonly epoch: number; readonly owner: 'bot' | 'agent' | 'human' | null }>
}

export interface WebChat extends Channel {
  /** A socket opened; give its frames to `receive` and its end to `closed`. */
  open(socket: ChatSocket): { receive(data: string): void; closed(): void }
  readonly sockets: number
}

/** A page that does not read is let go before it fills the memory. */
const bufferedBytesMax = 1_000_000
/** Frames a socket may send before its hello is answered. */
const waitingFramesMax = 32

interface Seat {
  readonly socket: ChatSocket
  session: ChatSession | null
  /** Highest seq sent. */
  sent: number
  /** Set while history is read: live deliveries wait here. */
  waiting: Delivery[] | null
  /** Frames that came while the hello was being answered. */
  frames: string[] | null
}

export function openWebChat(conversations: WebChatConversation): WebChat {
  const seats = new Map<string, Set<Seat>>()
  let sockets = 0

  const send = (seat: Seat, frame: ChatServerFrame): void => {
    if (seat.socket.buffered > bufferedBytesMax) seat.socket.close(1013, 'the page does not read')
    else seat.socket.send(JSON.stringify(frame))
  }
  const deliverTo = (seat: Seat, delivery: Delivery): void => {
    if (delivery.seq <= seat.sent) return
    seat.sent = delivery.seq
    send(seat, { type: 'delivery', seq: delivery.seq, epoch: delivery.epoch, from: delivery.from, text: delivery.text, ...(delivery.id === null ? {} : { id: delivery.id }) })
  }
  const refuse = (seat: Seat, error: unknown, id?: string): void => {
    const known = error instanceof BattutaError ? error : new BattutaError('STORAGE_FAILED', 'the message could not be kept; send it again')
    send(seat, {
      type: 'error', code: known.code, detail: known.message,
      ...(id === undefined ? {} : { id }), ...(known.retryAfterMs === undefined ? {} : { retryAfterMs: known.retryAfterMs }),
    })
  }

  const hello = async (seat: Seat, token: string, after: number): Promise<void> => {
    const session = conversations.session(token)
    leave(seat)
    seat.session = session
    seat.sent = after
    seat.waiting = []
    join(seat, session.conversation)
    const past = await conversations.history(session.conversation, after)
    send(seat, { type: 'welcome', conversation: session.conversation, seq: past.seq })
    if (past.owner !== null) send(seat, { type: 'owner', epoch: past.epoch, role: past.owner })
    for (const item of past.items) deliverTo(seat, item)
    const late = seat.waiting ?? []
    seat.waiting = null
    for (const item of late.sort((a, b) => a.seq - b.seq)) deliverTo(seat, item)
  }

  const message = async (seat: Seat, frame: { id: string; text: string }): Promise<void> => {
    if (seat.session === null) throw new BattutaError('CHAT_TOKEN_INVALID', 'say hello with a token before the first message')
    const { seq } = await conversations.say(seat.session, frame.id, frame.text)
    send(seat, { type: 'accepted', id: frame.id, seq })
  }

  const handle = (seat: Seat, data: string): void => {
    let frame: ChatClientFrame
    try {
      frame = readFrame(data)
    } catch (error) {
      refuse(seat, error)
      return
    }
    if (frame.type === 'hello') {
      seat.frames = []
      hello(seat, frame.token, frame.after)
        .catch((error: unknown) => refuse(seat, error))
        .finally(() => {
          const frames = seat.frames ?? []
          seat.frames = null
          for (const waiting of frames) handle(seat, waiting)
        })
    } else if (frame.type === 'message') {
      const { id, text } = frame
      message(seat, { id, text }).catch((error: unknown) => refuse(seat, error, id))
    }
  }

  const join = (seat: Seat, conversation: string): void => {
    let set = seats.get(conversation)
    if (!set) seats.set(conversation, (set = new Set()))
    set.add(seat)
  }
  const leave = (seat: Seat): void => {
    if (seat.session === null) return
    const set = seats.get(seat.session.conversation)
    set?.delete(seat)
    if (set?.size === 0) seats.delete(seat.session.conversation)
  }

  return {
    get sockets() {
      return sockets
    },
    open(socket) {
      const seat: Seat = { socket, session: null, sent: 0, waiting: null, frames: null }
      sockets++
      return {
        receive: (data) => {
          if (seat.frames === null) handle(seat, data)
          else if (seat.frames.length < waitingFramesMax) seat.frames.push(data)
          else socket.close(1008, 'too many frames before the hello was answered')
        },
        closed: () => {
          sockets--
          assert(sockets >= 0, 'a socket closes once')
          leave(seat)
        },
      }
    },
    deliver(delivery) {
      for (const seat of seats.get(delivery.conversation) ?? []) {
        if (seat.waiting) seat.waiting.push(delivery)
        else deliverTo(seat, delivery)
      }
    },
    owner(conversation, epoch, role) {
      for (const seat of seats.get(conversation) ?? []) if (!seat.waiting) send(seat, { type: 'owner', epoch, role })
    },
  }
}

/** A well-formed frame, or MESSAGE_INVALID with what is wrong. Unknown fields are let be; unknown types are refused. */
function readFrame(data: string): ChatClientFrame {
  let frame: Record<string, unknown>
  try {
    frame = JSON.parse(data) as Record<string, unknown>
  } catch {
    throw new BattutaError('MESSAGE_INVALID', 'a chat frame is one JSON object')
  }
  if (typeof frame !== 'object' || frame === null) throw new BattutaError('MESSAGE_INVALID', 'a chat frame is one JSON object')
  const { type, token, after, id, text } = frame
  if (type === 'hello') {
    if (typeof token !== 'string') throw new BattutaError('MESSAGE_INVALID', 'hello: token must be a string')
    if (after !== undefined && (!Number.isInteger(after) || (after as number) < 0)) throw new BattutaError('MESSAGE_INVALID', 'hello: after must be a sequence number from 0')
    return { type, token, after: (after as number | undefined) ?? 0 }
  }
  if (type === 'message') {
    if (typeof id !== 'string' || id === '' || id.length > limits.idCharsMax) throw new BattutaError('MESSAGE_INVALID', `message: id must be a string of 1 to ${limits.idCharsMax} characters`)
    if (typeof text !== 'string' || text.trim() === '') throw new BattutaError('MESSAGE_INVALID', 'message: text is empty')
    if (text.length > limits.messageCharsMax) throw new BattutaError('MESSAGE_INVALID', `message: text has ${text.length} characters; at most ${limits.messageCharsMax} can be sent at once`)
    return { type, id, text }
  }
  if (type === 'typing') return { type, on: frame['on'] === true }
  if (type === 'seen') return { type, seq: Number(frame['seq']) || 0 }
  throw new BattutaError('MESSAGE_INVALID', `unknown frame type ${JSON.stringify(type)}: send hello, message, typing or seen`)
}
