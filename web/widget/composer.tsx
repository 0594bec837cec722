import { useRef, useState } from 'preact/hooks'
import { accept } from './attachment-rule.ts'
import { DraftFiles } from './draft-files.tsx'
import { Glyph } from './glyph.tsx'
import type { Parts } from './parts.ts'

/** What the server takes in one message. */
const charsMax = 4_000

type Held = 'full' | 'stillUploading'

export function Composer({ parts }: { parts: Parts }) {
  const { draft, speech, talk } = parts
  const { words } = speech
  const field = useRef<HTMLTextAreaElement>(null)
  const [held, setHeld] = useState<Held | null>(null)
  const send = () => {
    field.current?.focus()
    if (draft.isUploading.value) return setHeld('stillUploading')
    if (draft.isEmpty.value) return
    const isTaken = talk.say(draft.text.value.trim(), draft.attachments.value)
    setHeld(isTaken ? null : 'full')
    if (isTaken) draft.clear()
  }
  const isHeld = held === 'full' || (held === 'stillUploading' && draft.isUploading.value)
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <DraftFiles parts={parts} />
      <p class="held" role="status">
        {isHeld && words[held]}
      </p>
      <div class="row">
        <Attach parts={parts} />
        {/* The copy in the attribute gives the field its height: no page has to allow inline styles for it. */}
        <div class="grows" data-text={`${draft.text.value} `}>
          <textarea
            ref={field}
            class="field"
            rows={1}
            maxLength={charsMax}
            value={draft.text.value}
            aria-label={words.write}
            placeholder={words.write}
            dir={draft.text.value === '' ? speech.dir : 'auto'}
            enterkeyhint="send"
            autocomplete="off"
            onInput={(event) => {
              draft.write(event.currentTarget.value)
              if (event.currentTarget.value === '') talk.fingers.rest()
              else talk.fingers.key()
            }}
            onBlur={() => talk.fingers.rest()}
            onKeyDown={(event) => {
              // Enter that ends a composition (Japanese, Chinese, …) chooses a word and sends nothing.
              if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
              event.preventDefault()
              send()
            }}
            onPaste={(event) => {
              const files = event.clipboardData?.files ?? []
              if (files.length === 0) return
              event.preventDefault()
              draft.add(files)
            }}
          />
        </div>
        <button type="submit" class="send" aria-label={words.send}>
          <Glyph of="send" />
        </button>
      </div>
    </form>
  )
}

function Attach({ parts: { draft, speech } }: { parts: Parts }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button type="button" class="attach" aria-label={speech.words.attach} onClick={() => input.current?.click()}>
        <Glyph of="clip" />
      </button>
      <input
        ref={input}
        hidden
        type="file"
        multiple
        accept={accept}
        onChange={(event) => {
          draft.add(event.currentTarget.files ?? [])
          // So that the same file can be chosen again after it was removed.
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}
