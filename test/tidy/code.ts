/** Rules 4, 6 and 8, and what the code may not hold: banned calls, untyped errors, lengths, names, marks of unfinished work. */
import { isTest, linesOf, nameOf } from './sources.ts'
import type { Code, Finding, Node, Source } from './sources.ts'

export const fileLinesMax = 600
export const fileLinesMedianMax = 150
export const functionLinesMax = 70

const timers = ['setTimeout', 'setInterval', 'setImmediate']
const mends: Readonly<Record<string, string>> = {
  'Date.now': 'take a World and ask its now()',
  'new Date()': 'take a World and build the date from its now()',
  'performance.now': 'take a World and ask its monotonicMs()',
  'Math.random': 'take a World or a Chance and ask its random()',
  'process.env': 'the environment is read in src/cli/env.ts; take the value as a parameter',
  setTimeout: 'take a World and use its setTimer()',
  setInterval: 'take a World and set its timer again each time',
  setImmediate: 'take a World and use its defer()',
}

/** Time, chance, timers and the environment come in through one place each. */
export function calls(files: readonly Source[]): Finding[] {
  return inCode(files, isOfSrc, (node) => {
    const name = bannedName(node)
    return name === null ? null : { rule: 'calls', subject: name, message: `${name} stands in one place of src only; ${mends[name] ?? ''}` }
  })
}

function bannedName(node: Node): string | null {
  if (node.type === 'MemberExpression') {
    const name = `${nameOf(node['object'])}.${nameOf(node['property'])}`
    return ['Date.now', 'performance.now', 'Math.random', 'process.env'].includes(name) ? name : null
  }
  if (node.type === 'NewExpression') return nameOf(node['callee']) === 'Date' && (node['arguments'] as unknown[]).length === 0 ? 'new Date()' : null
  if (node.type !== 'CallExpression') return null
  const name = nameOf(node['callee'])
  return timers.includes(name) ? name : null
}

/** Operating errors carry a code of the closed list; programmer errors are assertions. */
export function errors(files: readonly Source[]): Finding[] {
  return inCode(files, isOfSrc, (node) => {
    if (node.type !== 'ThrowStatement') return null
    const thrown = node['argument'] as Node
    const name = thrown.type === 'NewExpression' ? nameOf(thrown['callee']) : null
    if (name === null || name === 'BattutaError' || name === 'AssertionError') return null
    return {
      rule: 'errors',
      subject: name,
      message: `${name} has no code; throw a BattutaError with one of src/base/errors.ts, or assert(…) what can only be a mistake of ours`,
    }
  })
}

/** Values are exported by name. */
export function named(files: readonly Source[]): Finding[] {
  return inCode(
    files,
    (path) => /^(?:src|web)\//.test(path),
    (node) =>
      node.type !== 'ExportDefaultDeclaration' ? null : { rule: 'named', subject: 'default', message: 'nothing is exported as default; export it by its name' },
  )
}

/** Nothing unfinished, nothing untyped. */
export function unfinished(files: readonly Source[]): Finding[] {
  const typed = inCode(
    files,
    () => true,
    (node) => {
      const isAny = (node.type === 'TSAsExpression' || node.type === 'TSTypeAssertion') && (node['typeAnnotation'] as Node).type === 'TSAnyKeyword'
      return isAny ? { rule: 'unfinished', subject: 'as any', message: '`as any` turns the types off; say what it is, or narrow it from unknown' } : null
    },
  )
  const comments = files.flatMap(({ path, text, code }) => {
    const lines = code === null ? (/\.(?:md|css|html)$/.test(path) ? linesOf(text).map((line, index) => ({ text: line, line: index + 1 })) : []) : code.comments
    return lines.flatMap(({ text: said, line }) => {
      const found = /\b(?:TODO|FIXME|XXX|HACK)\b|@ts-(?:ignore|nocheck)/.exec(said)?.[0]
      return found === undefined
        ? []
        : [
            {
              rule: 'unfinished',
              file: path,
              line: line + said.slice(0, said.indexOf(found)).split('\n').length - 1,
              subject: found,
              message: `${found} stays in nobody's code; do it, or leave it out`,
            },
          ]
    })
  })
  return [...typed, ...comments]
}

