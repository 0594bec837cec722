/** `battuta train CONFIG.json --data DIR`: trains every model of a config and writes model, labels and cards beside it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { BattutaError } from '../base/index.ts'
import { cardMarkdown, labelsFile } from './card.ts'
import type { CardFacts } from './card.ts'
import { buildCorpus, readLabelled } from './corpus.ts'
import type { Corpus, HeadPlan, LabelledText, SourcePlan } from './corpus.ts'
import { evaluate } from './evaluate.ts'
import type { Evaluation } from './evaluate.ts'
import { fitDefaults, trainTextModel } from './train.ts'
import type { FitPlan, Progress, TrainedModel } from './train.ts'

/** One model of a training config. */
export interface ModelPlan {
  readonly name: string
  /** Name of the type in labels.ts: the labels of the first head. */
  readonly type: string
  readonly sources: readonly SourcePlan[]
  readonly heads: readonly HeadPlan[]
  readonly folds: number
  readonly seed: string
  readonly plan?: Partial<FitPlan>
  readonly card: Omit<CardFacts, 'command'> & { readonly summary: string }
}

export interface TrainConfig {
  /** Folder for what is written, from the config's own; `.` by default. */
  readonly out?: string
  readonly models: readonly ModelPlan[]
}

export interface RunTrainArgs {
  readonly config: string
  /** Folder the sources' paths start from. */
  readonly data: string
  /** Train only this model; labels.ts is then left as it is. */
  readonly only?: string
}

function readConfig(file: string): TrainConfig {
  let config: TrainConfig
  try {
    config = JSON.parse(readFileSync(file, 'utf8')) as TrainConfig
  } catch (cause) {
    throw new BattutaError('CONFIG_INVALID', `${file} is not a readable JSON file; see docs/guide/models.md for one`, { cause })
  }
  if (!Array.isArray(config?.models) || config.models.length === 0) throw new BattutaError('CONFIG_INVALID', `${file} lists no models; add a "models" array`)
  for (const [index, plan] of config.models.entries()) {
    const fault = planFault(plan)
    if (fault !== undefined) throw new BattutaError('CONFIG_INVALID', `${file} models[${index}]: ${fault}; see docs/guide/models.md`)
  }
  return config
}

function planFault(plan: ModelPlan): string | undefined {
  if (!/^[a-z][\w-]{0,63}$/i.test(plan?.name ?? '')) return `name ${JSON.stringify(plan?.name)} is not a word`
  if (!/^[A-Z]\w*$/.test(plan.type ?? '')) return `type ${JSON.stringify(plan.type)} is not a capitalised word`
  if (
    !Array.isArray(plan.sources) ||
    plan.sources.some((source) => typeof source?.train !== 'string' || typeof source.text !== 'string' || typeof source.fields !== 'object')
  )
    return 'each source needs train, text and fields'
  if (!Array.isArray(plan.heads) || plan.heads.length === 0 || plan.heads.some((head) => head?.kind !== 'softmax' && head?.kind !== 'sigmoid'))
    return 'each head needs a name and the kind "softmax" or "sigmoid"'
  if (!(Number.isInteger(plan.folds) && plan.folds >= 2 && plan.folds <= 50)) return `folds ${JSON.stringify(plan.folds)} is not a count from 2 to 50`
  if (typeof plan.seed !== 'string') return `seed ${JSON.stringify(plan.seed)} is not a text`
  if (typeof plan.card !== 'object' || plan.card === null || !Array.isArray(plan.card.limits))
    return 'card needs summary, source, licence, attribution, split, use and limits'
  return undefined
}

