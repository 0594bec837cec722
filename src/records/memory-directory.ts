/** Small tables that no lane owns, in the memory driver's tables. */
import type { MemoryRead, MemoryWrite } from './memory-tables.ts'
import type { AttachmentRow, Directory, PersonRow, WebhookRow } from './port.ts'

export class MemoryDirectory implements Directory {
  readonly #read: MemoryRead
  readonly #write: MemoryWrite

  constructor(read: MemoryRead, write: MemoryWrite) {
    this.#read = read
    this.#write = write
  }

  people(): Promise<readonly PersonRow[]> {
    return this.#read(({ people }) => [...people.values()].sort((left, right) => (left.id < right.id ? -1 : 1)))
  }

  async putPerson(row: PersonRow): Promise<void> {
    const held = { ...row }
    await this.#write(({ people }) => people.set(row.id, held))
  }

  webhooks(): Promise<readonly WebhookRow[]> {
    return this.#read(({ webhooks }) => [...webhooks.values()].sort((left, right) => (left.name < right.name ? -1 : 1)))
  }

  async putWebhook(row: WebhookRow): Promise<void> {
    const held = { ...row }
    await this.#write(({ webhooks }) => webhooks.set(row.name, held))
  }

  async deleteWebhook(name: string): Promise<void> {
    await this.#write(({ webhooks, cursors }) => {
      if (webhooks.delete(name)) cursors.delete(name)
    })
  }

  cursors(webhook: string): ReturnType<Directory['cursors']> {
    return this.#read(({ cursors }) =>
      [...(cursors.get(webhook) ?? [])]
        .map(([conversation, seq]) => ({ conversation, seq }))
        .sort((left, right) => (left.conversation < right.conversation ? -1 : 1)),
    )
  }

  async putCursor(webhook: string, conversation: string, seq: number): Promise<void> {
    await this.#write(({ cursors }) => {
      const held = cursors.get(webhook) ?? new Map<string, number>()
      cursors.set(webhook, held.set(conversation, seq))
    })
  }

  attachment(id: string): Promise<AttachmentRow | undefined> {
    return this.#read(({ attachments }) => attachments.get(id))
  }

  async putAttachment(row: AttachmentRow): Promise<void> {
    const held = { ...row }
    await this.#write(({ attachments }) => attachments.set(row.id, held))
  }
}
