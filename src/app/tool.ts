/** Tools: what a flow may ask of the outside, or change there. */
import type { Duration } from '../base/index.ts'
import type { StandardSchema, ToolContext } from '../definition/index.ts'
import type { ToolDraft } from './draft.ts'
import { deepFreeze } from './freeze.ts'
import { onlyKeys } from './keys.ts'
import { millis } from './options.ts'

type TypesOf<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>

export interface ToolOptions<Input extends StandardSchema, Output extends StandardSchema> {
  /** What a flow gives it. Checked before the call leaves; it travels as JSON. */
  readonly input: Input
  /** What it must come back with. Checked before the flow sees it; it travels as JSON. */
  readonly output: Output
  /** Whether it changes something outside; false when it is not said. */
  readonly changes?: boolean
  /** How long one attempt may take; `5s` when it is not said. */
  readonly timeout?: Duration
  /** How often it is tried when it throws or takes too long; 3 when it is not said. An error with `retry: false` is not tried again. */
  readonly attempts?: number
  /** Acts at least once, and must act once for one `idempotencyKey`. */
  readonly run: (input: TypesOf<Input>['output'], context: ToolContext) => Promise<TypesOf<Output>['input']>
  /** Undoes what was done, when a correction or a cancellation makes it wrong. */
  readonly compensate?: (
    done: { readonly input: TypesOf<Input>['output']; readonly output: TypesOf<Output>['output'] },
    context: ToolContext,
  ) => Promise<unknown>
}

/**
 * A tool of flows.
 * @example
 * tool({
 *   input: z.object({ last4: z.string() }),
 *   output: z.object({ state: z.enum(['active', 'blocked']) }),
 *   run: async ({ last4 }, { signal }) => bank.card(last4, signal),
 * })
 */
export function tool<const Input extends StandardSchema, const Output extends StandardSchema>(
  options: ToolOptions<Input, Output>,
): ToolDraft<TypesOf<Input>['input'], TypesOf<Output>['output']> {
  onlyKeys('tool(…)', options ?? null, ['input', 'output', 'changes', 'timeout', 'attempts', 'run', 'compensate'])
  return deepFreeze({
    kind: 'tool',
    input: options.input,
    output: options.output,
    run: options.run,
    changes: options.changes ?? false,
    compensate: (options.compensate as ToolDraft['compensate'] | undefined) ?? null,
    timeoutMs: millis('tool(…)', 'timeout', options.timeout ?? '5s'),
    attemptsMax: options.attempts ?? 3,
  })
}
