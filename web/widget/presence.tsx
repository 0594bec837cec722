import { Mark } from '../shared/mark.tsx'
import type { Parts } from './parts.ts'

/** Who is at the other end, in a line. */
export function sayPresence({ speech: { words }, talk }: Parts): string {
  if (talk.isOff.value) return words.noConnection
  if (talk.isWaiting.value) return words.personComing
  if (talk.owner.value?.role === 'human') return words.personHere
  return talk.state.value?.kind === 'connecting' && talk.entries.value.length === 0 ? words.connecting : words.assistantHere
}

export function Presence({ parts }: { parts: Parts }) {
  const { talk } = parts
  const role = talk.owner.value?.role ?? 'bot'
  const isThere = !talk.isOff.value && !talk.isWaiting.value
  return (
    <span class="presence">
      {isThere && <Mark of={role} />}
      <span>{sayPresence(parts)}</span>
    </span>
  )
}
