/**
 * Named people and their accounts.
 *
 * Job: makes, changes and closes accounts, and says who a name and a password belong to. Owns: the accounts, in records and in a
 * copy in memory that is never behind what was answered. Does not own: cookies (browser-session.ts), what a role may do (doors.ts).
 *
 * U1 What resolved is on disk, and from then on everybody reads it.
 * U2 Closing an account, a new password and a new role end every session begun before.
 * U3 A wrong name costs what a wrong password costs, and is answered alike.
 * U4 An id is never used twice: what somebody said stays theirs after their account is closed.
 */
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { PersonReply, PersonRole } from '../definition/index.ts'
import type { Directory, PersonRow } from '../records/index.ts'
import type { Passwords } from './passwords.ts'

export interface Account {
  readonly name: string
  readonly role: PersonRole
  readonly skills: readonly string[]
  readonly capacity: number
  /** Null: signs in by a link only. */
  readonly password: string | null
}

/** `over`: sessions begun before are. `changed`: name, skills or capacity are others now. */
export type PersonNews = 'over' | 'changed'

export interface People {
  /** Open accounts, by name. */
  list(): readonly PersonReply[]
  /** Null for nobody, and for a closed account. */
  find(id: string): PersonReply | null
  /** Throws PERSON_UNKNOWN. */
  get(id: string): PersonReply
  /** Throws REQUEST_INVALID when the name is taken. */
  create(account: Account): Promise<PersonReply>
  /** Throws PERSON_UNKNOWN, REQUEST_INVALID when the name is taken. */
  change(id: string, change: Partial<Account>): Promise<PersonReply>
  /** Throws PERSON_UNKNOWN. */
  close(id: string): Promise<void>
  /** Throws CREDENTIALS_INVALID, OVERLOADED. */
  signIn(name: string, password: string): Promise<PersonReply>
  /** When a session of this person begins that is to outlive what was decided so far. */
  beginning(id: string): number
  /** Whether a session begun then is over. */
  isOver(id: string, startedAt: number): boolean
  /** Returns what stops it. */
  watch(listener: (id: string, news: PersonNews) => void): () => void
}

const slugCharsMax = 60

export async function openPeople(world: World, directory: Pick<Directory, 'people' | 'putPerson'>, passwords: Passwords): Promise<People> {
  return new KeptPeople(world, directory, passwords, await directory.people())
}

class KeptPeople implements People {
  readonly #world: World
  readonly #directory: Pick<Directory, 'putPerson'>
  readonly #passwords: Passwords
  readonly #rows: Map<string, PersonRow>
  readonly #listeners = new Set<(id: string, news: PersonNews) => void>()
  /** When the newest session of each began, so that one of the same millisecond is before what ends it. */
  readonly #newest = new Map<string, number>()
  #writing: Promise<unknown> = Promise.resolve()

  constructor(world: World, directory: Pick<Directory, 'putPerson'>, passwords: Passwords, rows: readonly PersonRow[]) {
    this.#world = world
    this.#directory = directory
    this.#passwords = passwords
    this.#rows = new Map(rows.map((row) => [row.id, row]))
  }

