/** Looks up what may.ts needs to know of an object, and asks it. */
import { BattutaError } from '../base/index.ts'
import type { ConversationReply } from '../definition/index.ts'
import { readerOf } from './access.ts'
import type { Visitor } from './access.ts'
import { check, hadMsMax, mayDo, relationTo, wasTheirs } from './may.ts'
import type { Deed, Reader, Relation, Surroundings } from './may.ts'
import type { House } from './parts.ts'

/** A customer's latest conversations, among which is the one that somebody at the desk knows them from. */
const latestConversations = 20

export interface Approach {
  readonly conversation: ConversationReply
  readonly relation: Relation
}

/** The conversation, for whoever may do `deed` to it. Throws CONVERSATION_UNKNOWN, STALE_EPOCH, FORBIDDEN. */
export async function approach(house: House, visitor: Visitor, id: string, deed: Deed, epoch: number | null = null): Promise<Approach> {
  const reader = readerOf(visitor)
  const conversation = await house.parts().runtime.view.conversation(id)
  const around = await surroundings(house, reader)
  let relation = relationTo(reader, conversation, around)
  if (relation === 'none' && wasTheirs(reader, conversation, around.now)) relation = 'had'
  check(reader, relation, deed, conversation, epoch)
  return { conversation, relation }
}

/** Throws CUSTOMER_UNKNOWN unless the visitor may see one of the customer's conversations. */
export async function approachCustomer(house: House, visitor: Visitor, id: string): Promise<void> {
  const reader = readerOf(visitor)
  if (mayDo(reader, 'none', 'see')) return
  if (!(await knows(house, reader, id)))
    throw new BattutaError('CUSTOMER_UNKNOWN', `nothing is known of ${JSON.stringify(id)}, or you have no conversation with them`)
}

async function knows(house: House, reader: Reader, id: string): Promise<boolean> {
  const { runtime } = house.parts()
  const { id: customer } = await runtime.customer(id)
  const around = await surroundings(house, reader)
  const { items } = await runtime.view.conversations({ customer }, latestConversations, null)
  if (items.some((item) => relationTo(reader, item, around) !== 'none')) return true
  for (const { conversation, updatedAt } of items)
    if (updatedAt > around.now - hadMsMax && wasTheirs(reader, await runtime.view.conversation(conversation), around.now)) return true
  return false
}

async function surroundings(house: House, { role, person }: Reader): Promise<Surroundings> {
  const { runtime, app } = house.parts()
  const offers = person === null || role !== 'desk' ? [] : await runtime.view.offers(person.id)
  return { queues: app.queues, offered: new Set(offers.map(({ conversation }) => conversation)), now: house.world.now() }
}
