/** Turns a topic into what one customer types: slots filled, temper and haste added. */
import type { Chance } from '../../../src/base/index.ts'
import type { Customer } from './customers.ts'
import { angerAfter, angerBefore, sentences } from './sentences.ts'
import type { Topic } from './sentences.ts'

export type Slots = Readonly<Partial<Record<'shop' | 'amount' | 'currency' | 'country' | 'method' | 'payee', string>>>

/** `upset` is how much went wrong before, 0 to 1; temper does the rest. */
export function wording(topic: Topic, slots: Slots, customer: Customer, upset: number, chance: Chance): string {
  const all: Slots = {
    shop: customer.shops[0] ?? 'the shop',
    amount: '20',
    currency: customer.currency,
    country: customer.country,
    method: 'card',
    payee: 'payee',
    ...slots,
  }
  const plain = chance.pick<string>(sentences[topic]).replace(/\{(\w+)\}/g, (_, slot: keyof Slots) => all[slot] ?? '')
  return hasty(angry(plain, customer.temper * upset, chance), customer.haste, chance)
}

function angry(text: string, anger: number, chance: Chance): string {
  if (chance.next() >= anger) return text
  const ended = /[.?!]$/.test(text) ? text : `${text}.`
  const way = chance.below(3)
  if (way === 0) return `${chance.pick(angerBefore)} ${text}`
  if (way === 1) return `${ended} ${chance.pick(angerAfter)}`
  return `${text.toUpperCase().replace(/[.?!]+$/, '')}!!!`
}

function hasty(text: string, haste: number, chance: Chance): string {
  let typed = text
  if (chance.next() < haste * 0.3) typed = typed.toLowerCase()
  if (chance.next() < haste * 0.4) typed = typed.replace(/[.?!]$/, '')
  if (chance.next() < haste * 0.35) typed = slip(typed, chance)
  if (chance.next() < haste * 0.1) typed = slip(typed, chance)
  return typed
}

/** One slip of the fingers inside a word: two letters swapped, one left out, or one struck twice. */
function slip(text: string, chance: Chance): string {
  const places: number[] = []
  for (let i = 1; i < text.length - 2; i++) if (/^[a-z]{2}$/i.test(text.slice(i, i + 2))) places.push(i)
  if (places.length === 0) return text
  const at = chance.pick(places)
  const [first, second] = [text.charAt(at), text.charAt(at + 1)]
  const struck = [second + first, second, first + first + second][chance.below(3)] ?? ''
  return text.slice(0, at) + struck + text.slice(at + 2)
}
