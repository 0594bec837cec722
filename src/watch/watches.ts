/** What needs a look: each watch is a sentence with its yardstick. Pure. */
import type { LiveBeat, Quantiles, StageName, Watch } from '../definition/index.ts'

export interface Seen {
  readonly budgetMs: number
  /** Last five minutes. */
  readonly total: number
  readonly late: number
  readonly failed: number
  readonly refused: number
  readonly duplicates: number
  readonly beyondWindow: number
  /** Last failure's sentence. */
  readonly failure: string | null
  readonly endToEnd: Quantiles
  /** Longest hold of the event loop in the last minute. */
  readonly loopStallMs: number
  readonly beats: readonly LiveBeat[]
  readonly stages: readonly { readonly name: StageName; readonly sliceMs: number }[]
}

const loopStallMsStrained = 50
const loopStallMsBroken = 200

export function watchesOf(seen: Seen): Watch[] {
  const ranks = { broken: 0, strained: 1, steady: 2 }
  return [onBeat(seen), ...steadiness(seen), failures(seen), refusals(seen), stalls(seen), addUp(seen)].sort((a, b) => ranks[a.state] - ranks[b.state])
}

function onBeat({ total, late, budgetMs }: Seen): Watch {
  const share = total === 0 ? 0 : late / total
  return {
    name: 'on-beat',
    state: share > 0.01 ? 'broken' : late > 0 ? 'strained' : 'steady',
    title: late === 0 ? 'Every decision within its budget' : `${count(late, 'decision')} late`,
    sentence:
      total === 0
        ? `No decision in the last 5 min. The budget is ${budgetMs} ms.`
        : `${late} of ${total} over their budget in the last 5 min; none was waited for.`,
  }
}

function steadiness({ beats, stages }: Seen): Watch[] {
  const off = stages
    .map((stage, index) => ({ stage, off: beats.filter((beat) => beat.stages[index]?.steady === false), last: beats.at(-1)?.stages[index] }))
    .filter((held) => held.off.length > 0)
  return off.map(({ stage, off: unsteady, last }) => ({
    name: `steady-${stage.name}`,
    state: last && !last.steady && last.p99 !== null && last.p99 > stage.sliceMs ? 'broken' : 'strained',
    title: `${stage.name} is not steady`,
    sentence: `${unsteady.length} of the last ${beats.length} beats off; p99 now ${last?.p99 == null ? 'too few to say' : `${figure(last.p99)} of ${stage.sliceMs} ms`}.`,
  }))
}

function failures({ failed, failure }: Seen): Watch {
  return {
    name: 'policies',
    state: failed > 0 ? 'broken' : 'steady',
    title: failed > 0 ? `${count(failed, 'decision')} failed` : 'Policies decide',
    sentence: failed > 0 ? `${failure ?? 'A policy threw'}. Last 5 min.` : 'No policy threw or read outside its moment in the last 5 min.',
  }
}

function refusals({ refused }: Seen): Watch {
  return {
    name: 'refused',
    state: refused > 0 ? 'strained' : 'steady',
    title: refused > 0 ? `${count(refused, 'event')} refused` : 'Nothing refused',
    sentence:
      refused > 0
        ? 'More arrived than could be on time; refused before anything was appended. Last 5 min.'
        : 'Every event that fits its schema was taken in the last 5 min.',
  }
}

function stalls({ loopStallMs }: Seen): Watch {
  return {
    name: 'loop',
    state: loopStallMs > loopStallMsBroken ? 'broken' : loopStallMs > loopStallMsStrained ? 'strained' : 'steady',
    title: 'Event loop',
    sentence: `Longest hold ${loopStallMs.toFixed(0)} ms in the last minute; strained from ${loopStallMsStrained} ms.`,
  }
}

function addUp({ duplicates, beyondWindow }: Seen): Watch {
  return {
    name: 'duplicates',
    state: 'steady',
    title: 'Duplicates',
    sentence: `${duplicates} removed in the last 5 min; ${beyondWindow} older than the window since the start, applied.`,
  }
}

function figure(ms: number): string {
  return ms < 1 ? ms.toFixed(2) : ms < 10 ? ms.toFixed(1) : ms.toFixed(0)
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
