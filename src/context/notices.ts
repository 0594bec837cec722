/** System entries: what they say in English. Pages that know the notice's kind say it in their own language. */
import type { Notice } from '../definition/index.ts'

export function noticeText({ kind, team }: Notice): string {
  const whose = team ?? 'the team'
  switch (kind) {
    case 'waiting':
      return `A person from ${whose} takes over. They get everything above, so you need not repeat anything.`
    case 'joined':
      return `A colleague from ${whose} joined and has read this conversation.`
    case 'transferred':
      return `Another colleague, from ${whose}, takes over. They get everything above.`
    case 'lost':
      return `Your colleague lost the connection. Another one from ${whose} takes over and gets everything above.`
    case 'returned':
      return 'The assistant is back. It is an AI, and it knows what you agreed.'
    case 'unanswered':
      return `Nobody from ${whose} could take over in time. The assistant is here, and you can ask for a person again.`
    case 'resolved':
      return 'This conversation is closed. Write again whenever you like.'
  }
}
