import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BattutaError } from '../base/index.ts'
import type { InboxItem, PersonReply } from '../definition/index.ts'
import type { Role } from './doors.ts'
import { testDefinition } from './fixture.ts'
import { check, deskRights, hadMsMax, mayDo, mayForce, queuesFor, relationTo, wasTheirs } from './may.ts'
import type { Deed, Reader, Relation, Surroundings } from './may.ts'

const now = 1_000_000_000_000
const { queues } = testDefinition
const ana: PersonReply = { id: 'person:ana', name: 'Ana', role: 'desk', skills: ['cards'], capacity: 3 }
const around: Surroundings = { queues, offered: new Set(), now }
const roles: readonly Role[] = ['customer', 'desk', 'supervisor', 'service', 'admin']
const relations: readonly Relation[] = ['own', 'offered', 'waits', 'had', 'none']
const deeds: readonly Deed[] = ['see', 'note', 'say', 'attach', 'move']

const reader = (role: Role, more: Partial<Reader> = {}): Reader => ({ role, person: null, conversation: null, ...more })
const desk = reader('desk', { person: ana })
type Place = Parameters<typeof relationTo>[1]
const place = (more: Partial<InboxItem>): Place => ({ conversation: 'c1', owner: 'bot', worker: null, queue: null, status: 'open', updatedAt: now, ...more })

test('M1 relations at the desk, written out', () => {
  const cases: readonly [Partial<InboxItem>, Partial<Surroundings>, Relation][] = [
    [{ owner: 'human', worker: 'person:ana' }, {}, 'own'],
    [{ owner: 'human', worker: 'person:ben', queue: 'cards' }, {}, 'none'],
    [{ owner: 'bot', worker: null }, {}, 'none'],
    [{ owner: null, queue: 'cards' }, {}, 'waits'],
    [{ owner: null, queue: 'loans' }, {}, 'none'],
    [{ owner: null, queue: 'gone' }, {}, 'none'],
    [{ owner: null, queue: 'loans' }, { offered: new Set(['c1']) }, 'offered'],
    [{ owner: 'bot' }, { offered: new Set(['c1']) }, 'none'],
    [{ owner: null, queue: 'cards', status: 'resolved' }, {}, 'none'],
    [{ owner: null, worker: 'person:ana', status: 'resolved', updatedAt: now - hadMsMax + 1 }, {}, 'had'],
    [{ owner: null, worker: 'person:ana', status: 'resolved', updatedAt: now - hadMsMax }, {}, 'none'],
  ]
  for (const [given, more, expected] of cases) assert.equal(relationTo(desk, place(given), { ...around, ...more }), expected, JSON.stringify(given))
})

test('M1 a queue is for whoever has all of its skills', () => {
  assert.deepEqual(queuesFor(ana, queues), ['cards'])
  assert.deepEqual(queuesFor({ ...ana, skills: ['loans'] }, queues), [])
  assert.deepEqual(queuesFor({ ...ana, skills: ['loans', 'credit', 'cards'] }, queues), ['cards', 'loans'])
})

test('M1 whoever left a word or a note within the last day had it', () => {
  const entry = (by: string, at: number) => ({ seq: 1, epoch: 1, at, from: 'human', by, text: '', notice: null, attachments: [] }) as const
  const note = (by: string, at: number) => ({ id: 'n', at, by, text: '', afterSeq: 1 }) as const
  assert.equal(wasTheirs(desk, { entries: [entry('person:ana', now)], notes: [] }, now), true)
  assert.equal(wasTheirs(desk, { entries: [], notes: [note('person:ana', now)] }, now), true)
  assert.equal(wasTheirs(desk, { entries: [entry('person:ben', now)], notes: [note('person:ana', now - hadMsMax)] }, now), false)
})

