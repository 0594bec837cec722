/** The app of the simulated floor: a bot with a flow that changes something, two queues of people, words that choose between them. */
import { z } from 'zod'
import { answer, event, flow, queue, setup, slot, tool } from '../../src/app/index.ts'
import type { AppDefinition } from '../../src/app/index.ts'
import type { Chance, World } from '../../src/base/index.ts'

const appOpened = event({ screen: z.string() }, { from: 'customer' })

/** A card that no bot can unlock. */
const hopeless = '7777'

/** What the back end outside was asked to do: once for each key, or the simulation failed. */
export class BackEnd {
  readonly done = new Map<string, number>()
  readonly undone = new Map<string, number>()
  readonly #world: World
  readonly #chance: Chance

  constructor(world: World, chance: Chance) {
    this.#world = world
    this.#chance = chance
  }

  /** Slow, sometimes failing, sometimes acting and failing to say so; once for a key whatever happens. */
  async act(kind: 'done' | 'undone', key: string, fails = false): Promise<{ reference: string }> {
    await this.#pause(this.#chance.next() * 40)
    if (fails || this.#chance.next() < 0.1) throw new Error('the back end is busy')
    const acts = this[kind]
    acts.set(key, acts.get(key) ?? acts.size + 1)
    if (this.#chance.next() < 0.1) await this.#pause(10_000)
    return { reference: `${kind} ${acts.get(key) ?? 0}` }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#world.setTimer(ms, resolve))
  }
}

/** What each version hears: the other one hands over, acts and keeps silent at other words. */
const heard = {
  one: { person: /payment/, fix: /fix/, silent: /thanks/, hours: /open/ },
  two: { person: /what|open/, fix: /fix|hello/, silent: /payment/, hours: /thanks/ },
}

/** `says` is the version. */
export function floorApp(backEnd: () => BackEnd, says: string): AppDefinition {
  const words = says === 'one' ? heard.one : heard.two
  const unlock = tool({
    input: z.object({ last4: z.string() }),
    output: z.object({ reference: z.string() }),
    changes: true,
    timeout: '1s',
    attempts: 4,
    run: ({ last4 }, { idempotencyKey }) => backEnd().act('done', idempotencyKey, last4 === hopeless),
    compensate: (_done, { idempotencyKey }) => backEnd().act('undone', idempotencyKey),
  })
  const fix = flow(
    { goal: 'use the card again', slots: { last4: slot.digits(4, { label: 'card number' }), sure: slot.yesNo({ label: 'go-ahead' }) }, tools: { unlock } },
    function* ({ ask, call, say, fact, tried, handOff }) {
      const last4 = yield* ask('last4', 'Which card is it? Its last four digits, please.')
      const sure = yield* ask('sure', `Shall I unlock ··${last4}?`)
      if (!sure) return { resolved: false, summary: 'left as it was' }
      const done = yield* call('unlock', { last4 })
      yield* tried('Unlock the card')
      if (!done.ok) {
        yield* handOff('cards', { because: 'the card cannot be unlocked from here', question: 'Can it be unlocked at all?' })
        const again = yield* call('unlock', { last4 })
        if (!again.ok) yield* handOff('cards', { because: 'it still cannot be unlocked' })
        return { resolved: again.ok, summary: 'handed over' }
      }
      yield* fact(`··${last4} is unlocked, ${done.output.reference}`, 'unlock')
      yield* say(`··${last4} works again: ${done.output.reference}.`)
      return { resolved: true, summary: 'unlocked' }
    },
  )
  const shop = setup({
    events: { appOpened },
    queues: {
      cards: queue({ skills: ['cards'], team: 'Cards team', offer: '8s', patience: '90s', wrapUp: '5s', wrapUpCodes: ['solved', 'other'] }),
      payments: queue({ skills: ['payments'], team: 'Payments team', offer: '8s', wrapUp: '5s', wrapUpCodes: ['solved'] }),
    },
    flows: { fix },
    answers: { hours: answer('We are open around the clock.'), told: answer(({ conversation }) => `${says}: this is message ${conversation?.messages ?? 0}.`) },
  })
  return shop.app({
    name: 'floor',
    personTo: 'cards',
    turn: { settle: '300ms', longest: '3s' },
    policies: {
      inbound: shop.policy({ on: 'message.received' }, ({ event: { data }, answer: tell, bot, human, nothing }) => {
        if (words.person.test(data.text)) return human('payments', { because: 'it is about a payment', priority: 3 })
        if (words.fix.test(data.text)) return bot('fix', { because: 'the card is blocked' })
        if (words.silent.test(data.text)) return nothing({ because: 'a kind word' })
        return words.hours.test(data.text) ? tell('hours') : tell('told')
      }),
    },
  })
}
