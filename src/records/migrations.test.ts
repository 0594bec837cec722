import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { DatabaseSync } from 'node:sqlite'
import { realWorld } from '../base/index.ts'
import { answered, taskOf } from './fixture.ts'
import { openSqliteRecords } from './index.ts'
import { migrate, migrations } from './migrations.ts'

/** What the first release wrote: three conversations, two entries of one, a decision, an effect, and the rest once. */
const firstRelease = `
  INSERT INTO partitions VALUES (0, 3, 5, 7), (1, 1, 0, -1);
  INSERT INTO lanes VALUES ('user:1', 0, 7, '{"conversation":"conv_1"}');
  INSERT INTO conversations VALUES
    ('conv_1', 'user:1', 'chat', 'bot', 2, 2, 1, 'open', 10, 30),
    ('conv_2', 'user:2', 'email', 'human', 5, 9, 4, 'open', 11, 20),
    ('conv_3', 'user:1', 'chat', NULL, 3, 4, 2, 'resolved', 12, 15);
  INSERT INTO deliveries VALUES
    ('conv_1', 1, 2, 'customer', 'grüße 🙂', NULL, 'm1', 28),
    ('conv_1', 2, 2, 'bot', 'hello', '0:7:0', NULL, 30);
  INSERT INTO decisions VALUES ('dec_0_7', 0, 7, 30, 'inbound', 'user:1', 'conv_1', 'message.received', 'bot', 'hours', 'asked', 300, 'on-beat', 'v1', 4.5, '{}');
  INSERT INTO outbox VALUES ('0:7:0', 'deliver', 'h', '{"text":"hello"}');
  INSERT INTO aliases VALUES ('cookie:1', 'user:1');
  INSERT INTO app_versions VALUES ('v1', 'bank', 1, '{}');
  INSERT INTO settings VALUES ('created', '1');`

const decided = {
  id: 'dec_0_7',
  partition: 0,
  offset: 7,
  at: 30,
  policy: 'inbound',
  customer: 'user:1',
  conversation: 'conv_1',
  eventType: 'message.received',
  act: 'bot',
  name: 'hours',
  because: 'asked',
  budgetMs: 300,
  status: 'on-beat',
  appVersion: 'v1',
  elapsedMs: 4.5,
  record: '{}',
}

