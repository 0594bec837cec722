import { Mark } from '../shared/mark.tsx'
import type { Speaker as Named } from './lines.ts'
import { fill } from './words/speech.ts'
import type { Speech } from './words/speech.ts'

/** Who speaks: a shape, and the word for it. An AI is called one every time. */
export function Speaker({ of: { from, team }, speech: { words } }: { of: Named; speech: Speech }) {
  const word = from !== 'human' ? words.assistant : team === null ? words.colleague : fill(words.colleagueOf, { team })
  return (
    <p class="by">
      <Mark of={from} /> {word}
    </p>
  )
}
