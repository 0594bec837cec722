/** What tidy reads: the files that git would commit, and what stands in them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'vite'

/** Something that breaks a rule. `subject` is what an exception is written for: a target, a name, a call. */
export interface Finding {
  readonly rule: string
  readonly file: string
  readonly line: number
  readonly subject: string
  /** What is wrong and the mend. */
  readonly message: string
}

/** A node of the ESTree that the parser gives; which fields it has depends on `type`. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

export interface Link {
  /** Path inside the repository. */
  readonly to: string
  readonly line: number
  /** `url` is a worker's or a child's file, `new URL('./x.ts', import.meta.url)`. */
  readonly how: 'types' | 'values' | 'url'
  /** Names taken; empty for a whole module. */
  readonly names: readonly string[]
}

export interface Source {
  readonly path: string
  readonly text: string
  /** Null for what is no TypeScript or JavaScript. */
  readonly code: Code | null
}

export interface Code {
  readonly nodes: readonly Node[]
  readonly comments: readonly { readonly text: string; readonly line: number }[]
  /** Imports, exports from, `import(…)` and worker URLs of files in the repository. */
  readonly links: readonly Link[]
  readonly line: (node: { readonly start: number }) => number
}

/** Where git's paths begin. */
export const root = fileURLToPath(new URL('../../', import.meta.url))
const textual = /\.(?:[cm]?[jt]sx?|md|css|html|svg|json|jsonl|npmrc|gitignore)$/

/** Every file that git would commit; in a download without git, every file that is not ignored. */
export function treePaths(): string[] {
  if (!existsSync(`${root}.git`))
    return pathsWithoutGit(
      readFileSync(`${root}.gitignore`, 'utf8'),
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
    )
  const paths = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 }).split('\0')
  return paths.filter((path) => path !== '' && existsSync(`${root}${path}`))
}

/** The two kinds of patterns that our own `.gitignore` has: a folder by its name, a file by its ending. */
export function pathsWithoutGit(ignored: string, paths: readonly string[]): string[] {
  const patterns = linesOf(ignored)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const folders = new Set(patterns.filter((line) => line.endsWith('/')).map((line) => line.slice(0, -1)))
  const endings = patterns.filter((line) => line.startsWith('*.')).map((line) => line.slice(1))
  return paths.filter(
    (path) =>
      !path
        .split('/')
        .slice(0, -1)
        .some((folder) => folders.has(folder)) && !endings.some((ending) => path.endsWith(ending)),
  )
}

/** All of them, with their texts. */
export function readTree(): Source[] {
  return treePaths().map((path) => source(path, textual.test(path) ? readFileSync(`${root}${path}`, 'utf8') : ''))
}

export function source(path: string, text: string): Source {
  return { path, text, code: /\.[cm]?[jt]sx?$/.test(path) ? codeOf(path, text) : null }
}

function codeOf(path: string, text: string): Code {
  const { program, comments, errors } = parseSync(path, text)
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message ?? 'does not parse'}`)
  const starts = lineStarts(text)
  const line = ({ start }: { readonly start: number }): number => lineOf(starts, start)
  const nodes = allNodes(program as unknown as Node)
  return {
    nodes,
    comments: comments.map(({ value, start }) => ({ text: value, line: lineOf(starts, start) })),
    links: nodes.flatMap((node) => linksOf(path, node, line(node))),
    line,
  }
}

function allNodes(program: Node): Node[] {
  const nodes: Node[] = []
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk)
    else if (typeof value === 'object' && value !== null) {
      if (typeof (value as Node).type === 'string') nodes.push(value as Node)
      for (const field of Object.values(value)) if (typeof field === 'object') walk(field)
    }
  }
  walk(program)
  return nodes
}

function linksOf(path: string, node: Node, line: number): Link[] {
  const link = (specifier: unknown, how: Link['how'], names: readonly string[]): Link[] =>
    typeof specifier === 'string' && /^\.{1,2}\//.test(specifier) ? [{ to: posix.join(posix.dirname(path), specifier), line, how, names }] : []
  const literal = (value: unknown): unknown => (value as Node | null)?.['value']
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration': {
      const taken = (node['specifiers'] ?? []) as Node[]
      const kinds = taken.map((one) => one['importKind'] ?? one['exportKind'] ?? 'value')
      const typesOnly = (node['importKind'] ?? node['exportKind']) === 'type' || (kinds.length > 0 && kinds.every((kind) => kind === 'type'))
      const names = taken.map((one) => nameOf(one['imported'] ?? one['local']))
      return link(literal(node['source']), typesOnly ? 'types' : 'values', taken.some((one) => one.type === 'ImportNamespaceSpecifier') ? [] : names)
    }
    case 'ImportExpression':
      return link(literal(node['source']), 'values', [])
    case 'TSImportType':
      return link(literal(node['source'] ?? node['argument']), 'types', [])
    case 'NewExpression': {
      const [first, second] = node['arguments'] as Node[]
      const isUrl = nameOf(node['callee']) === 'URL' && second?.type === 'MemberExpression' && (second['object'] as Node).type === 'MetaProperty'
      return isUrl ? link(literal(first), 'url', []) : []
    }
    default:
      return []
  }
}

export function nameOf(node: unknown): string {
  const { name, value } = (node ?? {}) as { name?: unknown; value?: unknown }
  return typeof name === 'string' ? name : typeof value === 'string' ? value : ''
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function lineOf(starts: readonly number[], at: number): number {
  let low = 0
  let high = starts.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((starts[middle] as number) <= at) low = middle
    else high = middle
  }
  return low + 1
}

/** Lines of a text, without the one that the last line feed only ends. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** A test, or a process or thread that a test starts. */
export function isTest(path: string): boolean {
  return /\.(?:test|child)\.tsx?$/.test(path) || path.startsWith('test/')
}

/** The room of a file of `src`; null for every other file. */
export function roomOf(path: string): string | null {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? null
}
