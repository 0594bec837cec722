import { ChatPanel } from './chat-panel.tsx'
import './bank-page.css'

const topics = [
  {
    title: 'A card was declined',
    text: 'Most declines come from the daily limit, a blocked card or a till without a connection. Ask here and the assistant looks at what happened to yours.',
  },
  {
    title: 'A card has not arrived',
    text: 'Cards come by post, in a plain envelope, and are switched off until you switch them on. If yours is late, a new one can be sent and the old one is stopped.',
  },
  {
    title: 'A payment you do not know',
    text: 'Shops sometimes book under another name. If the amount means nothing to you, say so soon: the card can be stopped at once and the payment disputed.',
  },
  {
    title: 'Transfers, top-ups and exchange',
    text: 'Ask how long a transfer takes, what it costs, which rate applies, or why a top-up was sent back.',
  },
] as const

/** A bank's help page, in the bank's own look, with its chat on it. */
export function BankPage() {
  return (
    <>
      <header class="bank-top">
        <a class="bank-name" href="/demo">
          Harbour Bank
        </a>
        <span class="bank-where">Help</span>
      </header>
      <main class="bank">
        <div class="bank-text">
          <h1>How can we help?</h1>
          <p class="bank-lead">Ask in the chat in your own words, or read on. We never ask for your PIN or a password, here or anywhere else.</p>
          <section class="bank-topics" aria-label="Topics">
            {topics.map(({ title, text }) => (
              <article>
                <h2>{title}</h2>
                <p>{text}</p>
              </article>
            ))}
          </section>
          <p class="bank-small">Harbour Bank is a demonstration company. Nothing you write here reaches a bank.</p>
        </div>
        <ChatPanel />
      </main>
    </>
  )
}
