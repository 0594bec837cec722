import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Fact, HandoffPacket, Told } from '../../../src/client/index.ts'
import { clock } from '../../shared/format.ts'
import { Icon } from '../../shared/icon.tsx'
import { becauseWords } from '../because.ts'
import { person, workerName } from '../floor.ts'
import { Glyph } from '../glyph.tsx'
import { words } from '../words.ts'
import { foldOf, setFold, toggleFold } from './packet-fold.ts'
import './packet.css'

/** What whoever takes over must know, before anything else. */
export function Packet({ conversation, packet }: { conversation: string; packet: HandoffPacket }) {
  const fold = foldOf(conversation)
  const section = useRef<HTMLElement>(null)
  useEffect(() => {
    if (fold === 'first') section.current?.focus()
  }, [fold, conversation])
  const folded = fold === 'folded'
  return (
    <section ref={section} class="packet" aria-label="Hand-off" tabIndex={-1}>
      <header>
        <h2>{fromWords(packet)}</h2>
        {!folded && <Meta packet={packet} />}
        <button class="quiet dense packet-fold" aria-expanded={!folded} aria-keyshortcuts="F" onClick={() => toggleFold(conversation)}>
          <span class="aside-text">{folded ? 'Unfold the hand-off' : 'Fold the hand-off'}</span>
          <Glyph name={folded ? 'down' : 'up'} />
        </button>
      </header>
      <p class="packet-goal">{packet.goal}</p>
      {folded ? (
        <p class="small dim">
          {packet.question !== null && (
            <>
              Open question: <b>{packet.question}</b>{' '}
            </>
          )}
          <button class="in-text" onClick={() => toggleFold(conversation)}>
            {foldedWords(packet)}
          </button>
        </p>
      ) : (
        <Whole packet={packet} />
      )}
      {fold === 'first' && (
        <div class="packet-start">
          <button class="solid" onClick={() => setFold(conversation, 'folded')}>
            To the conversation
          </button>
        </div>
      )}
    </section>
  )
}

function Meta({ packet: { at, because, decision } }: { packet: HandoffPacket }) {
  return (
    <span class="packet-meta">
      {clock(at)}
      {because !== null && ` · ${becauseWords(because)}`}
      {decision !== null && (
        <>
          {' · '}
          <a href={`/decisions/${encodeURIComponent(decision)}`} target="_blank" rel="noopener" aria-label="why, in the console, in a new tab">
            why
          </a>
        </>
      )}
    </span>
  )
}

function Whole({ packet: { facts, question, tried, promised, agreed } }: { packet: HandoffPacket }) {
  return (
    <div class="packet-parts">
      <dl>
        <Part title="Facts" empty="Nothing is known yet.">
          {facts.map((fact) => (
            <FactLine fact={fact} />
          ))}
        </Part>
      </dl>
      <dl>
        <Part title="Open question" empty={null}>
          {question === null ? [] : [<b>{question}</b>]}
        </Part>
        <Part title="Tried" empty={null}>
          {tried.map(toldLine)}
        </Part>
        <Part title="Promised" empty={null}>
          {promised.map(toldLine)}
        </Part>
        <Part title="Agreed" empty={null}>
          {agreed.map(toldLine)}
        </Part>
        {question === null && tried.length + promised.length + agreed.length === 0 && (
          <Part title="Open question" empty="None was left open, nothing was tried or promised.">
            {[]}
          </Part>
        )}
      </dl>
    </div>
  )
}

function Part({ title, empty, children }: { title: string; empty: string | null; children: readonly ComponentChildren[] }) {
  if (children.length === 0 && empty === null) return null
  return (
    <div>
      <dt>{title}</dt>
      {children.length === 0 ? <dd class="dim">{empty}</dd> : children.map((child) => <dd>{child}</dd>)}
    </div>
  )
}

function FactLine({ fact: { text, status, source, at } }: { fact: Fact }) {
  return (
    <span class="fact">
      {status === 'verified' ? (
        <Icon name="check" />
      ) : (
        <span class="fact-claimed" aria-hidden="true">
          ?
        </span>
      )}
      <span class="fact-text">{text}</span>
      <span class="fact-source">
        {status}, {words(source).toLowerCase()} {clock(at).slice(0, 5)}
      </span>
    </span>
  )
}

function toldLine({ text, at }: Told): ComponentChildren {
  return (
    <>
      {text} <span class="faint tiny nowrap">{clock(at).slice(0, 5)}</span>
    </>
  )
}

/** `Hand-off from bot unblockCard`, `Hand-off from Cards desk 2` */
function fromWords({ from: { owner, name } }: HandoffPacket): string {
  if (owner === 'human')
    return name === null ? 'Hand-off from a colleague' : name === person.value?.id ? 'Hand-off from you' : `Hand-off from ${workerName(name)}`
  return `Hand-off from ${owner}${name === null ? '' : ` ${name}`}`
}

function foldedWords({ facts, promised, agreed }: HandoffPacket): string {
  const parts = [count(facts.length, 'fact'), count(promised.length, 'promise'), count(agreed.length, 'agreement')].filter((part) => part !== null)
  return parts.length === 0 ? 'All of it' : parts.join(', ')
}

function count(number: number, word: string): string | null {
  return number === 0 ? null : `${number} ${word}${number === 1 ? '' : 's'}`
}
