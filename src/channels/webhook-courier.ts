/**
 * Brings one other system what it is to be told, conversation by conversation, until it takes it.
 *
 * Owns: which conversations have something to tell, how many calls are under way, when to try again, when to give up. Does not own:
 * what is told (webhook-telling.ts), nor the connection (egress.ts).
 *
 * R1 Of one conversation one thing is told at a time, and the next only once it was taken.
 * R2 At most `callsAtOnceMax` calls are under way; while nothing is taken, one, and ever more rarely.
 * R3 What was not taken is tried again, after a second, then twice as long each time up to `backoffMsMax`, each with its jitter.
 * R4 410 stops it, and so do `giveUpMsMax` in which it took nothing; what it alone does not take for so long is left out.
 */
import { assert } from '../base/index.ts'
import type { Timer, World } from '../base/index.ts'
import type { Answer } from './egress.ts'
import type { WebhookState } from './webhook-port.ts'

export const callsAtOnceMax = 8
export const backoffMsMin = 1_000
export const backoffMsMax = 300_000
/** How long something is tried. */
export const giveUpMsMax = 259_200_000
/** A webhook that took nothing for this long is failing. */
export const failingMsMax = 30_000
/** Conversations that are kept in mind; further ones are found again in records. */
export const jobsMax = 10_000
/** This many refusals in a row, and calls are made one at a time, with pauses. */
const refusalsMax = 8

/** Tells it once; false when it was not taken. */
export type Say = (id: string, payload: Readonly<Record<string, unknown>>) => Promise<boolean>

export interface CourierParts {
  readonly world: World
  call(id: string, body: string): Promise<Answer>
  /** Tells all there is to tell of a conversation; false when something was not taken. */
  tell(conversation: string, say: Say): Promise<boolean>
  changed(state: WebhookState): void
  /** Everything kept in mind was told, and there had been more. */
  behind(): void
  failed(error: unknown): void
}

interface Job {
  readonly conversation: string
  isBusy: boolean
  /** Something happened while it was told. */
  again: boolean
  failures: number
  /** Since when the same thing is not taken. */
  since: number | null
  retryAfterMs: number
  timer: Timer | null
}

export class Courier {
  readonly #parts: CourierParts
  readonly #jobs = new Map<string, Job>()
  #ready: Job[] = []
  #calls = 0
  #refusals = 0
  #pause: Timer | null = null
  #state: WebhookState = 'working'
  #failure: string | null = null
  /** Since when nothing is taken, and when something was last. */
  #since: number | null = null
  #takenAt = -1
  #isBehind = false
  #isClosed = false

  constructor(parts: CourierParts) {
    this.#parts = parts
  }

  get state(): WebhookState {
    return this.#state
  }

  get failure(): string | null {
    return this.#failure
  }

  get waiting(): number {
    return this.#jobs.size
  }

  /** There is something to tell of the conversation. */
  poke(conversation: string): void {
    if (this.#isClosed || this.#state === 'stopped') return
    const held = this.#jobs.get(conversation)
    if (held) {
      held.again = true
      return
    }
    if (this.#jobs.size >= jobsMax) {
      this.#isBehind = true
      return
    }
    const job: Job = { conversation, isBusy: false, again: false, failures: 0, since: null, retryAfterMs: 0, timer: null }
    this.#jobs.set(conversation, job)
    this.#ready.push(job)
    this.#pump()
  }

  /** Nothing more is told; what is under way is not waited for. */
  close(): void {
    this.#isClosed = true
    this.#drop()
  }

  #pump(): void {
    const most = this.#refusals === 0 ? callsAtOnceMax : 1
    while (!this.#isClosed && this.#pause === null && this.#calls < most) {
      const job = this.#ready.shift()
      if (job === undefined) return
      void this.#run(job)
    }
  }

  async #run(job: Job): Promise<void> {
    assert(!job.isBusy, 'a conversation is told one thing at a time')
    job.isBusy = true
    job.again = false
    this.#calls++
    let isTold = false
    try {
      isTold = await this.#parts.tell(job.conversation, (id, payload) => this.#say(job, id, payload))
    } catch (error) {
      this.#parts.failed(error)
    }
    this.#calls--
    job.isBusy = false
    if (this.#isClosed || this.#state === 'stopped') return
    if (!isTold) this.#later(job)
    else if (job.again) this.#ready.push(job)
    else this.#jobs.delete(job.conversation)
    this.#pump()
    if (this.#jobs.size === 0 && this.#isBehind) {
      this.#isBehind = false
      this.#parts.behind()
    }
  }

  async #say(job: Job, id: string, payload: Readonly<Record<string, unknown>>): Promise<boolean> {
    const { world } = this.#parts
    if (this.#isClosed) return false
    if (job.since !== null && this.#takenAt > job.since && world.now() - job.since >= giveUpMsMax) {
      this.#parts.failed(`${id} was not taken for three days while others were; it is left out`)
      job.since = null
      return true
    }
    const answer = await this.#parts.call(id, JSON.stringify(payload))
    if (this.#isClosed) return false
    const { status } = answer
    if (status !== null && status >= 200 && status < 300) {
      this.#taken(job)
      return true
    }
    this.#refused(job, answer)
    return false
  }

  #taken(job: Job): void {
    this.#takenAt = this.#parts.world.now()
    this.#since = null
    this.#failure = null
    this.#refusals = 0
    this.#pause?.cancel()
    this.#pause = null
    job.failures = 0
    job.since = null
    this.#become('working')
  }

  /** R4 */
  #refused(job: Job, { status, failure, retryAfterMs }: Answer): void {
    const now = this.#parts.world.now()
    this.#failure = failure ?? `answered ${status}`
    this.#since ??= now
    job.since ??= now
    job.retryAfterMs = retryAfterMs ?? 0
    this.#refusals++
    if (status === 410 || now - this.#since >= giveUpMsMax) {
      this.#drop()
      this.#become('stopped')
    } else if (now - this.#since >= failingMsMax) this.#become('failing')
    if (this.#refusals >= refusalsMax) this.#rest()
  }

  /** R2 */
  #rest(): void {
    this.#pause ??= this.#parts.world.setTimer(this.#backoffMs(this.#refusals - refusalsMax + 1), () => {
      this.#pause = null
      this.#pump()
    })
  }

  /** R3 */
  #later(job: Job): void {
    job.failures++
    const delayMs = Math.max(this.#backoffMs(job.failures), job.retryAfterMs)
    job.timer = this.#parts.world.setTimer(delayMs, () => {
      job.timer = null
      this.#ready.push(job)
      this.#pump()
    })
  }

  #backoffMs(failures: number): number {
    const whole = Math.min(backoffMsMax, backoffMsMin * 2 ** Math.min(failures - 1, 20))
    return whole / 2 + (this.#parts.world.random() * whole) / 2
  }

  #become(state: WebhookState): void {
    if (this.#state === state) return
    this.#state = state
    this.#parts.changed(state)
  }

  #drop(): void {
    for (const { timer } of this.#jobs.values()) timer?.cancel()
    this.#jobs.clear()
    this.#ready = []
    this.#pause?.cancel()
    this.#pause = null
  }
}
