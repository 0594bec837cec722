import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { realWorld } from '../base/index.ts'
import type { BattutaError } from '../base/index.ts'
import { foldOnly, handWound } from './fixture.ts'
import type { Group, GroupResult } from './group.ts'
import { GroupQueue, groupCommitsMax, groupSettledMax, queuedCommitsMax, settleDelayMs } from './group-queue.ts'
import type { LaneCommit } from './port.ts'

const commitAt = (offset: number): LaneCommit => foldOnly({ partition: 0, generation: 1, lane: 'a', previousOffset: offset - 1, offset })
const kept = (): GroupResult => ({ refusals: [], statements: [] })

/** Long enough for a group to end, and the next to start from the event loop. */
async function turns(): Promise<void> {
  await turn()
  await turn()
}

/** A queue whose groups are written when the test says so. */
function held() {
  const world = handWound(realWorld())
  const groups: { group: Group<never>; end: (result?: GroupResult) => void; fail: (error: Error) => void }[] = []
  const failures: BattutaError[] = []
  const queue = new GroupQueue<never>(
    world,
    (group) => new Promise((resolve, fail) => groups.push({ group, end: (result = kept()) => resolve(result), fail })),
    (error) => failures.push(error),
  )
  return { world, groups, failures, queue }
}

describe('group queue', () => {
  test('G1 commits given while a group is written form the next, in order', async () => {
    const { groups, queue } = held()
    const first = [0, 1].map((offset) => queue.commit(commitAt(offset)))
    await turn()
    const later = [2, 3, 4].map((offset) => queue.commit(commitAt(offset)))
    await turn()
    assert.deepEqual(
      groups.map(({ group }) => group.commits.map((commit) => commit.offset)),
      [[0, 1]],
    )
    groups[0]?.end()
    await Promise.all(first)
    await turn()
    assert.deepEqual(
      groups[1]?.group.commits.map((commit) => commit.offset),
      [2, 3, 4],
    )
    groups[1]?.end({ ...kept(), refusals: [{ index: 1, code: 'STALE_EPOCH', message: 'stale' }] })
    const outcomes = await Promise.allSettled(later)
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    await queue.close()
  })

  test('G2 what is settled waits for a group, at most for its delay', async () => {
    const { world, groups, queue } = held()
    queue.settle({ released: ['0:1:0'], decision: { id: 'd', elapsedMs: 1, status: 'on-beat' } })
    queue.advance(0, 7)
    await turn()
    assert.deepEqual([groups.length, world.timers.map((timer) => timer.delayMs)], [0, [settleDelayMs]])
    void queue.commit(commitAt(0))
    await turn()
    assert.equal(world.timers.length, 0)
    assert.deepEqual([groups[0]?.group.released, groups[0]?.group.decided.length, groups[0]?.group.positions], [['0:1:0'], 1, [[0, 7]]])
    queue.settle({ released: ['0:2:0'], decision: null })
    groups[0]?.end()
    await turn()
    assert.equal(groups.length, 1)
    world.fire()
    await turn()
    assert.deepEqual([groups[1]?.group.commits.length, groups[1]?.group.released], [0, ['0:2:0']])
    groups[1]?.end()
    await queue.close()
  })

  test('G2 a long list of settlements is written in bounded groups without waiting between them', async () => {
    const { world, groups, queue } = held()
    queue.settle({ released: Array.from({ length: groupSettledMax * 2 + 1 }, (_, index) => `0:${index}:0`), decision: null })
    world.fire()
    await turn()
    groups[0]?.end()
    await turns()
    assert.deepEqual(
      groups.map(({ group }) => group.released.length),
      [groupSettledMax, groupSettledMax],
    )
    const closed = queue.close()
    groups[1]?.end()
    await turns()
    groups[2]?.end()
    await closed
    assert.equal(groups[2]?.group.released.length, 1)
  })

  test('G3 after a failed write everything outstanding rejects, nothing more is written, and it is told once', async () => {
    const { groups, failures, queue } = held()
    const writing = queue.commit(commitAt(0))
    const writingOutcome = assert.rejects(writing, { code: 'STORAGE_FAILED', message: /disk on fire/ })
    await turn()
    const waiting = assert.rejects(queue.commit(commitAt(1)), { code: 'STORAGE_FAILED' })
    groups[0]?.fail(new Error('disk on fire'))
    await Promise.all([writingOutcome, waiting])
    await assert.rejects(queue.commit(commitAt(2)), { code: 'STORAGE_FAILED' })
    queue.settle({ released: ['0:1:0'], decision: null })
    await turn()
    assert.deepEqual([groups.length, failures.length], [1, 1])
    await queue.close()
  })

  test('G4 a group takes no more than its limit, and a full queue refuses with OVERLOADED', async () => {
    const { groups, queue } = held()
    const first = queue.commit(commitAt(0))
    await turn()
    const given = Array.from({ length: queuedCommitsMax }, (_, index) => queue.commit(commitAt(index + 1)))
    await assert.rejects(queue.commit(commitAt(0)), (error: BattutaError) => error.code === 'OVERLOADED' && (error.retryAfterMs ?? 0) > 0)
    groups[0]?.end()
    for (let written = 1; written <= queuedCommitsMax / groupCommitsMax; written++) {
      await turns()
      assert.equal(groups[written]?.group.commits.length, groupCommitsMax)
      groups[written]?.end()
    }
    await Promise.all([first, ...given])
    await queue.close()
    await assert.rejects(queue.commit(commitAt(0)), { name: 'AssertionError' })
  })
})
