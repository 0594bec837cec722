import { useEffect, useState } from 'preact/hooks'
import { serverNow } from '../clock.ts'
import { completeWrapUp, endWrapUp } from '../connection.ts'
import { items } from '../inbox.ts'
import { wrappings } from '../offers.ts'
import type { Wrapping } from '../offers.ts'
import { customerName, waited, words } from '../words.ts'

/** Conversations that left this desk and are being noted down: a code each, until their time is over. */
export function WrapUpCards() {
  return (
    <>
      {wrappings.value.map((wrapping) => (
        <WrapUpCard key={wrapping.reservation} wrapping={wrapping} />
      ))}
    </>
  )
}

function WrapUpCard({ wrapping: { reservation, conversation, endsAt, codes, customer } }: { wrapping: Wrapping }) {
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const leftMs = endsAt - serverNow.value
  useEffect(() => {
    if (leftMs <= 0) endWrapUp(reservation)
  }, [leftMs <= 0])
  const held = items.value.get(conversation)?.customer ?? customer
  const choose = async (code: string) => {
    setBusy(true)
    const error = await completeWrapUp(reservation, code)
    setBusy(false)
    if (error) setProblem(error.detail)
  }
  return (
    <section class="offer wrap-up" aria-label="Wrap up">
      <header>
        <h2>Wrap up{held !== null && ` ${customerName(held)}`}</h2>
        <b class="offer-left">{waited(leftMs + 999)}</b>
      </header>
      <p class="small dim">What came of it? Your place is free when you have said so, or when the time is over.</p>
      <div class="wrap-up-codes">
        {codes.map((code) => (
          <button class="dense" disabled={busy} onClick={() => void choose(code)}>
            {words(code)}
          </button>
        ))}
      </div>
      {problem !== null && (
        <p class="small strained" role="alert">
          {problem}
        </p>
      )}
    </section>
  )
}
