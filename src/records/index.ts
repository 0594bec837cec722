export { openSqliteRecords } from './sqlite.ts'
export type { SqliteOptions } from './sqlite.ts'
export { openPostgresRecords } from './postgres.ts'
export { isPostgresUrl } from './postgres-address.ts'
export { lookAtPostgres } from './postgres-look.ts'
export type { PostgresOptions } from './postgres.ts'
export { memoryDisk, openMemoryRecords } from './memory.ts'
export type { MemoryDisk, MemoryOptions } from './memory.ts'
export type {
  AppVersionRow,
  AttachmentRow,
  ConversationFilter,
  ConversationRow,
  DecisionFilter,
  DecisionRow,
  DeliveryRow,
  DeskRecords,
  Directory,
  LaneCommit,
  LaneExtra,
  LaneRow,
  NoteRow,
  OutboxRow,
  PersonRow,
  Records,
  ReservationRow,
  Settled,
  StoredDecision,
  TaskRow,
  TimerRow,
  WebhookRow,
  WorkerRow,
} from './port.ts'
