/** What the orchestrator tells to whoever listens, over `node:diagnostics_channel`. The names are public API. */
import { channel } from 'node:diagnostics_channel'
import type { DecisionBrief } from '../definition/index.ts'

/** `battuta:accepted`: a request's events are durable. */
export interface AcceptedMessage {
  readonly events: number
  /** How many of them ask for a decision. */
  readonly deciding: number
  /** Receipt to durable. */
  readonly durableMs: number
}

/** `battuta:decided`: a decision is committed and synced. */
export interface DecidedMessage {
  readonly brief: DecisionBrief
  /** Duration of each stage: event, features, predictions, decision, owner. The event's is receipt to durable. */
  readonly stagesMs: readonly [number, number, number, number, number]
  /** Commit sent to synced. */
  readonly commitMs: number
}

/** `battuta:released`: its effects left. */
export interface ReleasedMessage {
  readonly effects: number
  /** Decided to left. */
  readonly outboxMs: number
}

/** `battuta:dropped`: an event that was seen before, and changes nothing more. */
export interface DroppedMessage {
  readonly reason: 'duplicate'
}

/** `battuta:refused`: a door said no before anything was appended. */
export interface RefusedMessage {
  readonly code: string
  readonly events: number
}

export const accepted = channel('battuta:accepted')
export const decided = channel('battuta:decided')
export const released = channel('battuta:released')
export const dropped = channel('battuta:dropped')
export const refused = channel('battuta:refused')
