/** Files that are on their way beside a message: per conversation, until the message is sent. They do not outlive the page. */
import { signal } from '@preact/signals'
import { BattutaClientError } from '../../../src/client/index.ts'
import type { Attachment } from '../../../src/client/index.ts'
import { door } from '../door.ts'

/** Files beside one message. */
export const uploadsMax = 10
/** What the picker offers; the server looks at the files themselves. */
export const attachmentTypes = 'image/png,image/jpeg,image/gif,image/webp,application/pdf,text/plain'

export interface Upload {
  readonly key: number
  readonly name: string
  readonly bytes: number
  readonly attachment: Attachment | null
  readonly refusal: string | null
}

export const uploads = signal<Readonly<Record<string, readonly Upload[]>>>({})
let lastKey = 0

export function uploadsOf(conversation: string): readonly Upload[] {
  return uploads.value[conversation] ?? []
}

/** Begins with as many as there is room for. */
export function attach(conversation: string, files: readonly File[]): void {
  for (const file of files.slice(0, uploadsMax - uploadsOf(conversation).length)) void upload(conversation, file)
}

export function detach(conversation: string, key: number): void {
  set(
    conversation,
    uploadsOf(conversation).filter((one) => one.key !== key),
  )
}

/** Takes those that are there: they go with the message now. */
export function takeUploads(conversation: string): readonly Attachment[] {
  const ready = uploadsOf(conversation).flatMap(({ attachment }) => attachment ?? [])
  set(conversation, [])
  return ready
}

async function upload(conversation: string, file: File): Promise<void> {
  const key = ++lastKey
  set(conversation, [...uploadsOf(conversation), { key, name: file.name, bytes: file.size, attachment: null, refusal: null }])
  try {
    const attachment = await door.attachments.upload(conversation, file, file.name)
    change(conversation, key, { attachment })
  } catch (error) {
    if (!(error instanceof BattutaClientError)) throw error
    change(conversation, key, { refusal: error.detail })
  }
}

function change(conversation: string, key: number, to: Partial<Upload>): void {
  set(
    conversation,
    uploadsOf(conversation).map((one) => (one.key === key ? { ...one, ...to } : one)),
  )
}

function set(conversation: string, list: readonly Upload[]): void {
  uploads.value = { ...uploads.value, [conversation]: list }
}
