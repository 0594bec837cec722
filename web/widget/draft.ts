/**
 * What the customer is about to send: the words in the field and the files beside them.
 *
 * Owns both until they are said, and the uploads. Does not own what a file may be (attachment-rule.ts).
 *
 * D1 words and files that are up survive a reload; what is half up does not, and is not pretended to be there.
 */
import { computed, signal } from '@preact/signals'
import { BattutaClientError } from '../../src/client/index.ts'
import type { Attachment } from '../../src/client/index.ts'
import { checkFile, filesMax } from './attachment-rule.ts'
import type { FileRefusal } from './attachment-rule.ts'
import type { Kept } from './kept.ts'
import type { Session } from './session.ts'
import { upload } from './upload.ts'

export type DraftFile = { readonly key: number; readonly name: string; readonly bytes: number } & (
  | { readonly state: 'uploading'; readonly share: number; readonly cancel: () => void }
  | { readonly state: 'ready'; readonly attachment: Attachment }
  /** `again` is there when another try may help. */
  | { readonly state: 'refused'; readonly why: FileRefusal | 'tooManyFiles' | BattutaClientError; readonly again: (() => void) | null }
)

export class Draft {
  readonly text = signal('')
  readonly files = signal<readonly DraftFile[]>([])
  readonly isUploading = computed(() => this.files.value.some(({ state }) => state === 'uploading'))
  readonly attachments = computed(() => this.files.value.flatMap((file) => (file.state === 'ready' ? [file.attachment] : [])))
  readonly isEmpty = computed(() => this.text.value.trim() === '' && this.attachments.value.length === 0)

  readonly #server: string
  readonly #kept: Kept
  readonly #session: Session
  #keys = 0

  constructor(server: string, kept: Kept, session: Session) {
    this.#server = server
    this.#kept = kept
    this.#session = session
    const { text, attachments } = kept.draft
    this.text.value = text
    this.files.value = attachments.map((attachment) => ({ key: this.#keys++, name: attachment.name, bytes: attachment.bytes, state: 'ready', attachment }))
  }

  write(text: string): void {
    this.text.value = text
    this.#keep()
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const checked = checkFile(file)
      const going = this.files.value.filter(({ state }) => state !== 'refused').length
      if ('refused' in checked) this.#put(this.#keys++, file, { state: 'refused', why: checked.refused, again: null })
      else if (going >= filesMax) this.#put(this.#keys++, file, { state: 'refused', why: 'tooManyFiles', again: null })
      else void this.#upload(this.#keys++, file, checked.type)
    }
  }

  remove(key: number): void {
    const file = this.files.value.find((other) => other.key === key)
    if (file?.state === 'uploading') file.cancel()
    this.files.value = this.files.value.filter((other) => other.key !== key)
    this.#keep()
  }

  /** The words and files are said, or somebody else's now. What was refused goes with them: it has been read. */
  clear(): void {
    for (const { key } of this.files.value) this.remove(key)
    this.write('')
  }

  async #upload(key: number, file: File, type: string): Promise<void> {
    let isCancelled = false
    this.#put(key, file, { state: 'uploading', share: 0, cancel: () => (isCancelled = true) })
    try {
      const token = await this.#session.token(false)
      if (isCancelled) return
      const { done, cancel } = upload(this.#server, token, file, type, (share) => this.#put(key, file, { state: 'uploading', share, cancel }))
      this.#put(key, file, { state: 'uploading', share: 0, cancel })
      this.#put(key, file, { state: 'ready', attachment: await done })
    } catch (error) {
      const why = error instanceof BattutaClientError ? error : new BattutaClientError('UNREACHABLE', String(error))
      const mayHelp = why.code === 'UNREACHABLE' || why.retryAfterMs !== undefined
      if (!isCancelled) this.#put(key, file, { state: 'refused', why, again: mayHelp ? () => void this.#upload(key, file, type) : null })
    }
    this.#keep()
  }

  #put(key: number, { name, size }: File, state: DistributiveOmit<DraftFile, 'key' | 'name' | 'bytes'>): void {
    const file = { key, name, bytes: size, ...state } as DraftFile
    const { value } = this.files
    this.files.value = value.some((other) => other.key === key) ? value.map((other) => (other.key === key ? file : other)) : [...value, file]
  }

  #keep(): void {
    this.#kept.draft = { text: this.text.value, attachments: this.attachments.value }
  }
}

type DistributiveOmit<Union, Keys extends PropertyKey> = Union extends unknown ? Omit<Union, Keys> : never
