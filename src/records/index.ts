export { openSqliteRecords } from './sqlite.ts'
export type { SqliteOptions } from './sqlite.ts'
export { memoryDisk, openMemoryRecords } from './memory.ts'
export type { MemoryDisk, MemoryOptions } from './memory.ts'
export type {
  AppVersionRow,
  ConversationRow,
  DecisionFilter,
  DecisionRow,
  DeliveryRow,
  LaneCommit,
  LaneRow,
  OutboxRow,
  Records,
  Settled,
  StoredDecision,
} from './port.ts'
