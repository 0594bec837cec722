/**
 * A group as flat lists of primitives, for its way to the writing thread. Structured clone of the commits as objects costs
 * 5 µs here and 10 µs there for each commit with a decision; packed it is 2 to 3 µs on either side (groups of 32 to 256).
 * What few steps bring (`extra`) is one cell of JSON, so that the others pay for a null.
 */
import type { Group, SettledDecision } from './group.ts'
import type { ConversationRow, DecisionRow, DeliveryRow, LaneCommit, LaneExtra, OutboxRow } from './port.ts'

export type Cell = string | number | null

export interface PackedGroup<Statement> extends Omit<Group<Statement>, 'commits' | 'decided'> {
  readonly commits: readonly Cell[]
  readonly decided: readonly Cell[]
}

export function packGroup<Statement>(group: Group<Statement>): PackedGroup<Statement> {
  const commits: Cell[] = []
  for (const commit of group.commits) packCommit(commits, commit)
  const decided: Cell[] = []
  for (const { id, elapsedMs, status } of group.decided) decided.push(id, elapsedMs, status)
  return { commits, decided, released: group.released, positions: group.positions, statements: group.statements }
}

export function unpackGroup<Statement>(packed: PackedGroup<Statement>): Group<Statement> {
  const commits: LaneCommit[] = []
  const cells = new Cells(packed.commits)
  while (cells.more) commits.push(unpackCommit(cells))
  const decided: SettledDecision[] = []
  const settled = new Cells(packed.decided)
  while (settled.more) decided.push({ id: settled.text(), elapsedMs: settled.number(), status: settled.text() as SettledDecision['status'] })
  return { commits, decided, released: packed.released, positions: packed.positions, statements: packed.statements }
}

function packCommit(cells: Cell[], commit: LaneCommit): void {
  const { conversation, deliveries, decision, outbox, alias, extra } = commit
  cells.push(commit.partition, commit.generation, commit.lane, commit.previousOffset, commit.offset, commit.state)
  cells.push(conversation === null ? 0 : 1, deliveries.length, decision === null ? 0 : 1, outbox.length, alias === null ? 0 : 1)
  cells.push(extra === null ? null : JSON.stringify(extra))
  if (conversation !== null) {
    const { id, customer, channel, owner, worker, queue, task, epoch, seq, messages, status, openedAt, updatedAt, memory } = conversation
    cells.push(id, customer, channel, owner, worker, queue, task, epoch, seq, messages, status, openedAt, updatedAt, memory)
  }
  for (const row of deliveries) cells.push(row.conversation, row.seq, row.epoch, row.author, row.text, row.key, row.messageId, row.at, row.extra)
  if (decision !== null) {
    const { id, partition, offset, at, policy, customer, eventType, act, name, because, budgetMs, status, appVersion, record } = decision
    cells.push(id, partition, offset, at, policy, customer, decision.conversation, eventType, act, name, because, budgetMs, status, appVersion, record)
  }
  for (const { key, kind, hash, content } of outbox) cells.push(key, kind, hash, content)
  if (alias !== null) cells.push(alias.identity, alias.customer)
}

/** Object literals are evaluated in the order they are written, which is the order the cells were pushed in. */
function unpackCommit(cells: Cells): LaneCommit {
  const part = {
    partition: cells.number(),
    generation: cells.number(),
    lane: cells.text(),
    previousOffset: cells.number(),
    offset: cells.number(),
    state: cells.text(),
  }
  const [hasConversation, deliveryCount, hasDecision, outboxCount, hasAlias] = [cells.number(), cells.number(), cells.number(), cells.number(), cells.number()]
  const packedExtra = cells.textOrNull()
  const extra = packedExtra === null ? null : (JSON.parse(packedExtra) as LaneExtra)
  const conversation = hasConversation === 1 ? unpackConversation(cells) : null
  const deliveries: DeliveryRow[] = []
  for (let n = 0; n < deliveryCount; n++) deliveries.push(unpackDelivery(cells))
  const decision = hasDecision === 1 ? unpackDecision(cells) : null
  const outbox: OutboxRow[] = []
  for (let n = 0; n < outboxCount; n++) outbox.push({ key: cells.text(), kind: cells.text() as OutboxRow['kind'], hash: cells.text(), content: cells.text() })
  const alias = hasAlias === 1 ? { identity: cells.text(), customer: cells.text() } : null
  return { ...part, conversation, deliveries, decision, outbox, alias, extra }
}

function unpackConversation(cells: Cells): ConversationRow {
  return {
    id: cells.text(),
    customer: cells.text(),
    channel: cells.text(),
    owner: cells.textOrNull() as ConversationRow['owner'],
    worker: cells.textOrNull(),
    queue: cells.textOrNull(),
    task: cells.textOrNull(),
    epoch: cells.number(),
    seq: cells.number(),
    messages: cells.number(),
    status: cells.text() as ConversationRow['status'],
    openedAt: cells.number(),
    updatedAt: cells.number(),
    memory: cells.text(),
  }
}

function unpackDelivery(cells: Cells): DeliveryRow {
  return {
    conversation: cells.text(),
    seq: cells.number(),
    epoch: cells.number(),
    author: cells.text() as DeliveryRow['author'],
    text: cells.text(),
    key: cells.textOrNull(),
    messageId: cells.textOrNull(),
    at: cells.number(),
    extra: cells.textOrNull(),
  }
}

function unpackDecision(cells: Cells): DecisionRow {
  return {
    id: cells.text(),
    partition: cells.number(),
    offset: cells.number(),
    at: cells.number(),
    policy: cells.text(),
    customer: cells.text(),
    conversation: cells.textOrNull(),
    eventType: cells.text(),
    act: cells.text() as DecisionRow['act'],
    name: cells.textOrNull(),
    because: cells.textOrNull(),
    budgetMs: cells.number(),
    status: cells.text() as DecisionRow['status'],
    appVersion: cells.text(),
    record: cells.text(),
  }
}

class Cells {
  readonly #cells: readonly Cell[]
  #at = 0

  constructor(cells: readonly Cell[]) {
    this.#cells = cells
  }

  get more(): boolean {
    return this.#at < this.#cells.length
  }

  /** What a cell holds is known from its place: it is what was packed there. */
  text(): string {
    return this.#cells[this.#at++] as string
  }

  textOrNull(): string | null {
    return this.#cells[this.#at++] as string | null
  }

  number(): number {
    return this.#cells[this.#at++] as number
  }
}
