/** What this person may do in the conversation that is open, and why not. The server decides; this only saves a refusal. */
import type { ConversationReply } from '../../../src/client/index.ts'
import { opened } from '../conversation.ts'
import { isSupervisor, person, workerName } from '../floor.ts'
import { isMine } from '../inbox.ts'

export function mayReply(head: ConversationReply): boolean {
  return isMine(head, person.value?.id ?? null)
}

/** One's own, what one said something in before, and for supervisors any. */
export function mayNote(head: ConversationReply): boolean {
  const me = person.value?.id ?? null
  if (mayReply(head) || isSupervisor.value || head.worker === me) return true
  return [...(opened.value?.entries ?? []), ...(opened.value?.notes ?? [])].some(({ by }) => by !== null && by === me)
}

/** Hand over, give back, resolve: the owner's, and a supervisor's in any that is open. */
export function mayHandOver(): boolean {
  const head = opened.value?.head
  return head != null && head.status === 'open' && (mayReply(head) || isSupervisor.value)
}

/** Why nothing can be said here, as a sentence with the mend. */
export function whyNoReply({ status, owner, worker, queue }: ConversationReply): string {
  if (status === 'resolved') return 'This conversation is resolved. It opens again when the customer writes.'
  if (owner === null) return `It waits in ${queue ?? 'no queue'}. Whoever accepts the offer replies.`
  if (owner !== 'human') return `The ${owner} has this conversation.`
  return `${worker === null ? 'A colleague' : workerName(worker)} has this conversation.`
}
