/** How much of the hand-off packet is seen. `first`: just accepted; on a narrow page it then fills the screen. */
import { signal } from '@preact/signals'

export type Fold = 'first' | 'open' | 'folded'

const folds = signal<Readonly<Record<string, Fold>>>({})
const isNarrow = () => matchMedia('(max-width: 899px)').matches

export function foldOf(conversation: string): Fold {
  return folds.value[conversation] ?? (isNarrow() ? 'folded' : 'open')
}

export function setFold(conversation: string, fold: Fold): void {
  folds.value = { ...folds.value, [conversation]: fold }
}

export function toggleFold(conversation: string): void {
  setFold(conversation, foldOf(conversation) === 'folded' ? 'open' : 'folded')
}
