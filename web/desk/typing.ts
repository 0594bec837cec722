/** Who is typing, as told. A sign that is not repeated goes out by itself. */
import { signal } from '@preact/signals'

/** A sign that no other follows is over after this long. */
const typingMsMax = 6_000

export interface Typing {
  readonly from: 'customer' | 'human'
  readonly by: string | null
}

export const typing = signal<Readonly<Record<string, Typing>>>({})
const timers = new Map<string, ReturnType<typeof setTimeout>>()

export function sawTyping(conversation: string, who: Typing, on: boolean): void {
  clearTimeout(timers.get(conversation))
  timers.delete(conversation)
  const { [conversation]: _, ...rest } = typing.value
  typing.value = on ? { ...rest, [conversation]: who } : rest
  if (on)
    timers.set(
      conversation,
      setTimeout(() => sawTyping(conversation, who, false), typingMsMax),
    )
}
