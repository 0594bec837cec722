/** What every driver must do for people and for the routing lane: a commit's extra, lists of conversations, the directory. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { RecordsFixture } from './contract.ts'
import { wholeExtra } from './contract-extra-model.ts'
import { codeOf, paged } from './contract-model.ts'
import { answered, entryOf, foldOnly, reservationOf, taskOf, timerOf } from './fixture.ts'
import type { StepPart } from './fixture.ts'
import type { AttachmentRow, ConversationRow, PersonRow, Records, WebhookRow } from './port.ts'

const nothing = { tasks: [], reservations: [], workers: [] }

export function deskContract(name: string, open: () => Promise<RecordsFixture>): void {
  describe(`records contract, desk and directory: ${name}`, () => {
    let fixture: RecordsFixture
    let records: Records
    /** Each test has a partition of its own, as all share one disk. */
    let partition = 0
    let generation = 0

    before(async () => {
      fixture = await open()
      ;({ records } = fixture)
    })
    after(() => fixture.dispose())

    const begin = async (): Promise<void> => {
      partition += 1
      generation = await records.takeOver(partition)
    }
    const step = (previousOffset: number, offset: number, lane = 'a'): StepPart => ({
      partition,
      generation,
      lane: `${partition}/${lane}`,
      previousOffset,
      offset,
    })
    const own = (id: string): string => `${id}_${partition}`

    test('R1 timers and the routing lane are as of the commit that resolved last', async () => {
      await begin()
      const timer = own('timer')
      const task = own('task')
      for (let offset = 0; offset < 12; offset += 3) {
        const [first, second, third] = [step(offset - 1, offset), step(offset, offset + 1), step(offset + 1, offset + 2)]
        const offered = reservationOf(first, own('reservation'), { offeredAt: offset })
        await records.commit({
          ...foldOnly(first),
          extra: { timers: { set: [timerOf(first, timer, { dueAt: offset })], cleared: [] }, tasks: [taskOf(first, task)], reservations: [offered] },
        })
        assert.deepEqual(await records.desk.timers(partition), [timerOf(first, timer, { dueAt: offset })])
        assert.deepEqual(await records.desk.routing(first.lane), { ...nothing, tasks: [taskOf(first, task)], reservations: [offered] })
        const again = timerOf(second, timer, { dueAt: offset + 1, kind: 'lease' })
        const ended = { ...offered, state: 'rejected', endedAt: offset } as const
        await records.commit({ ...foldOnly(second), extra: { timers: { set: [again], cleared: [timer] }, reservations: [ended] } })
        assert.deepEqual(await records.desk.timers(partition), [again])
        assert.deepEqual(await records.desk.routing(first.lane), { ...nothing, tasks: [taskOf(first, task)] })
        const completed = taskOf(third, task, { state: 'completed', endedAt: offset, wrapUpCode: 'solved' })
        await records.commit({ ...foldOnly(third), extra: { timers: { set: [], cleared: [timer, own('never')] }, tasks: [completed] } })
        assert.deepEqual(await records.desk.timers(partition), [])
        assert.deepEqual(await records.desk.routing(first.lane), nothing)
        assert.deepEqual([await records.desk.task(task), await records.desk.reservation(offered.id)], [completed, ended])
      }
    })

    test('R3 a commit under an epoch of the ledger that is over is refused whole, with its timers and rows', async () => {
      await begin()
      const first = answered(step(-1, 0), { epoch: 4 })
      const held = timerOf(first, own('held'))
      await records.commit({ ...first, extra: { timers: { set: [held], cleared: [] } } })
      assert.ok(first.conversation)
      const taken = { ...first.conversation, owner: 'human', worker: 'ada', queue: 'cards', task: own('task'), epoch: 5, memory: '{"goal":"x"}' } as const
      await records.commit({ ...foldOnly(step(0, 1)), conversation: taken })
      const stale = { ...first.conversation, worker: 'eve', queue: 'loans', task: own('other'), memory: '{}', epoch: 4, seq: 9, updatedAt: 0 }
      const late = step(1, 2)
      const extra = { ...wholeExtra(late, own), timers: { set: [timerOf(late, own('late'))], cleared: [held.id] } }
      const outcomes = await Promise.allSettled([
        records.commit({ ...foldOnly(step(-1, 3, 'b')), extra: { tasks: [taskOf(step(-1, 3, 'b'), own('kept'))] } }),
        records.commit({ ...foldOnly(late), state: 'late', conversation: stale, extra }),
        records.commit({ ...foldOnly(late), state: 'late', deliveries: [entryOf(stale, 3)], extra }),
        records.commit({ ...foldOnly(step(0, 2)), extra }),
        records.commit({ ...foldOnly(step(-1, 4, 'c')), generation: generation - 1, extra }),
      ])
      assert.deepEqual(outcomes.map(codeOf), ['kept', 'STALE_EPOCH', 'STALE_EPOCH', 'RECORDS_CONFLICT', 'RECORDS_CONFLICT'])
      assert.deepEqual(await records.conversation(taken.id), taken)
      assert.equal((await records.lane(late.lane))?.lastOffset, 1)
      assert.deepEqual(await records.desk.timers(partition), [held])
      assert.deepEqual(await records.desk.routing(late.lane), nothing)
      assert.deepEqual(await records.desk.notes(late.lane), [])
      assert.deepEqual([await records.desk.task(own('task')), await records.desk.reservation(own('reservation'))], [undefined, undefined])
      assert.equal((await records.desk.routing(`${partition}/b`)).tasks.length, 1)
    })

    test('a timer of another partition is a programmer error, and an extra without anything changes nothing', async () => {
      await begin()
      const part = step(-1, 0)
      const foreign = timerOf({ ...part, partition: partition + 1 }, own('t'))
      await assert.rejects(records.commit({ ...foldOnly(part), extra: { timers: { set: [foreign], cleared: [] } } }), { name: 'AssertionError' })
      await records.commit({ ...foldOnly(part), extra: {} })
      assert.deepEqual(await records.desk.timers(partition), [])
      assert.deepEqual(await records.desk.timers(999_999), [])
      assert.deepEqual(await records.desk.routing('nowhere'), nothing)
      assert.deepEqual([await records.desk.task('nobody'), await records.desk.reservation('nobody')], [undefined, undefined])
    })

    test('every column of the ledger is changed alone, and lists find the conversation where it is now', async () => {
      await begin()
      const first = answered(step(-1, 0))
      assert.ok(first.conversation)
      let row: ConversationRow = { ...first.conversation, worker: own('ada'), queue: own('cards'), customer: own('someone') }
      await records.commit({ ...first, conversation: row, deliveries: [] })
      const changes: readonly Partial<ConversationRow>[] = [
        { memory: '{"goal":"a card"}' },
        { task: own('task') },
        { task: null },
        { channel: 'sms', messages: 4, seq: 8, openedAt: 2 },
        { worker: own('ben') },
        { queue: own('loans') },
        { owner: null, worker: null },
        { owner: 'human', worker: own('ben') },
        { customer: own('other') },
        { status: 'resolved' },
        { updatedAt: 5 },
        { status: 'open', channel: 'email' },
        { queue: null },
      ]
      let offset = 0
      for (const change of changes) {
        row = { ...row, ...change }
        await records.commit({ ...foldOnly(step(offset, ++offset)), conversation: row })
        assert.deepEqual(await records.conversation(row.id), row)
        for (const worker of ['ada', 'ben'].map(own)) await lists({ worker }, row.worker === worker)
        for (const queue of ['cards', 'loans'].map(own)) {
          await lists({ queues: [queue] }, row.queue === queue)
          await lists({ queues: ['elsewhere', queue], status: 'open', owner: 'waiting' }, row.queue === queue && row.owner === null && row.status === 'open')
        }
        for (const customer of ['someone', 'other'].map(own)) await lists({ customer }, row.customer === customer)
        for (const status of ['open', 'resolved'] as const) await lists({ status }, row.status === status)
      }

      async function lists(filter: Parameters<Records['desk']['conversations']>[0], expected: boolean): Promise<void> {
        const found = (await paged(records.desk, filter, 50)).filter(({ id }) => id === row.id)
        assert.deepEqual(found, expected ? [row] : [], JSON.stringify(filter))
      }
    })

    test('a page of conversations goes on where the last one ended', async () => {
      await begin()
      for (const [offset, updatedAt] of [3, 1, 2, 2, 2, 9].entries()) {
        const commit = answered(step(-1, offset, `l${offset}`))
        assert.ok(commit.conversation)
        const status = offset % 2 === 0 ? 'open' : 'resolved'
        await records.commit({ ...commit, conversation: { ...commit.conversation, customer: own('pages'), status, updatedAt } })
      }
      const customer = own('pages')
      const first = await records.desk.conversations({ customer }, 2, null)
      assert.deepEqual(
        first.items.map((row) => row.updatedAt),
        [9, 3],
      )
      assert.notEqual(first.nextCursor, null)
      const rest = await records.desk.conversations({ customer }, 4, first.nextCursor)
      assert.deepEqual(
        rest.items.map((row) => row.id),
        [4, 3, 2, 1].map((number) => `conv_${partition}/l${number}`),
      )
      assert.equal(rest.nextCursor, null)
      await assert.rejects(records.desk.conversations({}, 10, 'nonsense'), { name: 'BattutaError', code: 'REQUEST_INVALID' })
    })

    test('the newest entry of each conversation is found, once', async () => {
      await begin()
      await records.commit(answered(step(-1, 0, 'a'), { seq: 1 }))
      await records.commit(answered(step(0, 1, 'a'), { seq: 3 }))
      const other = answered(step(-1, 2, 'b'), { seq: 7 })
      const said = other.deliveries.map((entry) => ({ ...entry, extra: '{"by":"ada"}' }))
      await records.commit({ ...other, deliveries: said })
      const ids = ['a', 'b', 'nobody', 'a'].map((lane) => `conv_${partition}/${lane}`)
      const entries = (await records.desk.lastEntries(ids)).toSorted((left, right) => left.seq - right.seq)
      assert.deepEqual(
        entries.map(({ conversation, seq, extra }) => [conversation, seq, extra]),
        [
          [`conv_${partition}/a`, 4, null],
          [`conv_${partition}/b`, 8, '{"by":"ada"}'],
        ],
      )
      assert.deepEqual(await records.desk.lastEntries([]), [])
    })

    test('answered tasks are counted per queue: assigned, given up, or waiting longer than they should', async () => {
      await begin()
      const part = step(-1, 0)
      const [soon, past] = [own('ça “soon”'), own('past')]
      const future = fixture.world.now() + 1e9
      const tasks = [
        taskOf(part, own('before'), { queue: past, queuedAt: 99, assignedAt: 100 }),
        taskOf(part, own('just'), { queue: past, queuedAt: 100, assignedAt: 120, state: 'completed' }),
        taskOf(part, own('late'), { queue: past, queuedAt: 100, assignedAt: 121, state: 'assigned' }),
        taskOf(part, own('gave up'), { queue: past, queuedAt: 101, state: 'canceled' }),
        taskOf(part, own('waits long'), { queue: past, queuedAt: 102, state: 'reserved' }),
        taskOf(part, own('waits'), { queue: soon, queuedAt: future, state: 'pending' }),
        taskOf(part, own('at once'), { queue: soon, queuedAt: future, assignedAt: future, state: 'wrapping' }),
        taskOf(part, own('elsewhere'), { queue: own('elsewhere'), queuedAt: 200 }),
      ]
      await records.commit({ ...foldOnly(part), extra: { tasks } })
      assert.deepEqual(await records.desk.answered(100, { [past]: 20, [soon]: 0, [own('empty')]: 20 }), {
        [past]: { within: 1, count: 4 },
        [soon]: { within: 1, count: 1 },
        [own('empty')]: { within: 0, count: 0 },
      })
      assert.deepEqual(await records.desk.answered(0, {}), {})
    })

    test('the directory keeps people, webhooks with their cursors, and attachments, and the newest of each', async () => {
      await begin()
      const [ada, ben] = people(own)
      const [channel, desk] = webhooks(own)
      const attachment: AttachmentRow = {
        id: own('file'),
        conversation: 'conv_1',
        name: 'grüße.png',
        type: 'image/png',
        bytes: 12,
        hash: 'f00',
        at: 1,
        by: 'user:1',
      }
      const { directory } = records
      for (const row of [ben, { ...ada, name: 'before', password: 'salt$hash', closedAt: 3 }, ada]) await directory.putPerson(row)
      for (const row of [desk, { ...channel, url: 'https://before.example' }, channel]) await directory.putWebhook(row)
      await directory.putAttachment({ ...attachment, bytes: 1 })
      await directory.putAttachment(attachment)
      for (const [webhook, conversation, seq] of [
        [channel.name, 'conv_2', 4],
        [channel.name, 'conv_1', 1],
        [channel.name, 'conv_1', 2],
        [desk.name, 'conv_1', 9],
      ] as const)
        await directory.putCursor(webhook, conversation, seq)
      await directory.putWebhook(channel)
      assert.deepEqual(
        (await directory.people()).filter(({ id }) => id.endsWith(own(''))),
        [ada, ben],
      )
      assert.deepEqual(
        (await directory.webhooks()).filter((row) => row.name.endsWith(own(''))),
        [channel, desk],
      )
      assert.deepEqual(await directory.attachment(attachment.id), attachment)
      assert.equal(await directory.attachment('nothing'), undefined)
      assert.deepEqual(await directory.cursors(channel.name), [
        { conversation: 'conv_1', seq: 2 },
        { conversation: 'conv_2', seq: 4 },
      ])
      await directory.deleteWebhook(channel.name)
      await directory.deleteWebhook(own('never'))
      assert.deepEqual(
        (await directory.webhooks()).filter((row) => row.name.endsWith(own(''))),
        [desk],
      )
      assert.deepEqual(await directory.cursors(channel.name), [])
      assert.deepEqual(await directory.cursors(desk.name), [{ conversation: 'conv_1', seq: 9 }])
    })
  })
}

function people(own: (id: string) => string): readonly [PersonRow, PersonRow] {
  const ada: PersonRow = {
    id: own('ada'),
    name: 'Ada',
    role: 'desk',
    skills: '["cards"]',
    capacity: 3,
    password: null,
    createdAt: 1,
    sessionsFrom: 2,
    closedAt: null,
  }
  return [ada, { ...ada, id: own('ben'), role: 'supervisor', password: 'salt$hash', closedAt: 7 }]
}

function webhooks(own: (id: string) => string): readonly [WebhookRow, WebhookRow] {
  const channel: WebhookRow = { name: own('channel'), url: 'https://a.example/in', kind: 'channel', skills: '[]', capacity: 0, secret: 'sealed', createdAt: 1 }
  return [channel, { ...channel, name: own('desk'), kind: 'desk', skills: '["cards"]', capacity: 5 }]
}
