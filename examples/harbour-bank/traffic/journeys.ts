/** What customers live through: short stories of events and messages. Each is pure in the customer and the chance given. */
import type { Chance } from '../../../src/base/index.ts'
import { accountsOf } from '../back-end/index.ts'
import type { TopUp, Transfer } from '../back-end/index.ts'
import { shops, travels } from './customers.ts'
import type { Customer } from './customers.ts'
import type { Topic } from './sentences.ts'
import { wording } from './wording.ts'
import type { Slots } from './wording.ts'

export type Step =
  | { readonly afterMs: number; readonly kind: 'event'; readonly type: string; readonly data: Readonly<Record<string, unknown>> }
  | { readonly afterMs: number; readonly kind: 'say'; readonly text: string }

/** Accounts are drawn as of some day; what is told of them here is the same on every day. */
const firstDay = '2026-01-01'

/** Writes one customer's story down: every call adds a step at the story's clock, `wait` moves it on. */
class Story {
  readonly steps: Step[] = []
  readonly customer: Customer
  readonly chance: Chance
  #clockMs = 0

  constructor(customer: Customer, chance: Chance) {
    this.customer = customer
    this.chance = chance
  }

  /** Lets a random time pass, from half to one and a half of `seconds`. */
  wait(seconds: number): this {
    this.#clockMs += Math.round(seconds * 1_000 * (0.5 + this.chance.next()))
    return this
  }

