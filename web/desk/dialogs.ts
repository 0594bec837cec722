/** Which dialog is open: at most one, from a button or a key. */
import { signal } from '@preact/signals'

export type DialogName = 'keys' | 'hand-over' | 'give-back' | 'resolve'

export const openDialog = signal<DialogName | null>(null)
