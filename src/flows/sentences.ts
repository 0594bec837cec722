/** What a flow says of its own accord. */
import { shownValue } from './plain.ts'

export const sentences = {
  understood: (label: string, value: unknown): string => `Understood: ${label} ${shownValue(value)}.`,
  already: (label: string, value: unknown): string => `That is what I have: ${label} ${shownValue(value)}.`,
  unclear: (wanted: string): string => `Sorry, I did not get that. ${wanted}`,
  stillWorking: 'I am still working on it and come back to you as soon as I know.',
  backFromPerson: 'I go on from what you agreed with my colleague.',
  back: 'Back to where we were.',
  canceled: 'All right, I have stopped.',
  canceledUndoing: 'All right, I have stopped, and I am undoing what I had changed.',
  canceledDone: 'All right, I have stopped. What was done already stays as it is.',
  gaveUp: 'I do not seem to get this right, so I would rather not keep asking.',
} as const
