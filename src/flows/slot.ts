/** Slots: finding a value in what a customer wrote, holding it against its type, and saying what would do. */
import type { FlowDefinition, SlotDefinition } from '../definition/index.ts'
import { failureAt, flowFailed } from './failure.ts'
import { plainJson, shownValue } from './plain.ts'
import { readMarkedAmount, readAmount } from './read-amount.ts'
import { readChoice, readNamedChoice } from './read-choice.ts'
import { readDigits, readLoneDigits } from './read-digits.ts'
import { readYesNo } from './read-yes-no.ts'

/** The slot's value in an answer to `question`; undefined when it is not there, or there more than once. */
export function readSlot(slot: SlotDefinition, text: string, question: string): unknown {
  if (slot.read !== null) return readByApp(slot, text)
  switch (slot.type) {
    case 'text':
      return text.trim() === '' ? undefined : text.trim()
    case 'choice':
      return readChoice(text, slot.options)
    case 'amount':
      return readAmount(text)
    case 'yesNo':
      return readYesNo(text, question)
    case 'digits':
      return readDigits(text, slot.length ?? 1)
  }
}

/** The slot's value in words that were no answer to anything: only what can hardly mean something else. A yes is never one. */
function readUnasked(slot: SlotDefinition, text: string): unknown {
  if (slot.type === 'yesNo') return undefined
  if (slot.read !== null) return readByApp(slot, text)
  if (slot.type === 'choice') return readNamedChoice(text, slot.options)
  if (slot.type === 'amount') return readMarkedAmount(text)
  return slot.type === 'digits' ? readLoneDigits(text, slot.length ?? 1) : undefined
}

/** What the customer's first words say of the flow's slots. What two slots could mean fills neither. */
export function slotsInFirstText(definition: FlowDefinition, text: string): ReadonlyMap<string, unknown> {
  const read = Object.values(definition.slots).flatMap((slot) => {
    const value = readUnasked(slot, text)
    return value === undefined || validated(slot, value) !== null ? [] : [{ slot, value, shown: shownValue(value) }]
  })
  const alone = read.filter(
    ({ slot, shown }) => !read.some((other) => other.slot !== slot && (other.shown === shown || (other.slot.type === slot.type && slot.read === null))),
  )
  return new Map(alone.map(({ slot, value }) => [slot.name, value]))
}

/** A value from a policy or a colleague, who may give it typed or in words; undefined when it is none for this slot. */
export function givenSlot(slot: SlotDefinition, given: unknown): unknown {
  const value = fits(slot, given) ? given : typeof given === 'string' ? readSlot(slot, given, '') : undefined
  return value === undefined || validated(slot, value) !== null ? undefined : plainJson(value)
}

function readByApp(slot: SlotDefinition, text: string): unknown {
  const value = byApp(slot, 'read', () => slot.read?.(text))
  if (value === undefined || value === null) return undefined
  if (!fits(slot, value)) throw flowFailed(`slot ${slot.name}: its read gave ${shownValue(value)}, and a ${slot.type} slot holds ${heldBy[slot.type]}`)
  return value
}

/** A slot's own functions are the app's: what they throw is told with their place. */
function byApp<T>(slot: SlotDefinition, which: 'read' | 'validate', work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw flowFailed(failureAt(`the ${which} of slot ${slot.name}`, error), error)
  }
}

const heldBy = { text: 'a text', choice: 'one of its options', amount: 'a finite number', yesNo: 'true or false', digits: 'a text of digits' } as const

function fits(slot: SlotDefinition, value: unknown): boolean {
  switch (slot.type) {
    case 'text':
      return typeof value === 'string' && value.trim() !== ''
    case 'choice':
      return typeof value === 'string' && slot.options.includes(value)
    case 'amount':
      return typeof value === 'number' && Number.isFinite(value)
    case 'yesNo':
      return typeof value === 'boolean'
    case 'digits':
      return typeof value === 'string' && /^\d+$/.test(value) && (slot.read !== null || value.length === slot.length)
  }
}

/** Null when the value will do, else the sentence that says what would. */
export function validated(slot: SlotDefinition, value: unknown): string | null {
  const said: unknown = slot.validate === null ? true : byApp(slot, 'validate', () => slot.validate?.(value as never))
  if (said === true) return null
  return typeof said === 'string' && said.trim() !== '' ? said : wanted(slot)
}

/** What a slot takes, to a customer whose words held nothing of the kind. */
export function wanted(slot: SlotDefinition): string {
  switch (slot.type) {
    case 'text':
      return 'A few words will do.'
    case 'choice':
      return `Please choose one: ${listed(slot.options)}.`
    case 'amount':
      return 'Please give me an amount, such as 25 or 25.50.'
    case 'yesNo':
      return 'Please say yes or no.'
    case 'digits':
      return `Please give me ${slot.length === 1 ? 'one digit' : `${slot.length ?? 'the'} digits`}.`
  }
}

function listed(options: readonly string[]): string {
  return options.length < 2 ? options.join('') : `${options.slice(0, -1).join(', ')} or ${options.at(-1) ?? ''}`
}
