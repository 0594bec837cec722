/** Random runs of a routing lane against the plain model, with events that come twice, late, and for what is gone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ReservationRow } from '../records/index.ts'
import { LaneUnderTest, queueOf } from './fixture.ts'
import { PlainRouting } from './plain-routing.ts'
import type { RoutingEvent, RoutingState, RoutingStep } from './port.ts'
import { routeEvent } from './routing.ts'
import { isLiveReservation, restoreRouting, routingOf } from './routing-state.ts'

const queues = [
  queueOf('cards', ['cards']),
  queueOf('transfers', ['transfers'], { patienceMs: 60_000 }),
  queueOf('fraud', ['cards', 'transfers'], { wrapUpMs: 0, offerMs: 5_000 }),
]
const skillSets = [['cards', 'transfers'], ['cards'], ['transfers'], []]
const workerIds = ['ada', 'ben', 'cem', 'dia', 'desk-x']

interface Intent {
  readonly what: string
  /** Which task, worker, reservation, timer or earlier event. */
  readonly pick: number
  readonly other: number
  readonly third: number
  readonly fourth: number
  readonly wait: number
}

const intents: fc.Arbitrary<Intent> = fc.record({
  what: fc.constantFrom(
    ...'queue queue queue queue queue queue withdraw release release release accept accept accept accept reject complete'.split(' '),
    ...'presence presence connect connect disconnect start timer timer again'.split(' '),
  ),
  pick: fc.nat(1_000),
  other: fc.nat(1_000),
  third: fc.nat(1_000),
  fourth: fc.nat(1_000),
  wait: fc.constantFrom(0, 0, 1, 500, 20_000, -3_000),
})

/** One run: the lane that is never restored, its rows, the model, and everything that was ever sent. */
class Run {
  readonly lane = new LaneUnderTest(queues)
  readonly model = new PlainRouting(this.lane.queues)
  readonly sent: RoutingEvent[] = []
  readonly reservations: ReservationRow[] = []
  readonly timers: string[] = []
  readonly assigned = new Set<string>()

  /** Mostly a reservation that is in this state, sometimes any that ever was. */
  picked(pick: number, other: number, state: ReservationRow['state']): ReservationRow | undefined {
    const fitting = [...this.lane.state.reservations.values()].filter((row) => row.state === state)
    const among = other % 6 === 0 || fitting.length === 0 ? this.reservations : fitting
    return among[pick % Math.max(1, among.length)]
  }

  /** The event that is meant, with whatever is there to be picked. */
  eventOf({ what, pick, other, third, fourth, wait }: Intent): RoutingEvent {
    this.lane.at += wait
    const worker = workerIds[pick % workerIds.length] as string
    const named = (n: number): string | undefined => (n % 4 === 0 ? workerIds[n % workerIds.length] : undefined)
    const answer = (state: ReservationRow['state']): { reservation: string; worker: string } => {
      const reservation = this.picked(pick, other, state)
      return { reservation: reservation?.id ?? 'res_0_0_0', worker: third % 10 === 0 ? worker : (reservation?.worker ?? worker) }
    }
    const task = `t${pick % 40}`
    switch (what) {
      case 'queue': {
        const [worker, except] = [named(third), named(fourth)]
        const queue = other % 40 === 1 ? 'toString' : (queues[other % queues.length]?.name as string)
        const data = { task, conversation: `c${task}`, customer: `user:${task}`, channel: 'chat', queue, priority: third % 3, goal: 'help' }
        return this.lane.event('task.queued', { ...data, ...(worker && { worker }), ...(except && { except }) })
      }
      case 'withdraw':
        return this.lane.event('task.withdrawn', {
          task: (fourth % 3 > 0 && this.picked(pick, 1, third % 2 === 0 ? 'accepted' : 'wrapping')?.task) || task,
          reason: 'resolved',
        })
      case 'release': {
        const data = { task: (fourth % 6 > 0 && this.picked(pick, 1, third % 4 > 0 ? 'accepted' : 'wrapping')?.task) || task, outcome: 'returned' }
        return this.lane.event('task.released', other % 3 > 0 ? data : { ...data, wrapUpCode: 'solved' })
      }
      case 'accept':
        return this.lane.event('reservation.accepted', answer('pending'))
      case 'reject':
        return this.lane.event('reservation.rejected', answer('pending'))
      case 'complete':
        return this.lane.event('reservation.completed', { ...answer('wrapping'), wrapUpCode: fourth % 4 === 0 ? 'none of these' : 'solved' })
      case 'presence': {
        const state = ['available', 'available', 'available', 'busy', 'away', 'offline'][other % 6] as string
        const data = { worker, name: worker, kind: worker === 'desk-x' ? 'webhook' : 'human', state }
        return this.lane.event('worker.presence', { ...data, skills: skillSets[third % 4] as string[], capacity: fourth % 4 })
      }
      case 'connect':
        return this.lane.event('worker.connected', { worker })
      case 'disconnect':
        return this.lane.event('worker.disconnected', { worker })
      case 'start':
        return this.lane.event('routing.started')
      case 'timer': {
        const set = [...this.lane.state.timers.values()]
        return this.lane.event('timer.due', { timer: (third % 5 === 0 ? this.timers : set)[pick % Math.max(1, set.length)] ?? 'tmr_0_0_0', kind: '' })
      }
      default: {
        const earlier = this.sent[pick % Math.max(1, this.sent.length)]
        return this.lane.event(earlier?.type ?? 'message.received', (earlier?.data ?? {}) as Record<string, unknown>)
      }
    }
  }

