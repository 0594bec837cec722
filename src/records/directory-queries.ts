/** Small tables that no lane owns, through Kysely: the same for each SQL driver. Each write is a statement of its own. */
import type { Kysely } from 'kysely'
import type { AttachmentRow, Directory, PersonRow, WebhookRow } from './port.ts'
import type { Database } from './schema.ts'

export class DirectoryQueries implements Directory {
  readonly #database: Kysely<Database>

  constructor(database: Kysely<Database>) {
    this.#database = database
  }

  people(): Promise<readonly PersonRow[]> {
    return this.#database
      .selectFrom('people')
      .select(['id', 'name', 'role', 'skills', 'capacity', 'password', 'created_at as createdAt', 'sessions_from as sessionsFrom', 'closed_at as closedAt'])
      .orderBy('id')
      .execute()
  }

  async putPerson({ id, createdAt, sessionsFrom, closedAt, ...plain }: PersonRow): Promise<void> {
    const changed = { ...plain, created_at: createdAt, sessions_from: sessionsFrom, closed_at: closedAt }
    await this.#database
      .insertInto('people')
      .values({ id, ...changed })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
      .execute()
  }

  webhooks(): Promise<readonly WebhookRow[]> {
    return this.#database
      .selectFrom('webhooks')
      .select(['name', 'url', 'kind', 'skills', 'capacity', 'secret', 'created_at as createdAt'])
      .orderBy('name')
      .execute()
  }

  async putWebhook({ name, createdAt, ...plain }: WebhookRow): Promise<void> {
    const changed = { ...plain, created_at: createdAt }
    await this.#database
      .insertInto('webhooks')
      .values({ name, ...changed })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(changed))
      .execute()
  }

  /** Its cursors go with it, by a trigger. */
  async deleteWebhook(name: string): Promise<void> {
    await this.#database.deleteFrom('webhooks').where('name', '=', name).execute()
  }

  cursors(webhook: string): Promise<readonly { readonly conversation: string; readonly seq: number }[]> {
    return this.#database.selectFrom('webhook_cursors').select(['conversation', 'seq']).where('webhook', '=', webhook).orderBy('conversation').execute()
  }

  async putCursor(webhook: string, conversation: string, seq: number): Promise<void> {
    await this.#database
      .insertInto('webhook_cursors')
      .values({ webhook, conversation, seq })
      .onConflict((conflict) => conflict.columns(['webhook', 'conversation']).doUpdateSet({ seq }))
      .execute()
  }

  attachment(id: string): Promise<AttachmentRow | undefined> {
    return this.#database
      .selectFrom('attachments')
      .select(['id', 'conversation', 'name', 'type', 'bytes', 'hash', 'at', 'added_by as by'])
      .where('id', '=', id)
      .executeTakeFirst()
  }

  async putAttachment({ id, by, ...plain }: AttachmentRow): Promise<void> {
    const changed = { ...plain, added_by: by }
    await this.#database
      .insertInto('attachments')
      .values({ id, ...changed })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
      .execute()
  }
}
