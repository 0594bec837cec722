import { useState } from 'preact/hooks'
import type { Attachment } from '../../src/client/index.ts'
import { download } from './download.ts'
import type { Entry } from './entries.ts'
import { Glyph } from './glyph.tsx'
import type { Parts } from './parts.ts'
import { fill, sizeIn } from './words/speech.ts'

/** Files of a message: downloaded, never drawn. */
export function Files({ entry, parts }: { entry: Entry; parts: Parts }) {
  if (entry.attachments.length === 0) return null
  return (
    <ul class="files">
      {entry.attachments.map((file) => (
        <li key={file.id}>
          <SentFile file={file} parts={parts} />
        </li>
      ))}
    </ul>
  )
}

function SentFile({ file, parts: { session, speech } }: { file: Attachment; parts: Parts }) {
  const [failed, setFailed] = useState(false)
  const take = () => {
    setFailed(false)
    download(session, file).catch(() => setFailed(true))
  }
  const size = sizeIn(speech, file.bytes)
  return (
    <>
      <button type="button" class="bubble file" aria-label={fill(speech.words.download, { name: `${file.name} ${size}` })} onClick={take}>
        <Glyph of="document" />
        <span class="file-name" dir="auto">
          {file.name}
        </span>{' '}
        <span class="file-size">{size}</span>
      </button>
      {failed && (
        <p class="reached alarm" role="status">
          {fill(speech.words.downloadFailed, { name: file.name })}
        </p>
      )}
    </>
  )
}
