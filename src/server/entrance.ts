/** What the files of doors are given: the house, and a way to open a door of the table. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { identify } from './access.ts'
import type { Visitor } from './access.ts'
import { doors } from './doors.ts'
import type { DoorName } from './doors.ts'
import type { InFlight } from './in-flight.ts'
import type { House } from './parts.ts'
import type { Places } from './places.ts'
import type { Replies } from './replies.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Monotonic time at which the headers were in. */
    startedMono: number
    visitor: Visitor | null
  }
}

export interface Entrance {
  readonly house: House
  readonly places: Places
  readonly inFlight: InFlight
  readonly replies: Replies
  /** Runs when the server begins to close: streams end themselves here. */
  onClosing(callback: () => void): void
  /** Routes a door of the table; its access is checked before its body is read. */
  open(name: DoorName, handler: (request: FastifyRequest, reply: FastifyReply) => unknown): void
}

/** Doors that everybody may use can still ask who it is. */
export function visitorOf(entrance: Entrance, name: DoorName, request: FastifyRequest): Visitor | null {
  return identify(doors[name], request, entrance.house, entrance.places)
}
