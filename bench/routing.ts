/**
 * Question: what does an event of the routing lane cost while many conversations wait for people?
 *
 * Measures `routeEvent` alone, in one process: offers answered (nine in ten accepted), conversations released and new ones queued,
 * presence changed, at a steady number of waiting tasks. Every step's rows are made and dropped. Does not measure the log, the
 * commit or the desks that are told. The baseline is the plain model of the room's tests, which sorts all that wait and all that
 * are free at every event, makes no rows and sets no timers; both take the same events and make the same offers, which is checked.
 *
 * Run: node bench/routing.ts
 */
import { AssertionError, seededChance } from '../src/base/index.ts'
import type { QueueDefinition } from '../src/definition/index.ts'
import { emptyRouting, routeEvent } from '../src/route/index.ts'
import type { RoutingEvent } from '../src/route/index.ts'
import { queueOf } from '../src/route/fixture.ts'
import { PlainRouting } from '../src/route/plain-routing.ts'

interface Offer {
  readonly task: string
  readonly worker: string
  readonly reservation: string
}

type Apply = (event: RoutingEvent) => readonly Offer[]

const skills = Array.from({ length: 10 }, (_, i) => `skill${i}`)
const queues: Readonly<Record<string, QueueDefinition>> = Object.fromEntries(skills.map((skill) => [skill, queueOf(skill, [skill])]))
const capacity = 3

function routed(): Apply {
  const state = emptyRouting()
  return (event) =>
    routeEvent(state, event, queues).told.flatMap((told) =>
      told.kind === 'offered' ? [{ task: told.task.id, worker: told.reservation.worker, reservation: told.reservation.id }] : [],
    )
}

/** The model has no ids of its own: they are given as the real one gives them. */
function plain(): Apply {
  const model = new PlainRouting(queues)
  return (event) =>
    model.apply(event, null).map((task, n) => {
      task.reservation = `res_${event.partition}_${event.offset}_${n}`
      return { task: task.id, worker: task.worker as string, reservation: task.reservation }
    })
}

/** A centre in which `waiting` tasks wait and every place is taken; `events` further ones are timed. */
function run(
  apply: Apply,
  workers: number,
  waiting: number,
  events: number,
): { readonly perCpuSecond: number; readonly p99Us: number; readonly offers: number; readonly last: string } {
  const chance = seededChance(`routing ${workers} ${waiting}`)
  const open: Offer[] = []
  const assigned: Offer[] = []
  const micros: number[] = []
  let offset = 0
  let tasks = 0
  let offers = 0
  const send = (type: string, data: Readonly<Record<string, unknown>>): void => {
    const event = { type, partition: 0, offset, at: 1_000_000 + offset * 7, data }
    offset++
    const from = performance.now()
    const made = apply(event)
    micros.push((performance.now() - from) * 1_000)
    offers += made.length
    open.push(...made)
  }
  const queue = (): void => {
    const task = `task${tasks++}`
    send('task.queued', { task, conversation: task, customer: task, channel: 'chat', queue: skills[chance.below(10)], priority: chance.below(3), goal: 'help' })
  }
  const present = (i: number, state: string): void => {
    const own = [0, 3, 7].map((step) => skills[(i + step) % 10])
    send('worker.presence', { worker: `worker${i}`, name: `worker${i}`, kind: 'human', state, skills: own, capacity })
  }
  const act = (): void => {
    const answered = open.shift()
    if (answered && chance.below(10) > 0) {
      send('reservation.accepted', { reservation: answered.reservation, worker: answered.worker })
      assigned.push(answered)
    } else if (answered) send('reservation.rejected', { reservation: answered.reservation, worker: answered.worker })
    else if (chance.below(10) === 0) present(chance.below(workers), chance.below(4) === 0 ? 'busy' : 'available')
    else {
      const at = chance.below(assigned.length)
      const done = assigned[at] as Offer
      assigned[at] = assigned.at(-1) as Offer
      assigned.pop()
      send('task.released', { task: done.task, outcome: 'resolved', wrapUpCode: 'solved' })
      queue()
    }
  }
  for (let i = 0; i < workers; i++) {
    send('worker.connected', { worker: `worker${i}` })
    present(i, 'available')
  }
  for (let i = 0; i < waiting + workers * capacity; i++) queue()
  for (let i = 0; i < workers * capacity; i++) act()
  micros.length = 0
  const before = process.cpuUsage()
  while (micros.length < events) act()
  const spent = process.cpuUsage(before)
  const count = micros.length
  micros.sort((a, b) => a - b)
  return {
    perCpuSecond: Math.round(count / ((spent.user + spent.system) / 1e6)),
    p99Us: Math.round(micros[Math.floor(0.99 * count)] as number),
    offers,
    last: JSON.stringify([...open, ...assigned].slice(-20)),
  }
}

const [workers, waiting] = [200, 2_000]
const baselineEvents = 2_000
const baseline = run(plain(), workers, waiting, baselineEvents)
const same = run(routed(), workers, waiting, baselineEvents)
if (baseline.offers !== same.offers || baseline.last !== same.last) throw new AssertionError('the baseline and the room made other offers for the same events')
const own = run(routed(), workers, waiting, 100_000)
const large = run(routed(), 1_000, 10_000, 100_000)

console.log(
  JSON.stringify({
    bench: 'routing',
    workers,
    waiting,
    eventsPerCpuSecond: own.perCpuSecond,
    p99Us: own.p99Us,
    fullSortPerCpuSecond: baseline.perCpuSecond,
    large: { workers: 1_000, waiting: 10_000, eventsPerCpuSecond: large.perCpuSecond, p99Us: large.p99Us },
    node: process.version,
  }),
)
