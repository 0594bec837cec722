/** The desk under random changes of hands, disconnects and slow reads, against what each person may see. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { DeskServerFrame, InboxItem, PersonReply } from '../definition/index.ts'
import { simulatedWorld } from '../testing/simulated-world.ts'
import { DeskHouse, DeskPage, person } from './desk-fixture.ts'
import type { Telling } from './desk-fixture.ts'

const people = [person('ana'), person('bo', { skills: ['cards', 'loans'] }), person('sue', { role: 'supervisor', skills: [] })]
const conversations = ['a', 'b', 'c']

/** What a page makes of its frames. */
class Screen {
  readonly page: DeskPage
  readonly who: PersonReply
  /** Kept until the end: what is thrown at a hub that sends is not seen. */
  readonly problems: string[] = []
  inbox: Map<string, InboxItem> | null = null
  watched: { readonly conversation: string; last: number } | null = null
  /** The watch that is not answered yet. */
  #asked: { readonly conversation: string; readonly after: number } | null = null

  constructor(house: DeskHouse, who: PersonReply) {
    this.who = who
    this.page = new DeskPage(house, who)
    this.page.heard = (frame) => {
      const conversation = conversationOf(frame)
      if (conversation !== null) {
        const { row } = house.talks.get(conversation)!
        if (!house.sees(who, row, { offered: false, had: false })) this.problems.push(`got ${frame.type} of ${conversation}, which is not theirs to see`)
      }
      this.#take(frame)
    }
  }

  /** As a page does: one watch after the other. */
  watch(conversation: string | null, after: number): void {
    if (this.#asked !== null) return
    this.watched = null
    if (conversation !== null) this.#asked = { conversation, after }
    this.page.say({ type: 'watch', conversation, ...(conversation === null ? {} : { after }) })
  }

  #take(frame: DeskServerFrame): void {
    if (frame.type === 'welcome') this.inbox = new Map(frame.inbox.map((item) => [item.conversation, item]))
    if (frame.type === 'item' && this.inbox) {
      const { item } = frame
      if (item.status === 'open' && (item.owner === 'human' || item.owner === null)) this.inbox.set(item.conversation, item)
      else this.inbox.delete(item.conversation)
    }
    if (frame.type === 'gone') {
      this.inbox?.delete(frame.conversation)
      if (this.watched?.conversation === frame.conversation) this.watched = null
    }
    if (frame.type === 'owner' && this.#asked?.conversation === frame.conversation) {
      this.watched = { conversation: frame.conversation, last: this.#asked.after }
      this.#asked = null
    }
    if (frame.type === 'delivery' && this.watched?.conversation === frame.conversation) {
      if (frame.entry.seq !== this.watched.last + 1) this.problems.push(`${frame.conversation}: ${frame.entry.seq} after ${this.watched.last}`)
      this.watched.last = frame.entry.seq
    }
    if (frame.type === 'error') {
      if (frame.code !== 'CONVERSATION_UNKNOWN' || frame.conversation !== this.#asked?.conversation) this.problems.push(`${frame.code}: ${frame.detail}`)
      this.#asked = null
    }
  }
}

function conversationOf(frame: DeskServerFrame): string | null {
  if (frame.type === 'item') return frame.item.conversation
  if (frame.type === 'gone' || frame.type === 'error') return null
  return 'conversation' in frame ? frame.conversation : null
}

const order = fc.constantFrom<readonly Telling[]>(
  ['deliver', 'owner', 'changed'],
  ['owner', 'changed', 'deliver'],
  ['changed', 'deliver', 'owner'],
  ['owner', 'deliver'],
)
const conversation = fc.constantFrom(...conversations)
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('hand' as const), conversation, to: fc.constantFrom('ana', 'bo', 'cards', 'loans', 'bot', 'resolved'), order }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('say' as const), conversation }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('note' as const), conversation }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('watch' as const), screen: fc.nat(3), conversation: fc.option(conversation), after: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reconnect' as const), screen: fc.nat(3) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(12) }) },
)

