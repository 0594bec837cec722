/** What readers hold on to: links that lead somewhere, one title a document, and code that is cut from files that run. */
import { posix } from 'node:path'
import { linesOf } from './sources.ts'
import type { Finding, Source } from './sources.ts'

/** What a repository that is given away holds. */
export const expectedDocuments = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'LICENSE', 'docs/decisions/README.md'] as const

interface Line {
  readonly text: string
  readonly line: number
  readonly inFence: boolean
}

/** Lines of a document; those of a fenced block, its fences included, are marked. */
function prose(text: string): Line[] {
  let fence: string | null = null
  return linesOf(text).map((held, index) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(held)?.[1]
    const opens = fence === null && mark !== undefined
    const closes = fence !== null && mark?.startsWith(fence) === true && held.trim() === mark
    const inFence = fence !== null || opens
    if (opens) fence = mark
    else if (closes) fence = null
    return { text: held, line: index + 1, inFence }
  })
}

function documents(files: readonly Source[]): Source[] {
  return files.filter(({ path }) => path.endsWith('.md'))
}

export function titles(files: readonly Source[]): Finding[] {
  return documents(files).flatMap(({ path, text }) => {
    const found = prose(text).filter(({ text: held, inFence }) => !inFence && /^# \S/.test(held))
    if (found.length === 1) return []
    const message =
      found.length === 0 ? 'has no title; begin it with one `# Title`' : `has ${found.length} titles; keep the first and make the others sections (##)`
    return [{ rule: 'titles', file: path, line: found[1]?.line ?? 1, subject: '#', message }]
  })
}

/** Relative links lead to a file or folder that git has, and to a heading that is there. */
export function links(files: readonly Source[]): Finding[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  const folders = new Set(files.flatMap(({ path }) => path.split('/').map((_, index, parts) => parts.slice(0, index).join('/'))))
  return documents(files).flatMap(({ path, text }) =>
    prose(text).flatMap(({ text: held, line, inFence }) =>
      inFence
        ? []
        : targetsIn(held).flatMap((target) => {
            const [to = '', anchor] = target.split('#')
            const full = to === '' ? path : posix.join(posix.dirname(path), decodeURIComponent(to)).replace(/\/$/, '')
            const add = (message: string): Finding[] => [{ rule: 'links', file: path, line, subject: target, message }]
            if (!texts.has(full) && !folders.has(full === '.' ? '' : full)) return add(`the link ${target} leads nowhere: ${full} is not in the repository`)
            if (anchor === undefined || !full.endsWith('.md') || headingsOf(texts.get(full) ?? '').has(anchor)) return []
            return add(`the link ${target} leads to no heading of ${full}`)
          }),
    ),
  )
}

function targetsIn(line: string): string[] {
  const bare = line.replace(/`[^`]*`/g, '')
  const found = [...bare.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g), ...bare.matchAll(/^\s*\[[^\]]+\]:\s*<?([^\s>]+)/g)].map(([, target = '']) => target)
  return found.filter((target) => !/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(target))
}

/** Anchors as the usual hosts make them: small letters, words joined by dashes. */
function headingsOf(text: string): Set<string> {
  const anchors = prose(text).filter(({ text: held, inFence }) => !inFence && /^#{1,6} /.test(held))
  return new Set(
    anchors.map(({ text: held }) =>
      held
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  )
}

const cutMark = /^<!-- cut from (\S+) -->$/

/** A block below `<!-- cut from path -->` stands in that file, line for line. */
export function snippets(files: readonly Source[]): Finding[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  return documents(files).flatMap(({ path, text }) => {
    const lines = prose(text)
    return lines.flatMap(({ text: held, line, inFence }, index) => {
      const from = inFence ? undefined : cutMark.exec(held.trim())?.[1]
      if (from === undefined) return []
      const add = (message: string): Finding[] => [{ rule: 'snippets', file: path, line, subject: from, message }]
      const next = lines.findIndex((other, at) => at > index && other.text.trim() !== '')
      if (next < 0 || lines[next]?.inFence !== true) return add('no code follows this mark; put the fenced block right below it')
      const end = lines.findIndex((other, at) => at > next && /^\s*[`~]{3,}\s*$/.test(other.text))
      const block = lines
        .slice(next + 1, end)
        .map((other) => other.text)
        .join('\n')
        .trim()
      const source = texts.get(from)
      if (source === undefined) return add(`${from} is not in the repository; cut the block from a file that is`)
      if (block === '') return add('the block is empty; cut something from the file')
      return source.includes(block) ? [] : add(`the block differs from ${from}; copy the lines again, without leaving any out`)
    })
  })
}

export function expected(files: readonly Source[]): Finding[] {
  const held = new Set(files.map(({ path }) => path))
  return expectedDocuments
    .filter((path) => !held.has(path))
    .map((path) => ({ rule: 'expected', file: path, line: 1, subject: path, message: `${path} is missing; write it` }))
}

/** The reference of error codes and the closed list are one. */
export function errorReference(
  files: readonly Source[],
  codes: Readonly<Record<string, { readonly status: number; readonly retry: boolean; readonly means: string }>>,
): Finding[] {
  const file = 'docs/reference/errors.md'
  const text = files.find(({ path }) => path === file)?.text ?? ''
  const rows = new Map(
    linesOf(text).flatMap((held, index) => {
      const code = /^\| `([A-Z_]+)` \|/.exec(held)?.[1]
      return code === undefined ? [] : [[code, { held, line: index + 1 }] as const]
    }),
  )
  const add = (line: number, subject: string, message: string): Finding => ({ rule: 'errorReference', file, line, subject, message })
  const lost = [...rows]
    .filter(([code]) => !Object.hasOwn(codes, code))
    .map(([code, { line }]) => add(line, code, `${code} is no code of src/base/errors.ts; take the row out`))
  return [
    ...lost,
    ...Object.entries(codes).flatMap(([code, { status, retry, means }]) => {
      const row = `| \`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${means} |`
      const held = rows.get(code)
      if (held === undefined) return [add(1, code, `${code} is not listed; add: ${row}`)]
      return held.held === row ? [] : [add(held.line, code, `the row of ${code} differs from src/base/errors.ts; write: ${row}`)]
    }),
  ]
}
