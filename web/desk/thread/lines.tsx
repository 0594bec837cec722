import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Opened } from '../conversation-state.ts'
import { isLive } from '../connection.ts'
import { person, workerName } from '../floor.ts'
import { read } from '../inbox.ts'
import { threadLines } from '../thread-lines.ts'
import { typing } from '../typing.ts'
import { unsent } from '../unsent.ts'
import { Bar, NoteLine, Said, Typing, UnsentLine } from './line.tsx'

/** This near to its end, a conversation goes on with what comes; farther up, the reading place is kept. */
const nearEndPx = 48

export function Lines({ held }: { held: Opened }) {
  const { id, head, entries, notes, seenSeq } = held
  const me = person.value?.id ?? null
  const lines = threadLines(entries, notes, { me, nameOf: workerName, current: { epoch: head?.epoch ?? 0, worker: head?.worker ?? null } })
  const waiting = unsent.value.filter(({ said }) => said.conversation === id)
  const who = typing.value[id]
  const { box, below, follow, toEnd } = useReadingPlace(id, lines.length + waiting.length, entries.at(-1)?.seq ?? 0)
  return (
    <div class="lines-frame">
      <div ref={box} class="lines" role="log" aria-live="off" aria-label="What was said" tabIndex={0} onScroll={follow}>
        {lines.length === 0 && <p class="dim lines-empty">Nothing was said yet.</p>}
        {lines.map((line) =>
          line.kind === 'said' ? (
            <Said key={line.key} entry={line.entry} seen={line.entry.seq <= seenSeq} me={me} />
          ) : line.kind === 'bar' ? (
            <Bar key={line.key} line={line} />
          ) : (
            <NoteLine key={line.key} note={line.note} />
          ),
        )}
        {waiting.map((one) => (
          <UnsentLine key={one.said.id} unsent={one} live={isLive.value} />
        ))}
        {who && <Typing who={who} />}
      </div>
      {below > 0 && (
        <button class="dense lines-below" onClick={toEnd}>
          {below} new below
        </button>
      )}
    </div>
  )
}

/** Keeps the reading place: at the end it goes on with what comes; anywhere else it stands, and what came is counted. */
function useReadingPlace(id: string, count: number, lastSeq: number) {
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const counted = useRef(count)
  const placed = useRef(0)
  const [below, setBelow] = useState(0)
  const toEnd = () => {
    if (box.current) {
      box.current.scrollTop = box.current.scrollHeight
      placed.current = box.current.scrollTop
    }
    atEnd.current = true
    setBelow(0)
    read(id, lastSeq)
  }
  const follow = () => {
    if (!box.current) return
    const { scrollTop, scrollHeight, clientHeight } = box.current
    // The echo of our own scrolling may come after the box has shrunk: it is nobody's wish to read farther up.
    if (atEnd.current && scrollTop === placed.current) return
    atEnd.current = scrollHeight - scrollTop - clientHeight < nearEndPx
    if (!atEnd.current) return
    setBelow(0)
    read(id, lastSeq)
  }
  useLayoutEffect(() => {
    const fresh = count - counted.current
    counted.current = count
    if (atEnd.current) toEnd()
    else if (fresh > 0) setBelow((old) => old + fresh)
  }, [count, lastSeq])
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    // The packet is folded, the field grows: at the end one stays at the end.
    const observer = new ResizeObserver(() => atEnd.current && toEnd())
    observer.observe(element)
    return () => observer.disconnect()
  }, [id, lastSeq])
  return { box, below, follow, toEnd }
}
