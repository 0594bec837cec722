/** A value that is asked for at a door: again when its key changes, and every so often when that is said. What is known stays meanwhile. */
import { useEffect, useState } from 'preact/hooks'
import { BattutaClientError } from '../../src/client/index.ts'
import { endSession } from './session.ts'

export interface Asked<Value> {
  readonly value: Value | null
  readonly error: BattutaClientError | null
  readonly again: () => void
}

interface State<Value> {
  readonly key: string | null
  readonly value: Value | null
  readonly error: BattutaClientError | null
}

export function useAsked<Value>(key: string | null, ask: () => Promise<Value>, everyMs: number | null = null): Asked<Value> {
  const [state, setState] = useState<State<Value>>({ key: null, value: null, error: null })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (key === null) return
    let current = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const next = async () => {
      if (!document.hidden || state.key !== key) {
        try {
          const value = await ask()
          if (current) setState({ key, value, error: null })
        } catch (error) {
          if (!(error instanceof BattutaClientError)) throw error
          if (error.code === 'UNAUTHENTICATED') endSession()
          if (current) setState((old) => ({ key, value: old.key === key ? old.value : null, error }))
        }
      }
      if (current && everyMs !== null) timer = setTimeout(() => void next(), everyMs)
    }
    void next()
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [key, turn])
  const known = state.key === key && key !== null
  return { value: known ? state.value : null, error: known ? state.error : null, again: () => setTurn((old) => old + 1) }
}
