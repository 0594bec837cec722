import { useRef } from 'preact/hooks'
import type { FeatureReply } from '../../../src/client/index.ts'
import { Spark } from '../../console/customers/spark.tsx'
import { value } from '../../shared/format.ts'
import { Mark } from '../../shared/mark.tsx'
import { now } from '../clock.ts'
import type { Opened } from '../conversation-state.ts'
import { brief, featureLabel, statusWords } from '../words.ts'

/** Values kept of each feature, for its spark. */
const valuesMax = 60
/** More than these that are not known are told in one line. */
const absentMax = 3
/** A line needs this many values to have a course. */
const sparkMin = 3

/** The live features, each with its age; what is not there says why. */
export function RightNow({ held: { id, features, featuresAt } }: { held: Opened }) {
  const courses = useCourses(id, features)
  const names = Object.keys(features ?? {})
  const absent = names.filter((name) => isAbsent((features as Record<string, FeatureReply>)[name]))
  const folded = absent.length > absentMax ? absent : []
  const olderMs = Math.max(0, now.value - featuresAt)
  return (
    <section aria-labelledby="now-title">
      <h3 id="now-title">
        Right now <span>age</span>
      </h3>
      {features === null && (
        <>
          <div class="stave-lines" aria-hidden="true" />
          <p class="small dim">Reading the features.</p>
        </>
      )}
      {features !== null && names.length === 0 && <p class="small dim">This app declares no features.</p>}
      <table>
        <thead class="aside-text">
          <tr>
            <th scope="col">Feature</th>
            <th scope="col">Course</th>
            <th scope="col">Value</th>
            <th scope="col">Age</th>
          </tr>
        </thead>
        <tbody>
          {names
            .filter((name) => !folded.includes(name))
            .map((name) => (
              <Feature
                key={name}
                name={name}
                feature={(features as Record<string, FeatureReply>)[name] as FeatureReply}
                course={courses[name] ?? []}
                olderMs={olderMs}
              />
            ))}
        </tbody>
      </table>
      {folded.length > 0 && (
        <details class="absent small">
          <summary>{folded.length} more are not known</summary>
          <p class="dim">{folded.map(featureLabel).join(' · ')}</p>
        </details>
      )}
    </section>
  )
}

/** Nothing of the kind ever happened, or nothing in the window. */
function isAbsent(feature: FeatureReply | undefined): boolean {
  return feature?.status === 'NOT_FOUND' || feature?.status === 'NULL_VALUE'
}

function Feature({
  name,
  feature: { status, value: held, ageMs },
  course,
  olderMs,
}: {
  name: string
  feature: FeatureReply
  course: readonly number[]
  olderMs: number
}) {
  const age = ageMs === null ? '–' : brief(ageMs + olderMs)
  const moved = status === 'PRESENT' && course.length >= sparkMin && course.some((other) => other !== course[0])
  return (
    <tr>
      <th scope="row" colSpan={moved ? 1 : 2}>
        {featureLabel(name)}
      </th>
      {status === 'PRESENT' ? (
        <>
          {moved && (
            <td>
              <Spark values={course} steps={false} />
            </td>
          )}
          <td class="num">
            <b>{value(held)}</b>
          </td>
        </>
      ) : (
        <td class={`num ${status === 'OUTSIDE_MAX_AGE' ? 'strained' : 'dim'}`}>
          {status === 'OUTSIDE_MAX_AGE' && <Mark of="strained" />} {statusWords[status]}
        </td>
      )}
      <td class="num faint">{age}</td>
    </tr>
  )
}

/** Numbers as they came since the conversation was opened: real ones, or no course. */
function useCourses(id: string, features: Opened['features']): Readonly<Record<string, readonly number[]>> {
  const seen = useRef<{ id: string; features: Opened['features']; courses: Record<string, readonly number[]> }>({ id, features: null, courses: {} })
  if (seen.current.id !== id) seen.current = { id, features: null, courses: {} }
  if (features !== null && features !== seen.current.features) {
    seen.current.features = features
    for (const [name, { status, value: held }] of Object.entries(features))
      if (status === 'PRESENT' && typeof held === 'number') seen.current.courses[name] = [...(seen.current.courses[name] ?? []), held].slice(-valuesMax)
  }
  return seen.current.courses
}
