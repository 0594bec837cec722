import { Modal } from './modal.tsx'
import { lettersOn, switchLetters } from './keys.ts'

const keys = [
  ['J', 'K', 'next and previous row'],
  ['Enter', '', 'why this decision'],
  ['P', '', 'pause the stream, and go on'],
  ['/', '', 'search'],
  ['?', '', 'these keys'],
  ['Esc', '', 'close'],
] as const

export function KeyHelp({ close }: { close: () => void }) {
  return (
    <Modal title="Keys" close={close} class="key-help">
      <h2>Keys</h2>
      <dl>
        {keys.map(([first, second, what]) => (
          <div>
            <dt>
              <kbd>{first}</kbd> {second && <kbd>{second}</kbd>}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="row">
        <input type="checkbox" checked={lettersOn.value} onChange={(event) => switchLetters(event.currentTarget.checked)} />
        Single letters act as keys
      </label>
    </Modal>
  )
}