  /** Everybody comes and is available, as on a morning. */
  begin(): this {
    for (const pick of workerIds.keys()) {
      for (const what of ['connect', 'presence']) this.take({ what, pick, other: 0, third: pick, fourth: pick + 1, wait: 1 })
    }
    return this
  }

  take(intent: Intent): void {
    const { lane, model } = this
    const event = this.eventOf(intent)
    const due = event.type === 'timer.due' ? (routingOf(lane.state).timerKeys.get((event.data as { timer: string }).timer) ?? null) : null
    const before = pictured(lane.state)
    const restored = lane.shelf.restored()
    const step = routeEvent(lane.state, event, lane.queues)
    lane.shelf.put(step)
    this.sent.push(event)

    const offers = step.told.flatMap((told) => (told.kind === 'offered' ? [told] : []))
    const expected = model.apply(event, due)
    assert.deepEqual(
      offers.map(({ task, reservation }) => [task.id, reservation.worker]),
      expected.map((task) => [task.id, task.worker]),
      'who is offered what is what a full sort says (G4)',
    )
    for (const { task, reservation } of offers) {
      const plain = model.tasks.get(task.id)
      assert(plain)
      plain.reservation = reservation.id
    }
    this.reservations.push(...offers.map(({ reservation }) => reservation))
    this.timers.push(...step.timers.set.map(({ id }) => id))
    this.sameAsModel()
    this.statesHold()
    this.assignmentsHold(step)
    this.timersHold()
    if (step.refusal) assert.deepEqual(pictured(lane.state), before, 'G7')
    this.restoredIsSame(restored, event, step)
  }

  sameAsModel(): void {
    const { state } = this.lane
    const routing = routingOf(state)
    assert.deepEqual(
      byId([...state.tasks.values()].map(({ id, state: is }) => ({ id, is, worker: routing.reservationOf(id)?.worker ?? null }))),
      byId([...this.model.tasks.values()].map(({ id, state: is, worker }) => ({ id, is, worker }))),
    )
    assert.deepEqual(
      byId([...state.workers.values()].map(({ id, presence, connected, idleSince }) => ({ id, presence, connected, idleSince, taken: routing.taken(id) }))),
      byId(
        [...this.model.workers.values()].map(({ id, presence, connected, idleSince }) => ({ id, presence, connected, idleSince, taken: this.model.taken(id) })),
      ),
    )
  }

  /** G1 on rows alone, and G2. */
  statesHold(): void {
    const { state } = this.lane
    const reservationState = { pending: [], reserved: ['pending'], assigned: ['accepted'], wrapping: ['wrapping'], completed: [], canceled: [] }
    const live = Map.groupBy(state.reservations.values(), (row) => row.task)
    for (const task of state.tasks.values()) {
      assert.deepEqual(
        (live.get(task.id) ?? []).map((row) => row.state),
        reservationState[task.state],
        'G1',
      )
      if (task.state === 'pending') assert.equal(task.onlyWorker, null, 'a task that waits is open to everybody')
    }
    for (const row of state.reservations.values()) assert(state.tasks.has(row.task) && isLiveReservation(row), 'G1')
    for (const row of this.lane.shelf.rows().reservations) assert.deepEqual(state.reservations.get(row.id), row)
  }

