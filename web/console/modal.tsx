import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Icon } from '../shared/icon.tsx'
import './modal.css'

/** A native dialog: it traps focus, closes with Esc, and gives focus back to whatever opened it. */
export function Modal({ title, close, children, class: extra = '' }: { title: string; close: () => void; children: ComponentChildren; class?: string }) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const opener = document.activeElement as HTMLElement | null
    ref.current?.showModal()
    return () => opener?.isConnected && opener.focus()
  }, [])
  return (
    <dialog ref={ref} class={`modal ${extra}`} aria-label={title} onClose={close} onClick={(event) => event.target === ref.current && close()}>
      <div class="modal-sheet">
        <button class="quiet dense modal-close" onClick={close} aria-label="Close">
          <Icon name="close" />
        </button>
        {children}
      </div>
    </dialog>
  )
}
