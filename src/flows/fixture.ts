/** Flows for tests, made by the builders as an app makes them, and a customer who talks to one. */
import { z } from 'zod'
import { assert, BattutaError } from '../base/index.ts'
import { flow, setup, slot, tool } from '../app/index.ts'
import type { FlowDraft } from '../app/index.ts'
import type { AppDefinition } from '../definition/index.ts'
import { advanceFlow, cancelFlow, readTurn, startFlow } from './index.ts'
import type { CallResult, FlowAdvance, FlowInput, FlowState } from './index.ts'

export function appOf(flows: Readonly<Record<string, FlowDraft>>): AppDefinition {
  return setup({ events: {}, flows }).app({ name: 'test', policies: {} })
}

const never = (): Promise<never> => Promise.reject(new BattutaError('INTERNAL', 'tests of flows run no tools'))

/** Whether a card is blocked: only reads. */
export const cardStatus = tool({ input: z.object({ last4: z.string() }), output: z.object({ state: z.string() }), run: never })
/** Unblocks a card, and can block it again. */
export const unblock = tool({
  input: z.object({ last4: z.string().length(4) }),
  output: z.object({ reference: z.string() }),
  changes: true,
  run: never,
  compensate: never,
})
/** Sends a letter, which nobody can take back. */
export const sendLetter = tool({ input: z.object({ to: z.string() }), output: z.object({ reference: z.string() }), changes: true, run: never })

export const unblockCard = flow(
  {
    goal: 'use the card again',
    slots: {
      last4: slot.digits(4, { label: 'card number' }),
      sure: slot.yesNo({ label: 'go-ahead' }),
      again: slot.yesNo({ label: 'another card' }),
    },
    tools: { cardStatus, unblock },
  },
  function* ({ ask, again, say, call, fact, tried, promise }) {
    const last4 = yield* ask('last4', 'Which card is it? Its last four digits, please.')
    const status = yield* call('cardStatus', { last4 })
    if (!status.ok) return { resolved: false, summary: 'the status is not known' }
    if (status.output.state === 'unknown') return yield* again('last4', `I find no card that ends in ${last4}. Which one is it?`)
    yield* fact(`Card ··${last4} is ${status.output.state}`, 'cardStatus')
    yield* say('I see your card.')
    if (!(yield* ask('sure', `Shall I unblock the card that ends in ${last4}?`))) return { resolved: true }
    const done = yield* call('unblock', { last4 })
    yield* tried('unblocked it')
    if (!done.ok) return { resolved: false, summary: done.error }
    yield* say(`Done: ${done.output.reference}.`)
    yield* promise('It works in a minute')
    yield* ask('again', 'Is there another card?')
    return { resolved: true, summary: `card ${last4} unblocked` }
  },
)

/** Talks to one flow, as the orchestrator does; every state goes through JSON, as it does between two steps. */
export class Talk {
  readonly app: AppDefinition
  readonly name: string
  state: FlowState | null = null
  last: FlowAdvance
  at = 1_000

  constructor(app: AppDefinition, name: string, start: Omit<FlowInput & { kind: 'start' }, 'kind'> = { slots: {}, text: null }) {
    this.app = app
    this.name = name
    this.last = this.#took(startFlow(this.#definition, app.tools, 'f1', { kind: 'start', ...start }, this.at, 'user:1'))
  }

  get #definition(): AppDefinition['flows'][string] {
    return this.app.flows[this.name] as AppDefinition['flows'][string]
  }

  #took(advance: FlowAdvance): FlowAdvance {
    this.last = advance
    this.state = advance.state === null ? null : (JSON.parse(JSON.stringify(advance.state)) as FlowState)
    return advance
  }

  give(input: FlowInput): FlowAdvance {
    assert(this.state !== null, 'the flow is not over')
    this.at += 1_000
    return this.#took(advanceFlow(this.#definition, this.app.tools, this.state, input, this.at, 'user:1'))
  }

  reads(text: string): string {
    assert(this.state !== null, 'the flow is not over')
    return readTurn(this.#definition, this.state, text)
  }

  say(text: string): FlowAdvance {
    return this.give({ kind: 'message', text, reading: this.reads(text) as never })
  }

  result(call: string, result: CallResult | Readonly<Record<string, unknown>>): FlowAdvance {
    return this.give({ kind: 'result', call, result: 'ok' in result ? (result as CallResult) : { ok: true, output: result } })
  }

  cancel(): FlowAdvance {
    assert(this.state !== null, 'the flow is not over')
    return this.#took(cancelFlow(this.#definition, this.app.tools, this.state))
  }
}
