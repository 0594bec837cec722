/** What becomes of tasks, reservations and workers, case by case. Random runs are in random-runs.test.ts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LaneUnderTest, queueOf } from './fixture.ts'
import type { RoutingStep } from './port.ts'
import { leaseMs } from './workers.ts'

const lanes = (): LaneUnderTest =>
  new LaneUnderTest([queueOf('cards', ['cards'], { patienceMs: 600_000 }), queueOf('quick', ['quick'], { wrapUpMs: 0, wrapUpCodes: [] })])

function withOffer(): LaneUnderTest {
  const lane = lanes()
  lane.person('ada', ['cards', 'quick'])
  lane.queued('t', 'cards')
  return lane
}

function withTask(): LaneUnderTest {
  const lane = withOffer()
  lane.accept('t')
  return lane
}

const nothingOf = ({ tasks, reservations, workers, timers, emits, told }: RoutingStep): number =>
  tasks.length + reservations.length + workers.length + timers.set.length + timers.cleared.length + emits.length + told.length

test('G3 an accepted offer is an assignment, once: accepting again changes nothing and is no mistake', () => {
  const lane = withOffer()
  const reservation = lane.reservation('t')
  lane.at += 1_000
  const step = lane.accept('t')
  const data = { conversation: 'conv-t', task: 't', reservation: reservation?.id, worker: 'ada', queue: 'cards' }
  assert.deepEqual(step.emits, [{ customer: 'user:t', type: 'conversation.assigned', data }])
  assert.deepEqual(lane.state.tasks.get('t'), { ...step.tasks[0], state: 'assigned', worker: 'ada', assignedAt: lane.at })
  assert.deepEqual([...lane.state.timers.keys()], [], 'neither the offer nor the customer’s patience runs any longer')
  const again = lane.accept('t')
  assert.equal(again.refusal, null)
  assert.equal(nothingOf(again), 0)
})

test('G5 ids derive from the event’s place', () => {
  const lane = lanes()
  lane.person('ada', ['cards'])
  const step = lane.queued('t', 'cards')
  assert.deepEqual([step.reservations[0]?.id, ...step.timers.set.map((set) => set.id)], ['res_3_2_0', 'tmr_3_2_0', 'tmr_3_2_1'])
})

test('G7 an offer that is gone is refused with what became of it', () => {
  const lane = withOffer()
  const first = lane.reservation('t')?.id
  const answer = (type: string, worker: string, more = {}): string => {
    const step = lane.send(`reservation.${type}`, { reservation: first, worker, ...more })
    assert.equal(nothingOf(step), 0)
    return `${step.refusal?.code}: ${step.refusal?.message}`
  }
  assert.match(answer('accepted', 'eve'), /WORKER_UNKNOWN: .*"eve"/)
  lane.person('ben', ['cards'])
  assert.match(answer('accepted', 'ben'), /RESERVATION_GONE: .*made to ada, not to ben/)
  lane.due(`offer:${first}`)
  assert.match(answer('accepted', 'ada'), /timed out\. Nothing was changed\./)
  lane.accept('t')
  assert.match(answer('accepted', 'ada'), /timed out, and ben has taken the conversation/)
  assert.match(answer('rejected', 'ada'), /timed out/)
  assert.match(answer('completed', 'ada', { wrapUpCode: 'solved' }), /timed out/)
  lane.send('task.released', { task: 't', outcome: 'resolved', wrapUpCode: 'solved' })
  assert.match(answer('accepted', 'ada'), /timed out\./)
})

test('G7 a customer who leaves takes their offer along, and the desk reads why', () => {
  const lane = withOffer()
  const reservation = lane.reservation('t')?.id
  const step = lane.send('task.withdrawn', { task: 't', reason: 'resolved' })
  assert.deepEqual([step.tasks[0]?.state, step.reservations[0]?.state, step.emits], ['canceled', 'rescinded', []])
  assert.equal(step.told[0]?.kind === 'ended' && step.told[0].reason, 'canceled')
  assert.deepEqual([...lane.state.timers.keys()], [])
  const late = lane.send('reservation.accepted', { reservation, worker: 'ada' })
  assert.match(late.refusal?.message ?? '', /was withdrawn: the conversation waits no longer/)
  const restored = lane.shelf.restored()
  assert.equal(restored.tasks.size + restored.reservations.size, 0)
})

test('the customer’s lane may say no to an assignment: the worker is free again', () => {
  const lane = withTask()
  lane.at += 10
  const step = lane.send('task.withdrawn', { task: 't', reason: 'gone' })
  assert.deepEqual([step.tasks[0]?.state, step.reservations[0]?.state], ['canceled', 'canceled'])
  assert.equal(lane.state.workers.get('ada')?.idleSince, lane.at)
  lane.queued('u', 'cards')
  assert.equal(lane.holder('u'), 'ada')
})

test('G7 a task withdrawn before it was queued is offered to nobody', () => {
  const lane = lanes()
  lane.person('ada', ['cards'])
  lane.send('task.withdrawn', { task: 't', reason: 'resolved' })
  assert.deepEqual([...lane.state.timers.keys()], ['withdrawn:t'])
  lane.queued('t', 'cards')
  assert.equal(lane.state.tasks.size, 0)
  lane.send('task.withdrawn', { task: 'u', reason: 'resolved' })
  lane.due('withdrawn:u')
  assert.equal(lane.state.timers.size, 0)
})

test('wrap-up takes a place until a code of the queue comes, or its time is over', () => {
  const lane = withTask()
  const reservation = lane.reservation('t')?.id
  const early = lane.send('reservation.completed', { reservation, worker: 'ada', wrapUpCode: 'solved' })
  assert.match(early.refusal?.message ?? '', /not in wrap-up/)
  const released = lane.send('task.released', { task: 't', outcome: 'resolved' })
  assert.deepEqual(released.told[0], { kind: 'wrapping', reservation: released.reservations[0], task: released.tasks[0], endsAt: lane.at + 30_000 })
  lane.queued('u', 'cards')
  assert.equal(lane.holder('u'), undefined)
  const wrong = lane.send('reservation.completed', { reservation, worker: 'ada', wrapUpCode: 'sloved' })
  assert.equal(wrong.refusal?.message, 'wrapUpCode "sloved" is not one of its queue\'s: take one of solved, other.')
  const done = lane.send('reservation.completed', { reservation, worker: 'ada', wrapUpCode: 'other' })
  assert.deepEqual([done.tasks[0]?.state, done.tasks[0]?.wrapUpCode, done.tasks[0]?.worker], ['completed', 'other', 'ada'])
  assert.equal(lane.holder('u'), 'ada')
  lane.accept('u')
  lane.send('task.released', { task: 'u', outcome: 'returned' })
  const over = lane.due(`wrap:${lane.reservation('u')?.id}`)
  assert.deepEqual([over.tasks[0]?.state, over.tasks[0]?.wrapUpCode], ['completed', null])
})

test('a release with a code, or of a queue without wrap-up, completes at once', () => {
  const lane = withTask()
  const step = lane.send('task.released', { task: 't', outcome: 'resolved', wrapUpCode: 'solved' })
  assert.deepEqual([step.tasks[0]?.state, step.tasks[0]?.wrapUpCode, step.reservations[0]?.state], ['completed', 'solved', 'completed'])
  lane.queued('q', 'quick')
  lane.accept('q')
  assert.equal(lane.send('task.released', { task: 'q', outcome: 'returned' }).tasks[0]?.state, 'completed')
  assert.equal(nothingOf(lane.send('task.released', { task: 'q', outcome: 'returned' })), 0)
})

test('a reload keeps everything: who is back within the lease was never away', () => {
  const lane = withTask()
  lane.at += 10
  const step = lane.send('worker.disconnected', { worker: 'ada' })
  assert.deepEqual(
    step.timers.set.map((set) => [set.kind, set.dueAt]),
    [['lease', lane.at + leaseMs]],
  )
  const lease = lane.state.timers.get('lease:ada')
  lane.send('worker.connected', { worker: 'ada' })
  const late = lane.send('timer.due', { timer: lease, kind: 'lease' })
  assert.equal(nothingOf(late), 0)
  assert.equal(lane.state.tasks.get('t')?.state, 'assigned')
  assert.equal(lane.state.workers.get('ada')?.idleSince, 1_000_000)
})

test('who stays away loses what they had: offers go on, conversations go back, notes run out', () => {
  const lane = lanes()
  lane.person('ada', ['cards'], { capacity: 3 })
  for (const task of ['wraps', 'talks', 'rings']) lane.queued(task, 'cards')
  lane.accept('wraps')
  lane.accept('talks')
  lane.send('task.released', { task: 'wraps', outcome: 'resolved' })
  lane.person('ben', ['cards'])
  lane.send('worker.disconnected', { worker: 'ada' })
  assert.equal(lane.holder('rings'), 'ada', 'an offer stays while the lease runs')
  const step = lane.due('lease:ada')
  assert.deepEqual(step.emits, [
    { customer: 'user:talks', type: 'conversation.unassigned', data: { conversation: 'conv-talks', task: 'talks', reason: 'lost' } },
  ])
  assert.equal(lane.holder('rings'), 'ben')
  assert.equal(lane.state.tasks.get('wraps')?.state, 'wrapping')
  assert.equal(lane.state.workers.get('ada')?.presence, 'offline')
  lane.send('worker.connected', { worker: 'ada' })
  assert.equal(lane.state.workers.get('ada')?.presence, 'offline', 'who was gone says again how they are')
})

test('when the lane starts nobody is connected but webhooks', () => {
  const lane = withTask()
  lane.send('worker.presence', { worker: 'desk-x', name: 'desk', kind: 'webhook', state: 'available', skills: ['quick'], capacity: 5 })
  const step = lane.send('routing.started')
  assert.deepEqual([...lane.state.timers.keys()], ['lease:ada'])
  assert.deepEqual(
    step.workers.map((row) => [row.id, row.connected]),
    [['ada', false]],
  )
  lane.queued('q', 'quick')
  assert.equal(lane.holder('q'), 'desk-x')
  assert.equal(nothingOf(lane.send('worker.disconnected', { worker: 'desk-x' })), 0)
})

test('who goes offline keeps what they have and takes no more', () => {
  const lane = withTask()
  lane.send('worker.presence', { worker: 'ada', name: 'ada', kind: 'human', state: 'offline', skills: ['cards'], capacity: 3 })
  lane.queued('u', 'cards')
  assert.equal(lane.holder('u'), undefined)
  assert.equal(lane.holder('t'), 'ada')
  lane.send('worker.disconnected', { worker: 'ada' })
  assert.equal(lane.due('lease:ada').emits[0]?.data['reason'], 'lost')
})

test('a customer’s patience ends while they wait or are offered', () => {
  const lane = withOffer()
  lane.queued('u', 'cards')
  for (const task of ['t', 'u']) {
    const step = lane.due(`patience:${task}`)
    assert.deepEqual(
      step.emits.map((emit) => [emit.type, emit.data['task'], emit.data['reason']]),
      [['conversation.unassigned', task, 'unanswered']],
    )
  }
  assert.equal(lane.state.timers.size + lane.state.tasks.size + lane.state.reservations.size, 0)
})

test('who connects before they said who they are is offered nothing until they do', () => {
  const lane = lanes()
  lane.queued('t', 'cards')
  lane.send('worker.connected', { worker: 'ada' })
  assert.equal(lane.holder('t'), undefined)
  assert.equal(lane.send('worker.disconnected', { worker: 'eve' }).refusal?.code, 'WORKER_UNKNOWN')
  lane.send('worker.presence', { worker: 'ada', name: 'Ada', kind: 'human', state: 'available', skills: ['cards', 7, 'cards'], capacity: 1.7 })
  assert.equal(lane.holder('t'), 'ada')
  assert.deepEqual([lane.state.workers.get('ada')?.skills, lane.state.workers.get('ada')?.capacity], ['["cards"]', 1])
})

test('a state is counted from when it began, and a webhook that becomes a person has to connect', () => {
  const lane = lanes()
  const says = (kind: string, state: string): void => {
    lane.at += 1_000
    lane.send('worker.presence', { worker: 'x', name: 'x', kind, state, skills: [], capacity: 1 })
  }
  says('webhook', 'available')
  says('webhook', 'available')
  assert.deepEqual([lane.state.workers.get('x')?.since, lane.state.workers.get('x')?.connected], [1_001_000, true])
  says('human', 'busy')
  assert.deepEqual([lane.state.workers.get('x')?.since, lane.state.workers.get('x')?.connected], [lane.at, false])
  assert.deepEqual([...lane.state.timers.keys()], ['lease:x'])
})

test('an event of another type changes nothing', () => {
  const lane = withTask()
  assert.equal(nothingOf(lane.send('message.received', { text: 'hello' })), 0)
  assert.equal(nothingOf(lane.send('toString')), 0)
})