  list(): readonly PersonReply[] {
    return [...this.#rows.values()]
      .filter(({ closedAt }) => closedAt === null)
      .map(replyOf)
      .sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1))
  }

  find(id: string): PersonReply | null {
    const row = this.#rows.get(id)
    return row === undefined || row.closedAt !== null ? null : replyOf(row)
  }

  get(id: string): PersonReply {
    return replyOf(this.#open(id))
  }

  create({ name, role, skills, capacity, password }: Account): Promise<PersonReply> {
    return this.#inTurn(async () => {
      this.#checkFree(name, null)
      const now = this.#world.now()
      return this.#put({
        id: this.#newId(name),
        name,
        role,
        skills: JSON.stringify(skills),
        capacity,
        password: password === null ? null : await this.#passwords.hash(password),
        createdAt: now,
        sessionsFrom: now,
        closedAt: null,
      })
    })
  }

  change(id: string, change: Partial<Account>): Promise<PersonReply> {
    return this.#inTurn(async () => {
      const row = this.#open(id)
      const { password, skills, ...plain } = change
      if (change.name !== undefined) this.#checkFree(change.name, id)
      const isOver = password !== undefined || (change.role !== undefined && change.role !== row.role)
      const reply = await this.#put({
        ...row,
        ...plain,
        ...(skills === undefined ? {} : { skills: JSON.stringify(skills) }),
        ...(password === undefined ? {} : { password: password === null ? null : await this.#passwords.hash(password) }),
        ...(isOver ? { sessionsFrom: this.#afterEverySession(row) } : {}),
      })
      this.#tell(id, isOver ? 'over' : 'changed')
      return reply
    })
  }

  close(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const row = this.#open(id)
      await this.#put({ ...row, password: null, sessionsFrom: this.#afterEverySession(row), closedAt: this.#world.now() })
      this.#tell(id, 'over')
    })
  }

  async signIn(name: string, password: string): Promise<PersonReply> {
    const row = this.#named(name)
    const isRight = await this.#passwords.check(password, row?.password ?? null)
    // What was checked must still be so: the account may have been closed meanwhile.
    if (row === undefined || !isRight || this.#rows.get(row.id)?.password !== row.password)
      throw new BattutaError('CREDENTIALS_INVALID', 'this name and password do not belong together; ask an admin for a new password or a sign-in link')
    return this.get(row.id)
  }

  beginning(id: string): number {
    const startedAt = Math.max(this.#world.now(), this.#open(id).sessionsFrom)
    this.#newest.set(id, Math.max(startedAt, this.#newest.get(id) ?? 0))
    return startedAt
  }

  isOver(id: string, startedAt: number): boolean {
    const row = this.#rows.get(id)
    return row === undefined || row.closedAt !== null || startedAt < row.sessionsFrom
  }

  watch(listener: (id: string, news: PersonNews) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** U2 */
  #afterEverySession({ id, sessionsFrom }: PersonRow): number {
    return Math.max(this.#world.now(), sessionsFrom, this.#newest.get(id) ?? 0) + 1
  }

  #open(id: string): PersonRow {
    const row = this.#rows.get(id)
    if (row === undefined || row.closedAt !== null)
      throw new BattutaError('PERSON_UNKNOWN', `there is no open account ${JSON.stringify(id)}; GET /v1/people lists them`)
    return row
  }

  #named(name: string): PersonRow | undefined {
    const key = nameKey(name)
    for (const row of this.#rows.values()) if (row.closedAt === null && nameKey(row.name) === key) return row
    return undefined
  }

  #checkFree(name: string, own: string | null): void {
    const other = this.#named(name)
    if (other !== undefined && other.id !== own)
      throw new BattutaError('REQUEST_INVALID', `name ${JSON.stringify(name)} is taken by ${other.id}; people sign in by it, so choose another`, {
        details: { field: 'name' },
      })
  }

  /** U4 */
  #newId(name: string): string {
    const slug = slugOf(name)
    for (let count = 1; ; count++) {
      const id = count === 1 ? `person:${slug}` : `person:${slug}-${count}`
      if (!this.#rows.has(id)) return id
    }
  }

  /** U1 */
  async #put(row: PersonRow): Promise<PersonReply> {
    await this.#directory.putPerson(row)
    this.#rows.set(row.id, row)
    return replyOf(row)
  }

  /** One change at a time, so that two of them can neither take one name nor undo each other. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#writing.then(work)
    this.#writing = done.catch(() => {})
    return done
  }

  #tell(id: string, news: PersonNews): void {
    for (const listener of this.#listeners) listener(id, news)
  }
}

function replyOf({ id, name, role, skills, capacity }: PersonRow): PersonReply {
  return { id, name, role, skills: JSON.parse(skills) as string[], capacity }
}

/** Names that people would take for the same are. */
function nameKey(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase()
}

function slugOf(name: string): string {
  const bare = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  return bare
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, slugCharsMax)
    .replace(/^-|-$/g, '')
}
