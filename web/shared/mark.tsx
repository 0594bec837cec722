import type { Act } from '../../src/client/index.ts'

const shapes = {
  bot: <rect x="1.5" y="1.5" width="9" height="9" />,
  agent: <path d="M6 0l6 6-6 6-6-6z" />,
  human: <circle cx="6" cy="6" r="5.2" />,
  reachOut: <path d="M6 1.5l5 9H1z" />,
  nothing: <path d="M1.5 6h9" />,
  strained: <path d="M6 1.5l5 9H1z" />,
  broken: <path d="M6 1.5l5 9H1z" />,
}

export const actWords: Readonly<Record<Act, string>> = { bot: 'bot', agent: 'agent', human: 'human', reachOut: 'reach out', nothing: 'nothing' }

/** Who acts, or what needs a look: shape first, colour second. A word always stands beside it, so it says nothing itself. */
export function Mark({ of }: { of: Act | 'strained' | 'broken' }) {
  return (
    <svg class={`mark mark-${of}`} viewBox="0 0 12 12" aria-hidden="true">
      {shapes[of]}
    </svg>
  )
}
