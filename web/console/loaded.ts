/** A value that is fetched: asked again when its key changes, with what is known kept on screen meanwhile. */
import { useEffect, useState } from 'preact/hooks'
import { BattutaClientError } from '../../src/client/index.ts'
import { endSession } from './session.ts'

export interface Loaded<Value> {
  readonly value: Value | null
  readonly error: BattutaClientError | null
  readonly loading: boolean
  readonly again: () => void
}

/**
 * @param key what the value is of; a value of another key is never shown
 * @param ask fetches it
 * @param moved changes when the value may have: it is asked for again, and shown until the answer comes
 */
export function useLoaded<Value>(key: string | null, ask: () => Promise<Value>, moved = ''): Loaded<Value> {
  const [state, setState] = useState<{ key: string | null; value: Value | null; error: BattutaClientError | null }>({ key: null, value: null, error: null })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (key === null) return
    let current = true
    ask().then(
      (value) => current && setState({ key, value, error: null }),
      (error: unknown) => {
        if (!(error instanceof BattutaClientError)) throw error
        if (error.code === 'UNAUTHENTICATED') endSession()
        if (current) setState((old) => ({ key, value: old.key === key ? old.value : null, error }))
      },
    )
    return () => {
      current = false
    }
  }, [key, turn, moved])
  const known = state.key === key && key !== null
  return { value: known ? state.value : null, error: known ? state.error : null, loading: key !== null && !known, again: () => setTurn((old) => old + 1) }
}
