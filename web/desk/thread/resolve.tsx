import { useState } from 'preact/hooks'
import { Modal } from '../../console/modal.tsx'
import { Mark } from '../../shared/mark.tsx'
import { announce } from '../announce.ts'
import { isLive, resolve } from '../connection.ts'
import { opened } from '../conversation.ts'
import { queueOf } from '../floor.ts'
import { words } from '../words.ts'
import './desk-form.css'

/** Stands in where an app gives a queue no wrap-up codes. */
const plainCode = 'resolved'

/** The matter is done: what came of it, in one of the queue's own words. */
export function Resolve({ close }: { close: () => void }) {
  const head = opened.value?.head ?? null
  const codes = codesOf(head?.wrapUpCodes ?? [], head?.queue ?? null)
  const [code, setCode] = useState<string | null>(codes.length === 1 ? (codes[0] ?? null) : null)
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  if (head === null) return null
  const submit = async (event: Event) => {
    event.preventDefault()
    if (code === null || busy) return
    setBusy(true)
    const error = await resolve({ conversation: head.conversation, epoch: head.epoch, wrapUpCode: code })
    setBusy(false)
    if (error)
      return setProblem(
        error.code === 'STALE_EPOCH' || error.code === 'NOT_OWNER' ? 'Somebody else has this conversation now; nothing was resolved.' : error.detail,
      )
    announce('Resolved')
    close()
  }
  const pressNumber = (event: KeyboardEvent) => {
    const picked = codes[Number(event.key) - 1]
    if (picked === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    setCode(picked)
  }
  return (
    <Modal title="Resolve" close={close} class="desk-form">
      <form onSubmit={submit} onKeyDown={pressNumber}>
        <h2>Resolve</h2>
        <fieldset class="choices">
          <legend>What came of it?</legend>
          {codes.map((one, index) => (
            <label>
              <input type="radio" name="code" autofocus={index === 0} checked={code === one} onChange={() => setCode(one)} />
              <b>{words(one)}</b>
              {index < 9 && <kbd class="push">{index + 1}</kbd>}
            </label>
          ))}
        </fieldset>
        <p class="small dim">The customer is told that the conversation is closed. It opens again when they write.</p>
        {problem !== null && (
          <p class="small strained" role="alert">
            <Mark of="strained" /> {problem}
          </p>
        )}
        <div class="form-end">
          {!isLive.value && <span class="small strained">It cannot be resolved without a connection.</span>}
          {isLive.value && code === null && <span class="small dim">Choose what came of it.</span>}
          <button type="button" class="quiet" onClick={close}>
            Not now
          </button>
          <button class="solid" disabled={code === null || busy || !isLive.value}>
            {busy ? 'Resolving' : 'Resolve'}
          </button>
        </div>
      </form>
    </Modal>
  )
}

function codesOf(own: readonly string[], queue: string | null): readonly string[] {
  const known = own.length > 0 ? own : (queueOf(queue)?.wrapUpCodes ?? [])
  return known.length > 0 ? known : [plainCode]
}
