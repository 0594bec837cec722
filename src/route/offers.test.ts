/** Who is offered what, case by case. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LaneUnderTest, queueOf } from './fixture.ts'
import { tasksMax } from './tasks.ts'

const cards = (): LaneUnderTest => new LaneUnderTest([queueOf('cards', ['cards']), queueOf('fraud', ['cards', 'fraud'])])

test('G4 the longest idle is offered first, then the lowest id; whoever holds less comes before', () => {
  const lane = cards()
  lane.person('ben', ['cards'], { capacity: 2 })
  lane.person('ada', ['cards'], { capacity: 2 })
  lane.at += 1
  lane.person('cem', ['cards'])
  for (const [task, worker] of [
    ['a', 'ada'],
    ['b', 'ben'],
    ['c', 'cem'],
    ['d', 'ada'],
    ['e', 'ben'],
  ] as const) {
    lane.queued(task, 'cards')
    assert.equal(lane.holder(task), worker)
  }
  lane.queued('f', 'cards')
  assert.equal(lane.holder('f'), undefined)
})

test('G4 a free place goes to the highest priority, then to the oldest, over all queues a worker fits', () => {
  const lane = cards()
  lane.queued('young', 'cards', { priority: 1 })
  lane.at += 1
  lane.queued('urgent', 'fraud', { priority: 2 })
  lane.queued('later', 'cards', { priority: 1 })
  lane.person('cem', ['cards'])
  assert.equal(lane.holder('young'), 'cem')
  lane.person('ada', ['fraud', 'cards'], { capacity: 2 })
  assert.equal(lane.holder('urgent'), 'ada')
  assert.equal(lane.holder('later'), 'ada')
})

test('an offer that times out goes to the next, and the absent desk is away', () => {
  const lane = cards()
  lane.person('ada', ['cards'])
  lane.queued('t', 'cards')
  lane.person('ben', ['cards'])
  const first = lane.reservation('t')
  assert.equal(first?.expiresAt, lane.at + 20_000)
  const timer = lane.state.timers.get(`offer:${first.id}`)
  lane.at += 20_000
  const step = lane.due(`offer:${first.id}`)
  assert.equal(lane.holder('t'), 'ben')
  assert.equal(lane.state.workers.get('ada')?.presence, 'away')
  assert.deepEqual(
    step.told.map((told) =>
      told.kind === 'worker' ? [told.worker.id, told.worker.presence, told.taken] : told.kind === 'ended' ? [told.reason, told.task.state] : told.kind,
    ),
    [['timeout', 'pending'], 'offered', ['ada', 'away', 0], ['ben', 'available', 1], 'queue'],
  )
  assert.deepEqual(step.timers.cleared, [timer])
  assert.deepEqual(
    step.timers.set.map((set) => [set.kind, set.dueAt]),
    [['offer', lane.at + 20_000]],
  )
  const late = lane.send('timer.due', { timer, kind: 'offer' })
  assert.deepEqual([late.tasks, late.reservations, late.told], [[], [], []])
})

test('a task that everybody refused is offered again after the offer time, not before, and by one timer', () => {
  const lane = cards()
  lane.person('ada', ['cards'])
  lane.person('ben', ['cards'])
  lane.queued('t', 'cards')
  for (const worker of ['ada', 'ben']) {
    assert.equal(lane.holder('t'), worker)
    lane.send('reservation.rejected', { reservation: lane.reservation('t')?.id, worker })
  }
  assert.equal(lane.holder('t'), undefined)
  lane.person('ada', ['cards'])
  assert.equal(lane.holder('t'), undefined)
  assert.deepEqual([...lane.state.timers.keys()], ['round:t'])
  lane.at += 20_000
  lane.due('round:t')
  assert.equal(lane.holder('t'), 'ada')
})

test('who refused is not asked again while somebody who takes offers was not asked; who is away does not count', () => {
  const lane = cards()
  lane.person('ada', ['cards'])
  lane.person('ben', ['cards'])
  lane.queued('other', 'cards', { worker: 'ben' })
  lane.queued('t', 'cards')
  lane.send('reservation.rejected', { reservation: lane.reservation('t')?.id, worker: 'ada' })
  lane.due('round:t')
  assert.equal(lane.holder('t'), undefined)
  lane.send('worker.presence', { worker: 'ben', name: 'ben', kind: 'human', state: 'busy', skills: ['cards'], capacity: 1 })
  lane.due('round:t')
  assert.equal(lane.holder('t'), 'ada')
})

test('whoever is asked for by name is offered it first, skills or not; then it is open to everybody', () => {
  const lane = cards()
  lane.person('ada', ['cards'])
  lane.person('lead', ['complaints'])
  lane.queued('t', 'cards', { worker: 'lead' })
  assert.equal(lane.holder('t'), 'lead')
  assert.equal(lane.state.tasks.get('t')?.onlyWorker, 'lead')
  lane.due(`offer:${lane.reservation('t')?.id}`)
  assert.equal(lane.holder('t'), 'ada')
  assert.equal(lane.state.tasks.get('t')?.onlyWorker, null)
  lane.queued('u', 'cards', { worker: 'lead' })
  assert.equal(lane.state.tasks.get('u')?.onlyWorker, null, 'who is away is not waited for')
})

test('who is excepted is offered it only once nobody else is on duty, lease included', () => {
  const lane = cards()
  lane.person('ada', ['cards'])
  lane.person('ben', ['cards'])
  lane.send('worker.disconnected', { worker: 'ben' })
  lane.queued('t', 'cards', { except: 'ada' })
  assert.equal(lane.holder('t'), undefined)
  lane.at += 45_000
  lane.due('lease:ben')
  assert.equal(lane.holder('t'), 'ada')
})

test('queues that change with the app are looked at again; what waits in one that is gone goes back', () => {
  const lane = cards()
  lane.queued('t', 'fraud')
  lane.queued('u', 'cards')
  lane.send('worker.presence', { worker: 'desk-x', name: 'desk', kind: 'webhook', state: 'available', skills: ['fraud'], capacity: 1 })
  assert.equal(lane.holder('t'), undefined)
  const next = new LaneUnderTest([queueOf('fraud', ['fraud'])])
  Object.assign(lane, { queues: next.queues })
  const step = lane.send('routing.started')
  assert.equal(lane.holder('t'), 'desk-x')
  assert.deepEqual(step.emits, [{ customer: 'user:u', type: 'conversation.unassigned', data: { conversation: 'conv-u', task: 'u', reason: 'unanswered' } }])
  lane.send('reservation.rejected', { reservation: lane.reservation('t')?.id, worker: 'desk-x' })
  assert.equal(lane.state.tasks.get('t')?.state, 'pending')
})

test('what comes beyond the longest queue goes back to the bot at once', () => {
  const lane = cards()
  for (let i = 0; i < tasksMax; i++) lane.queued(`t${i}`, 'cards')
  const step = lane.queued('last', 'cards')
  assert.deepEqual([step.tasks[0]?.state, step.emits[0]?.data['reason']], ['canceled', 'unanswered'])
  assert.equal(lane.state.tasks.size, tasksMax)
})

test('several tasks that are offered again at once go by their rank, not by who held them', () => {
  const lane = cards()
  lane.person('ada', ['cards'], { capacity: 2 })
  lane.queued('small', 'cards', { priority: 1 })
  lane.queued('large', 'cards', { priority: 2 })
  lane.person('ben', ['cards'])
  lane.send('worker.disconnected', { worker: 'ada' })
  lane.due('lease:ada')
  assert.deepEqual([lane.holder('large'), lane.holder('small')], ['ben', undefined])
})

test('whoever is asked for and excepted at once is excepted', () => {
  const lane = cards()
  lane.person('ada', ['cards'])
  lane.person('ben', ['cards'])
  lane.queued('t', 'cards', { worker: 'ada', except: 'ada' })
  assert.equal(lane.holder('t'), 'ben')
})

test('a new round does not wait for who is excepted, unless nobody else is on duty', () => {
  const lane = cards()
  lane.person('ada', ['cards'])
  lane.queued('busy', 'cards')
  lane.person('ben', ['cards'])
  lane.queued('t', 'cards', { except: 'ada' })
  lane.send('reservation.rejected', { reservation: lane.reservation('t')?.id, worker: 'ben' })
  lane.due('round:t')
  assert.equal(lane.holder('t'), 'ben')
  lane.send('reservation.rejected', { reservation: lane.reservation('t')?.id, worker: 'ben' })
  lane.send('worker.presence', { worker: 'ben', name: 'ben', kind: 'human', state: 'offline', skills: ['cards'], capacity: 1 })
  lane.due('round:t')
  assert(lane.state.timers.has('round:t'), 'ada takes offers and was not asked yet')
})
