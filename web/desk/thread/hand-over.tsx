import { useEffect, useState } from 'preact/hooks'
import { Modal } from '../../console/modal.tsx'
import type { ConversationReply, HandoffTarget } from '../../../src/client/index.ts'
import { Mark } from '../../shared/mark.tsx'
import { announce } from '../announce.ts'
import { handOver, isLive, loadWorkers } from '../connection.ts'
import { opened } from '../conversation.ts'
import { agreedLines } from './agreed-lines.ts'
import { ColleagueChoice, QueueChoice } from './hand-over-choices.tsx'
import type { Handing } from './handing.ts'
import { Preview } from './hand-over-preview.tsx'
import { heldSlots, SlotForm } from './slot-form.tsx'
import './desk-form.css'

type Kind = HandoffTarget['kind']

const kinds: readonly { readonly kind: Kind; readonly word: string }[] = [
  { kind: 'queue', word: 'To a queue' },
  { kind: 'worker', word: 'To a colleague' },
  { kind: 'bot', word: 'Back to the bot' },
]

/** Who goes on with the conversation, with what was agreed: they know it before they say a word. */
export function HandOver({ to, close }: { to: Kind; close: () => void }) {
  const head = opened.value?.head ?? null
  const [handing, setHanding] = useState<Handing>(() => begun(to, head))
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  useEffect(() => void loadWorkers(), [])
  if (head === null) return null
  const target = targetOf(handing, head)
  const set = (change: Partial<Handing>) => setHanding((old) => ({ ...old, ...change }))
  const submit = async (event: Event) => {
    event.preventDefault()
    if (target === null || busy) return
    setBusy(true)
    const because = handing.because.trim()
    const error = await handOver({
      conversation: head.conversation,
      epoch: head.epoch,
      to: target,
      agreed: agreedLines(handing.agreed),
      ...(because === '' ? {} : { because }),
    })
    setBusy(false)
    if (error)
      return setProblem(
        error.code === 'STALE_EPOCH' || error.code === 'NOT_OWNER' ? 'Somebody else has this conversation now; nothing was handed over.' : error.detail,
      )
    announce(handing.kind === 'bot' ? 'Given back to the bot' : 'Handed over')
    close()
  }
  return (
    <Modal title="Hand over" close={close} class="desk-form">
      <form onSubmit={submit}>
        <h2>Hand over</h2>
        <fieldset class="kind-choice">
          <legend class="aside-text">To whom</legend>
          {kinds.map(({ kind, word }) => (
            <label>
              <input type="radio" name="kind" autofocus={to === kind} checked={handing.kind === kind} onChange={() => set({ kind })} />
              {word}
            </label>
          ))}
        </fieldset>
        {handing.kind === 'queue' && <QueueChoice chosen={handing.queue} choose={(queue) => set({ queue })} />}
        {handing.kind === 'worker' && <ColleagueChoice chosen={handing.worker} choose={(worker) => set({ worker })} />}
        {handing.kind === 'bot' && <SlotForm flow={head.flow} goesOn={handing.flow} slots={handing.slots} change={(flow, slots) => set({ flow, slots })} />}
        <label class="field">
          What was agreed with the customer
          <textarea rows={2} placeholder="One line each" value={handing.agreed} onInput={(event) => set({ agreed: event.currentTarget.value })} />
        </label>
        {handing.kind !== 'bot' && (
          <label class="field">
            Why
            <input value={handing.because} placeholder="For whoever takes over" onInput={(event) => set({ because: event.currentTarget.value })} />
          </label>
        )}
        <Preview handing={handing} head={head} />
        {problem !== null && (
          <p class="small strained" role="alert">
            <Mark of="strained" /> {problem}
          </p>
        )}
        <div class="form-end">
          {!isLive.value && <span class="small strained">It cannot be handed over without a connection.</span>}
          {isLive.value && target === null && <span class="small dim">Choose who goes on.</span>}
          <button type="button" class="quiet" onClick={close}>
            Not now
          </button>
          <button class="solid" disabled={target === null || busy || !isLive.value}>
            {busy ? 'Handing over' : handing.kind === 'bot' ? 'Give back' : 'Hand over'}
          </button>
        </div>
      </form>
    </Modal>
  )
}

function begun(kind: Kind, head: ConversationReply | null): Handing {
  return { kind, queue: null, worker: null, flow: head?.flow != null, slots: heldSlots(head?.flow ?? null), agreed: '', because: '' }
}

function targetOf({ kind, queue, worker, flow, slots }: Handing, head: ConversationReply): HandoffTarget | null {
  if (kind === 'queue') return queue === null ? null : { kind, queue }
  if (kind === 'worker') return worker === null ? null : { kind, worker }
  return flow && head.flow !== null ? { kind, flow: head.flow.name, slots } : { kind }
}
