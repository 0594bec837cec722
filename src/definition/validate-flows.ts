/** What flows, their slots and their tools must hold. */
import { checkMs, checkSchema, checkSynchronous, checkText, checkTexts, checkVersion, isRecord, quoted, shown } from './mistakes.ts'
import type { Mistakes } from './mistakes.ts'
import { didYouMean } from './nearest.ts'

/** How much one flow or tool may hold. */
export const flowLimits = {
  slotsMax: 64,
  optionsMax: 50,
  optionCharsMax: 100,
  labelCharsMax: 60,
  goalCharsMax: 140,
  digitsMax: 32,
  timeoutMsMax: 600_000,
  attemptsMax: 10,
} as const

const slotTypes = ['text', 'choice', 'amount', 'yesNo', 'digits']
const slotNamePattern = /^[a-z][A-Za-z0-9]{0,63}$/

export function checkFlow(place: Mistakes, flow: Record<string, unknown>, tools: readonly string[]): void {
  checkText(place, 'goal', flow['goal'], flowLimits.goalCharsMax, 'say what the customer gets by it, as half a sentence, such as “use the card again”')
  checkVersion(place, flow)
  checkToolNames(place, flow['tools'], tools)
  const slots = flow['slots']
  if (!isRecord(slots)) place.add('slots', 'must be an object of slots: declare the flow with flow(…)')
  else {
    if (Object.keys(slots).length > flowLimits.slotsMax) place.add('slots', `has ${Object.keys(slots).length} entries, ${flowLimits.slotsMax} at most`)
    for (const [name, slot] of Object.entries(slots)) checkSlot(place.at(`slots.${name}`), name, slot)
  }
  const kind = Object.prototype.toString.call(flow['run'])
  if (kind !== '[object Function]' && kind !== '[object GeneratorFunction]')
    place.add('run', 'must be a generator function: it is run again at every step, so it cannot wait; what takes time is a tool')
}

function checkToolNames(place: Mistakes, names: unknown, tools: readonly string[]): void {
  if (!Array.isArray(names)) return place.add('tools', 'must be a list of the names of its tools: declare the flow with flow(…)')
  names.forEach((name: unknown, index) => {
    if (typeof name !== 'string' || !tools.includes(name)) place.add(`tools[${index}]`, `no tool ${quoted(name)} is declared${didYouMean(shown(name), tools)}`)
  })
}

function checkSlot(place: Mistakes, name: string, slot: unknown): void {
  if (!slotNamePattern.test(name) || name in Object.prototype)
    place.add('', `“${name}” cannot be a name: use a small letter, then letters and digits, 64 at most`)
  if (!isRecord(slot) || slot['kind'] !== 'slot')
    return place.add('', 'is no slot: declare it with slot.text(…), slot.choice(…), slot.amount(…), slot.yesNo(…) or slot.digits(…)')
  if (slot['name'] !== name) place.add('name', `is “${shown(slot['name'])}”, but its key is “${name}”: let setup(…) name it`)
  checkText(place, 'label', slot['label'], flowLimits.labelCharsMax, 'say what people call it, such as “card number”')
  const type = slot['type']
  if (!slotTypes.includes(type as string)) place.add('type', `“${shown(type)}” is no type of a slot: ${slotTypes.join(', ')} are`)
  if (type === 'choice')
    checkTexts(
      place,
      'options',
      slot['options'],
      { min: 2, max: flowLimits.optionsMax, chars: flowLimits.optionCharsMax },
      'a choice is between two things or more',
    )
  else if (!Array.isArray(slot['options']) || slot['options'].length > 0) place.add('options', 'belong to slot.choice([…]): leave them out')
  checkLength(place, type, slot['length'])
  for (const key of ['read', 'validate']) if (slot[key] !== null) checkSynchronous(place, key, slot[key])
}

function checkLength(place: Mistakes, type: unknown, length: unknown): void {
  if (!slotTypes.includes(type as string)) return
  if (type === 'digits' ? !(Number.isInteger(length) && (length as number) >= 1 && (length as number) <= flowLimits.digitsMax) : length !== null)
    place.add(
      'length',
      type === 'digits' ? `${shown(length)} is out of range: from 1 to ${flowLimits.digitsMax} digits` : 'belongs to slot.digits(…): leave it out',
    )
}

export function checkTool(place: Mistakes, tool: Record<string, unknown>): void {
  checkSchema(place, 'input', tool['input'], 'give tool(…) a schema of what it is asked with')
  checkSchema(place, 'output', tool['output'], 'give tool(…) a schema of what it comes back with')
  if (!isFunction(tool['run'])) place.add('run', 'is no function: give tool(…) an async function that acts')
  if (typeof tool['changes'] !== 'boolean') place.add('changes', 'must be true or false: whether it changes something outside')
  const undoes = tool['compensate']
  if (undoes !== null && !isFunction(undoes)) place.add('compensate', 'is no function: give tool(…) an async function that undoes what it did, or leave it out')
  else if (undoes !== null && tool['changes'] === false) place.add('compensate', 'undoes what is said to change nothing: say changes: true, or leave it out')
  checkMs(place, 'timeoutMs', tool['timeoutMs'], 1, flowLimits.timeoutMsMax)
  const attempts = tool['attemptsMax']
  if (!Number.isInteger(attempts) || (attempts as number) < 1 || (attempts as number) > flowLimits.attemptsMax)
    place.add('attemptsMax', `${shown(attempts)} is out of range: a call is tried 1 to ${flowLimits.attemptsMax} times`)
}

function isFunction(given: unknown): boolean {
  return ['[object Function]', '[object AsyncFunction]'].includes(Object.prototype.toString.call(given))
}
