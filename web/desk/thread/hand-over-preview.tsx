import type { ConversationReply } from '../../../src/client/index.ts'
import { value } from '../../shared/format.ts'
import { opened } from '../conversation.ts'
import { agreedLines } from './agreed-lines.ts'
import type { Handing } from './handing.ts'

/** What whoever goes on will know before they say a word. */
export function Preview({ handing, head }: { handing: Handing; head: ConversationReply }) {
  const agreed = agreedLines(handing.agreed)
  const facts = opened.value?.packet?.facts.length ?? 0
  const bot = handing.kind === 'bot'
  const flow = bot && handing.flow ? head.flow : null
  const slots = flow === null ? [] : flow.slots.filter(({ name }) => handing.slots[name] !== undefined)
  const missing = flow === null ? [] : flow.slots.filter(({ name }) => handing.slots[name] === undefined)
  return (
    <section class="preview" aria-label={bot ? 'What the bot will know' : 'What they read first'}>
      <h3>{bot ? 'What the bot will know' : 'What they read first'}</h3>
      <ul>
        <li>
          The whole conversation, {head.seq} entries{!bot && facts > 0 && `, and ${facts} fact${facts === 1 ? '' : 's'} with where they come from`}.
        </li>
        {flow !== null && (
          <li>
            It goes on with <b>{flow.name}</b>: {flow.goal}.
          </li>
        )}
        {slots.map(({ name, label }) => (
          <li>
            {label}: <b>{value(handing.slots[name])}</b>
          </li>
        ))}
        {missing.length > 0 && <li class="dim">It asks for {missing.map(({ label }) => label).join(', ')}.</li>}
        {agreed.map((line) => (
          <li>
            Agreed: <b>{line}</b>
          </li>
        ))}
        {!bot && handing.because.trim() !== '' && <li>Why: {handing.because.trim()}</li>}
      </ul>
      {agreed.length === 0 && <p class="small faint">Nothing is noted as agreed.</p>}
    </section>
  )
}
