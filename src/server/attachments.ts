/**
 * Files that people send in conversations.
 *
 * Job: keeps a file, gives it back, says what a message names. Owns: the folder `attachments`, where a file's name is the SHA-256
 * of its content, and the rows that say whose it is. Does not own: who may have it (attachment-doors.ts, may.ts).
 *
 * F1 A file that was answered for is on disk whole, under the hash of its content; half a file never has that name.
 * F2 No name from outside becomes part of a path.
 * F3 A message names only files of its own conversation.
 */
import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, BattutaError, newId, sha256 } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { Attachment } from '../definition/index.ts'
import type { AttachmentRow, Directory } from '../records/index.ts'
import { attachmentName, attachmentType, refused } from './attachment-type.ts'

/** Files of one message. */
export const attachmentsPerMessageMax = 10

export interface Attachments {
  /** Resolves once it is on disk. Throws ATTACHMENT_REFUSED. */
  keep(file: {
    readonly conversation: string
    readonly name: string
    readonly contentType: string | undefined
    readonly bytes: Buffer
    /** A customer, a person, `service`. */
    readonly by: string
  }): Promise<Attachment>
  find(id: string): Promise<AttachmentRow | undefined>
  /** The content, to be closed by whoever reads it. Throws STORAGE_FAILED when its file is gone. */
  open(row: AttachmentRow): Promise<FileHandle>
  /** What a message of this conversation names. Throws ATTACHMENT_REFUSED. */
  named(conversation: string, ids: readonly string[]): Promise<readonly Attachment[]>
}

export function openAttachments(world: World, directory: Pick<Directory, 'attachment' | 'putAttachment'>, dataFolder: string): Attachments {
  const folder = join(dataFolder, 'attachments')
  const fileOf = (hash: string): string => {
    assert(/^[0-9a-f]{64}$/.test(hash), 'an attachment lies under the hash of its content')
    return join(folder, hash)
  }
  return {
    async keep({ conversation, name, contentType, bytes, by }) {
      const type = attachmentType(contentType, bytes)
      const hash = sha256(bytes)
      await mkdir(folder, { recursive: true })
      await writeOnce(folder, fileOf(hash), newId(world, 'new'), bytes)
      const row = { id: newId(world, 'att'), conversation, name: attachmentName(name, type), type, bytes: bytes.length, hash, at: world.now(), by }
      await directory.putAttachment(row)
      return replyOf(row)
    },
    find: (id) => directory.attachment(id),
    open: ({ id, hash }) =>
      open(fileOf(hash)).catch((cause: unknown) => {
        throw new BattutaError('STORAGE_FAILED', `the file of attachment ${id} cannot be read; was the folder attachments restored with the records?`, {
          cause,
        })
      }),
    async named(conversation, ids) {
      if (ids.length > attachmentsPerMessageMax) throw refused(`is one of ${ids.length}; a message takes ${attachmentsPerMessageMax}`)
      const rows = await Promise.all([...new Set(ids)].map(async (id) => [id, await directory.attachment(id)] as const))
      return rows.map(([id, row]) => {
        if (row === undefined || row.conversation !== conversation) throw refused(`${JSON.stringify(id)} is not of this conversation; send the file first`)
        return replyOf(row)
      })
    },
  }
}

function replyOf({ id, name, type, bytes }: AttachmentRow): Attachment {
  return { id, name, type, bytes }
}

/** F1: written beside, synced, renamed; then the folder is synced, also for a file that somebody else has just put there. */
async function writeOnce(folder: string, file: string, besideName: string, bytes: Buffer): Promise<void> {
  const held = await stat(file).catch(() => null)
  if (held?.size !== bytes.length) {
    const beside = join(folder, besideName)
    try {
      const handle = await open(beside, 'wx', 0o600)
      try {
        await handle.writeFile(bytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(beside, file)
    } catch (cause) {
      await rm(beside, { force: true })
      throw new BattutaError('STORAGE_FAILED', `the disk refused an attachment of ${bytes.length} bytes`, { cause })
    }
  }
  const directory = await open(folder)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