describe('migrations', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'records-migrations-'))
  })
  after(() => rm(folder, { recursive: true }))

  test('numbers rise by one', () => {
    assert.deepEqual(
      migrations.map((step) => step.number),
      migrations.map((_, index) => index + 1),
    )
  })

  test('an older file is copied before it is migrated, and a failed migration leaves it as it was', () => {
    const file = join(folder, 'older.db')
    const steps = migrations.slice(0, 1)
    const second = { number: 2, name: 'a column more', sql: "ALTER TABLE lanes ADD COLUMN note TEXT DEFAULT 'new'" }
    withDatabase(file, (database) => {
      migrate(database, file, steps)
      migrate(database, file, steps)
      assert.equal(existsSync(`${file}.before-1`), false)
      database.exec("INSERT INTO lanes (lane, partition, last_offset, state) VALUES ('a', 0, 4, '{}')")
      const failing = [...steps, second, { number: 3, name: 'a mistake', sql: 'ALTER TABLE nowhere ADD COLUMN x' }]
      assert.throws(() => migrate(database, file, failing), /nowhere/)
      assert.equal(database.prepare('SELECT * FROM lanes').get()?.['note'], undefined)
      migrate(database, file, [...steps, second])
      assert.equal(database.prepare('SELECT * FROM lanes').get()?.['note'], 'new')
      assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], 2)
    })
    withDatabase(`${file}.before-2`, (database) => {
      assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], 1)
      assert.deepEqual({ ...database.prepare('SELECT * FROM lanes').get() }, { lane: 'a', partition: 0, last_offset: 4, state: '{}' })
    })
  })

  test('a file of the first release keeps its rows, and goes on under the new schema', async () => {
    const file = join(folder, 'first.db')
    withDatabase(file, (database) => {
      migrate(database, file, migrations.slice(0, 1))
      database.exec(firstRelease)
    })
    const records = await openSqliteRecords(realWorld(), { file })
    const nobody = { worker: null, queue: null, task: null, memory: '{}' }
    const first = {
      id: 'conv_1',
      customer: 'user:1',
      channel: 'chat',
      owner: 'bot',
      epoch: 2,
      seq: 2,
      messages: 1,
      status: 'open',
      openedAt: 10,
      updatedAt: 30,
    }
    const second = { id: 'conv_2', customer: 'user:2', channel: 'email', owner: 'human', epoch: 5, seq: 9, messages: 4, openedAt: 11, updatedAt: 20 }
    const third = { id: 'conv_3', customer: 'user:1', channel: 'chat', owner: null, epoch: 3, seq: 4, messages: 2, openedAt: 12, updatedAt: 15 }
    assert.deepEqual((await records.desk.conversations({}, 10, null)).items, [
      { ...first, ...nobody },
      { ...second, status: 'open', ...nobody },
      { ...third, status: 'resolved', ...nobody },
    ])
    assert.deepEqual(
      [await records.openConversations(), (await records.desk.conversations({ customer: 'user:1' }, 10, null)).items.length],
      [{ bot: 1, human: 1 }, 2],
    )
    assert.deepEqual(await records.deliveries('conv_1', 0, 10), [
      { conversation: 'conv_1', seq: 1, epoch: 2, author: 'customer', text: 'grüße 🙂', key: null, messageId: 'm1', at: 28, extra: null },
      { conversation: 'conv_1', seq: 2, epoch: 2, author: 'bot', text: 'hello', key: '0:7:0', messageId: null, at: 30, extra: null },
    ])
    assert.deepEqual(await records.decision('dec_0_7'), decided)
    assert.deepEqual(await records.unreleased(0), [{ key: '0:7:0', kind: 'deliver', hash: 'h', content: '{"text":"hello"}' }])
    assert.deepEqual(
      [records.lane('user:1'), records.alias('cookie:1')],
      [{ lane: 'user:1', partition: 0, lastOffset: 7, state: '{"conversation":"conv_1"}' }, 'user:1'],
    )
    assert.deepEqual([await records.position(0), await records.highest(0), await records.setting('created')], [5, 7, '1'])
    assert.deepEqual(await records.appVersions(), [{ version: 'v1', name: 'bank', registeredAt: 1, sources: '{}' }])

    const generation = await records.takeOver(0)
    assert.equal(generation, 4)
    const part = { partition: 0, generation, lane: 'user:1', previousOffset: 7, offset: 8 }
    const commit = answered(part, { epoch: 2, seq: 3 })
    const waiting = {
      ...first,
      status: 'open',
      owner: null,
      worker: null,
      queue: 'cards',
      task: 'task_1',
      epoch: 3,
      seq: 4,
      memory: '{"goal":"a card"}',
    } as const
    const deliveries = commit.deliveries.map((entry) => ({ ...entry, conversation: 'conv_1', epoch: 3 }))
    await records.commit({ ...commit, conversation: waiting, deliveries, extra: { tasks: [taskOf(part, 'task_1')] } })
    assert.deepEqual(records.conversation('conv_1'), waiting)
    assert.deepEqual(await records.openConversations(), { waiting: 1, human: 1 })
    assert.equal((await records.desk.routing('user:1')).tasks.length, 1)
    await records.close()
    withDatabase(file, (database) => assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok'))
    withDatabase(`${file}.before-2`, (database) => {
      assert.equal(database.prepare('PRAGMA user_version').get()?.['user_version'], 1)
      assert.equal(database.prepare('SELECT count(*) AS n FROM conversations').get()?.['n'], 3)
    })
  })
})

function withDatabase(file: string, use: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(file)
  try {
    use(database)
  } finally {
    database.close()
  }
}
