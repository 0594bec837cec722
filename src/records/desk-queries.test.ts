import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { DatabaseSync } from 'node:sqlite'
import { DeskQueries } from './desk-queries.ts'
import { DirectoryQueries } from './directory-queries.ts'
import { openKysely } from './kysely-dialect.ts'
import type { SqlStatement } from './kysely-dialect.ts'
import { migrate } from './migrations.ts'
import type { ConversationFilter } from './port.ts'
import { Queries } from './queries.ts'

/** What is small by nature, so that reading all of it is no scan. */
const smallTables = /^SCAN (json_each|level|wanted|people|webhooks)\b/

describe('desk queries', () => {
  let database: DatabaseSync
  let plans: string[]
  const run = async ({ sql, parameters }: SqlStatement): Promise<readonly unknown[]> => {
    for (const row of database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters)) plans.push(String(row['detail']))
    return database.prepare(sql).all(...parameters)
  }
  const kysely = openKysely({ read: run, write: run })

  beforeEach(() => {
    database = new DatabaseSync(':memory:')
    migrate(database, ':memory:')
    plans = []
  })
  afterEach(() => database.close())

  test('no door reads a whole table that grows', async () => {
    const desk = new DeskQueries(kysely, () => 0)
    const directory = new DirectoryQueries(kysely)
    const asks: readonly (readonly [RegExp, () => Promise<unknown>])[] = [
      [/timers USING PRIMARY KEY \(partition=\?\)/, () => desk.timers(0)],
      [/tasks USING INDEX tasks_open \(lane=\?\)/, () => desk.routing('routing:main')],
      [/reservations USING INDEX reservations_open \(lane=\?\)/, () => desk.routing('routing:main')],
      [/workers USING PRIMARY KEY \(lane=\?\)/, () => desk.routing('routing:main')],
      [/tasks USING INDEX .*\(id=\?\)/, () => desk.task('t')],
      [/reservations USING PRIMARY KEY \(id=\?\)/, () => desk.reservation('r')],
      [/tasks USING INDEX tasks_of_queue \(queue=\? AND queued_at>\?\)/, () => desk.answered(1, { cards: 1 })],
      [/notes USING INDEX .*\(conversation=\?\)/, () => desk.notes('c')],
      [/deliveries USING PRIMARY KEY \(conversation=\? AND seq=\?\)/, () => desk.lastEntries(['c'])],
      [/USING COVERING INDEX conversations_open/, () => new Queries(kysely).openConversations()],
      [/webhook_cursors USING PRIMARY KEY \(webhook=\?\)/, () => directory.cursors('w')],
      [/attachments USING INDEX .*\(id=\?\)/, () => directory.attachment('a')],
      [/people/, () => directory.people()],
      [/webhooks/, () => directory.webhooks()],
      ...listed.map(([filter, plan]) => [plan, () => desk.conversations(filter, 10, '5_x')] as const),
    ]
    for (const [expected, ask] of asks) {
      plans = []
      await ask()
      assert.ok(
        plans.some((plan) => expected.test(plan)),
        `${expected} is in ${plans.join(' · ')}`,
      )
      const scans = plans.filter((plan) => /^SCAN (?!.*USING)/.test(plan) && !smallTables.test(plan) && !/^SCAN (place|\(subquery|\d)/.test(plan))
      assert.deepEqual(scans, [], plans.join(' · '))
    }
  })

  const listed: readonly (readonly [ConversationFilter, RegExp])[] = [
    [{}, /conversations USING COVERING INDEX conversations_resolved/],
    [{ status: 'open' }, /conversations USING INDEX conversations_open/],
    [{ status: 'resolved' }, /conversations USING COVERING INDEX conversations_resolved/],
    [{ status: 'resolved', queues: ['cards'] }, /conversations USING INDEX conversations_resolved/],
    [{ owner: 'waiting' }, /conversations USING INDEX conversations_open \(owner=\?\)/],
    [{ owner: 'human' }, /conversations USING INDEX conversations_open \(owner=\?\)/],
    [{ worker: 'ada', status: 'open' }, /conversations USING INDEX conversations_of_worker \(worker=\?\)/],
    [{ queues: ['cards', 'loans'], status: 'open' }, /conversations USING INDEX conversations_in_queue \(queue=\?\)/],
    [{ customer: 'user:1' }, /conversations USING INDEX conversations_of_customer \(customer=\?\)/],
    [{ customer: 'user:1', status: 'resolved' }, /conversations USING INDEX conversations_of_customer \(customer=\?\)/],
  ]

  test('a filtered page looks at a bounded number of resolved conversations, and its cursor goes on until the end', async () => {
    const desk = new DeskQueries(kysely, () => 0, { rowsMax: 10 })
    const insert =
      database.prepare(`INSERT INTO conversations (id, customer, channel, owner, queue, epoch, seq, messages, status, opened_at, updated_at, memory)
      VALUES (?, 'user:1', 'chat', NULL, ?, 1, 0, 0, ?, 0, ?, '{}')`)
    for (let n = 0; n < 25; n++) insert.run(`conv_${n + 10}`, n % 20 === 3 ? 'needle' : 'hay', 'resolved', Math.floor(n / 2))
    insert.run('conv_open', 'needle', 'open', 4)
    const pages: (readonly string[])[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<DeskQueries['conversations']>> = await desk.conversations({ queues: ['needle'] }, 5, cursor)
      pages.push(page.items.map((row) => row.id))
      cursor = page.nextCursor
    } while (cursor !== null)
    assert.deepEqual(pages, [['conv_33'], ['conv_open'], ['conv_13']])
    const all = await desk.conversations({ queues: ['needle'], customer: 'user:1' }, 5, null)
    assert.deepEqual([all.items.map((row) => row.id), all.nextCursor], [['conv_33', 'conv_open', 'conv_13'], null])
    assert.equal((await desk.conversations({}, 20, null)).items.length, 20)
  })
})
