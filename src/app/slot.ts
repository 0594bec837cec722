/** Slots: what a flow must learn from the customer, each with its type. */
import type { SlotType } from '../definition/index.ts'
import type { SlotDraft } from './draft.ts'
import { deepFreeze } from './freeze.ts'
import { onlyKeys } from './keys.ts'
import { copied } from './options.ts'

export interface SlotOptions<Value> {
  /** What people call it: `card number`. A customer corrects it by this name. */
  readonly label: string
  /** Finds the value in what the customer wrote, in place of the type's own way; `undefined` where it is not there. Pure. */
  readonly read?: (text: string) => Value | null | undefined
  /** True, or a sentence to the customer that says what would do. Pure. */
  readonly validate?: (value: Value) => true | string
}

/**
 * The kinds of slots. Each says its type to the flow's body: `ask('amount', …)` of `slot.amount` gives a number.
 * @example
 * slot.digits(4, { label: 'card number' })
 * slot.amount({ label: 'amount', validate: (amount) => amount <= 500 || 'I can move 500 euros at most.' })
 */
export const slot = Object.freeze({
  /** Any words. */
  text: (options: SlotOptions<string>): SlotDraft<string> => slotOf('text', options),
  /** One of the options, by its name or by its place (“the second”). */
  choice: <const Option extends string>(options: readonly Option[], more: SlotOptions<NoInfer<Option>>): SlotDraft<Option> =>
    slotOf('choice', more, { options: copied(options) }),
  /** A sum of money, without its currency: `1.250,50`, `$50`, `2k`. */
  amount: (options: SlotOptions<number>): SlotDraft<number> => slotOf('amount', options),
  yesNo: (options: SlotOptions<boolean>): SlotDraft<boolean> => slotOf('yesNo', options),
  /** So many digits, as text: leading zeros count. The end of a longer number will do. */
  digits: (length: number, options: SlotOptions<string>): SlotDraft<string> => slotOf('digits', options, { length }),
})

function slotOf<Value>(
  type: SlotType,
  options: SlotOptions<Value>,
  more: { readonly options?: readonly string[]; readonly length?: number } = {},
): SlotDraft<Value> {
  onlyKeys(`slot.${type}(…)`, options ?? null, ['label', 'read', 'validate'])
  const { label, read = null, validate = null } = options
  return deepFreeze({ kind: 'slot', label, type, options: more.options ?? [], length: more.length ?? null, read, validate })
}
