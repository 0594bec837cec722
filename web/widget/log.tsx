import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Glyph } from './glyph.tsx'
import { Line } from './line.tsx'
import { Speaker } from './speaker.tsx'
import type { Parts } from './parts.ts'

/** How near to its end the log must be to follow what comes, in pixels. */
const followPx = 80

export function Log({ parts }: { parts: Parts }) {
  const { speech, talk } = parts
  const { ref, isFollowing, toEnd, look } = useFollowing(parts)
  const lines = talk.lines.value
  return (
    <div class="log-frame">
      <div class="log" ref={ref} onScroll={look} tabIndex={0} role="region" aria-label={speech.words.conversation}>
        <p class="first">
          <b>{speech.words.ai}</b> {speech.words.aiMore}
        </p>
        <div role="log" aria-live="polite" aria-relevant="additions" aria-busy={!talk.isCaughtUp.value} aria-label={speech.words.conversation}>
          <ol>
            {lines.map((line) => (
              <Line key={line.entry.key} line={line} parts={parts} />
            ))}
          </ol>
        </div>
        <Typing parts={parts} />
      </div>
      {!isFollowing && talk.unread.value > 0 && (
        <button type="button" class="newer" onClick={toEnd}>
          <Glyph of="down" /> {speech.words.newBelow}
        </button>
      )}
    </div>
  )
}

/** The log stays at its end while the reader does, and has been read as far as they could see it. */
function useFollowing({ talk }: Parts) {
  const ref = useRef<HTMLDivElement>(null)
  const following = useRef(true)
  const [isFollowing, setFollowing] = useState(true)
  const lines = talk.lines.value
  const typing = talk.typing.value
  const readIfSeen = () => {
    if (following.current && document.visibilityState === 'visible') talk.seen()
  }
  const toEnd = () => {
    following.current = true
    setFollowing(true)
    if (ref.current) ref.current.scrollTop = ref.current.scrollHeight
    readIfSeen()
  }
  // Before the next scroll event can look: what was just added is no sign that the reader scrolled away.
  useLayoutEffect(() => {
    if (following.current) toEnd()
  }, [lines, typing])
  useEffect(() => {
    document.addEventListener('visibilitychange', readIfSeen)
    // A panel that grows or shrinks (a keyboard, a file above the field) keeps its end in sight.
    const sizes = new ResizeObserver(() => following.current && toEnd())
    if (ref.current) sizes.observe(ref.current)
    return () => {
      document.removeEventListener('visibilitychange', readIfSeen)
      sizes.disconnect()
    }
  }, [])
  const look = () => {
    const log = ref.current
    if (!log) return
    following.current = log.scrollHeight - log.scrollTop - log.clientHeight < followPx
    setFollowing(following.current)
    readIfSeen()
  }
  return { ref, isFollowing, toEnd, look }
}

/** Three beats, under the name of who writes. Never read out: it comes and goes too often. */
function Typing({ parts }: { parts: Parts }) {
  const { speech, talk } = parts
  const from = talk.typing.value
  if (from === null) return null
  const last = talk.lines.value.at(-1)
  const isNamed = last?.kind === 'theirs' && last.entry.from === from
  return (
    <div class="theirs typing">
      {!isNamed && <Speaker of={{ from, team: talk.owner.value?.team ?? null }} speech={speech} />}
      <p class="bubble beats" role="img" aria-label={from === 'human' ? speech.words.colleagueWrites : speech.words.assistantWrites}>
        <i />
        <i />
        <i />
      </p>
    </div>
  )
}