/** Trains what the config lists and reports in lines. */
export async function runTrain(args: RunTrainArgs, out: (line: string) => void): Promise<void> {
  const config = readConfig(args.config)
  const folder = resolve(dirname(args.config), config.out ?? '.')
  mkdirSync(folder, { recursive: true })
  const plans = config.models.filter((plan) => args.only === undefined || plan.name === args.only)
  if (plans.length === 0)
    throw new BattutaError('CONFIG_INVALID', `the config has no model "${args.only}"; it has ${config.models.map((plan) => plan.name).join(', ')}`)
  const types: { name: string; labels: readonly string[] }[] = []
  for (const plan of plans) {
    const trained = await trainPlan(plan, args, folder, out)
    types.push({ name: plan.type, labels: trained.model.heads[0]!.labels })
  }
  if (args.only !== undefined) return
  writeFileSync(join(folder, 'labels.ts'), labelsFile(types))
  out(`wrote ${join(folder, 'labels.ts')}`)
}

async function trainPlan(plan: ModelPlan, args: RunTrainArgs, folder: string, out: (line: string) => void): Promise<TrainedModel> {
  const corpus = buildCorpus(readSources(plan, args.data, 'train'), plan.heads)
  out(`${plan.name}: ${corpus.texts.length} texts, ${corpus.labelCount} labels`)
  const trained = await trainTextModel({
    name: plan.name,
    corpus,
    plan: { ...fitDefaults, ...plan.plan },
    folds: plan.folds,
    seed: plan.seed,
    card: { summary: plan.card.summary, source: plan.card.source, licence: plan.card.licence, attribution: plan.card.attribution, metrics: {} },
    progress: progressLines(plan.name, out),
  })
  const validation = validate(plan, args.data, corpus, trained)
  if (validation !== undefined) for (const line of evaluationLines(validation)) out(`${plan.name}: validation: ${line}`)
  const facts: CardFacts = { ...plan.card, command: `battuta train ${args.config.split(/[\\/]/).at(-1)} --data DIR` }
  const card = cardMarkdown(facts, {
    model: trained.model,
    bytes: trained.bytes.length,
    texts: corpus.texts.length,
    folds: plan.folds,
    seed: plan.seed,
    crossValidation: trained.crossValidation,
    validation,
  })
  writeFileSync(join(folder, `${plan.name}.model`), trained.bytes)
  writeFileSync(join(folder, `${plan.name}.card.md`), card)
  out(`${plan.name}: wrote ${plan.name}.model (${trained.bytes.length} bytes, version ${trained.model.version}) and ${plan.name}.card.md to ${folder}`)
  return trained
}

function readSources(plan: ModelPlan, data: string, part: 'train' | 'validation'): LabelledText[] {
  return plan.sources.flatMap((source) => {
    const file = source[part]
    return file === undefined ? [] : readLabelled(resolve(data, file), source)
  })
}

/** The figures on validation texts, with the thresholds that cross-validation chose. */
function validate(plan: ModelPlan, data: string, corpus: Corpus, trained: TrainedModel): Evaluation | undefined {
  const rows = readSources(plan, data, 'validation')
  if (rows.length === 0) return undefined
  const thresholds = Object.fromEntries(trained.crossValidation.pooled.heads.flatMap((head) => head.labels.map((label) => [label.label, label.threshold])))
  return evaluate(trained.model, buildCorpus(rows, corpus.heads), thresholds)
}

/** One line per head. */
export function evaluationLines(evaluation: Evaluation): string[] {
  const percent = (share: number): string => (100 * share).toFixed(2)
  return evaluation.heads.map((head) => {
    const accuracy =
      head.accuracy === undefined ? '' : `accuracy ${percent(head.accuracy.value)} % [${percent(head.accuracy.low)}, ${percent(head.accuracy.high)}], `
    const labels = head.kind === 'softmax' ? '' : ` (${head.labels.map((label) => `${label.label} ${percent(label.f1)}`).join(', ')})`
    return `${head.name}: ${head.texts} texts, ${accuracy}macro-F1 ${percent(head.macroF1)} %${labels}, calibration error ${head.calibrationError.toFixed(4)}`
  })
}

/** Only the lines a person wants to see pass by: each fold once, and the ends of stages. */
function progressLines(name: string, out: (line: string) => void): (progress: Progress) => void {
  let last = ''
  return ({ stage, done, total, message }) => {
    const key = `${stage} ${done} ${total}`
    if (key === last) return
    last = key
    out(`${name}: ${message}`)
  }
}
