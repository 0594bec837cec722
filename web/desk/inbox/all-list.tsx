import { useState } from 'preact/hooks'
import { BareStave, Refusal } from '../../console/panel.tsx'
import type { InboxItem } from '../../../src/client/index.ts'
import { door } from '../door.ts'
import { person, workerName } from '../floor.ts'
import { fits, items } from '../inbox.ts'
import { route } from '../navigation.ts'
import { useAsked } from '../use-asked.ts'
import { customerName, ownerWords } from '../words.ts'
import { AnyRow, RowList } from './rows.tsx'

const pageItems = 50
const askEveryMs = 5_000

/** Every open conversation, newest change first; frames keep those that this desk is told of up to date. */
export function AllList() {
  const [pages, setPages] = useState(1)
  const { value, error, again } = useAsked(`all ${pages}`, () => read(pages), askEveryMs)
  if (error && !value) {
    return (
      <Refusal
        title="The conversations cannot be read"
        error={error}
        action={
          <button class="dense" onClick={again}>
            Try again
          </button>
        }
      />
    )
  }
  if (!value) {
    return (
      <div class="inbox-loading">
        <BareStave>Reading all conversations.</BareStave>
      </div>
    )
  }
  const known = value.items.map((item) => newer(item, items.value.get(item.conversation)))
  const shown = known.filter((item) => item.status === 'open' && fits(item, customerName(item.customer), route.value.search))
  return (
    <>
      {shown.length === 0 && <p class="inbox-empty small dim">No conversation is open{route.value.search !== '' && ` that says “${route.value.search}”`}.</p>}
      <RowList
        label="All open conversations"
        items={shown}
        row={(item) => <AnyRow item={item} owner={ownerWords(item, person.value?.id ?? null, workerName).replace(/ has it$/, '')} />}
      />
      {value.more && (
        <div class="inbox-empty">
          <button class="dense" onClick={() => setPages(pages + 1)}>
            More
          </button>
        </div>
      )}
    </>
  )
}

async function read(pages: number): Promise<{ items: readonly InboxItem[]; more: boolean }> {
  const all: InboxItem[] = []
  let cursor: string | null = null
  for (let page = 0; page < pages; page++) {
    const reply: { items: readonly InboxItem[]; nextCursor: string | null } = await door.conversations.list({
      status: 'open',
      limit: pageItems,
      cursor: cursor ?? undefined,
    })
    all.push(...reply.items)
    cursor = reply.nextCursor
    if (cursor === null) break
  }
  return { items: all, more: cursor !== null }
}

function newer(read: InboxItem, told: InboxItem | undefined): InboxItem {
  return told !== undefined && told.updatedAt > read.updatedAt ? told : read
}
