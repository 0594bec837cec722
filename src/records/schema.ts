/** The tables of the records as Kysely sees them. Made by migrations.ts; times and durations are milliseconds. */
import type { Act, ChatAuthor, PersonRole, Presence, ReservationState, TaskState } from '../definition/index.ts'

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
  worker: string | null
  queue: string | null
  task: string | null
  epoch: number
  seq: number
  messages: number
  status: 'open' | 'resolved'
  opened_at: number
  updated_at: number
  memory: string
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
  extra: string | null
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
  kind: 'deliver' | 'emit' | 'call'
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

export interface TimersTable {
  partition: number
  id: string
  lane: string
  due_at: number
  kind: string
  data: string
}

export interface NotesTable {
  conversation: string
  id: string
  after_seq: number
  at: number
  worker: string
  text: string
}

export interface TasksTable {
  id: string
  lane: string
  conversation: string
  customer: string
  channel: string
  queue: string
  priority: number
  goal: string
  because: string | null
  state: TaskState
  only_worker: string | null
  except_worker: string | null
  worker: string | null
  queued_at: number
  assigned_at: number | null
  ended_at: number | null
  wrap_up_code: string | null
}

export interface ReservationsTable {
  id: string
  lane: string
  task: string
  worker: string
  state: ReservationState
  offered_at: number
  expires_at: number
  ended_at: number | null
}

export interface WorkersTable {
  lane: string
  id: string
  name: string
  kind: 'human' | 'webhook'
  presence: Presence
  /** 0 or 1 */
  connected: number
  skills: string
  capacity: number
  since: number
  idle_since: number
}

export interface PeopleTable {
  id: string
  name: string
  role: PersonRole
  skills: string
  capacity: number
  password: string | null
  created_at: number
  sessions_from: number
  closed_at: number | null
}

export interface WebhooksTable {
  name: string
  url: string
  kind: 'channel' | 'desk'
  skills: string
  capacity: number
  secret: string
  created_at: number
}

/** A webhook that is deleted takes its cursors along, by a trigger. */
export interface WebhookCursorsTable {
  webhook: string
  conversation: string
  seq: number
}

export interface AttachmentsTable {
  id: string
  conversation: string
  name: string
  type: string
  bytes: number
  hash: string
  at: number
  added_by: string
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
  timers: TimersTable
  notes: NotesTable
  tasks: TasksTable
  reservations: ReservationsTable
  workers: WorkersTable
  people: PeopleTable
  webhooks: WebhooksTable
  webhook_cursors: WebhookCursorsTable
  attachments: AttachmentsTable
}
