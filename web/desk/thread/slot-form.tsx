import type { FlowReply } from '../../../src/client/index.ts'
import { words } from '../words.ts'

type Slot = FlowReply['slots'][number]
type Slots = Readonly<Record<string, unknown>>

const unknown = 'not known: the bot asks'

interface SlotFormParts {
  readonly flow: FlowReply | null
  /** Whether the bot goes on with the flow, or waits for what the customer writes next. */
  readonly goesOn: boolean
  readonly slots: Slots
  readonly change: (goesOn: boolean, slots: Slots) => void
}

/** With what the bot goes on: its flow, and what of it is known already, so that it need not ask. */
export function SlotForm({ flow, goesOn, slots, change }: SlotFormParts) {
  if (flow === null) return <p class="dim">The bot was in no flow: it answers what the customer writes next.</p>
  return (
    <fieldset class="choices">
      <legend>The bot</legend>
      <label>
        <input type="radio" name="flow" checked={goesOn} onChange={() => change(true, slots)} />
        <b>goes on with {flow.name}</b>
        <span class="dim">{flow.goal}</span>
      </label>
      <label>
        <input type="radio" name="flow" checked={!goesOn} onChange={() => change(false, slots)} />
        <b>waits for the customer’s next message</b>
      </label>
      {goesOn && flow.slots.length > 0 && (
        <div class="slots">
          {flow.slots.map((slot) => (
            <SlotField slot={slot} value={slots[slot.name]} set={(value) => change(true, withSlot(slots, slot.name, value))} />
          ))}
        </div>
      )}
    </fieldset>
  )
}

function SlotField({ slot, value, set }: { slot: Slot; value: unknown; set: (value: unknown) => void }) {
  const text = value === undefined || value === null ? '' : String(value)
  const label = words(slot.label)
  if (slot.type === 'choice' || slot.type === 'yesNo') {
    const options = slot.type === 'yesNo' ? ['true', 'false'] : slot.options
    return (
      <label class="field">
        {label}
        <select
          value={text}
          onChange={({ currentTarget: { value: chosen } }) => set(chosen === '' ? undefined : slot.type === 'yesNo' ? chosen === 'true' : chosen)}
        >
          <option value="">{unknown}</option>
          {options.map((option) => (
            <option value={option}>{slot.type === 'yesNo' ? (option === 'true' ? 'yes' : 'no') : words(option)}</option>
          ))}
        </select>
      </label>
    )
  }
  const take = (written: string, read: (text: string) => unknown) => set(written.trim() === '' ? undefined : read(written.trim()))
  return (
    <label class="field">
      {label}
      {slot.type === 'amount' ? (
        <input type="number" step="0.01" inputMode="decimal" value={text} placeholder={unknown} onInput={(event) => take(event.currentTarget.value, Number)} />
      ) : slot.type === 'digits' ? (
        <input inputMode="numeric" pattern="\d*" value={text} placeholder={unknown} onInput={(event) => take(event.currentTarget.value, String)} />
      ) : (
        <input value={text} placeholder={unknown} onInput={(event) => take(event.currentTarget.value, String)} />
      )}
    </label>
  )
}

/** What the flow has already: what stands in the form to begin with. */
export function heldSlots(flow: FlowReply | null): Slots {
  return Object.fromEntries((flow?.slots ?? []).filter(({ value }) => value !== null && value !== undefined).map(({ name, value }) => [name, value]))
}

function withSlot(slots: Slots, name: string, value: unknown): Slots {
  const { [name]: _, ...rest } = slots
  return value === undefined ? rest : { ...rest, [name]: value }
}
