import { useEffect, useState } from 'preact/hooks'
import type { Parts } from './parts.ts'
import { fill } from './words/speech.ts'

/** Who answers, or how to reach a person; without a connection, when the next try is. */
export function Foot({ parts }: { parts: Parts }) {
  const { speech, talk } = parts
  const { words } = speech
  if (talk.isOff.value) return <NextTry parts={parts} />
  if (talk.owner.value?.role === 'human') return <p class="foot">{words.personAnswers}</p>
  if (talk.isWaiting.value) return <p class="foot">{words.personWillAnswer}</p>
  return (
    <p class="foot">
      <button type="button" class="in-text" onClick={() => talk.say(words.askPerson)}>
        {words.askPerson}
      </button>
    </p>
  )
}

function NextTry({ parts: { speech, talk } }: { parts: Parts }) {
  const { words } = speech
  const state = talk.state.value
  const seconds = useSecondsUntil(state?.kind === 'waiting' ? state.retryAt : null)
  return (
    <p class="foot">
      <span aria-hidden="true">
        {state?.kind === 'waiting' && fill(words.tryingIn, { seconds })}
        {state?.kind === 'refused' && (words.refusals[state.error.code as keyof typeof words.refusals] ?? state.error.detail)}
      </span>
      <button type="button" class="in-text" aria-label={words.tryNow} onClick={() => talk.retryNow()}>
        {words.now}
      </button>
    </p>
  )
}

function useSecondsUntil(at: number | null): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [at])
  return at === null ? 0 : Math.max(1, Math.ceil((at - now) / 1_000))
}
