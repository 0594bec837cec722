/** Writes the source of an app of any size, to weigh what its types cost. */

export interface AppSize {
  readonly events: number
  readonly features: number
  readonly policies: number
  readonly answers: number
  readonly labels: number
}

export function generatedApp({ events, features, policies, answers, labels }: AppSize): string {
  const range = <Item>(count: number, item: (index: number) => Item): Item[] => Array.from({ length: count }, (_, index) => item(index))
  const builders = [
    (e: number) => `count(event${e}, { where: { kind: 'b' } }).over('5m')`,
    (e: number) => `sum(event${e}, 'amount', { where: { currency: 'EUR' } }).over('30d')`,
    (e: number) => `last(event${e}, 'kind').over('1h')`,
    (e: number) => `distinct(event${e}, 'shop').over('1d')`,
    (e: number) => `ewma(event${e}, 'amount').over('1h')`,
  ]
  const builder = (index: number): string => builders[index % builders.length]?.(index % events) ?? ''
  return [
    `import { count, distinct, event, ewma, last, linear, setup, sum } from 'battuta'`,
    `import { z } from 'zod'`,
    `type Label = ${range(labels, (l) => `'label_${l}'`).join(' | ')}`,
    ...range(
      events,
      (e) =>
        `const event${e} = event({ amount: z.number(), currency: z.string(), shop: z.string().optional(), kind: z.enum(['a', 'b', 'c']), flag: z.boolean(), field${e}: z.string() })`,
    ),
    'const app = setup({',
    `  events: { ${range(events, (e) => `event${e}`).join(', ')} },`,
    '  features: {',
    ...range(features, (f) => `    feature${f}: ${builder(f)},`),
    '  },',
    `  models: { intent: linear<Label>('intent'), tone: linear<'anger' | 'joy'>('tone') },`,
    '  answers: {',
    ...range(answers, (a) => `    answer${a}: ${a % 2 ? `'text'` : `({ features }) => \`\${features.feature${a % features}?.value ?? 0}\``},`),
    '  },',
    '})',
    `export default app.app({ name: 'generated', policies: {`,
    ...range(policies, (p) =>
      policySource(
        p,
        range(12, (i) => (p * 7 + i * 5) % features),
      ),
    ),
    '} })',
    '',
  ].join('\n')
}

function policySource(index: number, features: readonly number[]): string {
  const inbound = index % 2 === 0
  const first = features[0] ?? 0
  return `  policy${index}: app.policy({ on: ${inbound ? `'message.received', models: ['intent', 'tone']` : `'event${index}'`}, budget: '300ms', features: [${features.map((f) => `'feature${f}'`).join(', ')}] },
    ({ event, features, models, answer, nothing }) => {
      ${inbound ? `if (models.intent.label === 'label_1' && (models.tone.scores?.anger ?? 0) > 0.5) return answer('answer1')` : `if (event.data.kind === 'a' && event.data.amount > 5) return answer('answer2')`}
      return features.feature${first}.value === null ? nothing() : answer('answer0', { because: 'it is known' })
    }),`
}
