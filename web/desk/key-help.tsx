import { lettersOn, switchLetters } from '../console/keys.ts'
import { Modal } from '../console/modal.tsx'

const keys = [
  [['A', 'D'], 'accept, decline the offer; with Alt from anywhere'],
  [['J', 'K'], 'next and previous row'],
  [['Enter'], 'open the row; send what is written'],
  [['Shift Enter'], 'a new line'],
  [['R', 'N'], 'reply, note'],
  [['Esc'], 'leave the field, close'],
  [['H'], 'hand over'],
  [['B'], 'give back to the bot'],
  [['E'], 'end: resolve'],
  [['F'], 'fold the hand-off, unfold it'],
  [['C'], 'context'],
  [['/'], 'search'],
  [['?'], 'these keys'],
] as const

export function KeyHelp({ close }: { close: () => void }) {
  return (
    <Modal title="Keys" close={close} class="desk-keys">
      <h2>Keys</h2>
      <dl>
        {keys.map(([caps, what]) => (
          <div>
            <dt>
              {caps.map((cap) => (
                <kbd>{cap}</kbd>
              ))}
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
