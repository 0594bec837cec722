/**
 * Runs models under a deadline.
 *
 * Owns: opening model files, the tracked cost of each model, the status of every prediction. Does not own: the budget,
 * which comes with the call, or the weights (linear.ts).
 * Invariants (tests cite them):
 *   M5 a model that cannot be on time is not run, and says `late`
 *   M6 a model that throws never breaks its caller, and says `failed`
 *   M7 opening holds the event loop for about warmSliceMs at a stretch after the file is read
 */
import { readFile } from 'node:fs/promises'
import { assert, BattutaError, sha256 } from '../base/index.ts'
import type { World } from '../base/index.ts'
import { contentAt } from './linear-format.ts'
import type { ModelCard } from './linear-format.ts'
import { readLinearModel } from './linear.ts'
import type { LinearModel } from './linear.ts'

export type PredictionStatus = 'on-time' | 'late' | 'failed' | 'not-asked'

/** What a model said, and whether it could say it in time. Plain data: it goes into the decision record as it is. */
export interface Prediction {
  model: string
  version: string
  /** Which rung of a cascade answered. */
  tier: string
  status: PredictionStatus
  label: string | null
  confidence: number | null
  /** Built when first read; copies, JSON and comparison see an ordinary property. */
  readonly scores: Readonly<Record<string, number>> | null
  latencyMs: number
}

export interface ModelInfo {
  readonly version: string
  readonly labels: readonly string[]
  readonly card: ModelCard
}

export interface Models {
  readonly names: readonly string[]
  /** Never throws for what the model does; throws MODEL_UNKNOWN for a name nobody opened. */
  run(name: string, input: { readonly text: string }, remainingMs: number): Prediction
  /** The prediction of a model that a policy did not ask. */
  notAsked(name: string): Prediction
  info(name: string): ModelInfo
  close(): void
}

export interface ModelEntry {
  /** Absolute path of the model file. */
  readonly file: string
}

/** Share of the newest latency in the tracked cost. */
const costShare = 0.1
/** A cost above this is one pause of the machine, not the model: it may not make the model late for good. */
const costMsMax = 50
/** Warming yields to the event loop after this long. */
const warmSliceMs = 4
const warmTexts = 2_000
const tier = 'linear'

interface Opened {
  readonly model: LinearModel
  costMs: number
}

/**
 * Opens model files, checks their SHA-256 and warms them up, so that the first real call is not slow.
 *
 * @example
 * const models = await openModels(world, { intent: { file: '/app/models/intent.model' } })
 * models.run('intent', { text: 'where is my card' }, 100).label // 'card_arrival'
 */
export async function openModels(world: World, entries: Readonly<Record<string, ModelEntry>>): Promise<Models> {
  const opened = new Map<string, Opened>()
  for (const [name, entry] of Object.entries(entries)) {
    const model = await openModel(world, name, entry.file)
    const costMs = await warm(world, model)
    opened.set(name, { model, costMs })
  }
  return new LinearModels(world, opened)
}

async function openModel(world: World, name: string, file: string): Promise<LinearModel> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(file)
  } catch (cause) {
    throw new BattutaError('FILE_INVALID', `the file of model "${name}", ${file}, cannot be read; train it with \`battuta train\` or mend the path`, { cause })
  }
  const model = readLinearModel(bytes)
  await nextTurn(world)
  const digest = sha256(bytes.subarray(contentAt))
  if (Buffer.from(bytes.subarray(8, 40)).toString('hex') !== digest) {
    throw new BattutaError(
      'MODEL_INVALID',
      `the file of model "${name}" says SHA-256 ${model.version}… but its content has ${digest.slice(0, 12)}…; copy the file again or write it anew with \`battuta train\``,
    )
  }
  await nextTurn(world)
  return model
}

const nextTurn = (world: World): Promise<void> => new Promise((resume) => world.defer(resume))

/** Runs the model until it is compiled, in slices; returns what a call costs afterwards. */
async function warm(world: World, model: LinearModel): Promise<number> {
  const dense = new Float64Array(model.labels.length)
  const words = model.labels.map((label) => label.replaceAll('_', ' '))
  let sliceAt = world.monotonicMs()
  let costMs = 0
  for (let i = 0; i < warmTexts; i++) {
    const text = `${words[i % words.length]!} ${words[(i * 7 + 3) % words.length]!} my ${i % 97}?`
    const from = world.monotonicMs()
    if (i % 4 === 0) model.predict(text)
    else model.probabilities(text, dense)
    const now = world.monotonicMs()
    costMs += costShare * (now - from - costMs)
    if (now - sliceAt < warmSliceMs) continue
    await nextTurn(world)
    sliceAt = world.monotonicMs()
  }
  return Math.min(costMs, costMsMax)
}

class LinearModels implements Models {
  readonly names: readonly string[]
  readonly #world: World
  readonly #opened: Map<string, Opened>

  constructor(world: World, opened: Map<string, Opened>) {
    this.#world = world
    this.#opened = opened
    this.names = Object.freeze([...opened.keys()])
  }

  run(name: string, input: { readonly text: string }, remainingMs: number): Prediction {
    const opened = this.#find(name)
    assert(!Number.isNaN(remainingMs), 'the remaining time must be a number of milliseconds')
    if (remainingMs <= 0 || remainingMs < opened.costMs) {
      // The estimate forgets slowly while nothing runs, so a slow spell cannot refuse for ever.
      opened.costMs *= 1 - costShare / 10
      return empty(name, opened.model.version, 'late', 0)
    }
    const from = this.#world.monotonicMs()
    try {
      const said = opened.model.predict(input.text)
      const latencyMs = this.#spent(opened, from)
      if (latencyMs > remainingMs) return empty(name, opened.model.version, 'late', latencyMs)
      return {
        model: name,
        version: opened.model.version,
        tier,
        status: 'on-time',
        label: said.label,
        confidence: said.confidence,
        get scores() {
          return said.scores
        },
        latencyMs,
      }
    } catch {
      return empty(name, opened.model.version, 'failed', this.#spent(opened, from))
    }
  }

  notAsked(name: string): Prediction {
    return empty(name, this.#find(name).model.version, 'not-asked', 0)
  }

  info(name: string): ModelInfo {
    const { model } = this.#find(name)
    return { version: model.version, labels: model.labels, card: model.card }
  }

  close(): void {
    this.#opened.clear()
  }

  #spent(opened: Opened, from: number): number {
    const latencyMs = Math.max(0, this.#world.monotonicMs() - from)
    opened.costMs += costShare * (Math.min(latencyMs, costMsMax) - opened.costMs)
    return latencyMs
  }

  #find(name: string): Opened {
    const opened = this.#opened.get(name)
    if (opened === undefined) {
      throw new BattutaError('MODEL_UNKNOWN', `no model is named "${name}"; open here: ${this.names.join(', ') || 'none'}`, {
        details: { name, known: this.names },
      })
    }
    return opened
  }
}

function empty(model: string, version: string, status: PredictionStatus, latencyMs: number): Prediction {
  return { model, version, tier, status, label: null, confidence: null, scores: null, latencyMs }
}
