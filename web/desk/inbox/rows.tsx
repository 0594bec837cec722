import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { InboxItem } from '../../../src/client/index.ts'
import { Mark } from '../../shared/mark.tsx'
import { now, serverNow } from '../clock.ts'
import { draftOf } from '../drafts.ts'
import { channelGlyph, Glyph } from '../glyph.tsx'
import { readTo, unreadOf } from '../inbox.ts'
import { openAddress, route } from '../navigation.ts'
import { settled } from '../settle.ts'
import { typing } from '../typing.ts'
import { customerName, day, waited } from '../words.ts'

/** Rows that keep their places while the pointer or the focus is among them; one that went meanwhile stands, faint. */
export function RowList({ label, items, row }: { label: string; items: readonly InboxItem[]; row: (item: InboxItem) => ComponentChildren }) {
  const [held, setHeld] = useState(false)
  const shown = useRef<readonly string[]>([])
  const known = useRef(new Map<string, InboxItem>())
  const present = new Map(items.map((item) => [item.conversation, item]))
  shown.current = settled(shown.current, [...present.keys()], held)
  known.current = new Map(shown.current.map((id) => [id, (present.get(id) ?? known.current.get(id)) as InboxItem]))
  return (
    <ul
      aria-label={label}
      onPointerEnter={(event) => event.pointerType === 'mouse' && setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocusIn={() => setHeld(true)}
      onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setHeld(false)}
    >
      {shown.current.map((id) => (
        <li key={id} class={present.has(id) ? '' : 'row-gone'}>
          {row(known.current.get(id) as InboxItem)}
        </li>
      ))}
    </ul>
  )
}

interface RowParts {
  readonly item: InboxItem
  readonly strong: boolean
  readonly upper: ComponentChildren
  readonly second: ComponentChildren
  readonly lower: ComponentChildren
}

function Row({ item, strong, upper, second, lower }: RowParts) {
  const name = customerName(item.customer)
  return (
    <a class="inbox-row" href={openAddress(item.conversation)} aria-current={route.value.conversation === item.conversation ? 'true' : undefined}>
      <Glyph name={channelGlyph(item.channel)} />
      <span class="row-line">
        {strong ? <b class="cut">{name}</b> : <span class="cut">{name}</span>}
        <span class="row-upper">{upper}</span>
      </span>
      <span class="row-line">
        <span class="row-second cut">{second}</span>
        <span class="row-lower">{lower}</span>
      </span>
    </a>
  )
}

/** One's own: what was said last, how long the customer waits for an answer, what is unread. */
export function OwnRow({ item }: { item: InboxItem }) {
  const unread = route.value.conversation === item.conversation ? 0 : unreadOf(item, readTo.value)
  const draft = route.value.conversation === item.conversation ? '' : draftOf(item.conversation, 'reply')
  const isTyping = typing.value[item.conversation]?.from === 'customer'
  const { last } = item
  return (
    <Row
      item={item}
      strong={unread > 0 || last?.from === 'customer' || route.value.conversation === item.conversation}
      upper={
        isTyping ? (
          'typing'
        ) : unread > 0 ? (
          <span class="row-unread">
            {unread}
            <span class="aside-text"> unread</span>
          </span>
        ) : null
      }
      second={draft === '' ? lastWords(item) : `Draft: ${draft}`}
      lower={last === null ? '' : last.from === 'customer' ? waited(serverNow.value - last.at) : day(last.at, now.value)}
    />
  )
}

/** The last that was said; where nobody said it, what the conversation is about. */
function lastWords({ last, goal }: InboxItem): string {
  if (last === null || last.from === 'system') return goal
  return last.from === 'human' ? `You: ${last.text}` : last.text
}

/** One that waits: what it is about, how long, and whether that is beyond what was promised. */
export function WaitingRow({ item, promiseMs }: { item: InboxItem; promiseMs: number | null }) {
  const waitsMs = item.waitingSince === null ? null : serverNow.value - item.waitingSince
  const strained = waitsMs !== null && promiseMs !== null && waitsMs > promiseMs
  return (
    <Row
      item={item}
      strong={false}
      upper={
        waitsMs !== null && (
          <span class={strained ? 'strained' : ''}>
            {strained && (
              <>
                <Mark of="strained" /> <span class="aside-text">beyond the promise, </span>
              </>
            )}
            {waited(waitsMs)}
          </span>
        )
      }
      second={item.goal}
      lower={item.priority > 0 ? `priority ${item.priority}` : ''}
    />
  )
}

/** Anybody's, for supervisors: who has it stands beside it. */
export function AnyRow({ item, owner }: { item: InboxItem; owner: string }) {
  return (
    <Row
      item={item}
      strong={false}
      upper={
        <>
          {item.owner !== null && item.status === 'open' && <Mark of={item.owner} />} {owner}
        </>
      }
      second={item.last === null || item.last.from === 'system' ? item.goal : item.last.text}
      lower={day(item.updatedAt, now.value)}
    />
  )
}
