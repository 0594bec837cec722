/** The prepared statements of a step's writes, compiled once for a connection. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

const texts = {
  generation: 'SELECT generation FROM partitions WHERE partition = ?',
  insertLane: 'INSERT INTO lanes (lane, partition, last_offset, state) VALUES (?, ?, ?, ?) ON CONFLICT (lane) DO NOTHING',
  updateLane: 'UPDATE lanes SET last_offset = ?, state = ? WHERE lane = ? AND last_offset = ?',
  laneOffset: 'SELECT last_offset FROM lanes WHERE lane = ?',
  epoch: 'SELECT epoch FROM conversations WHERE id = ?',
  /** The usual case: what is indexed stays as it is, so no index is touched. */
  updateConversation: `UPDATE conversations SET channel = ?, task = ?, epoch = ?, seq = ?, messages = ?, opened_at = ?, updated_at = ?, memory = ?
    WHERE id = ? AND epoch <= ? AND owner IS ? AND status = ? AND worker IS ? AND queue IS ? AND customer = ?`,
  putConversation: `INSERT INTO conversations (id, customer, channel, owner, worker, queue, task, epoch, seq, messages, status, opened_at, updated_at, memory)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, channel = excluded.channel, owner = excluded.owner, worker = excluded.worker,
      queue = excluded.queue, task = excluded.task, epoch = excluded.epoch, seq = excluded.seq, messages = excluded.messages,
      status = excluded.status, opened_at = excluded.opened_at, updated_at = excluded.updated_at, memory = excluded.memory
    WHERE excluded.epoch >= conversations.epoch`,
  insertDelivery: 'INSERT INTO deliveries (conversation, seq, epoch, author, text, key, message_id, at, extra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  insertDecision: `INSERT INTO decisions (id, partition, offset, at, policy, customer, conversation, event_type, act, name, because, budget_ms,
    status, app_version, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  settleDecision: 'UPDATE decisions SET elapsed_ms = ?, status = ? WHERE id = ?',
  insertEffect: 'INSERT INTO outbox (key, kind, hash, content) VALUES (?, ?, ?, ?)',
  deleteEffect: 'DELETE FROM outbox WHERE key = ?',
  putAlias: 'INSERT INTO aliases (identity, customer) VALUES (?, ?) ON CONFLICT (identity) DO UPDATE SET customer = excluded.customer',
  raisePartition: `INSERT INTO partitions (partition, generation, position, highest) VALUES (?, 0, ?, ?)
    ON CONFLICT (partition) DO UPDATE SET position = max(position, excluded.position), highest = max(highest, excluded.highest)`,
} as const

export type StepStatements = Readonly<Record<keyof typeof texts, StatementSync>>

export function prepareStep(database: DatabaseSync): StepStatements {
  const prepared: Partial<Record<keyof typeof texts, StatementSync>> = {}
  for (const [name, text] of Object.entries(texts)) prepared[name as keyof typeof texts] = database.prepare(text)
  return prepared as StepStatements
}
