/** The tables of the bank: customers, what they have (an item is one JSON document), and every change with the key it was asked under. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { accountsOf } from './accounts.ts'

export type Kind = 'card' | 'transfer' | 'topUp'

/** What came of a change. `change` names it, for whoever wants to undo it. */
export type Changed<Item, Refusal extends string> =
  | { readonly outcome: 'done'; readonly item: Item; readonly change: string }
  | { readonly outcome: 'refused'; readonly why: Refusal }

/** The next state of an item, or why it stays as it is. */
export type Next<Item, Refusal extends string> = { readonly item: Item } | { readonly why: Refusal }

export interface Request {
  readonly customer: string
  readonly kind: Kind
  readonly id: string
  /** What is to be done with it: `unblock`. */
  readonly what: string
}

const schema = `
  CREATE TABLE IF NOT EXISTS customers (id TEXT PRIMARY KEY, since TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS items (
    customer TEXT NOT NULL, kind TEXT NOT NULL, place INTEGER NOT NULL, id TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (customer, kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS changes (
    key TEXT PRIMARY KEY, customer TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, what TEXT NOT NULL,
    before TEXT, after TEXT, answer TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`

interface ChangeRow extends Request {
  readonly key: string
  readonly before: string | null
  readonly after: string | null
  readonly answer: string
}

export class Store {
  readonly #database: DatabaseSync
  readonly #knows: StatementSync
  readonly #items: StatementSync
  readonly #item: StatementSync
  readonly #write: StatementSync
  readonly #made: StatementSync
  readonly #record: StatementSync

  constructor(database: DatabaseSync) {
    database.exec(schema)
    this.#database = database
    this.#knows = database.prepare('SELECT 1 FROM customers WHERE id = ?')
    this.#items = database.prepare('SELECT content FROM items WHERE customer = ? AND kind = ? ORDER BY place')
    this.#item = database.prepare('SELECT content FROM items WHERE customer = ? AND kind = ? AND id = ?')
    this.#write = database.prepare('UPDATE items SET content = ? WHERE customer = ? AND kind = ? AND id = ?')
    this.#made = database.prepare('SELECT * FROM changes WHERE key = ?')
    this.#record = database.prepare('INSERT INTO changes (key, customer, kind, id, what, before, after, answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  }

  items(customer: string, kind: Kind, today: string): readonly unknown[] {
    this.#welcome(customer, today)
    return this.#items.all(customer, kind).map((row) => JSON.parse(String(row['content'])))
  }

  /** B1 */
  change<Item, Refusal extends string>(
    key: string,
    request: Request,
    today: string,
    decide: (item: Item | undefined) => Next<Item, Refusal>,
  ): Changed<Item, Refusal> {
    this.#welcome(request.customer, today)
    return this.#atomically(() => {
      const { customer, kind, id, what } = request
      const made = this.#made.get(key) as ChangeRow | undefined
      if (made !== undefined) {
        const same = made.customer === customer && made.kind === kind && made.id === id && made.what === what
        if (!same) throw new Error(`the key ${key} was used to ${made.what} ${made.kind} ${made.id}: take another key to ${what} ${kind} ${id}`)
        return JSON.parse(made.answer) as Changed<Item, Refusal>
      }
      const before = this.#item.get(customer, kind, id)?.['content'] as string | undefined
      const next = decide(before === undefined ? undefined : (JSON.parse(before) as Item))
      const after = 'item' in next ? JSON.stringify(next.item) : null
      const answer: Changed<Item, Refusal> = 'item' in next ? { outcome: 'done', item: next.item, change: key } : { outcome: 'refused', why: next.why }
      if (after !== null) this.#write.run(after, customer, kind, id)
      this.#record.run(key, customer, kind, id, what, before ?? null, after, JSON.stringify(answer))
      return answer
    })
  }

  /** B2: an undoing is a change like any other, back to what was before. */
  undo<Item>(key: string, customer: string, undone: string, today: string): Changed<Item, 'unknownChange' | 'changedSince'> {
    const made = this.#made.get(undone) as ChangeRow | undefined
    if (made === undefined || made.customer !== customer || made.before === null || made.after === null) return { outcome: 'refused', why: 'unknownChange' }
    const { kind, id, before, after } = made
    return this.change<Item, 'changedSince'>(key, { customer, kind, id, what: `undo ${undone}` }, today, (item) =>
      JSON.stringify(item) === after ? { item: JSON.parse(before) as Item } : { why: 'changedSince' },
    )
  }

  /** Whoever is new here gets accounts. */
  #welcome(customer: string, today: string): void {
    if (this.#knows.get(customer) !== undefined) return
    this.#atomically(() => {
      const isNew = this.#database.prepare('INSERT OR IGNORE INTO customers (id, since) VALUES (?, ?)').run(customer, today).changes === 1
      if (!isNew) return
      const open = this.#database.prepare('INSERT INTO items (customer, kind, place, id, content) VALUES (?, ?, ?, ?, ?)')
      const { cards, transfers, topUps } = accountsOf(customer, today)
      for (const [place, card] of cards.entries()) open.run(customer, 'card', place, card.last4, JSON.stringify(card))
      for (const [place, transfer] of transfers.entries()) open.run(customer, 'transfer', place, transfer.id, JSON.stringify(transfer))
      for (const [place, topUp] of topUps.entries()) open.run(customer, 'topUp', place, topUp.id, JSON.stringify(topUp))
    })
  }

  #atomically<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      this.#database.exec('ROLLBACK')
      throw error
    }
  }
}
