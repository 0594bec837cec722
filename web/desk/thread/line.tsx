import type { ComponentChildren } from 'preact'
import type { Attachment, EntryReply, NoteReply } from '../../../src/client/index.ts'
import { clock, moment } from '../../shared/format.ts'
import { Icon } from '../../shared/icon.tsx'
import { Mark } from '../../shared/mark.tsx'
import { now } from '../clock.ts'
import { discard, takeBack } from '../connection.ts'
import { door } from '../door.ts'
import { workerName } from '../floor.ts'
import { Glyph } from '../glyph.tsx'
import type { ThreadLine } from '../thread-lines.ts'
import type { Typing as WhoTypes } from '../typing.ts'
import type { Unsent } from '../unsent.ts'
import { bytes } from '../words.ts'

/** One line of dialogue, set as in a play: who in the margin, the words on the line, when at its end. */
export function Said({ entry, seen, me }: { entry: EntryReply; seen: boolean; me: string | null }) {
  const { from, by, text, at, attachments } = entry
  const ours = from === 'human' && by === me
  return (
    <article class={`line line-${from}`} aria-label={`${speakerWords(entry)}, ${clock(at)}`}>
      <div class="line-who">
        <Speaker entry={entry} />
      </div>
      <div class="line-own" aria-hidden="true" />
      <div class="line-text" dir="auto">
        {text !== '' && <p>{text}</p>}
        <Attached attachments={attachments} />
      </div>
      <div class="line-when">
        <time dateTime={new Date(at).toISOString()}>{moment(at, now.value)}</time>
        {ours && (
          <span class="line-state">
            <Icon name={seen ? 'checks' : 'check'} />
            <span class="aside-text">{seen ? 'seen' : 'sent'}</span>
          </span>
        )}
      </div>
    </article>
  )
}

function Speaker({ entry: { from, by } }: { entry: EntryReply }) {
  if (from === 'customer') return <b>Customer</b>
  if (from === 'system') return <>Battuta</>
  if (from === 'human') {
    return (
      <>
        <span class="cut">{by === null ? 'Colleague' : workerName(by)}</span> <Mark of="human" />
      </>
    )
  }
  return (
    <>
      <Mark of={from} /> <span class="cut">{by ?? from}</span>
    </>
  )
}

function speakerWords({ from, by }: EntryReply): string {
  return from === 'human' ? (by === null ? 'Colleague' : workerName(by)) : from === 'customer' || by === null ? from : `${from} ${by}`
}

function Attached({ attachments }: { attachments: readonly Attachment[] }) {
  if (attachments.length === 0) return null
  return (
    <ul class="attached">
      {attachments.map(({ id, name, type, bytes: size }) => (
        <li>
          <a href={door.attachments.addressOf(id)} download={name}>
            <Glyph name="clip" />
            <span class="cut">{name}</span>
            <span class="faint nowrap">
              {type}, {bytes(size)}
            </span>
          </a>
        </li>
      ))}
    </ul>
  )
}

/** The conversation changed hands: a bar line, across. */
export function Bar({ line: { at, sentence, epoch, light } }: { line: Extract<ThreadLine, { kind: 'bar' }> }) {
  return (
    <div class={`bar${light ? ' bar-light' : ''}`} role="note">
      <time dateTime={new Date(at).toISOString()}>{moment(at, now.value)}</time>
      <b>
        {sentence}
        {epoch !== null && `, epoch ${epoch}`}
      </b>
      <i aria-hidden="true" />
    </div>
  )
}

export function NoteLine({ note: { at, by, text } }: { note: NoteReply }) {
  return (
    <article class="line line-note" aria-label={`Note by ${workerName(by)}, ${clock(at)}`}>
      <div class="line-who">
        <Glyph name="note" /> <span class="cut">{workerName(by)}</span>
      </div>
      <div class="line-own" aria-hidden="true" />
      <div class="line-text" dir="auto">
        <p>{text}</p>
        <span class="tiny faint">Only colleagues read this.</span>
      </div>
      <div class="line-when">
        <time dateTime={new Date(at).toISOString()}>{moment(at, now.value)}</time>
      </div>
    </article>
  )
}

/** Written, and not taken by the server yet, or refused: then with the reason and the way on. */
export function UnsentLine({ unsent: { said, refusal, at }, live }: { unsent: Unsent; live: boolean }) {
  const state = refusal !== null ? 'refused' : live ? 'sending' : 'waits'
  return (
    <article class={`line line-${said.kind === 'note' ? 'note' : 'human'} line-unsent line-${state}`} aria-label={`You, not sent: ${said.text}`}>
      <div class="line-who">
        <span>You</span> {said.kind === 'note' ? <Glyph name="note" /> : <Mark of="human" />}
      </div>
      <div class="line-own" aria-hidden="true" />
      <div class="line-text" dir="auto">
        <p>{said.text}</p>
        {refusal !== null && (
          <div class="line-refusal" role="alert">
            <p class="small strained">
              <Mark of="strained" /> {refusal}
            </p>
            <Choice id={said.id} />
          </div>
        )}
      </div>
      <div class="line-when">
        {state === 'sending' && (
          <>
            <Icon name="clock" /> Sending
          </>
        )}
        {state === 'waits' && 'Waits for the connection'}
        {state === 'refused' && <time>{clock(at)}</time>}
      </div>
    </article>
  )
}

function Choice({ id }: { id: string }): ComponentChildren {
  return (
    <span class="row">
      <button class="dense" onClick={() => takeBack(id)}>
        Back into the field
      </button>
      <button class="quiet dense" onClick={() => discard(id)}>
        Discard
      </button>
    </span>
  )
}

/** Three beats. */
export function Typing({ who }: { who: WhoTypes }) {
  const name = who.from === 'customer' ? 'Customer' : who.by === null ? 'A colleague' : workerName(who.by)
  return (
    <div class="line line-typing">
      <div class="line-who">{who.from === 'customer' ? 'typing' : `${name} types`}</div>
      <div />
      <div class="line-text">
        <svg class="typing-beats" width="30" height="8" role="img" aria-label={`${name} is typing`}>
          <circle cx="4" cy="4" r="2" />
          <circle cx="14" cy="4" r="2" />
          <circle cx="24" cy="4" r="2" />
        </svg>
      </div>
    </div>
  )
}