const measured = /\.(?:[cm]?[jt]sx?|css)$/

/** Files and functions are short. */
export function lengths(files: readonly Source[]): Finding[] {
  const findings: Finding[] = []
  const own: number[] = []
  for (const { path, text, code } of files) {
    if (!measured.test(path)) continue
    const lines = linesOf(text).length
    if (path.startsWith('src/') && !isTest(path)) own.push(lines)
    if (lines > fileLinesMax)
      findings.push({
        rule: 'lengths',
        file: path,
        line: fileLinesMax,
        subject: 'file',
        message: `${lines} lines; cut it by nouns into files of at most ${fileLinesMax}`,
      })
    if (code) findings.push(...longFunctions(path, code))
  }
  const median = own.sort((a, b) => a - b)[own.length >> 1] ?? 0
  if (median > fileLinesMedianMax)
    findings.push({
      rule: 'lengths',
      file: 'src',
      line: 1,
      subject: 'median',
      message: `half of the files have over ${median} lines; at most ${fileLinesMedianMax} is the aim`,
    })
  return findings
}

/** A function's lines are its own: those inside a function within it are that one's, so a factory and a class count alike. */
function longFunctions(path: string, code: Code): Finding[] {
  const spans = code.nodes
    .filter(({ type }) => ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(type))
    .map((node) => ({ node, first: code.line(node), last: code.line({ start: node.end }), own: 0 }))
    .sort((a, b) => a.node.start - b.node.start)
  for (const span of spans) span.own = span.last - span.first + 1
  const open: typeof spans = []
  for (const span of spans) {
    while (open.length > 0 && (open.at(-1) as typeof span).node.end <= span.node.start) open.pop()
    const outer = open.at(-1)
    // The line on which the inner one begins is the outer one’s too.
    if (outer) outer.own -= span.last - span.first
    open.push(span)
  }
  return spans
    .filter(({ own }) => own > functionLinesMax)
    .map(({ node, first, own }) => ({
      rule: 'lengths',
      file: path,
      line: first,
      subject: nameOf(node['id']) || 'function',
      message: `a function of ${own} lines of its own; take parts out until it has at most ${functionLinesMax}`,
    }))
}

/** Words that say nothing of what a file holds. */
const emptyWords = ['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'service', 'services', 'misc', 'shared-code']
/** Names that git, npm or a reader expects as they are. */
const givenNames =
  /^(?:README|CHANGELOG|CONTRIBUTING|ARCHITECTURE|SECURITY|LICENSE|NOTICE)(?:\.md)?$|^\.|^package(?:-lock)?\.json$|^tsconfig(?:\.[a-z]+)?\.json$/

/** One noun a file, in kebab-case. */
export function names(files: readonly Source[]): Finding[] {
  const findings: Finding[] = []
  const seen = new Set<string>()
  for (const { path } of files) {
    path.split('/').forEach((part, index, parts) => {
      const place = parts.slice(0, index + 1).join('/')
      if (seen.has(place) || givenNames.test(part)) return
      seen.add(place)
      const add = (message: string): void => void findings.push({ rule: 'names', file: place, line: 1, subject: part, message })
      const word = part.split(/[-.]/).find((held) => emptyWords.includes(held))
      if (!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/.test(part)) add(`“${part}” is not kebab-case; write it in small letters with dashes`)
      else if (word !== undefined) add(`“${word}” says nothing of what is in it; name it after its noun`)
    })
  }
  return findings
}

function isOfSrc(path: string): boolean {
  return path.startsWith('src/') && !isTest(path)
}

function inCode(
  files: readonly Source[],
  where: (path: string) => boolean,
  look: (node: Node) => Pick<Finding, 'rule' | 'subject' | 'message'> | null,
): Finding[] {
  return files.flatMap(({ path, code }) => {
    if (code === null || !where(path)) return []
    return code.nodes.flatMap((node) => {
      const found = look(node)
      return found === null ? [] : [{ ...found, file: path, line: code.line(node) }]
    })
  })
}