function hand(house: DeskHouse, id: string, to: string, order: readonly Telling[]): void {
  if (to === 'resolved') house.hand(id, { status: 'resolved', owner: null, worker: null, queue: null }, order)
  else if (to === 'bot') house.hand(id, { status: 'open', owner: 'bot', worker: null, queue: null }, order)
  else if (to === 'cards' || to === 'loans') house.hand(id, { status: 'open', owner: null, worker: null, queue: to }, order)
  else house.hand(id, { status: 'open', owner: 'human', worker: to, queue: 'cards' }, order)
}

function shouldHold(house: DeskHouse, who: PersonReply): string[] {
  const rows = [...house.talks.values()].map(({ row }) => row)
  const held = rows.filter((row) => row.status === 'open' && row.owner !== 'bot' && house.sees(who, row, { offered: false, had: false }))
  return held.map(({ id, epoch, seq }) => `${id} ${epoch}.${seq}`).sort()
}

const holds = ({ inbox }: Screen): string[] => [...(inbox ?? [])].map(([id, { epoch, seq }]) => `${id} ${epoch}.${seq}`).sort()

test('G1 G3 G4 D1 D3 random changes of hands, disconnects and slow reads: nobody sees what is not theirs, nothing is lost or told twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50, size: 'max' }), fc.string(), async (steps, seed) => {
      const world = simulatedWorld(seed)
      const house = new DeskHouse(world)
      house.readMsMax = 10
      for (const id of conversations) house.open(id)
      // Two tabs of one person, and one of each other.
      const owners = [people[0]!, people[0]!, people[1]!, people[2]!]
      const all: Screen[] = []
      const sit = (who: PersonReply): Screen => {
        const screen = new Screen(house, who)
        screen.page.say({ type: 'hello' })
        all.push(screen)
        return screen
      }
      const screens = owners.map(sit)
      for (const now of steps) {
        if (now.do === 'hand') hand(house, now.conversation, now.to, now.order)
        else if (now.do === 'say') house.say(now.conversation)
        else if (now.do === 'note') void house.commands.note({ conversation: now.conversation, id: `n${house.done.length}`, text: 'n', worker: 'x' })
        else if (now.do === 'wait') await world.advance(now.ms)
        else if (now.do === 'watch') screens[now.screen]!.watch(now.conversation, Math.min(now.after, house.talks.get(now.conversation ?? 'a')!.row.seq))
        else {
          screens[now.screen]!.page.seat.closed()
          screens[now.screen] = sit(owners[now.screen]!)
        }
      }
      await world.advance(5_000)
      for (const { problems, who } of all) assert.deepEqual(problems, [], who.id)
      assert.deepEqual(house.failures, [])
      for (const screen of screens) assert.deepEqual(holds(screen), shouldHold(house, screen.who), `the inbox of ${screen.who.id}`)
      for (const { watched, who } of screens)
        if (watched) assert.equal(watched.last, house.talks.get(watched.conversation)!.row.seq, `${who.id} has all of ${watched.conversation}`)

      for (const screen of screens) screen.page.seat.closed()
      for (const who of people) {
        const back = sit(who)
        await world.advance(50)
        assert.deepEqual(holds(back), shouldHold(house, who))
        for (const id of conversations) {
          back.page.frames.length = 0
          back.watch(id, 0)
          await world.advance(50)
          const { row, entries, notes } = house.talks.get(id)!
          const isTheirs = house.sees(who, row, { offered: false, had: false })
          const got = back.page.frames.flatMap((frame) => (frame.type === 'delivery' && frame.conversation === id ? [frame.entry.text] : []))
          assert.deepEqual(got, isTheirs ? entries.map(({ text }) => text) : [])
          assert.equal(back.page.frames.filter(({ type }) => type === 'note').length, isTheirs ? notes.length : 0)
          assert.equal(
            back.page.frames.some((frame) => frame.type === 'error' && frame.code === 'CONVERSATION_UNKNOWN'),
            !isTheirs,
          )
        }
        back.page.seat.closed()
      }
      for (const { problems, who } of all) assert.deepEqual(problems, [], who.id)
      assert.equal(house.hub.sockets, 0)
      assert.deepEqual(house.failures, [])
      house.hub.close()
    }),
    { numRuns: 40 },
  )
})
