import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { answered, foldOnly, noteOf, taskOf, timerOf, workerOf } from './fixture.ts'
import { packGroup, unpackGroup } from './group-packing.ts'
import type { LaneCommit } from './port.ts'

const commits: fc.Arbitrary<LaneCommit> = fc
  .record({
    lane: fc.string(),
    offset: fc.nat(),
    bare: fc.boolean(),
    entries: fc.nat(2),
    effects: fc.nat(2),
    cleared: fc.option(fc.array(fc.string(), { maxLength: 2 })),
    queue: fc.option(fc.string()),
    memory: fc.json(),
    alias: fc.option(fc.tuple(fc.string(), fc.string()).map(([identity, customer]) => ({ identity, customer }))),
  })
  .map(({ lane, offset, bare, entries, effects, alias, cleared, queue, memory }) => {
    const part = { partition: 3, generation: 2, lane, previousOffset: offset - 1, offset }
    const full = bare ? foldOnly(part) : answered(part, { memory })
    const conversation = full.conversation && { ...full.conversation, worker: lane, queue, task: queue }
    const extra = cleared && {
      timers: { set: [timerOf(part, lane, { dueAt: offset / 3 })], cleared },
      notes: cleared.map((id) => noteOf(lane, id)),
      tasks: [taskOf(part, lane, { because: queue })],
      workers: [workerOf(part, lane, { connected: bare })],
    }
    return { ...full, conversation, deliveries: full.deliveries.slice(0, entries), outbox: full.outbox.slice(0, effects), alias, extra }
  })

describe('group packing', () => {
  test('what is unpacked equals what was packed, after a structured clone', () => {
    const decided = fc.array(
      fc.record(
        { id: fc.string(), elapsedMs: fc.float({ noNaN: true }), status: fc.constantFrom('on-beat' as const, 'late' as const) },
        { noNullPrototype: true },
      ),
    )
    fc.assert(
      fc.property(fc.array(commits), decided, fc.array(fc.string()), (list, settled, released) => {
        const group = { commits: list, decided: settled, released, positions: [[1, 2] as const], statements: ['s'] }
        assert.deepEqual(unpackGroup(structuredClone(packGroup(group))), group)
      }),
    )
  })
})
