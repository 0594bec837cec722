/** Tells the other side that somebody types: at most once in a while, and that it is over when it is. */
import { useEffect, useRef } from 'preact/hooks'

const repeatMs = 3_000
const idleMs = 4_000

export function useTypingSign(tell: (on: boolean) => void) {
  const state = useRef<{ on: boolean; toldAt: number; timer: ReturnType<typeof setTimeout> | undefined }>({ on: false, toldAt: 0, timer: undefined })
  const stop = () => {
    clearTimeout(state.current.timer)
    if (!state.current.on) return
    state.current.on = false
    tell(false)
  }
  const sign = (on: boolean) => {
    if (!on) return stop()
    clearTimeout(state.current.timer)
    state.current.timer = setTimeout(stop, idleMs)
    const at = Date.now()
    if (state.current.on && at - state.current.toldAt < repeatMs) return
    state.current.on = true
    state.current.toldAt = at
    tell(true)
  }
  useEffect(() => stop, [])
  return { sign, stop }
}
