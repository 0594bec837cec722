/** The tables of the records as Kysely sees them. Made by migrations.ts; times and durations are milliseconds. */
import type { Act, ChatAuthor } from '../definition/index.ts'

export interface LanesTable {
  lane: string
  partition: number
  last_offset: number
  state: string
}

export interface PartitionsTable {
  partition: number
  /** 0 until somebody takes the partition over. */
  generation: number
  position: number
  /** The highest `last_offset` of the partition's lanes, so that recovery need not scan them. */
  highest: number
}

export interface ConversationsTable {
  id: string
  customer: string
  channel: string
  owner: 'bot' | 'agent' | 'human' | null
  epoch: number
  seq: number
  messages: number
  status: 'open' | 'resolved'
  opened_at: number
  updated_at: number
}

export interface DeliveriesTable {
  conversation: string
  seq: number
  epoch: number
  author: ChatAuthor
  text: string
  key: string | null
  message_id: string | null
  at: number
}

export interface DecisionsTable {
  id: string
  partition: number
  offset: number
  at: number
  policy: string
  customer: string
  conversation: string | null
  event_type: string
  act: Act
  name: string | null
  because: string | null
  budget_ms: number
  status: 'on-beat' | 'late' | 'failed'
  app_version: string
  elapsed_ms: number | null
  record: string
}

export interface OutboxTable {
  /** `partition:offset:n` */
  key: string
  kind: 'deliver'
  hash: string
  content: string
}

export interface AliasesTable {
  identity: string
  customer: string
}

export interface AppVersionsTable {
  version: string
  name: string
  registered_at: number
  sources: string
}

export interface SettingsTable {
  name: string
  value: string
}

export interface Database {
  lanes: LanesTable
  partitions: PartitionsTable
  conversations: ConversationsTable
  deliveries: DeliveriesTable
  decisions: DecisionsTable
  outbox: OutboxTable
  aliases: AliasesTable
  app_versions: AppVersionsTable
  settings: SettingsTable
}