  event(type: string, data: Readonly<Record<string, unknown>>): this {
    this.steps.push({ afterMs: this.#clockMs, kind: 'event', type, data })
    return this
  }

  say(topic: Topic, slots: Slots = {}, upset = 0.3): this {
    this.steps.push({ afterMs: this.#clockMs, kind: 'say', text: wording(topic, slots, this.customer, upset, this.chance) })
    return this
  }

  /** Three short messages that are one turn. Nobody sees these customers type, so they follow within the quiet that would end it. */
  burst(topic: Topic, slots: Slots = {}, upset = 0.3): this {
    return this.say('opening', {}, 0).wait(0.2).say('hurry', slots, upset).wait(0.2).say(topic, slots, upset)
  }

  /** After an answer: it helped, or it did not. */
  react(helped: number): this {
    return this.maybe(helped) ? this.say('thanks', {}, 0) : this.say('again', {}, 0.9)
  }

  open(...screens: readonly string[]): this {
    for (const screen of screens) this.event('appOpened', { screen }).wait(7)
    return this
  }

  pay(merchant: string = this.shop(), amount: number = this.amount()): this {
    return this.event('payment', { amount, currency: this.customer.currency, merchant })
  }

  decline(merchant: string, amount: number, reason: string): this {
    return this.event('cardDeclined', { merchant, amount, reason })
  }

  transfer(amount: number, state: 'pending' | 'arrived' | 'returned', iban: string): this {
    return this.event('transferSent', { amount, currency: this.customer.currency, state, iban })
  }

  /** What the bank's bots can mend, as the bank has it: the customer speaks of the same amounts. */
  get owned(): { readonly transfer: Transfer; readonly topUp: TopUp } {
    const { transfers, topUps } = accountsOf(this.customer.id, firstDay)
    return { transfer: transfers[0] as Transfer, topUp: topUps[0] as TopUp }
  }

  shop(): string {
    return this.chance.next() < 0.8 ? this.chance.pick(this.customer.shops) : this.chance.pick(shops)
  }

  /** Around what the customer usually spends: log-uniform within a factor of three, to the cent. */
  amount(times = 1): number {
    return Math.round(this.customer.amount * times * 3 ** (2 * this.chance.next() - 1) * 100) / 100
  }

  /** True in `share` of the stories. */
  maybe(share: number): boolean {
    return this.chance.next() < share
  }
}

/** A German IBAN of a bank code that no bank has, with right check digits (ISO 13616, mod 97). */
function madeUpIban(chance: Chance): string {
  const account = `00000000${String(chance.below(1e9)).padStart(10, '0')}`
  const check = 98n - (BigInt(`${account}131400`) % 97n)
  return `DE${String(check).padStart(2, '0')}${account}`
}

const money = (amount: number, currency: string): Slots => ({ amount: String(amount), currency })

const tell = {
  everyday: (s: Story) => {
    if (s.maybe(0.5)) s.open('home').wait(20)
    s.pay()
    if (s.maybe(0.4)) s.wait(50).pay()
    if (s.maybe(0.3)) s.wait(15).open('payments')
  },
  lookAround: (s: Story) => void s.open('home', ...(s.maybe(0.5) ? ['payments'] : ['accounts', 'cards'])),
  errands: (s: Story) => {
    s.pay().wait(40).pay().wait(60).pay()
    if (s.maybe(0.5)) s.wait(20).open('home', 'payments')
  },
  transferDone: (s: Story) => {
    const [amount, iban] = [s.amount(6), madeUpIban(s.chance)]
    s.open('home', 'transfers').wait(15).transfer(amount, 'pending', iban).wait(60).transfer(amount, 'arrived', iban)
  },
  cashAtHome: (s: Story) => void s.event('cashWithdrawn', { amount: 20 * (1 + s.chance.below(8)), currency: s.customer.currency, country: s.customer.country }),
  declinedOnce: (s: Story) => {
    const [shop, amount] = [s.shop(), s.amount()]
    s.decline(shop, amount, 'pin').wait(20).pay(shop, amount)
  },
  declinedTwice: (s: Story) => {
    const [shop, amount, reason] = [s.shop(), s.amount(2), s.chance.pick(['limit', 'blocked', 'funds'])]
    const slots = { shop, ...money(amount, s.customer.currency) }
    if (s.maybe(0.5)) s.pay().wait(60)
    s.decline(shop, amount, reason).wait(30).decline(shop, amount, reason).wait(35).say('declined', slots, 0.7)
    if (s.maybe(0.45)) s.wait(40).react(0.5)
    if (s.maybe(0.5)) s.wait(30).open('cards').pay(shop, amount)
  },
  cardBlocked: (s: Story) => {
    const shop = s.shop()
    if (s.maybe(0.6)) s.decline(shop, s.amount(), 'blocked').wait(30)
    if (s.maybe(0.4)) s.burst('cardBlocked', { shop }, 0.5)
    else s.say('cardBlocked', { shop }, 0.5)
  },
  wantsPerson: (s: Story) => {
    if (s.maybe(0.5))
      s.open('help')
        .say(s.chance.pick(['declined', 'chargedTwice', 'refund'] as const), {}, 0.6)
        .wait(30)
    s.say('person', {}, 0.2)
  },
  topUpFails: (s: Story) => {
    const { amount, currency, method } = s.owned.topUp
    const failure = { amount, currency, method }
    s.open('accounts').event('topUpFailed', failure)
    if (s.maybe(0.6)) s.wait(25).event('topUpFailed', failure)
    s.wait(30).say('topUpFailed', { ...money(amount, currency), method: method === 'bank' ? 'bank transfer' : method }, 0.6)
  },
  transferPending: (s: Story) => {
    const { amount, currency, payee } = s.owned.transfer
    s.open('transfers').event('transferSent', { amount, currency, state: 'pending', iban: madeUpIban(s.chance) })
    s.wait(150)
      .open('transfers')
      .say('transferPending', { ...money(amount, currency), payee: payee.toLowerCase() }, 0.5)
  },
  transferReturned: (s: Story) => {
    const [amount, iban] = [s.amount(8), madeUpIban(s.chance)]
    s.transfer(amount, 'pending', iban)
      .wait(90)
      .transfer(amount, 'returned', iban)
      .wait(30)
      .open('transfers')
      .say('transferReturned', money(amount, s.customer.currency), 0.6)
  },
  transferWrong: (s: Story) => {
    const amount = s.amount(6)
    s.transfer(amount, 'pending', madeUpIban(s.chance)).wait(25).say('transferCancel', money(amount, s.customer.currency), 0.3)
  },
  abroad: (s: Story) => {
    const { country, currency, rate } = s.chance.pick(travels)
    const slots = { country, currency }
    if (s.maybe(0.4)) s.say('abroad', slots, 0).wait(90)
    s.event('cashWithdrawn', { amount: Math.round(s.amount(2) * rate), currency, country }).wait(60)
    s.event('payment', { amount: Math.round(s.amount() * rate * 100) / 100, currency, merchant: s.chance.pick(shops) }).wait(60)
    if (s.maybe(0.5)) s.open('payments').say(s.maybe(0.5) ? 'exchange' : 'fees', slots, 0.5)
  },
  lostCard: (s: Story) => {
    const shop = s.shop()
    const topic = s.chance.pick(['lost', 'lost', 'lost', 'lostPhone', 'compromised'] as const)
    s.pay(shop)
      .wait(120)
      .say(topic, { shop, country: s.chance.pick(travels).country }, 0.4)
    if (topic !== 'lostPhone') s.wait(45).open('cards').decline(s.chance.pick(shops), s.amount(4), 'blocked')
  },
  strangePayment: (s: Story) => {
    const [shop, amount] = [s.chance.pick(shops), s.amount(3)]
    const about = { shop, ...money(amount, s.customer.currency) }
    s.pay(shop, amount)
      .wait(40)
      .open('home', 'payments')
      .say(s.chance.pick(['unknownPayment', 'pendingPayment'] as const), about, 0.5)
  },
  chargedTwice: (s: Story) => {
    const [shop, amount] = [s.shop(), s.amount()]
    s.pay(shop, amount)
      .wait(2)
      .pay(shop, amount)
      .wait(60)
      .open('payments')
      .say('chargedTwice', { shop, ...money(amount, s.customer.currency) }, 0.6)
  },
  pinBlocked: (s: Story) => {
    const [shop, amount] = [s.shop(), s.amount()]
    s.decline(shop, amount, 'pin').wait(12).decline(shop, amount, 'pin').wait(12).decline(shop, amount, 'pin').wait(40).say('pin', { shop }, 0.5)
  },
  refund: (s: Story) => void s.open('payments').say('refund', { shop: s.shop(), ...money(s.amount(2), s.customer.currency) }, 0.7),
  cash: (s: Story) =>
    void s.event('cashWithdrawn', { amount: 60, currency: s.customer.currency, country: s.customer.country }).wait(50).say('cash', { shop: s.shop() }, 0.6),
  question: (s: Story) => {
    const topic = s.chance.pick([
      'cardDelivery',
      'newCard',
      'cardSetUp',
      'cardTrouble',
      'passcode',
      'identity',
      'details',
      'receiving',
      'topUpQuestion',
      'fees',
      'exchange',
    ] as const)
    const { country, currency } = s.chance.pick(travels)
    s.open('home', 'help').wait(10).say(topic, { country, currency }, 0.4)
    if (s.maybe(0.3)) s.wait(40).react(0.6)
  },
  unclear: (s: Story) =>
    void s
      .open('help')
      .say('unclear', {}, 0.4)
      .wait(40)
      .say(s.chance.pick(['declined', 'fees', 'cardDelivery', 'transferPending'] as const), {}, 0.6),
} satisfies Record<string, (story: Story) => void>

export type JourneyName = keyof typeof tell

/** How often each is lived. The everyday ones are most of a bank's day, and set how many events there are to a message. */
const weights: Readonly<Record<JourneyName, number>> = {
  everyday: 460,
  lookAround: 170,
  errands: 165,
  transferDone: 70,
  cashAtHome: 60,
  declinedOnce: 30,
  declinedTwice: 30,
  cardBlocked: 14,
  wantsPerson: 3,
  topUpFails: 18,
  transferPending: 18,
  transferReturned: 8,
  transferWrong: 5,
  abroad: 20,
  lostCard: 14,
  strangePayment: 12,
  chargedTwice: 8,
  pinBlocked: 8,
  refund: 8,
  cash: 7,
  question: 42,
  unclear: 6,
}
export const journeyNames = Object.keys(weights) as JourneyName[]
const weightsTotal = journeyNames.reduce((sum, name) => sum + weights[name], 0)

/** The steps of a journey, in the order of their times. */
export function journey(name: JourneyName, customer: Customer, chance: Chance): readonly Step[] {
  const story = new Story(customer, chance)
  tell[name](story)
  return story.steps
}

export function anyJourneyName(chance: Chance): JourneyName {
  let left = chance.next() * weightsTotal
  return journeyNames.find((name) => (left -= weights[name]) < 0) ?? 'everyday'
}
