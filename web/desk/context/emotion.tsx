import type { Opened } from '../conversation-state.ts'
import { TextTwin } from '../../console/text-twin.tsx'
import { clock } from '../../shared/format.ts'
import { useSize } from '../../shared/size.ts'
import { person } from '../floor.ts'
import { joinedAt } from '../thread-lines.ts'
import { courseOf, levelWords, turnsMax } from './course.ts'

const heightPx = 80
const labels = ['angry', null, 'worried', null, 'calm'] as const

/** The course of the customer's emotion, read from their text only: five lines, a note a turn, a bar line where one joined. */
export function Emotion({ held: { emotion, entries, head } }: { held: Opened }) {
  const { ref, width } = useSize<HTMLDivElement>()
  const plotPx = Math.max(0, width - 56)
  const { points, lines, joinedX } = courseOf(emotion, head && joinedAt(entries, person.value?.id ?? null, head), plotPx, heightPx)
  const shown = emotion.slice(-turnsMax)
  const last = shown.at(-1)
  return (
    <section aria-labelledby="emotion-title">
      <h3 id="emotion-title">
        Emotion <span>last {turnsMax} turns, read from the text</span>
      </h3>
      <div ref={ref} class="emotion-plot">
        {plotPx > 0 && (
          <svg width={width} height={heightPx + 14} role="img" aria-label={last === undefined ? 'No turn yet' : `Now ${levelWords(last.level)}`}>
            {lines.map((y, index) => (
              <>
                <line class="emotion-line" x1={56} x2={width} y1={y} y2={y} />
                {labels[index] && (
                  <text x={48} y={y + 4} text-anchor="end">
                    {labels[index]}
                  </text>
                )}
              </>
            ))}
            <g transform="translate(56 0)">
              <polyline class="emotion-course" points={points.map(({ x, y }) => `${x},${y}`).join(' ')} />
              {joinedX !== null && (
                <>
                  <line class="emotion-joined" x1={joinedX} x2={joinedX} y1={lines[0]} y2={lines.at(-1)} />
                  <text x={joinedX} y={heightPx + 8} text-anchor={joinedX > plotPx - 16 ? 'end' : 'middle'}>
                    you
                  </text>
                </>
              )}
              {points.map(({ x, y }, index) => (
                <circle class="emotion-note" cx={x} cy={y} r={index === points.length - 1 ? 4.5 : 3} />
              ))}
            </g>
          </svg>
        )}
      </div>
      {shown.length === 0 ? (
        <p class="small dim">No turn of the customer has been read yet.</p>
      ) : (
        <TextTwin of="Emotion" head={['turn', 'read as']} rows={shown.map(({ at, level }) => [clock(at), levelWords(level)])} />
      )}
    </section>
  )
}