  assignmentsHold(step: RoutingStep): void {
    const accepted = step.reservations.filter((row) => row.state === 'accepted').map((row) => row.id)
    const emitted = step.emits.filter((emit) => emit.type === 'conversation.assigned').map((emit) => emit.data['reservation'] as string)
    assert.deepEqual(emitted, accepted, 'G3')
    for (const id of emitted) {
      assert(!this.assigned.has(id), 'G3 an assignment is emitted once')
      this.assigned.add(id)
    }
    for (const told of step.told) {
      if (told.kind !== 'offered') continue
      const worker = this.lane.state.workers.get(told.reservation.worker)
      assert(worker && routingOf(this.lane.state).taken(worker.id) <= worker.capacity, 'G2')
    }
  }

  timersHold(): void {
    const { state, shelf } = this.lane
    const { matching } = routingOf(state)
    const wanted: string[] = []
    for (const row of state.reservations.values()) {
      if (row.state === 'pending') wanted.push(`offer:${row.id}`)
      if (row.state === 'wrapping') wanted.push(`wrap:${row.id}`)
    }
    for (const task of state.tasks.values()) {
      const waits = task.state === 'pending' || task.state === 'reserved'
      if (waits && this.lane.queues[task.queue]?.patienceMs) wanted.push(`patience:${task.id}`)
      if (task.state === 'pending' && matching.refusedBy(task.id).length > 0) wanted.push(`round:${task.id}`)
    }
    for (const id of this.model.withdrawn) wanted.push(`withdrawn:${id}`)
    for (const worker of state.workers.values()) {
      const isSet = state.timers.has(`lease:${worker.id}`)
      const holds = [...state.reservations.values()].some((row) => row.worker === worker.id && row.state !== 'wrapping')
      if (worker.connected) assert(!isSet, 'G6 whoever is connected has no lease running')
      else if (worker.presence !== 'offline' || holds) assert(isSet, 'G6 whoever is not has one until they are gone')
      if (isSet) wanted.push(`lease:${worker.id}`)
    }
    assert.deepEqual([...state.timers.keys()].sort(), wanted.sort(), 'G6')
    assert.deepEqual([...state.timers.values()].sort(), [...shelf.timers.keys()].sort(), 'G6 timers in rows are those in memory')
  }

  restoredIsSame(restored: RoutingState, event: RoutingEvent, step: RoutingStep): void {
    const again = routeEvent(restored, event, this.lane.queues)
    assert.deepEqual({ ...again, refusal: again.refusal?.code }, { ...step, refusal: step.refusal?.code }, 'G5')
    assert.deepEqual(pictured(restored), pictured(this.lane.state), 'G5')
  }
}

const byId = <T extends { readonly id: string }>(rows: readonly T[]): readonly T[] => rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))

/** Everything a state holds, in an order of its own. */
function pictured(state: RoutingState): unknown {
  const routing = routingOf(state)
  const inOrder = (map: ReadonlyMap<string, unknown>): unknown => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    tasks: inOrder(state.tasks),
    reservations: inOrder(state.reservations),
    workers: inOrder(state.workers),
    timers: inOrder(state.timers),
    refused: [...state.tasks.keys()].sort().map((id) => routing.matching.refusedBy(id)),
    taken: [...state.workers.keys()].sort().map((id) => routing.taken(id)),
  }
}

test('G1–G7 hold after every event of random runs; a restored lane and a plain model agree with the one that was never away', () => {
  const property = fc.property(fc.array(intents, { minLength: 30, maxLength: 120 }), (run) => {
    const lane = new Run().begin()
    for (const intent of run) lane.take(intent)
  })
  fc.assert(property, { numRuns: 100 })
})

test('G5 the order of rows does not matter', () => {
  fc.assert(
    fc.property(
      fc.array(intents, { minLength: 20, maxLength: 80 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      intents,
      (run, chance, next) => {
        const lane = new Run().begin()
        for (const intent of run) lane.take(intent)
        const event = lane.eventOf(next)
        const shuffled = <T>(rows: Iterable<T>): T[] =>
          [...rows]
            .map((row) => ({ row, key: chance.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ row }) => row)
        const { tasks, reservations, workers } = lane.lane.shelf.rows()
        const one = restoreRouting(
          { tasks: shuffled(tasks), reservations: shuffled(reservations), workers: shuffled(workers) },
          shuffled(lane.lane.shelf.timers.values()),
        )
        const other = lane.lane.shelf.restored()
        assert.deepEqual(routeEvent(one, event, lane.lane.queues), routeEvent(other, event, lane.lane.queues))
      },
    ),
    { numRuns: 30 },
  )
})
