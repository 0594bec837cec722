import { useEffect, useRef, useState } from 'preact/hooks'
import type { ConversationReply } from '../../../src/client/index.ts'
import { Icon } from '../../shared/icon.tsx'
import { Mark } from '../../shared/mark.tsx'
import { isLive, isTyping, noteDown, say } from '../connection.ts'
import { draftOf, writeDraft } from '../drafts.ts'
import type { DraftKind } from '../drafts.ts'
import { Glyph } from '../glyph.tsx'
import { bytes, channelWord } from '../words.ts'
import './composer.css'
import { mayNote, mayReply, whyNoReply } from './may.ts'
import { attach, attachmentTypes, detach, takeUploads, uploadsOf } from './uploads.ts'
import { useTypingSign } from './typing-sign.ts'
import { foldOf } from './packet-fold.ts'

/** Where a person answers, or notes something down for colleagues. */
export function Composer({ head }: { head: ConversationReply }) {
  const { conversation } = head
  const mine = mayReply(head)
  const notes = mayNote(head)
  const [asked, setAsked] = useState<DraftKind>('reply')
  const [problem, setProblem] = useState<string | null>(null)
  const kind: DraftKind = mine ? asked : 'note'
  const field = useRef<HTMLTextAreaElement>(null)
  const typing = useTypingSign((on) => isTyping(conversation, on))
  const text = draftOf(conversation, kind)
  const files = kind === 'reply' ? uploadsOf(conversation) : []
  const uploading = files.some(({ attachment, refusal }) => attachment === null && refusal === null)
  const ready = (text.trim() !== '' || files.some(({ attachment }) => attachment !== null)) && !uploading

  useEffect(() => {
    // Whoever opens a conversation of theirs wants to answer it; just accepted, its packet is read first. Nobody is torn out of a field.
    const isBusy = document.activeElement?.closest('input, textarea, dialog') != null
    if (mine && !isBusy && foldOf(conversation) !== 'first' && matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true })
  }, [conversation])

  const send = () => {
    if (!ready) return
    const words = text.trim()
    typing.stop()
    const kept = kind === 'note' ? noteDown(conversation, words) : sendReply(head, words)
    setProblem(kept ? null : 'Fifty messages wait for the connection already. This one stays in the field.')
    if (kept) writeDraft(conversation, kind, '')
  }
  if (!notes) return <p class="composer composer-none small dim">{whyNoReply(head)}</p>
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault()
      document.getElementById('thread')?.focus()
    }
    // While a word is being composed, Enter belongs to the keyboard.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    send()
  }
  return (
    <section class={`composer composer-${kind}`} aria-label={kind === 'note' ? 'Note' : 'Reply'}>
      <div class="composer-kinds">
        <button class="composer-kind" data-compose="reply" aria-pressed={kind === 'reply'} disabled={!mine} onClick={() => setAsked('reply')}>
          Reply on {channelWord(head.channel)}
        </button>
        <button class="composer-kind" data-compose="note" aria-pressed={kind === 'note'} onClick={() => setAsked('note')}>
          Note
        </button>
        <span class="composer-hint">{hintOf(head, mine, kind)}</span>
      </div>
      {files.length > 0 && <Files conversation={conversation} />}
      <div class="composer-field">
        <textarea
          ref={field}
          rows={2}
          dir="auto"
          aria-label={kind === 'note' ? 'Write a note for colleagues' : 'Write to the customer'}
          value={text}
          onInput={(event) => {
            writeDraft(conversation, kind, event.currentTarget.value)
            if (kind === 'reply') typing.sign(event.currentTarget.value !== '')
          }}
          onBlur={typing.stop}
          onKeyDown={press}
        />
        {kind === 'reply' && <AttachButton conversation={conversation} />}
        <button class="solid composer-send" aria-label={kind === 'note' ? 'Note it down' : 'Send'} disabled={!ready} onClick={send}>
          <Icon name="send" />
        </button>
      </div>
      {problem !== null && (
        <p class="small strained" role="alert">
          <Mark of="strained" /> {problem}
        </p>
      )}
    </section>
  )
}

function sendReply({ conversation, epoch }: ConversationReply, text: string): boolean {
  const attachments = uploadsOf(conversation).flatMap(({ attachment }) => attachment?.id ?? [])
  if (!say({ conversation, epoch, text, attachments })) return false
  takeUploads(conversation)
  return true
}

function hintOf(head: ConversationReply, mine: boolean, kind: DraftKind): string {
  if (!mine) return `${whyNoReply(head)} You can note something down.`
  if (kind === 'note') return 'Only colleagues read it'
  return isLive.value ? '' : 'Kept, and sent when you are back under the same epoch'
}

function AttachButton({ conversation }: { conversation: string }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={attachmentTypes}
        aria-label="Files to attach"
        onChange={(event) => {
          attach(conversation, [...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
      <button class="quiet composer-clip" aria-label="Attach files" disabled={!isLive.value} onClick={() => input.current?.click()}>
        <Glyph name="clip" />
      </button>
    </>
  )
}

function Files({ conversation }: { conversation: string }) {
  return (
    <ul class="composer-files" aria-label="Files that go with it">
      {uploadsOf(conversation).map(({ key, name, bytes: size, attachment, refusal }) => (
        <li class={refusal === null ? '' : 'is-refused'}>
          <Glyph name="clip" />
          <span class="cut">{name}</span>
          <span class="faint nowrap">{bytes(size)}</span>
          {refusal !== null ? <span class="strained">{refusal}</span> : attachment === null && <span class="faint">uploading</span>}
          <button class="quiet dense" aria-label={`Leave out ${name}`} onClick={() => detach(conversation, key)}>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  )
}
