/** What may be attached, as the server has it: checked here first, so that nobody waits for an upload that is refused. */

/** The server's limit for one file. */
export const fileBytesMax: number = 5 * 1024 * 1024
/** The server's limit for one message. */
export const filesMax = 10

const endings: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  txt: 'text/plain',
}
const types: ReadonlySet<string> = new Set(Object.values(endings))

/** For a file field's `accept`. */
export const accept: string = [...types, ...Object.keys(endings).map((ending) => `.${ending}`)].join(',')

export type FileRefusal = 'fileType' | 'fileTooLarge' | 'fileEmpty'

/** The type as which a file is sent, or why it is not. Some systems know a file's ending but not its type. */
export function checkFile({
  name,
  type,
  size,
}: {
  readonly name: string
  readonly type: string
  readonly size: number
}): { readonly type: string } | { readonly refused: FileRefusal } {
  const known = (type === '' ? endings[name.split('.').at(-1)?.toLowerCase() ?? ''] : type.split(';')[0]?.trim().toLowerCase()) ?? ''
  if (!types.has(known)) return { refused: 'fileType' }
  if (size === 0) return { refused: 'fileEmpty' }
  if (size > fileBytesMax) return { refused: 'fileTooLarge' }
  return { type: known }
}
