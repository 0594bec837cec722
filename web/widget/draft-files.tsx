import { Mark } from '../shared/mark.tsx'
import { fileBytesMax, filesMax } from './attachment-rule.ts'
import type { DraftFile } from './draft.ts'
import { Glyph } from './glyph.tsx'
import type { Parts } from './parts.ts'
import { fill, sizeIn } from './words/speech.ts'
import type { Speech } from './words/speech.ts'

/** Files that will go with the message, and those that will not. */
export function DraftFiles({ parts: { draft, speech } }: { parts: Parts }) {
  const files = draft.files.value
  return (
    <ul class="draft-files" aria-live="polite" hidden={files.length === 0}>
      {files.map((file) => (
        <li key={file.key} class={`draft-file draft-${file.state}`}>
          <Waiting file={file} speech={speech} />
          <button
            type="button"
            class="draft-remove"
            aria-label={fill(file.state === 'uploading' ? speech.words.cancel : speech.words.remove, { name: file.name })}
            onClick={() => draft.remove(file.key)}
          >
            <Glyph of="close" />
          </button>
        </li>
      ))}
    </ul>
  )
}

function Waiting({ file, speech }: { file: DraftFile; speech: Speech }) {
  const { words } = speech
  return (
    <>
      {file.state === 'refused' ? <Mark of="strained" /> : <Glyph of="document" />}
      <div class="draft-text">
        <span class="file-name" dir="auto">
          {file.name}
        </span>
        {file.state === 'ready' && <span class="file-size">{sizeIn(speech, file.bytes)}</span>}
        {file.state === 'uploading' && (
          <>
            <progress value={file.share} aria-label={file.name} />
            {/* The bar says it to who asks; a figure that changes ten times a second is not read out. */}
            <span class="file-size" aria-hidden="true">
              {fill(words.uploading, { percent: new Intl.NumberFormat(speech.locale, { style: 'percent' }).format(file.share) })}
            </span>
          </>
        )}
        {file.state === 'refused' && (
          <span class="alarm">
            {words.notSent}: {why(file, speech)}{' '}
            {file.again && (
              <button type="button" class="in-text" onClick={file.again}>
                {words.tryAgain}
              </button>
            )}
          </span>
        )}
      </div>
    </>
  )
}

/** The reason and the mend, in the customer's language where it is known. */
function why({ why, bytes }: DraftFile & { state: 'refused' }, speech: Speech): string {
  const { words } = speech
  if (why === 'tooManyFiles') return fill(words.tooManyFiles, { max: filesMax })
  if (typeof why === 'string') return fill(words[why], { size: sizeIn(speech, bytes), max: sizeIn(speech, fileBytesMax) })
  if (why.code === 'UNREACHABLE') return words.uploadFailed
  return words.refusals[why.code as keyof typeof words.refusals] ?? why.detail
}
