/** What every driver of the records must do. Run by a driver's test with a way to open, reopen and dispose of one. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import type { ErrorCode } from '../base/index.ts'
import { holdsExtra, wholeExtra } from './contract-extra-model.ts'
import { batches, codeOf, runAgainstModel } from './contract-model.ts'
import { answered, decisionOf, effectOf, entryOf, foldOnly } from './fixture.ts'
import type { HandWound } from './fixture.ts'
import type { ConversationRow, DeliveryRow, LaneCommit, Records } from './port.ts'

export interface RecordsFixture {
  readonly records: Records
  readonly world: HandWound
  /** Closes the records and opens them again on the same disk. */
  reopen(): Promise<Records>
  dispose(): Promise<void>
}

export function recordsContract(name: string, open: () => Promise<RecordsFixture>): void {
  describe(`records contract: ${name}`, () => {
    let fixture: RecordsFixture
    let records: Records
    /** Each test has partitions of its own, as all share one disk. */
    let partition = 0
    let generation = 0

    before(async () => {
      fixture = await open()
      records = fixture.records
    })
    after(() => fixture.dispose())

    const begin = async (): Promise<void> => {
      partition += 1
      generation = await records.takeOver(partition)
    }
    const step = (lane: string, previousOffset: number, offset: number): Parameters<typeof foldOnly>[0] => ({
      partition,
      generation,
      lane: `${partition}/${lane}`,
      previousOffset,
      offset,
    })

    test('R1 a resolved commit is read back whole, now and after opening again', async () => {
      await begin()
      const part = step('a', -1, 7)
      const plain = answered(part, { record: '{"text":"grüße 🙂"}', memory: '{"goal":"größer"}' })
      const ledger = { worker: 'ada', queue: 'cards', task: 'task_1', owner: 'human' } as const
      const extra = wholeExtra(part, (id) => `${id}_${partition}`)
      const commit = { ...changed(plain, ledger), alias: { identity: 'email:a@example.org', customer: part.lane }, extra }
      await records.commit(commit)
      await holdsWhole(records, commit)
      await holdsExtra(records, part, extra)
      records = await fixture.reopen()
      await holdsWhole(records, commit)
      await holdsExtra(records, part, extra)
      assert.equal(await records.takeOver(partition), generation + 1)
      assert.equal(await records.lane(`${partition}/nobody`), undefined)
      assert.equal(await records.conversation('conv_nobody'), undefined)
      assert.equal(await records.decision('dec_nobody'), undefined)
    })

    test('R2 a commit made for another offset is refused and changes nothing', async () => {
      await begin()
      await records.commit(answered(step('a', -1, 3)))
      await refused(records.commit(answered(step('a', -1, 4), { seq: 3 })), 'RECORDS_CONFLICT')
      await refused(records.commit(answered(step('a', 2, 4), { seq: 3 })), 'RECORDS_CONFLICT')
      await refused(records.commit(answered(step('b', 3, 4), { seq: 3 })), 'RECORDS_CONFLICT')
      assert.equal((await records.lane(`${partition}/a`))?.lastOffset, 3)
      assert.equal(await records.lane(`${partition}/b`), undefined)
      assert.equal((await records.deliveries(`conv_${partition}/a`, 0, 10)).length, 2)
      assert.equal(await records.decision(decisionOf(step('a', 3, 4)).id), undefined)
      assert.equal(await records.highest(partition), 3)
    })

    test('R2 a generation that lost its partition cannot commit', async () => {
      await begin()
      await records.commit(foldOnly(step('a', -1, 0)))
      const next = await records.takeOver(partition)
      assert.equal(next, generation + 1)
      await refused(records.commit(foldOnly(step('a', 0, 1))), 'RECORDS_CONFLICT')
      await records.commit({ ...foldOnly(step('a', 0, 1)), generation: next })
      await refused(records.commit({ ...foldOnly(step('x', -1, 1)), partition: 1_000_000 }), 'RECORDS_CONFLICT')
      assert.equal((await records.lane(`${partition}/a`))?.lastOffset, 1)
    })

    test('R3 a delivery under an epoch that is over, or is yet to come, refuses the whole commit', async () => {
      await begin()
      const first = answered(step('a', -1, 0), { epoch: 2 })
      await records.commit(first)
      const conversation = first.conversation
      assert.ok(conversation)
      const next = foldOnly(step('a', 0, 1))
      await refused(records.commit({ ...next, deliveries: [entryOf({ ...conversation, epoch: 1 }, 3)] }), 'STALE_EPOCH')
      await refused(records.commit({ ...next, deliveries: [entryOf({ ...conversation, epoch: 3 }, 3)] }), 'STALE_EPOCH')
      await refused(records.commit({ ...next, conversation: { ...conversation, epoch: 1 } }), 'STALE_EPOCH')
      const taken = { ...conversation, epoch: 3, owner: 'human' } as const
      await refused(records.commit({ ...next, conversation: taken, deliveries: [entryOf({ ...conversation, epoch: 1 }, 3)] }), 'STALE_EPOCH')
      await refused(records.commit({ ...next, conversation: taken, deliveries: [entryOf({ ...conversation, epoch: 4 }, 3)] }), 'STALE_EPOCH')
      await refused(records.commit({ ...next, deliveries: [entryOf({ ...conversation, id: 'conv_never' }, 1)] }), 'STALE_EPOCH')
      assert.deepEqual(await records.conversation(conversation.id), conversation)
      assert.equal((await records.lane(next.lane))?.lastOffset, 0)
      await records.commit({ ...next, deliveries: [entryOf(conversation, 3)] })
      const handedOver = { ...conversation, epoch: 3, owner: 'human', seq: 4, channel: 'email' } as const
      await records.commit({ ...foldOnly(step('a', 1, 2)), conversation: handedOver, deliveries: [entryOf(handedOver, 4)] })
      assert.deepEqual(await records.conversation(conversation.id), handedOver)
      assert.deepEqual(
        (await records.deliveries(conversation.id, 0, 10)).map(({ seq, epoch }) => [seq, epoch]),
        [
          [1, 2],
          [2, 2],
          [3, 2],
          [4, 3],
        ],
      )
    })

    test('R3 what is said before a conversation changes hands carries the epoch it had until then, from its first one on', async () => {
      await begin()
      const first = answered(step('a', -1, 0), { epoch: 3 })
      assert.ok(first.conversation)
      const conversation = first.conversation
      const said = (seq: number, epoch: number): DeliveryRow => entryOf({ ...conversation, epoch }, seq)
      await refused(records.commit({ ...first, deliveries: [said(1, 0)] }), 'STALE_EPOCH')
      await refused(records.commit({ ...first, deliveries: [said(1, 3), said(2, 4)] }), 'STALE_EPOCH')
      await records.commit({ ...first, deliveries: [said(1, 1), said(2, 3)] })
      const handedOver = { ...conversation, epoch: 4, owner: 'human', worker: 'ada', seq: 5 } as const
      const next = { ...foldOnly(step('a', 0, 1)), conversation: handedOver }
      await refused(records.commit({ ...next, deliveries: [said(3, 2), said(4, 4)] }), 'STALE_EPOCH')
      await records.commit({ ...next, deliveries: [said(3, 3), said(4, 4)] })
      await refused(records.commit({ ...foldOnly(step('a', 1, 2)), deliveries: [said(5, 3)] }), 'STALE_EPOCH')
      assert.deepEqual(
        (await records.deliveries(conversation.id, 0, 10)).map(({ seq, epoch }) => [seq, epoch]),
        [
          [1, 1],
          [2, 3],
          [3, 3],
          [4, 4],
        ],
      )
    })

    test('R4 commits of one lane given at once are applied in their order', async () => {
      await begin()
      const offsets = Array.from({ length: 300 }, (_, index) => index)
      await Promise.all(offsets.map((offset) => records.commit(answered(step('a', offset - 1, offset), { seq: offset * 2 + 1 }))))
      assert.equal((await records.lane(`${partition}/a`))?.lastOffset, 299)
      const entries = await records.deliveries(`conv_${partition}/a`, 0, 1_000)
      assert.deepEqual(
        entries.map((entry) => entry.seq),
        Array.from({ length: 600 }, (_, index) => index + 1),
      )
      assert.equal(await records.highest(partition), 299)
    })

    test('a refusal leaves its neighbours in the group standing, and no trace of itself', async () => {
      await begin()
      const first = answered(step('a', -1, 0))
      const repeatsDecision = { ...foldOnly(step('b', -1, 1)), decision: decisionOf(step('b', -1, 1), { id: decisionOf(step('a', -1, 0)).id }) }
      const repeatsEntry = { ...foldOnly(step('c', -1, 2)), state: 'never', deliveries: first.deliveries.slice(0, 1), outbox: [effectOf(`${partition}:2:0`)] }
      const repeatsEffect = { ...foldOnly(step('d', -1, 3)), outbox: [effectOf(`${partition}:3:0`), effectOf(`${partition}:3:0`)] }
      const stale = {
        ...answered(step('e', -1, 4)),
        deliveries: first.deliveries.map((entry) => ({ ...entry, epoch: 9 })),
        alias: { identity: `stale:${partition}`, customer: 'nobody' },
      }
      const wrongOffset = answered(step('f', 3, 5))
      const good = [first, answered(step('g', -1, 6)), foldOnly(step('h', -1, 7))]
      const given = [first, repeatsDecision, repeatsEntry, repeatsEffect, stale, wrongOffset, ...good.slice(1)]
      const outcomes = await Promise.allSettled(given.map((commit) => records.commit(commit)))
      assert.deepEqual(outcomes.map(codeOf), [
        'kept',
        'RECORDS_CONFLICT',
        'RECORDS_CONFLICT',
        'RECORDS_CONFLICT',
        'STALE_EPOCH',
        'RECORDS_CONFLICT',
        'kept',
        'kept',
      ])
      for (const commit of good) await holdsWhole(records, commit)
      for (const commit of [repeatsDecision, repeatsEntry, repeatsEffect, stale, wrongOffset]) assert.equal(await records.lane(commit.lane), undefined)
      assert.equal(await records.alias(`stale:${partition}`), undefined)
      assert.deepEqual(
        (await records.unreleased(partition)).map((row) => row.key),
        [`${partition}:0:0`, `${partition}:6:0`],
      )
      assert.equal(await records.highest(partition), 7)
    })

    test('a second decision on one offset is refused', async () => {
      await begin()
      await records.commit(answered(step('a', -1, 0)))
      const again = { ...foldOnly(step('b', -1, 0)), decision: decisionOf(step('b', -1, 0), { id: 'dec_other' }) }
      await refused(records.commit(again), 'RECORDS_CONFLICT')
    })

    test('a commit that moves its lane backwards, or names foreign effects, is a programmer error', async () => {
      await begin()
      await assert.rejects(records.commit(foldOnly(step('a', 5, 5))), { name: 'AssertionError' })
      await assert.rejects(records.commit({ ...foldOnly(step('a', -1, 0)), outbox: [effectOf('9:9:9')] }), { name: 'AssertionError' })
      await assert.rejects(records.commit({ ...foldOnly(step('a', -1, 0)), decision: decisionOf(step('a', -1, 1)) }), { name: 'AssertionError' })
    })

    test('what is settled rides in the next group', async () => {
      await begin()
      const commit = answered(step('a', -1, 0))
      await records.commit(commit)
      const id = commit.decision?.id ?? ''
      records.settle({ released: [`${partition}:0:0`, 'not:there:0'], decision: { id, elapsedMs: 12.5, status: 'late' } })
      records.advance(partition, 1)
      await records.commit(foldOnly(step('a', 0, 1)))
      assert.deepEqual(await records.unreleased(partition), [])
      assert.equal(await records.position(partition), 1)
      assert.deepEqual(await records.decision(id), { ...commit.decision, elapsedMs: 12.5, status: 'late' })
    })

    test('what is settled gets a group of its own when no other comes', { timeout: 10_000 }, async () => {
      await begin()
      await records.commit(answered(step('a', -1, 0)))
      records.settle({ released: [`${partition}:0:0`], decision: null })
      await turn()
      assert.equal((await records.unreleased(partition)).length, 1)
      assert.deepEqual(
        fixture.world.timers.map((timer) => timer.delayMs),
        [250],
      )
      fixture.world.fire()
      while ((await records.unreleased(partition)).length > 0) await turn()
    })

    test('a position never goes back, and a partition nobody touched is at its start', async () => {
      await begin()
      records.advance(partition, 5)
      records.advance(partition, 3)
      await records.putSetting('a group', 'now')
      records.advance(partition, 4)
      await records.putSetting('a group', 'again')
      assert.equal(await records.position(partition), 5)
      assert.deepEqual([await records.position(999_999), await records.highest(999_999)], [0, -1])
    })

    test('unreleased effects come in the order of offset and number, of one partition only', async () => {
      await begin()
      let last = -1
      for (const offset of [2, 9, 10, 100]) {
        const outbox = [11, 2, 0].map((n) => effectOf(`${partition}:${offset}:${n}`))
        await records.commit({ ...foldOnly(step('a', last, offset)), outbox })
        last = offset
      }
      const other = partition * 10 + 1_000
      await records.commit({ ...foldOnly(step('z', -1, 0)), partition: other, generation: await records.takeOver(other), outbox: [effectOf(`${other}:0:0`)] })
      const keys = (await records.unreleased(partition)).map((row) => row.key)
      assert.deepEqual(
        keys,
        [2, 9, 10, 100].flatMap((offset) => [0, 2, 11].map((n) => `${partition}:${offset}:${n}`)),
      )
      assert.deepEqual(await records.unreleased(other), [effectOf(`${other}:0:0`)])
    })

    test('deliveries come after a sequence number, in order, and no more than asked for', async () => {
      await begin()
      await records.commit(answered(step('a', -1, 0), { seq: 1 }))
      await records.commit(answered(step('a', 0, 1), { seq: 3 }))
      const seqs = async (after: number, limit: number): Promise<number[]> =>
        (await records.deliveries(`conv_${partition}/a`, after, limit)).map((row) => row.seq)
      assert.deepEqual(await seqs(0, 10), [1, 2, 3, 4])
      assert.deepEqual(await seqs(1, 2), [2, 3])
      assert.deepEqual(await seqs(4, 10), [])
      assert.deepEqual(await records.deliveries('conv_nobody', 0, 10), [])
    })

    test('decisions come newest first, page by page, each exactly once', async () => {
      await begin()
      const policy = `pages-${partition}`
      const ats = [5, 1, 3, 3, 3, 9, 2, 3]
      for (const [offset, at] of ats.entries()) {
        await records.commit({ ...foldOnly(step('a', offset - 1, offset)), decision: decisionOf(step('a', offset - 1, offset), { at, policy }) })
      }
      const all = await records.decisions({ policy }, 100, null)
      assert.equal(all.nextCursor, null)
      assert.deepEqual(
        all.items.map(({ at, offset }) => [at, offset]),
        [
          [9, 5],
          [5, 0],
          [3, 7],
          [3, 4],
          [3, 3],
          [3, 2],
          [2, 6],
          [1, 1],
        ],
      )
      for (const limit of [1, 3, 4, 8]) {
        const paged: string[] = []
        let cursor: string | null = null
        do {
          const page: Awaited<ReturnType<Records['decisions']>> = await records.decisions({ policy }, limit, cursor)
          assert.ok(page.items.length <= limit)
          paged.push(...page.items.map((row) => row.id))
          cursor = page.nextCursor
        } while (cursor !== null)
        assert.deepEqual(
          paged,
          all.items.map((row) => row.id),
        )
      }
      await refused(records.decisions({}, 10, 'nonsense'), 'REQUEST_INVALID')
    })

    test('decisions are filtered and searched as text, not as a pattern', async () => {
      await begin()
      const lane = `${partition}/who`
      const rows = [
        { name: 'Opening_Hours', because: null },
        { name: 'openingXhours', because: '50% of the limit', act: 'human' },
        { name: null, because: 'a back\\slash', act: 'nothing', status: 'failed', policy: 'other' },
        { name: 'GRÜSSE', because: 'was 50 of it', status: 'late' },
      ] as const
      for (const [offset, row] of rows.entries()) {
        await records.commit({ ...foldOnly(step('who', offset - 1, offset)), decision: decisionOf(step('who', offset - 1, offset), row) })
      }
      const found = async (filter: Parameters<Records['decisions']>[0]): Promise<number[]> =>
        (await records.decisions(filter, 10, null)).items.filter((row) => row.customer === lane).map((row) => row.offset)
      assert.deepEqual(await found({ search: 'opening_HOURS' }), [0])
      assert.deepEqual(await found({ search: '0%' }), [1])
      assert.deepEqual(await found({ search: 'back\\s' }), [2])
      assert.deepEqual(await found({ search: 'GRÜ' }), [3])
      assert.deepEqual(await found({ search: `dec_${partition}_` }), [3, 2, 1, 0])
      assert.deepEqual(await found({ search: lane, customer: lane }), [3, 2, 1, 0])
      assert.deepEqual(await found({ customer: lane, act: 'human' }), [1])
      assert.deepEqual(await found({ act: 'nothing', status: 'failed', policy: 'other' }), [2])
      assert.deepEqual(await found({ status: 'late' }), [3])
      assert.deepEqual(await found({ customer: 'nobody' }), [])
      assert.deepEqual(
        (await records.decisionsAt(partition, [3, 0, 17])).map((row) => row.offset),
        [0, 3],
      )
      assert.deepEqual(await records.decisionsAt(partition, []), [])
    })

    test('an alias is seen once its commit resolved, and the newest link holds', async () => {
      await begin()
      const identity = `cookie:${partition}`
      assert.equal(await records.alias(identity), undefined)
      const link = (previousOffset: number, customer: string): LaneCommit => ({
        ...foldOnly(step('a', previousOffset, previousOffset + 1)),
        alias: { identity, customer },
      })
      await records.commit(link(-1, `user:${partition}`))
      assert.equal(await records.alias(identity), `user:${partition}`)
      assert.deepEqual(await records.identities(`user:${partition}`), [identity])
      await records.commit(link(0, `other:${partition}`))
      assert.equal(await records.alias(identity), `other:${partition}`)
      assert.deepEqual(await records.identities(`user:${partition}`), [])
      assert.equal(await records.alias('cookie:nobody'), undefined)
    })

    test('open conversations are counted by their owner', async () => {
      await begin()
      const before = await records.openConversations()
      const owners = ['bot', 'human', null, 'agent'] as const
      for (const [offset, owner] of owners.entries()) {
        await records.commit(changed(answered(step(`o${offset}`, -1, offset)), { owner }))
      }
      await records.commit(changed(answered(step('o3', 3, 4), { seq: 3 }), { status: 'resolved' }))
      const now = await records.openConversations()
      const more = (owner: string): number => (now[owner] ?? 0) - (before[owner] ?? 0)
      assert.deepEqual([more('bot'), more('human'), more('waiting'), more('agent')], [1, 1, 1, 0])
    })

    test('close waits for everything given before it, and settings and app versions are kept', async () => {
      await begin()
      const given = Array.from({ length: 50 }, (_, index) => records.commit(answered(step(`l${index}`, -1, index))))
      await given[0]
      records.settle({ released: [`${partition}:0:0`], decision: null })
      records.advance(partition, 1)
      assert.equal(await records.setting('created'), undefined)
      await records.putSetting('created', '1')
      await records.putSetting('created', '2')
      await records.registerApp({ version: 'a1', name: 'bank', registeredAt: 1, sources: '{"app.ts":"1"}' })
      await records.registerApp({ version: 'b2', name: 'bank', registeredAt: 2, sources: '{}' })
      await records.registerApp({ version: 'a1', name: 'renamed', registeredAt: 3, sources: '{}' })
      const last = records.commit(foldOnly(step('l0', 0, 50)))
      const reopened = fixture.reopen()
      await Promise.all([...given, last])
      records = await reopened
      assert.equal(await records.highest(partition), 50)
      assert.equal(await records.position(partition), 1)
      assert.equal((await records.unreleased(partition)).length, 49)
      assert.equal(await records.setting('created'), '2')
      assert.deepEqual(
        (await records.appVersions()).map(({ version, name, registeredAt }) => [version, name, registeredAt]),
        [
          ['b2', 'bank', 2],
          ['a1', 'bank', 1],
        ],
      )
    })

    test('any mix of commits, take-overs and settlements comes out as in a plain model', { timeout: 20_000 }, async () => {
      const property = fc.asyncProperty(batches, (run) => runAgainstModel(records, ++partition, run))
      await fc.assert(property, { numRuns: 20 })
    })
  })
}

function changed(commit: LaneCommit, change: Partial<ConversationRow>): LaneCommit {
  assert.ok(commit.conversation)
  return { ...commit, conversation: { ...commit.conversation, ...change } }
}

async function holdsWhole(records: Records, commit: LaneCommit): Promise<void> {
  const { lane, partition, offset, state, conversation, deliveries, decision, outbox, alias } = commit
  assert.deepEqual(await records.lane(lane), { lane, partition, lastOffset: offset, state })
  if (conversation !== null) {
    assert.deepEqual(await records.conversation(conversation.id), conversation)
    const from = (deliveries[0]?.seq ?? 1) - 1
    assert.deepEqual(await records.deliveries(conversation.id, from, deliveries.length), deliveries)
  }
  if (decision !== null) assert.deepEqual(await records.decision(decision.id), { ...decision, elapsedMs: null })
  const kept = await records.unreleased(partition)
  for (const row of outbox)
    assert.deepEqual(
      kept.find(({ key }) => key === row.key),
      row,
    )
  if (alias !== null) assert.equal(await records.alias(alias.identity), alias.customer)
}

async function refused(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(promise, { name: 'BattutaError', code })
}
