/** What screen readers are told. The regions are on the page from its start: a region that comes with its text may go unread. */
import { signal } from '@preact/signals'

export const politeText = signal('')
export const urgentText = signal('')

export function announce(text: string): void {
  politeText.value = told(politeText.value, text)
}

export function announceNow(text: string): void {
  urgentText.value = told(urgentText.value, text)
}

/** The same words twice are two messages: a trailing space makes the region change. */
function told(before: string, text: string): string {
  return before === text ? `${text}\u00a0` : text
}
