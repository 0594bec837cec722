/** The log's contract against a real Kafka, and what only Kafka can get wrong. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Producer } from '@platformatic/kafka'
import { kafkaAddress } from '../../src/log/index.ts'
import { logContract } from '../../src/log/contract.ts'
import { broker, drop, newUrl, open, skip, withAdmin, withTopic } from './kafka-topics.ts'

const histories = process.env['BATTUTA_SOAK'] === undefined ? 2 : 40
const entry = (text: string): Uint8Array => Buffer.from(text)

if (skip === false) {
  logContract(
    'kafka',
    async () => {
      const url = newUrl()
      let created = false
      return {
        open: async (partitions) => {
          const log = await open(url, { partitions })
          created = true
          return log
        },
        dispose: async () => {
          if (created) await drop(url)
        },
      }
    },
    { histories, offsets: 'when durable' },
  )
}

describe('kafka log', { skip }, () => {
  test('L4 what another process writes into the log is noticed before anything after it is acknowledged', () =>
    withTopic(async (url) => {
      const log = await open(url, { partitions: 2 })
      assert.equal(await log.append(0, [entry('ours')]).durable, 0)
      const producer = new Producer({ clientId: 'stranger', bootstrapBrokers: [broker ?? ''], idempotent: true })
      await producer.send({ messages: [{ topic: kafkaAddress(url).topic, partition: 0, value: Buffer.from('theirs') }] })
      await producer.close()
      assert.equal(log.end(0), 1, 'the end is what this process knows')
      await assert.rejects(log.append(0, [entry('after theirs')]).durable, { code: 'STORAGE_FAILED', message: /another process has written/ })
      await assert.rejects(log.append(1, [entry('elsewhere')]).durable, { code: 'STORAGE_FAILED' })
      await log.close()
      const again = await open(url)
      assert.deepEqual(
        (await again.read(0, 0, 10)).map(({ bytes }) => Buffer.from(bytes).toString()),
        ['ours', 'theirs', 'after theirs'],
        'opening anew reads what was kept',
      )
      await again.close()
    }))

  test('L4 of two openings at once one is refused, and the other keeps the log', () =>
    withTopic(async (url) => {
      await (await open(url, { partitions: 1 })).close()
      const settled = await Promise.allSettled([open(url), open(url), open(url)])
      const logs = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      assert.equal(logs.length, 1)
      for (const result of settled) if (result.status === 'rejected') assert.equal((result.reason as { code: string }).code, 'LOG_LOCKED')
      assert.equal(await logs[0]!.append(0, [entry('mine')]).durable, 0)
      await logs[0]!.close()
    }))

  test('L4 an opening waits for a log that is being let go of', () =>
    withTopic(async (url) => {
      const log = await open(url, { partitions: 1 })
      const next = open(url, { lockWaitMs: 60_000 })
      await log.append(0, [entry('last words')]).durable
      await log.close()
      const other = await next
      assert.equal(other.end(0), 1)
      await other.close()
    }))

  test('L3 a gap that transactions made is refused, not passed over', () =>
    withTopic(async (url) => {
      await (await open(url, { partitions: 1 })).close()
      const { topic } = kafkaAddress(url)
      const producer = new Producer({ clientId: 'stranger', bootstrapBrokers: [broker ?? ''], idempotent: true, transactionalId: `${topic}-stranger` })
      for (const value of ['one', 'two']) {
        const transaction = await producer.beginTransaction()
        await transaction.send({ messages: [{ topic, partition: 0, value: Buffer.from(value) }] })
        await transaction.commit()
      }
      await producer.close()
      const log = await open(url)
      const read = log.read(0, 0, 10)
      await assert.rejects(read, { code: 'STORAGE_FAILED', message: /transactions or compaction/ }).finally(() => log.close())
    }))

  test('L5 a compacted topic is refused with CONFIG_INVALID', () =>
    withTopic(async (url) => {
      await withAdmin((admin) =>
        admin.createTopics({ topics: [kafkaAddress(url).topic], partitions: 1, replicas: 1, configs: [{ name: 'cleanup.policy', value: 'compact' }] }),
      )
      await assert.rejects(open(url), { code: 'CONFIG_INVALID', message: /compacted/ })
    }))

  test('no broker is STORAGE_FAILED, and says where it was looked for', async () => {
    await assert.rejects(open('kafka://127.0.0.1:1/nowhere', { patienceMs: 300 }), { code: 'STORAGE_FAILED', message: /127\.0\.0\.1:1/ })
  })

  test('nothing keeps the process alive once a log is closed', () =>
    withTopic(async (url) => {
      const log = await open(url, { partitions: 1 })
      await log.close()
      await assert.rejects(log.read(0, 0, 1), /a closed log is not read/)
    }))
})
