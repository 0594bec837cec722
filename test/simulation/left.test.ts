import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lives } from './lives.ts'

test('X1 what a customer has left only once its commit and its mark are on disk, however slow the disk', async () => {
  const lives = new Lives('left')
  const { world } = lives
  const { runtime, log } = await lives.start()
  lives.logDisk.flushMs = () => 20
  const said = runtime.say({ customer: 'user:1', conversation: null, id: 'm1', text: 'hello 1', channel: 'test' })
  const { decision } = await world.settle(said)
  assert.equal(decision?.effects.length, 1)
  assert.deepEqual(lives.left, [], 'the answer is committed, and waits for its mark')
  await world.settle(runtime.left('user:1'))
  assert.deepEqual(
    lives.left.map(({ seq }) => seq),
    [1, 2],
  )
  const marks = await Promise.all(Array.from({ length: log.partitions }, (_, partition) => log.read(partition, 0, 100)))
  assert.equal(marks.flat().filter(({ bytes }) => Buffer.from(bytes).includes('"message.sent"')).length, 1)
  await world.settle(runtime.left('user:nobody'))
})

test('X4 nobody is told a place that a restore could still move: everything before it is marked first', async () => {
  const lives = new Lives('places')
  const { world } = lives
  const { runtime, log } = await lives.start()
  lives.logDisk.flushMs = () => 20
  const say = (id: string, text: string): ReturnType<typeof runtime.say> => runtime.say({ customer: 'user:1', conversation: null, id, text, channel: 'test' })
  const [first, second] = [say('m1', 'hello 1'), say('m2', 'hello 2')]
  await world.settle(first)
  assert.equal((await world.settle(second)).seq, 3)
  const read = await Promise.all(Array.from({ length: log.partitions }, (_, partition) => log.read(partition, 0, 100)))
  assert.ok(read.flat().some(({ bytes }) => Buffer.from(bytes).includes('"message.sent"')))
})
