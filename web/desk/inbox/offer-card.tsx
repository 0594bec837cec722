import { useEffect, useRef } from 'preact/hooks'
import { Mark } from '../../shared/mark.tsx'
import { announceNow } from '../announce.ts'
import { serverNow } from '../clock.ts'
import { accept, decline, isLive } from '../connection.ts'
import { announcementBetween, beats, countdownOf } from '../countdown.ts'
import { channelGlyph, Glyph } from '../glyph.tsx'
import type { Ending, Offer } from '../offers.ts'
import { customerName, waited } from '../words.ts'
import { becauseWords } from '../because.ts'
import './offer-card.css'

const endings: Readonly<Record<Exclude<Ending, 'rejected'>, string>> = {
  taken: 'Taken by someone else',
  timeout: 'Time is up: it goes to the next',
  canceled: 'The customer waits no longer',
}

/** A conversation that is offered to this person, for as long as its beats last. */
export function OfferCard({ offer, first }: { offer: Offer; first: boolean }) {
  const at = serverNow.value
  const before = useRef(at)
  const { secondsLeft, beatsLeft, hurry, over } = countdownOf(offer, at)
  useEffect(() => {
    const seconds = announcementBetween(offer.expiresAt, before.current, at)
    before.current = at
    if (seconds !== null && offer.ended === null) announceNow(`${seconds} seconds left to accept`)
  }, [at])
  return (
    <section class={`offer${offer.ended === null ? '' : ' offer-ended'}`} aria-label={`Offer: ${customerName(offer.customer)}`}>
      <header>
        <Glyph name={channelGlyph(offer.channel)} />
        <h2>Offer for you</h2>
        {offer.ended === null && (
          <b class={`offer-left${hurry ? ' strained' : ''}`} aria-label={`${secondsLeft} seconds left`}>
            {waited(secondsLeft * 1_000)}
          </b>
        )}
      </header>
      {offer.ended === null ? <Beats left={beatsLeft} hurry={hurry} /> : <p class="offer-ending">{endings[offer.ended as keyof typeof endings]}</p>}
      <p>
        <b>{customerName(offer.customer)}</b> · {offer.queue}
        {offer.priority > 0 && `, priority ${offer.priority}`}
      </p>
      <p class="dim small offer-goal">{offer.goal}</p>
      {offer.because !== null && <p class="faint small">{becauseWords(offer.because)}</p>}
      {offer.ended === null && <Answer offer={offer} over={over} first={first} />}
    </section>
  )
}

function Answer({ offer, over, first }: { offer: Offer; over: boolean; first: boolean }) {
  const off = !isLive.value || over || offer.answering !== null
  return (
    <>
      <div class="offer-buttons">
        <button class="solid dense" disabled={off} onClick={() => void accept(offer)} aria-keyshortcuts={first ? 'A' : undefined}>
          {offer.answering === 'accept' ? 'Accepting' : 'Accept'} {first && <kbd>A</kbd>}
        </button>
        <button class="dense" disabled={off} onClick={() => void decline(offer)} aria-keyshortcuts={first ? 'D' : undefined}>
          {offer.answering === 'reject' ? 'Declining' : 'Decline'} {first && <kbd>D</kbd>}
        </button>
      </div>
      {!isLive.value && <p class="small strained">An offer cannot be accepted without a connection.</p>}
      {offer.problem !== null && (
        <p class="small strained" role="alert">
          <Mark of="strained" /> {offer.problem}
        </p>
      )}
    </>
  )
}

/** Twenty beats; one goes out a second, scaled to the offer's length. */
export function Beats({ left, hurry }: { left: number; hurry: boolean }) {
  return (
    <div class={`beats${hurry ? ' beats-hurry' : ''}`} aria-hidden="true">
      {Array.from({ length: beats }, (_, index) => (
        <i class={index < beats - left ? 'beat-gone' : ''} />
      ))}
    </div>
  )
}
