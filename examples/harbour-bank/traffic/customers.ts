/** Who banks at Harbour Bank: five kinds of account, a fixed set of customers each, and the habits that a customer keeps. */
import { seededChance } from '../../../src/base/index.ts'
import type { Chance } from '../../../src/base/index.ts'

export type Segment = 'current' | 'joint' | 'savings' | 'student' | 'business'

interface SegmentFacts {
  readonly customers: number
  readonly share: number
  /** Middle of what one payment costs. */
  readonly amount: number
}
const segments: Readonly<Record<Segment, SegmentFacts>> = {
  current: { customers: 1_200, share: 0.54, amount: 32 },
  joint: { customers: 300, share: 0.15, amount: 58 },
  savings: { customers: 250, share: 0.06, amount: 90 },
  student: { customers: 400, share: 0.15, amount: 14 },
  business: { customers: 150, share: 0.1, amount: 240 },
}

export interface Customer {
  /** `user:current-4821` */
  readonly id: string
  readonly segment: Segment
  readonly currency: 'EUR' | 'GBP'
  readonly country: string
  /** Where they usually pay. */
  readonly shops: readonly string[]
  /** Middle of what one payment of theirs costs. */
  readonly amount: number
  /** How easily they lose patience, and how carelessly they type: 0 to 1. */
  readonly temper: number
  readonly haste: number
}

export const shops = [
  'Corner Bakery',
  'Quayside Books',
  'Mill Lane Grocers',
  'Old Town Pharmacy',
  'Northgate Cinema',
  'Lantern Coffee',
  'Harvest Market',
  'Tramline Tickets',
  'Bluebird Bikes',
  'Copper Kettle',
  'Station Kiosk',
  'Greenleaf Garden',
  'Pixel & Cable',
  'Paper Crane',
  'Riverside Fuel',
  'Seven Seas Travel',
  'Woolly Corner',
  'Saltbox Diner',
  'Iron Gate Gym',
  'Cloudberry Shoes',
] as const
export const travels = [
  { country: 'Japan', currency: 'JPY', rate: 160 },
  { country: 'Switzerland', currency: 'CHF', rate: 0.95 },
  { country: 'Poland', currency: 'PLN', rate: 4.3 },
  { country: 'Norway', currency: 'NOK', rate: 11.6 },
  { country: 'Canada', currency: 'CAD', rate: 1.5 },
  { country: 'Morocco', currency: 'MAD', rate: 10.8 },
] as const
const homes = ['Ireland', 'Germany', 'France', 'Spain', 'Italy', 'Portugal'] as const

/** A customer by segment and rank; the same one in every run. */
export function customerOf(segment: Segment, rank: number): Customer {
  // 7,919 and 9,000 have no common divisor, so no two ranks of a segment share a number.
  const id = `user:${segment}-${1_000 + ((rank * 7_919) % 9_000)}`
  const chance = seededChance(id)
  const abroad = chance.next() < 0.12
  return {
    id,
    segment,
    currency: abroad ? 'GBP' : 'EUR',
    country: abroad ? 'United Kingdom' : chance.pick(homes),
    shops: [chance.pick(shops), chance.pick(shops), chance.pick(shops), chance.pick(shops)],
    amount: segments[segment].amount * (0.5 + chance.next()),
    temper: chance.next() ** 2,
    haste: chance.next(),
  }
}

/** Whose turn it is: segments by their share, and within one the lower ranks more often, as some customers do more. */
export function anyCustomer(chance: Chance): Customer {
  let left = chance.next()
  let segment: Segment = 'current'
  for (segment of Object.keys(segments) as Segment[]) if ((left -= segments[segment].share) < 0) break
  return customerOf(segment, Math.floor(segments[segment].customers * chance.next() ** 1.6))
}
