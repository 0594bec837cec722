import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decisionsUnderWayMax } from '../../src/orchestrator/index.ts'
import { Lives } from './lives.ts'

for (const offsets of ['at once', 'when durable'] as const)
  test(`I3 what could not be on time is refused at once, before anything is appended, and says when to come back (offsets ${offsets})`, () =>
    overloaded(offsets))

async function overloaded(offsets: 'at once' | 'when durable'): Promise<void> {
  const lives = new Lives('overload', offsets)
  const { world } = lives
  const { runtime, log } = await lives.start()
  lives.logDisk.flushMs = () => 50
  const message = (n: number): object => ({
    specversion: '1.0',
    id: `m${n}`,
    source: 'test',
    type: 'message.received',
    subject: `user:${n % 50}`,
    data: { text: `say ${n}` },
  })
  const accepted: Promise<unknown>[] = []
  for (let n = 0; n < decisionsUnderWayMax; n++) accepted.push(runtime.accept([message(n)], { role: 'service' }))
  const before = log.pendingBytes
  await assert.rejects(runtime.accept([message(decisionsUnderWayMax)], { role: 'service' }), (error: Error & { code?: string; retryAfterMs?: number }) => {
    return error.code === 'OVERLOADED' && (error.retryAfterMs ?? 0) > 0
  })
  assert.equal(log.pendingBytes, before, 'nothing was appended')
  await world.settle(Promise.all(accepted))
  await world.advance(1_000)
  await world.settle(runtime.accept([message(decisionsUnderWayMax)], { role: 'service' }))
  await world.advance(1_000)
  const page = await world.settle(lives.life?.records.decisions({}, 100_000, null) ?? Promise.reject(new Error('no life')))
  assert.equal(page.items.length, decisionsUnderWayMax + 1, 'everything that was taken was decided')
}
