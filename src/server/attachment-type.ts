/** What an attachment is and what it is called: by its first bytes as well as by its header, and never by its name alone. */
import { BattutaError } from '../base/index.ts'

interface Kind {
  /** The first is the one a name gets. */
  readonly endings: readonly string[]
  readonly fits: (bytes: Buffer) => boolean
}

const startsWith = (bytes: Buffer, magic: string, at = 0): boolean => bytes.subarray(at, at + magic.length).equals(Buffer.from(magic, 'latin1'))

const kinds: Readonly<Record<string, Kind>> = {
  'image/png': { endings: ['png'], fits: (bytes) => startsWith(bytes, '\x89PNG\r\n\x1a\n') },
  'image/jpeg': { endings: ['jpg', 'jpeg'], fits: (bytes) => startsWith(bytes, '\xff\xd8\xff') },
  'image/gif': { endings: ['gif'], fits: (bytes) => startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a') },
  'image/webp': { endings: ['webp'], fits: (bytes) => startsWith(bytes, 'RIFF') && startsWith(bytes, 'WEBP', 8) },
  'application/pdf': { endings: ['pdf'], fits: (bytes) => startsWith(bytes, '%PDF-') },
  'text/plain': { endings: ['txt'], fits: isText },
}

export const attachmentTypes: readonly string[] = Object.freeze(Object.keys(kinds))
/** Characters of a name that are kept, its ending included. */
const nameCharsMax = 100

/** The type that header and content agree on. Throws ATTACHMENT_REFUSED. */
export function attachmentType(contentType: string | undefined, bytes: Buffer): string {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined
  if (kind === undefined) throw refused(`is of type ${JSON.stringify(type)}; ${attachmentTypes.join(', ')} are taken`, { types: attachmentTypes })
  if (bytes.length === 0) throw refused('is empty')
  if (!kind.fits(bytes)) throw refused(`does not begin as ${type} does: send the file as it is, with its own content-type`)
  return type
}

/** A name that no file system and no reader is led astray by: no folders, nothing unseen, an ending that fits the type. */
export function attachmentName(given: string, type: string): string {
  const endings = kinds[type]?.endings ?? []
  const last = given.normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const plain = last
    .replace(/[\p{C}\p{Zl}\p{Zp}"<>:|?*]/gu, '')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '')
  const dot = plain.lastIndexOf('.')
  const fits = endings.includes(plain.slice(dot + 1).toLowerCase()) && dot > 0
  const stem = (fits ? plain.slice(0, dot) : plain) || 'attachment'
  const ending = fits ? plain.slice(dot) : `.${endings[0] ?? 'bin'}`
  return (
    Array.from(stem)
      .slice(0, nameCharsMax - ending.length)
      .join('')
      .trimEnd() + ending
  )
}

export function refused(message: string, details: Record<string, unknown> = {}): BattutaError {
  return new BattutaError('ATTACHMENT_REFUSED', `the attachment ${message}`, { details })
}

/** UTF-8 without control characters but those that lay out text. */
function isText(bytes: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return !/[^\P{Cc}\t\n\f\r]/u.test(text)
  } catch {
    return false
  }
}
