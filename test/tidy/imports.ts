/** Rule 2: one door per room, imports only down the ladder, no circles, nothing that nobody reaches. */
import { posix } from 'node:path'
import { isTest, roomOf } from './sources.ts'
import type { Finding, Link, Source } from './sources.ts'

/** The rooms, lowest first (DESIGN, section 4): a room imports only rooms before it. */
export const rooms = [
  'base',
  'sketch',
  'definition',
  'app',
  'log',
  'records',
  'audit',
  'features',
  'models',
  'guard',
  'knowledge',
  'context',
  'decide',
  'route',
  'flows',
  'agents',
  'channels',
  'orchestrator',
  'watch',
  'simulate',
  'server',
  'client',
  'cli',
  'testing',
] as const

/** Doors that hold nothing a browser lacks, beside the rooms' own `index.ts`. */
export const browserDoors: readonly string[] = ['src/models/linear.ts', 'src/guard/pii.ts']

/** A room imports rooms above it in the table, through their door. */
export function ladder(files: readonly Source[]): Finding[] {
  const findings: Finding[] = []
  for (const { file, link } of linksFrom(files, (path) => path.startsWith('src/') && !isTest(path))) {
    const room = roomOf(file)
    const target = roomOf(link.to)
    if (room === null || room === target) continue
    const add = (message: string): void => void findings.push({ rule: 'ladder', file, line: link.line, subject: link.to, message })
    if (!rooms.some((held) => held === room)) add(`${room} is no room of the ladder; give it its place in test/tidy/imports.ts and in DESIGN's table`)
    else if (target === null) add(`a room imports nothing outside src, and ${link.to} is; move what it needs into a room`)
    else if (rankOf(target) > rankOf(room))
      add(`${room} may not import ${target}, which stands above it on the ladder; declare a port here and let server wire it`)
    else if (room === 'client') findings.push(...forBrowsers(file, link))
    else if (link.to !== `src/${target}/index.ts`) add(`${link.to} is a back window; export what is needed from src/${target}/index.ts and import it there`)
  }
  return findings
}

/** The pages see nothing of `src` but the client. */
export function pages(files: readonly Source[]): Finding[] {
  return linksFrom(files, (path) => path.startsWith('web/') && !isTest(path)).flatMap(({ file, link }) => {
    if (!link.to.startsWith('src/') || link.to === 'src/client/index.ts') return []
    return [
      {
        rule: 'pages',
        file,
        line: link.line,
        subject: link.to,
        message: `a page sees only client, and this is ${link.to}; export it from src/client/index.ts`,
      },
    ]
  })
}

function forBrowsers(file: string, link: Link): Finding[] {
  const isFree = browserDoors.includes(link.to) || (link.to === 'src/definition/index.ts' && link.how === 'types')
  if (isFree) return []
  return [
    {
      rule: 'ladder',
      file,
      line: link.line,
      subject: link.to,
      message: `client runs in browsers: of ${link.to} it may import nothing but definition's types (import type) and ${browserDoors.join(' and ')}`,
    },
  ]
}

function rankOf(room: string): number {
  return (rooms as readonly string[]).indexOf(room)
}

/** A door re-exports names of its own room, with the types of the vocabulary beside them, and does nothing else. */
export function doors(files: readonly Source[]): Finding[] {
  const findings: Finding[] = []
  for (const { path, code } of files) {
    if (!/^src\/[^/]+\/index\.ts$/.test(path) || code === null) continue
    for (const statement of (code.nodes[0]?.['body'] ?? []) as typeof code.nodes) {
      const add = (message: string): void => void findings.push({ rule: 'doors', file: path, line: code.line(statement), subject: statement.type, message })
      const fromWhere = (statement['source'] as { value?: string } | null)?.value
      if (fromWhere === undefined || !statement.type.startsWith('Export'))
        add('a door holds `export … from` and nothing else; move this into a file named after what it is')
      else if (!/^\.\/[^/]+$/.test(fromWhere) && !(fromWhere === '../definition/index.ts' && statement['exportKind'] === 'type'))
        add(`a door exports its own room, and ${fromWhere} is another's; import it from there where it is used`)
      else if (statement.type === 'ExportAllDeclaration' && statement['exportKind'] !== 'type')
        add('a door names the values it exports; `export *` is for types')
    }
  }
  return findings
}

/** No file of `src` or `web` reaches itself, not even through types. */
export function cycles(files: readonly Source[]): Finding[] {
  const graph = new Map(files.filter(({ path }) => /^(?:src|web)\//.test(path)).map(({ path, code }) => [path, code?.links ?? []]))
  const state = new Map<string, 'open' | 'done'>()
  const findings: Finding[] = []
  const walk = (path: string, trail: readonly string[]): void => {
    state.set(path, 'open')
    for (const link of graph.get(path) ?? []) {
      if (!graph.has(link.to) || link.how === 'url') continue
      if (state.get(link.to) === 'open') {
        const circle = [...trail.slice(trail.indexOf(link.to)), link.to]
        findings.push({
          rule: 'cycles',
          file: path,
          line: link.line,
          subject: link.to,
          message: `this closes a circle, ${circle.join(' → ')}; move what both need into a third file`,
        })
      } else if (!state.has(link.to)) walk(link.to, [...trail, link.to])
    }
    state.set(path, 'done')
  }
  for (const path of graph.keys()) if (!state.has(path)) walk(path, [path])
  return findings
}

/** Every file of `src` and `web` is reached from a door, the command line, a page, a thread that is started by its URL, or a test. */
export function reached(files: readonly Source[], threads: readonly string[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const seen = new Set<string>()
  const waiting = files.map(({ path }) => path).filter((path) => !/^(?:src|web)\//.test(path) || isRoot(path) || threads.includes(path))
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    const file = byPath.get(path)
    if (file) waiting.push(...(file.code?.links ?? []).map((link) => link.to), ...pageLinks(file))
  }
  return files.flatMap(({ path }) => {
    if (seen.has(path) || !/^(?:src|web)\/.*\.(?:tsx?|css)$/.test(path)) return []
    return [
      {
        rule: 'reached',
        file: path,
        line: 1,
        subject: path,
        message: 'nothing reaches this file: no door, page, command, thread or test; delete it, or use it',
      },
    ]
  })
}

function isRoot(path: string): boolean {
  return isTest(path) || /^src\/[^/]+\/index\.ts$/.test(path) || path === 'src/cli/bin.ts' || /^web\/(?:[^/]+\.html|vite\.config\.ts|[^/]+\.d\.ts)$/.test(path)
}

/** What a page or a style sheet loads. */
function pageLinks({ path, text }: Source): string[] {
  if (!/\.(?:html|css)$/.test(path)) return []
  return [...text.matchAll(/(?:\ssrc=|\shref=|@import\s+)["'](\.{1,2}\/[^"']+)["']/g)].map(([, to = '']) => posix.join(posix.dirname(path), to))
}

function linksFrom(files: readonly Source[], from: (path: string) => boolean): { file: string; link: Link }[] {
  return files.filter(({ path }) => from(path)).flatMap(({ path, code }) => (code?.links ?? []).map((link) => ({ file: path, link })))
}
