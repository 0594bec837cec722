/**
 * Runs tools. A call has been committed when it comes here, so it is carried out until it succeeds, fails for good, or the process
 * closes; every attempt has the same idempotency key, and so has every call that is handed in again after a crash.
 *
 * Owns: attempts, their time, their order. Does not own: what becomes of a result (the orchestrator appends it as `tool.finished`),
 * or acting once for one key, which is the back end's.
 *
 * TR1 What changes something for one flow happens in the order in which it was handed in, so that an undoing is over before the same is
 *     done anew. What only reads waits for changes before it and delays nothing.
 * TR2 At most `concurrentMax` attempts of one tool run at once, and `waitingMax` calls of it wait.
 * TR3 After `close` nothing runs on: what was under way is aborted, and whether it acted is not known. What `run` gives then is no
 *     result: who closed must not take it for one, and hands the call in again after the next start.
 */
import type { Timer, World } from '../base/index.ts'
import type { CallEffect, StandardSchema, ToolContext, ToolDefinition } from '../definition/index.ts'
import { failureAt } from './failure.ts'
import { plainJson } from './plain.ts'
import type { CallResult } from './port.ts'

/** Attempts of one tool at once. */
export const concurrentMax = 64
/** Calls of one tool that wait for a place. */
export const waitingMax = 4_096
const backoffMsMin = 200
const backoffMsMax = 10_000

export interface ToolRunner {
  /** Never throws for what a tool does. After `close` it gives a failure that is no result (TR3). */
  run(call: CallEffect, customer: string): Promise<CallResult>
  close(): void
}

export interface ToolRunnerOptions {
  readonly world: World
  readonly tools: Readonly<Record<string, ToolDefinition>>
}

/**
 * @example
 * const runner = openToolRunner({ world, tools: app.tools })
 * const result = await runner.run(effect, customer) // { ok: true, output } or { ok: false, error }
 */
export function openToolRunner({ world, tools }: ToolRunnerOptions): ToolRunner {
  return new Runner(world, tools)
}

class Runner implements ToolRunner {
  readonly #world: World
  readonly #tools: Readonly<Record<string, ToolDefinition>>
  readonly #closed = new AbortController()
  /** By idempotency key: the same call handed in twice is one. */
  readonly #running = new Map<string, Promise<CallResult>>()
  /** By flow: the last of its changes. */
  readonly #changes = new Map<string, Promise<unknown>>()
  readonly #places = new Map<string, Places>()

  constructor(world: World, tools: Readonly<Record<string, ToolDefinition>>) {
    this.#world = world
    this.#tools = tools
  }

