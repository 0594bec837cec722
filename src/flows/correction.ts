/**
 * Corrections: “no, the card is 1234”, “sorry, I meant 50”. A text corrects a slot that is filled when it is introduced as a
 * correction and holds a value of that slot and of no other that could be meant, or when it names the slot in full with another
 * value. What answers the open question is no correction, unless it names the slot.
 */
import type { FlowDefinition, SlotDefinition } from '../definition/index.ts'
import type { FlowState } from './port.ts'
import { readSlot } from './slot.ts'
import { asksSomething, folded, functionWords, phraseAt, strangeWords, wordsOf } from './words.ts'

export interface Correction {
  readonly slot: string
  readonly value: unknown
}

/** More words than this that belong to nothing known are another matter. */
const strangeMax = 2

const weak = String.raw`(?:yes|yeah|yep|ok|okay)[ ,]+but|no|nope|not|sorry|oh|oops|ah|hmm|well|ok|okay|but|my mistake|excuse me`
const strong = String.raw`actually|wait|hold on|i meant|i mean|meant|rather|correction|wrong|i said|make (?:that|it)|change (?:that|it) to|it should (?:be|have been)|that(?:['’]s| is| was) (?:wrong|not right|a typo)|i was wrong`
const introduction = new RegExp(String.raw`^\s*(?:(${strong})|(${weak}))\b[\s,.:;!–—-]*`, 'i')

interface Rest {
  readonly text: string
  /** Introduced by more than a no or a sorry. */
  readonly strong: boolean
}

/** What is left of a text after each of its introductions, the shortest rest first; nothing when it is not introduced. */
function restsOf(text: string): Rest[] {
  const rests: Rest[] = []
  let rest = text
  let isStrong = false
  for (let match = introduction.exec(rest); match !== null && match[0] !== ''; match = introduction.exec(rest)) {
    rest = rest.slice(match[0].length)
    isStrong ||= match[1] !== undefined
    rests.unshift({ text: rest, strong: isStrong })
  }
  return rests.filter((held) => held.text.trim() !== '')
}

export function correctionIn(definition: FlowDefinition, state: FlowState, text: string): Correction | null {
  if (asksSomething(text)) return null
  const asked = state.asking === null ? undefined : definition.slots[state.asking.slot]
  const filled = Object.values(definition.slots).filter((slot) => slot !== asked && Object.hasOwn(state.slots, slot.name))
  if (filled.length === 0 || isAnotherMatter(definition, state, text)) return null
  const words = wordsOf(text)
  // Two at once cannot be told apart: which value is whose?
  if ((asked !== undefined && namesInFull(words, asked)) || filled.filter((slot) => namesInFull(words, slot)).length > 1) return null
  for (const rest of restsOf(text)) {
    const found = introduced(filled, asked, state, words, rest)
    if (found !== null) return found
  }
  return namedAnew(filled, state, text, words)
}

function introduced(
  filled: readonly SlotDefinition[],
  asked: SlotDefinition | undefined,
  state: FlowState,
  words: readonly string[],
  rest: Rest,
): Correction | null {
  const readable = filled.flatMap((slot) => {
    // A sorry before a no is mostly manners, and any words would do for a text.
    if (slot.type === 'text' ? slot.read === null : slot.type === 'yesNo' && (!rest.strong || asked?.type === 'yesNo')) return []
    const value = newValue(slot, rest.text, state)
    return value === undefined ? [] : [{ slot, value }]
  })
  const named = readable.filter(({ slot }) => namesInPart(words, slot))
  const [best, ...alike] = named.length > 1 ? named.filter(({ slot }) => namesInFull(words, slot)) : named
  if (best !== undefined && alike.length === 0) return { slot: best.slot.name, value: best.value }
  if (named.length > 0) return null
  const answers = asked !== undefined && asked.type !== 'text' && readSlot(asked, rest.text, state.asking?.prompt ?? '') !== undefined
  if (answers) return null
  const newest = Math.max(...readable.map(({ slot }) => state.slots[slot.name]?.at ?? 0))
  const [last, ...others] = readable.filter(({ slot }) => state.slots[slot.name]?.at === newest)
  return last === undefined || others.length > 0 ? null : { slot: last.slot.name, value: last.value }
}

/** “Card number 1234”, “the address is 5 Mill Lane”: the slot's label in full, and a value that is not the one it has. */
function namedAnew(filled: readonly SlotDefinition[], state: FlowState, text: string, words: readonly string[]): Correction | null {
  const named = filled.filter((slot) => namesInFull(words, slot))
  const [slot] = named
  if (named.length !== 1 || slot === undefined) return null
  const value = slot.type === 'text' && slot.read === null ? afterLabel(slot, text) : newValue(slot, text, state)
  return value === undefined || value === state.slots[slot.name]?.value ? null : { slot: slot.name, value }
}

/** The value in a text; where it holds the old one too (“not 1234, 5678”), the other. */
function newValue(slot: SlotDefinition, text: string, state: FlowState): unknown {
  const value = readSlot(slot, text, '')
  if (value !== undefined) return value
  const old = folded(String(state.slots[slot.name]?.value ?? ''))
  const plain = folded(text)
  if (old === '' || !plain.includes(old) || slot.type === 'yesNo') return undefined
  return readSlot(slot, plain.replaceAll(old, ' ').replaceAll(/\b(?:not|but)\b/g, ' '), '')
}

function afterLabel(slot: SlotDefinition, text: string): string | undefined {
  const escaped = slot.label
    .trim()
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\s+/g, String.raw`\s+`)
  const value = new RegExp(String.raw`\b${escaped}\b\s*(?:is|was|should be|must be|to|:|=)\s*(.+)$`, 'isu').exec(text)?.[1]?.trim()
  return value === '' ? undefined : value
}

function namesInFull(words: readonly string[], slot: SlotDefinition): boolean {
  return phraseAt(words, wordsOf(slot.label)) >= 0
}

function namesInPart(words: readonly string[], slot: SlotDefinition): boolean {
  return wordsOf(slot.label).some((word) => !functionWords.has(word) && words.includes(word))
}

function isAnotherMatter(definition: FlowDefinition, state: FlowState, text: string): boolean {
  const known = new Set(Object.values(definition.slots).flatMap((slot) => [...wordsOf(slot.label), ...slot.options.flatMap(wordsOf)]))
  const introductions = new Set(
    'no nope not sorry oops mistake excuse yes yeah yep but actually wait hold meant mean rather correction wrong said make change should instead right typo'.split(
      ' ',
    ),
  )
  const strange = strangeWords(wordsOf(text), known, introductions, new Set(wordsOf(state.asking?.prompt ?? ''))).filter((word) => !/\d/.test(word))
  const hasText = Object.values(definition.slots).some((slot) => (slot.type === 'text' || slot.read !== null) && namesInFull(wordsOf(text), slot))
  return !hasText && strange.length > strangeMax
}
