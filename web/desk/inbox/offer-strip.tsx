import { serverNow } from '../clock.ts'
import { accept, isLive } from '../connection.ts'
import { countdownOf } from '../countdown.ts'
import { go } from '../navigation.ts'
import { offers } from '../offers.ts'
import { customerName, waited } from '../words.ts'

/** On a narrow page an offer is in reach on every pane, not only in the inbox. */
export function OfferStrip() {
  const offer = offers.value.find(({ ended }) => ended === null)
  if (!offer) return null
  const { secondsLeft, hurry, over } = countdownOf(offer, serverNow.value)
  return (
    <div class="offer-strip">
      <button class="in-text cut" onClick={() => go({ pane: 'inbox' })}>
        Offer: {customerName(offer.customer)}, {offer.queue}
      </button>
      <b class={hurry ? 'strained' : ''}>{waited(secondsLeft * 1_000)}</b>
      <button class="solid dense" disabled={!isLive.value || over || offer.answering !== null} onClick={() => void accept(offer)}>
        Accept
      </button>
    </div>
  )
}