  run(call: CallEffect, customer: string): Promise<CallResult> {
    const running = this.#running.get(call.idempotencyKey)
    if (running !== undefined) return running
    const result = this.#inOrder(call, customer)
      .catch((error: unknown) => {
        if (error instanceof CutOff) return failed(error.message)
        throw error
      })
      .finally(() => this.#running.delete(call.idempotencyKey))
    this.#running.set(call.idempotencyKey, result)
    return result
  }

  close(): void {
    this.#closed.abort(cutOff())
  }

  /** TR1 */
  #inOrder(call: CallEffect, customer: string): Promise<CallResult> {
    const tool = Object.hasOwn(this.#tools, call.tool) ? this.#tools[call.tool] : undefined
    const undoes = call.undoes !== undefined
    if (tool === undefined) return Promise.resolve(failed(`the app has no tool “${call.tool}” any more`))
    if (undoes && tool.compensate === null) return Promise.resolve(failed(`${tool.name} cannot be undone any more`))
    const flow = `${call.conversation}\n${flowOf(call.call)}`
    const before = this.#changes.get(flow) ?? Promise.resolve()
    const result = before.then(
      () => this.#carriedOut(tool, call, customer),
      () => this.#carriedOut(tool, call, customer),
    )
    if (tool.changes) {
      this.#changes.set(flow, result)
      const forget = (): void => {
        if (this.#changes.get(flow) === result) this.#changes.delete(flow)
      }
      void result.then(forget, forget)
    }
    return result
  }

  async #carriedOut(tool: ToolDefinition, call: CallEffect, customer: string): Promise<CallResult> {
    const places = this.#places.get(tool.name) ?? new Places()
    this.#places.set(tool.name, places)
    const input = await fitting(tool.input, call.input)
    if (!input.ok) return failed(`${tool.name} was given what does not fit its input: ${input.error}`)
    for (let attempt = 1; ; attempt++) {
      if (this.#closed.signal.aborted) throw cutOff()
      if (!(await places.enter(this.#closed.signal))) return failed(`${waitingMax.toLocaleString('en')} calls of ${tool.name} wait already`)
      const outcome = await this.#attempt(tool, call, input.value, customer).finally(() => places.leave())
      if (outcome.result !== null) return outcome.result
      if (attempt >= tool.attemptsMax) return failed(attempt === 1 ? outcome.error : `${outcome.error}, after ${attempt} attempts`)
      await this.#pause(attempt)
    }
  }

  /** One attempt; no result means that another one may help. */
  async #attempt(
    tool: ToolDefinition,
    call: CallEffect,
    input: unknown,
    customer: string,
  ): Promise<{ readonly result: CallResult | null; readonly error: string }> {
    const abort = new AbortController()
    const context: ToolContext = { idempotencyKey: call.idempotencyKey, customer, signal: abort.signal }
    const { timer, over } = this.#limited(tool, abort)
    try {
      const output: unknown = await Promise.race([started(tool, call, input, context), over])
      return { result: call.undoes === undefined ? await finished(tool, output) : { ok: true, output: null }, error: '' }
    } catch (error) {
      if (this.#closed.signal.aborted) throw cutOff()
      const said = error instanceof TimedOut ? error.message : failureAt(tool.name, error)
      const isFinal = typeof error === 'object' && error !== null && (error as { retry?: unknown }).retry === false
      return { result: isFinal ? failed(said) : null, error: said }
    } finally {
      timer.cancel()
      abort.abort()
    }
  }

  /** Rejects at the tool’s timeout and when the runner closes, and aborts the attempt first. */
  #limited(tool: ToolDefinition, abort: AbortController): { timer: Timer; over: Promise<never> } {
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => undefined)
    const end = (reason: Error): void => {
      abort.abort(reason)
      reject(reason)
    }
    const timer = this.#world.setTimer(tool.timeoutMs, () => end(new TimedOut(`${tool.name} took longer than ${tool.timeoutMs} ms`)))
    const closed = this.#closed.signal
    const close = (): void => end(cutOff())
    closed.addEventListener('abort', close, { once: true })
    abort.signal.addEventListener('abort', () => closed.removeEventListener('abort', close), { once: true })
    return { timer, over: promise }
  }

  /** Twice as long each time, and between half and all of it, so that calls that failed together do not come back together. */
  #pause(attempt: number): Promise<void> {
    const delayMs = Math.min(backoffMsMax, backoffMsMin * 2 ** (attempt - 1)) * (0.5 + this.#world.random() / 2)
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const closed = this.#closed.signal
    const close = (): void => {
      timer.cancel()
      reject(cutOff())
    }
    const timer = this.#world.setTimer(delayMs, () => {
      closed.removeEventListener('abort', close)
      resolve(undefined)
    })
    closed.addEventListener('abort', close, { once: true })
    return promise
  }
}

class TimedOut extends Error {}
class CutOff extends Error {}

function cutOff(): CutOff {
  return new CutOff('the process closes; the call is made again after the next start')
}

function failed(error: string): CallResult {
  return { ok: false, error }
}

/** `FLOWID:3` and `FLOWID:3:undo` are of the flow `FLOWID`. */
function flowOf(call: string): string {
  return call.replace(/:\d+(?::undo)?$/, '')
}

/** What a tool throws before it waits is a rejection too. */
async function started(tool: ToolDefinition, call: CallEffect, input: unknown, context: ToolContext): Promise<unknown> {
  if (call.undoes === undefined) return tool.run(input as never, context)
  return tool.compensate?.({ input: input as never, output: call.undoes.output as never }, context)
}

/** A tool that came back with the wrong thing has acted: another attempt would not help. */
async function finished(tool: ToolDefinition, output: unknown): Promise<CallResult> {
  const checked = await fitting(tool.output, output)
  if (!checked.ok) return failed(`${tool.name} came back with what does not fit its output: ${checked.error}`)
  try {
    return { ok: true, output: plainJson(checked.value ?? null) }
  } catch (error) {
    return failed(failureAt(`what ${tool.name} came back with`, error))
  }
}

async function fitting(
  schema: StandardSchema,
  value: unknown,
): Promise<{ readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string }> {
  try {
    const result = await schema['~standard'].validate(value)
    const issue = result.issues?.[0]
    if (issue === undefined) return { ok: true, value: (result as { value: unknown }).value }
    const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
    return { ok: false, error: path === '' ? issue.message : `${path}: ${issue.message}` }
  } catch (error) {
    return { ok: false, error: failureAt('its schema', error) }
  }
}

/** Places for attempts of one tool, first come, first served. */
class Places {
  #taken = 0
  readonly #waiting: ((entered: boolean) => void)[] = []

  /** False when too many wait already. */
  enter(closed: AbortSignal): Promise<boolean> {
    if (this.#taken < concurrentMax) {
      this.#taken++
      return Promise.resolve(true)
    }
    if (this.#waiting.length >= waitingMax) return Promise.resolve(false)
    return new Promise((resolve, reject) => {
      const close = (): void => reject(cutOff())
      closed.addEventListener('abort', close, { once: true })
      this.#waiting.push((entered) => {
        closed.removeEventListener('abort', close)
        resolve(entered)
      })
    })
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken--
    else next(true)
  }
}
