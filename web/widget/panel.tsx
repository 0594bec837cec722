import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Mark } from '../shared/mark.tsx'
import { Composer } from './composer.tsx'
import { Foot } from './foot.tsx'
import { Glyph } from './glyph.tsx'
import { Log } from './log.tsx'
import { phone } from './parts.ts'
import type { Parts } from './parts.ts'
import { Presence } from './presence.tsx'
import { fill } from './words/speech.ts'

/** The conversation, beside the page on a desk and over it on a phone. */
export function Panel({ parts }: { parts: Parts }) {
  const { draft, settings, show, speech } = parts
  const ref = useRef<HTMLDialogElement>(null)
  const isOverPage = usePlace(ref)
  const [isDropping, setDropping] = useState(false)
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
  return (
    <dialog
      ref={ref}
      class={`panel at-corner ${isDropping ? 'panel-dropping' : ''}`}
      tabIndex={-1}
      aria-label={fill(speech.words.chatWith, { name: settings.name })}
      aria-modal={isOverPage}
      onCancel={(event) => {
        event.preventDefault()
        show('small')
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.isComposing) return
        event.preventDefault()
        show('small')
      }}
      onDragOver={(event) => {
        if (!carriesFiles(event)) return
        event.preventDefault()
        setDropping(true)
      }}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node) || !ref.current?.contains(event.relatedTarget)) setDropping(false)
      }}
      onDrop={(event) => {
        if (!carriesFiles(event)) return
        event.preventDefault()
        setDropping(false)
        draft.add(event.dataTransfer?.files ?? [])
      }}
    >
      <Head parts={parts} />
      <Off parts={parts} />
      <Log parts={parts} />
      <Composer parts={parts} />
      <Foot parts={parts} />
      {isDropping && <p class="drop">{speech.words.dropHere}</p>}
    </dialog>
  )
}

/** Over the page it is modal, so that nobody tabs into what is hidden; beside it, it takes nothing from the page. */
function usePlace(ref: { readonly current: HTMLDialogElement | null }): boolean {
  const [isOverPage, setOverPage] = useState(phone.matches)
  useLayoutEffect(() => {
    const change = () => setOverPage(phone.matches)
    phone.addEventListener('change', change)
    return () => phone.removeEventListener('change', change)
  }, [])
  useLayoutEffect(() => {
    const dialog = ref.current
    if (!dialog) return
    if (isOverPage) dialog.showModal()
    // `show()` would take the focus from the page; who opens the panel by hand is given it by `show` of Parts.
    else dialog.open = true
    return () => dialog.close()
  }, [isOverPage])
  useLayoutEffect(() => {
    const view = window.visualViewport
    if (!view || !isOverPage) return
    // A keyboard on the screen leaves less of it than `dvh` says.
    const fit = () => ref.current?.style.setProperty('--visible', `${view.height}px`)
    fit()
    view.addEventListener('resize', fit)
    return () => view.removeEventListener('resize', fit)
  }, [isOverPage])
  return isOverPage
}

function Head({ parts }: { parts: Parts }) {
  const { settings, show, speech } = parts
  return (
    <header class="head">
      <div class="head-text">
        <h2>{settings.name}</h2>
        <p>
          <Presence parts={parts} />
        </p>
      </div>
      <button type="button" class="head-button" aria-label={speech.words.minimise} onClick={() => show('small')}>
        <Glyph of="minimise" />
      </button>
      <button type="button" class="head-button" aria-label={speech.words.close} onClick={() => show('closed')}>
        <Glyph of="close" />
      </button>
    </header>
  )
}

function Off({ parts: { speech, talk } }: { parts: Parts }) {
  return (
    <div role="status">
      {talk.isOff.value && (
        <p class="off">
          <Mark of="broken" />
          <span>
            <b>{speech.words.noConnection}.</b> {speech.words.kept}
          </span>
        </p>
      )}
    </div>
  )
}
