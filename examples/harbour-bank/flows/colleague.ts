/** What the bots of the bank do where they may not, or cannot, go on: they hand over to a person, and take up again what was agreed. */
import type { FlowWords } from 'battuta'

type Words = Pick<FlowWords<object, object>, 'say' | 'handOff'>

interface Matter {
  /** What the customer reads before a person joins. */
  readonly said: string
  /** Why a person is needed, as half a sentence. */
  readonly because: string
  /** What the colleague has to answer first. */
  readonly question: string
  readonly priority?: number
}

/** Ends the flow of whoever calls it: `return yield* toColleague(bot, 'cards', { … })`. */
export function* toColleague({ say, handOff }: Words, queue: 'cards' | 'payments', { said, because, question, priority = 0 }: Matter) {
  yield* say(said)
  const agreed = yield* handOff(queue, { because, question, priority })
  // From here on a colleague has given the conversation back, and what they agreed with the customer stands.
  yield* say(agreed.length === 0 ? 'I have the conversation again. What else can I do for you?' : `My colleague noted what you agreed: ${agreed.join('; ')}.`)
  return { resolved: agreed.length > 0, summary: `${because}; ${agreed.length === 0 ? 'nothing was agreed' : `agreed: ${agreed.join('; ')}`}` }
}
