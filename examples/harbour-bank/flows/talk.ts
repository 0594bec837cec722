/** A conversation with one flow, for tests: the engine steps it, its tools run at once against the bank, and nobody else takes part. */
import assert from 'node:assert/strict'
import { advanceFlow, readTurn, startFlow } from '../../../src/flows/index.ts'
import type { CallResult, FlowAdvance, FlowCall, FlowState } from '../../../src/flows/index.ts'
import app from '../app.ts'

/** Tools that do not do what they usually do. */
export type Broken = Readonly<Record<string, CallResult>>

export class Talk {
  readonly customer: string
  /** Everything the bot said, in order. */
  readonly said: string[] = []
  readonly facts: FlowAdvance['facts'][number][] = []
  readonly tried: string[] = []
  readonly promised: string[] = []
  readonly called: string[] = []
  handOff: FlowAdvance['handOff'] = null
  ended: FlowAdvance['ended'] = null
  readonly #flow: string
  readonly #broken: Broken
  readonly #slow: readonly string[]
  readonly #flows: typeof app.flows
  readonly #at = Date.now()
  /** Calls whose results have not arrived. */
  #out: FlowCall[] = []
  #state: FlowState | null = null

  /** Results of `slow` tools arrive when the test says so. */
  constructor(
    flow: string,
    customer: string,
    { broken = {}, slow = [], flows = app.flows }: { broken?: Broken; slow?: readonly string[]; flows?: typeof app.flows } = {},
  ) {
    this.#flow = flow
    this.customer = customer
    this.#broken = broken
    this.#slow = slow
    this.#flows = flows
  }

  /** What the bot said last. */
  get last(): string {
    return this.said.at(-1) ?? ''
  }

  async begin(text: string): Promise<this> {
    const id = `${this.#flow}-${this.customer}`
    await this.#take(startFlow(this.#definition, app.tools, id, { kind: 'start', slots: {}, text }, this.#at, this.customer))
    return this
  }

  async say(...texts: readonly string[]): Promise<this> {
    for (const text of texts) {
      assert.ok(this.#state, `the flow is over, and the customer says “${text}”`)
      const reading = readTurn(this.#definition, this.#state, text)
      await this.#advance({ kind: 'message', text, reading })
    }
    return this
  }

  /** The results of slow tools arrive. */
  async arrive(): Promise<this> {
    for (const call of this.#out.splice(0)) await this.#finish(call)
    return this
  }

  /** A person who had the conversation gives it back. */
  async back(...agreed: readonly string[]): Promise<this> {
    this.handOff = null
    await this.#advance({ kind: 'resume', agreed, slots: {} })
    return this
  }

  get #definition(): (typeof app.flows)[string] {
    const definition = this.#flows[this.#flow]
    assert.ok(definition)
    return definition
  }

  async #advance(input: Parameters<typeof advanceFlow>[3]): Promise<void> {
    assert.ok(this.#state, 'the flow is over')
    await this.#take(advanceFlow(this.#definition, app.tools, this.#state, input, this.#at, this.customer))
  }

  async #take(advance: FlowAdvance): Promise<void> {
    assert.equal(advance.failure, null)
    this.#state = advance.state
    this.said.push(...advance.says)
    this.facts.push(...advance.facts)
    this.tried.push(...advance.tried)
    this.promised.push(...advance.promised)
    this.handOff = advance.handOff ?? this.handOff
    this.ended = advance.ended ?? this.ended
    for (const call of advance.calls) {
      if (this.#slow.includes(call.tool) && call.undoes === undefined) this.#out.push(call)
      else await this.#finish(call)
    }
  }

  async #finish(call: FlowCall): Promise<void> {
    const result = await this.#run(call)
    if (this.#state !== null) await this.#advance({ kind: 'result', call: call.call, result })
  }

  async #run({ call, tool: name, input, undoes }: FlowCall): Promise<CallResult> {
    this.called.push(undoes === undefined ? name : `undo ${name}`)
    const broken = this.#broken[name]
    if (broken !== undefined) return broken
    const tool = app.tools[name]
    assert.ok(tool)
    const context = { idempotencyKey: call, customer: this.customer, signal: new AbortController().signal }
    const output =
      undoes === undefined
        ? await tool.run(input as never, context)
        : await tool.compensate?.({ input: input as never, output: undoes.output as never }, context)
    return { ok: true, output }
  }
}
