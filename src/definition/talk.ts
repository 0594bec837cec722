/** Words that conversations are told in, wherever they are told. */

export type OwnerKind = 'bot' | 'agent' | 'human'

/** `customer` only when a reconnecting page is told what it said itself. */
export type ChatAuthor = 'bot' | 'agent' | 'human' | 'system' | 'customer'

/** What a system entry in a conversation tells; pages say it in their own language, `text` says it in English. */
export interface Notice {
  readonly kind: 'waiting' | 'joined' | 'returned' | 'transferred' | 'lost' | 'unanswered' | 'resolved'
  /** The team a customer reads of; null where none is meant. */
  readonly team: string | null
}

export interface Attachment {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly bytes: number
}
