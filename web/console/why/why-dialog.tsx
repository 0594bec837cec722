import { Modal } from '../modal.tsx'
import { InDialog } from './step.tsx'
import { Why } from './why.tsx'

/** The same explanation over the stream, without losing one's place in it. */
export function WhyDialog({ id, close }: { id: string; close: () => void }) {
  return (
    <Modal title="Why this decision" close={close} class="why-dialog">
      <InDialog.Provider value={true}>
        <Why id={id} />
      </InDialog.Provider>
    </Modal>
  )
}
