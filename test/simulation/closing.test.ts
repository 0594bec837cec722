import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lives } from './lives.ts'

for (const offsets of ['at once', 'when durable'] as const)
  test(`closing lets what was appended finish, also where its offset is not known yet (offsets ${offsets})`, async () => {
    const lives = new Lives('closing', offsets)
    const { world } = lives
    const { runtime } = await lives.start()
    lives.logDisk.flushMs = () => 20
    const said = runtime.say({ customer: 'user:1', conversation: null, id: 'm1', text: 'hello 1', channel: 'test' })
    const closed = runtime.close()
    assert.equal((await world.settle(said)).seq, 1)
    await world.settle(closed)
    assert.deepEqual(
      lives.left.map(({ seq }) => seq),
      [1, 2],
      'the answer has left',
    )
  })