/** What each may do: s see, n note, y say, a attach, m move. */
const expected: Readonly<Record<Role, Readonly<Record<Relation, string>>>> = {
  customer: { own: 'sa', offered: '', waits: '', had: '', none: '' },
  desk: { own: 'snyam', offered: 's', waits: 's', had: 'sn', none: '' },
  supervisor: { own: 'snyam', offered: 'snm', waits: 'snm', had: 'snm', none: 'snm' },
  service: { own: 'snyam', offered: 'snyam', waits: 'snyam', had: 'snyam', none: 'snyam' },
  admin: { own: 'snyam', offered: 'snm', waits: 'snm', had: 'snm', none: 'snm' },
}
const letters: Readonly<Record<Deed, string>> = { see: 's', note: 'n', say: 'y', attach: 'a', move: 'm' }

test('M1 M2 M3 every deed of every role in every relation', () => {
  for (const role of roles)
    for (const relation of relations)
      for (const deed of deeds)
        assert.equal(mayDo(reader(role), relation, deed), expected[role][relation].includes(letters[deed]), `${role} ${relation} ${deed}`)
})

test('M2 only supervisors and admins move what is not theirs', () => {
  assert.deepEqual(roles.filter(mayForce), ['supervisor', 'admin'])
})

test('M3 a chat token is to one conversation what nobody is to any other', () => {
  assert.equal(relationTo(reader('customer', { conversation: 'c1' }), place({}), around), 'own')
  assert.equal(relationTo(reader('customer', { conversation: 'c2' }), place({ owner: null, queue: 'cards' }), around), 'none')
})

test('M4 what is refused says no more than one may know', () => {
  const codeOf = (who: Reader, relation: Relation, deed: Deed, given: number | null = null): string | null => {
    try {
      check(who, relation, deed, { conversation: 'c1', epoch: 5 }, given)
      return null
    } catch (error) {
      return (error as BattutaError).code
    }
  }
  assert.equal(codeOf(desk, 'none', 'say', 5), 'CONVERSATION_UNKNOWN')
  assert.equal(codeOf(desk, 'none', 'say', 4), 'CONVERSATION_UNKNOWN')
  assert.equal(codeOf(desk, 'had', 'say', 4), 'STALE_EPOCH')
  assert.equal(codeOf(desk, 'had', 'say', 5), 'FORBIDDEN')
  assert.equal(codeOf(desk, 'waits', 'note'), 'FORBIDDEN')
  assert.equal(codeOf(desk, 'own', 'say', 4), null, 'the ledger itself answers the owner')
  assert.equal(codeOf(reader('customer'), 'none', 'see'), 'CONVERSATION_UNKNOWN')
})

test('M1 nobody at the desk acts on what they do not own, whatever it looks like', () => {
  const owner = fc.constantFrom('bot' as const, 'agent' as const, 'human' as const, null)
  const worker = fc.constantFrom('person:ana', 'person:ben', null)
  const queue = fc.constantFrom('cards', 'loans', null)
  const status = fc.constantFrom('open' as const, 'resolved' as const)
  const rights = deskRights(queues, () => now)
  fc.assert(
    fc.property(owner, worker, queue, status, fc.boolean(), fc.nat(2 * hadMsMax), (o, w, q, s, isOffered, age) => {
      const given = place({ owner: o, worker: w, queue: q, status: s, updatedAt: now - age })
      const relation = relationTo(desk, given, { ...around, offered: new Set(isOffered ? ['c1'] : []) })
      const isTheirs = o === 'human' && w === 'person:ana' && s === 'open'
      for (const deed of ['say', 'attach', 'move'] as const) assert.equal(mayDo(desk, relation, deed), isTheirs)
      const seat = { customer: 'user:1', channel: 'web', task: null, epoch: 1, seq: 1, ...given }
      assert.equal(rights.acts(ana, seat), isTheirs)
      assert.equal(rights.sees(ana, seat, { offered: isOffered, had: false }), mayDo(desk, relation, 'see'))
      assert.equal(rights.sees(ana, seat, { offered: false, had: true }), true)
      assert.equal(rights.acts({ ...ana, role: 'supervisor' }, seat), true)
    }),
  )
})
