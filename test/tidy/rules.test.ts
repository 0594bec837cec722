/** Every rule of tidy can fail: small repositories in memory, each with one thing that is wrong, and its right twin. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calls, errors, lengths, named, names, unfinished } from './code.ts'
import { errorReference, expected, expectedDocuments, links, snippets, titles } from './documents.ts'
import { cycles, doors, ladder, pages, reached } from './imports.ts'
import { pathsWithoutGit, source, treePaths } from './sources.ts'
import type { Finding, Source } from './sources.ts'

type Rule = (files: readonly Source[]) => Finding[]
type Tree = Readonly<Record<string, string>>

interface Case {
  readonly rule: Rule
  readonly wrong: Tree
  /** `file:line` of each finding, in any order. */
  readonly at: readonly string[]
  /** Part of the first message. */
  readonly says: RegExp
  readonly right: Tree
}

const lines = (count: number, text = '//'): string => `${text}\n`.repeat(count)
const codes = { A_CODE: { status: 400, retry: false, means: 'the first' }, B_CODE: { status: 429, retry: true, means: 'the second' } }
const withReference: Rule = (files) => errorReference(files, codes)
const withoutThreads: Rule = (files) => reached(files, [])
const fence = '```'
const missing = (path: string): Tree => Object.fromEntries(expectedDocuments.filter((held) => held !== path).map((held) => [held, '']))

const cases: Readonly<Record<string, Case>> = {
  'a room that imports one above it': {
    rule: ladder,
    at: ['src/log/a.ts:2'],
    says: /log may not import server/,
    wrong: { 'src/log/a.ts': "import { assert } from '../base/index.ts'\nimport { start } from '../server/index.ts'\n" },
    right: { 'src/server/a.ts': "import { open } from '../log/index.ts'\n" },
  },
  'a type that is imported from above': {
    rule: ladder,
    at: ['src/base/a.ts:1', 'src/base/b.ts:1'],
    says: /may not import log/,
    wrong: { 'src/base/a.ts': "import type { Log } from '../log/index.ts'\n", 'src/base/b.ts': "export type Held = import('../log/index.ts').Log\n" },
    right: { 'src/base/a.test.ts': "import type { Log } from '../log/index.ts'\n" },
  },
  'a back window': {
    rule: ladder,
    at: ['src/log/a.ts:1'],
    says: /back window; export what is needed from src\/base\/index\.ts/,
    wrong: { 'src/log/a.ts': "import { hash53 } from '../base/hash.ts'\n" },
    right: { 'src/log/a.ts': "import { hash53 } from '../base/index.ts'\nimport { chunk } from './chunk.ts'\n" },
  },
  'a room that has no place': {
    rule: ladder,
    at: ['src/attic/a.ts:1'],
    says: /no room of the ladder/,
    wrong: { 'src/attic/a.ts': "import { assert } from '../base/index.ts'\n" },
    right: { 'src/cli/a.ts': "import { assert } from '../base/index.ts'\n" },
  },
  'a room that leaves src': {
    rule: ladder,
    at: ['src/cli/a.ts:1'],
    says: /nothing outside src/,
    wrong: { 'src/cli/a.ts': "import app from '../../examples/shop/app.ts'\n" },
    right: { 'examples/shop/app.ts': "import { setup } from '../../src/app/setup.ts'\n" },
  },
  'a client that no browser runs': {
    rule: ladder,
    at: ['src/client/a.ts:1', 'src/client/a.ts:2'],
    says: /client runs in browsers/,
    wrong: { 'src/client/a.ts': "import { assert } from '../base/index.ts'\nimport { validateApp } from '../definition/index.ts'\n" },
    right: { 'src/client/a.ts': "import type { Page } from '../definition/index.ts'\nimport { LinearModel } from '../models/linear.ts'\n" },
  },
  'a page that sees more than client': {
    rule: pages,
    at: ['web/console/a.tsx:1'],
    says: /sees only client/,
    wrong: { 'web/console/a.tsx': "import type { Act } from '../../src/definition/index.ts'\n" },
    right: { 'web/console/a.tsx': "import type { Act } from '../../src/client/index.ts'\nimport { b } from '../shared/b.ts'\n" },
  },
  'a door that does something': {
    rule: doors,
    at: ['src/log/index.ts:1', 'src/log/index.ts:2', 'src/log/index.ts:3', 'src/log/index.ts:4'],
    says: /`export … from` and nothing else/,
    wrong: {
      'src/log/index.ts': "export const linesMax = 1\nexport { assert } from '../base/index.ts'\nexport * from './chunk.ts'\nexport { a } from './deep/a.ts'\n",
    },
    right: { 'src/log/index.ts': "export { chunk } from './chunk.ts'\nexport type * from './port.ts'\nexport type { Act } from '../definition/index.ts'\n" },
  },
  'a circle, through types too': {
    rule: cycles,
    at: ['src/log/c.ts:1'],
    says: /src\/log\/a\.ts → src\/log\/b\.ts → src\/log\/c\.ts → src\/log\/a\.ts/,
    wrong: {
      'src/log/a.ts': "import { b } from './b.ts'\n",
      'src/log/b.ts': "import { c } from './c.ts'\n",
      'src/log/c.ts': "import type { A } from './a.ts'\n",
    },
    right: {
      'src/log/a.ts': "import { b } from './b.ts'\nimport { c } from './c.ts'\n",
      'src/log/b.ts': "import { c } from './c.ts'\n",
      'src/log/c.ts': 'export const c = 1\n',
    },
  },
  'a file that nobody reaches': {
    rule: withoutThreads,
    at: ['src/log/b.ts:1', 'web/shared/b.css:1'],
    says: /nothing reaches this file/,
    wrong: {
      'src/log/index.ts': "export { a } from './a.ts'\n",
      'src/log/a.ts': 'export const a = 1\n',
      'src/log/b.ts': 'export const b = 1\n',
      'web/shared/b.css': '',
    },
    right: {
      'src/log/index.ts': "export { a } from './a.ts'\n",
      'src/log/a.ts': "export const a = new Worker(new URL('./b.ts', import.meta.url))\n",
      'src/log/b.ts': "await import('./c.ts')\n",
      'src/log/c.ts': '',
      'web/index.html': '<script type="module" src="./console/main.tsx"></script>',
      'web/console/main.tsx': "import './main.css'\n",
      'web/console/main.css': "@import './more.css';",
      'web/console/more.css': '',
    },
  },
  'a default export': {
    rule: named,
    at: ['src/log/a.ts:2'],
    says: /export it by its name/,
    wrong: { 'src/log/a.ts': 'const a = 1\nexport default a\n' },
    right: { 'src/log/a.ts': '/** export default */\nexport const a = 1\n', 'examples/shop/app.ts': 'export default 1\n' },
  },
  'a clock, chance, a timer, the environment': {
    rule: calls,
    at: [1, 2, 3, 4, 5, 6, 7].map((line) => `src/log/a.ts:${line}`),
    says: /ask its now\(\)/,
    wrong: {
      'src/log/a.ts':
        'const a = Date.now\nconst b = Math.random()\nsetTimeout(() => {}, 1)\nsetImmediate(f)\nconst e = process.env["X"]\nconst g = new Date()\nconst h = performance.now()\n',
    },
    right: {
      'src/log/a.ts': "const a = world.now() // not Date.now()\nconst b = 'Math.random()'\nconst c = new Date(a)\nclearTimeout(c)\n",
      'src/log/a.test.ts': 'Date.now()\n',
      'bench/a.ts': 'setTimeout(f, 1)\n',
    },
  },
  'an error without a code': {
    rule: errors,
    at: ['src/log/a.ts:1', 'src/log/a.ts:2'],
    says: /TypeError has no code/,
    wrong: { 'src/log/a.ts': "if (a) throw new TypeError('a')\nthrow new Error('b')\n" },
    right: {
      'src/log/a.ts': "if (a) throw new BattutaError('INTERNAL', 'a')\ntry { f() } catch (error) { throw error }\n",
      'src/log/a.child.ts': "throw new Error('as asked')\n",
    },
  },
  'a code that the reference lacks, has in excess or tells otherwise': {
    rule: withReference,
    at: ['docs/reference/errors.md:1', 'docs/reference/errors.md:2', 'docs/reference/errors.md:3'],
    says: /C_CODE is no code/,
    wrong: { 'docs/reference/errors.md': '# Errors\n| `C_CODE` | 400 | no | the third |\n| `A_CODE` | 401 | no | the first |\n' },
    right: { 'docs/reference/errors.md': '# Errors\n| `A_CODE` | 400 | no | the first |\n| `B_CODE` | 429 | yes | the second |\n' },
  },
  'a long file': {
    rule: lengths,
    at: ['test/a.ts:600'],
    says: /601 lines/,
    wrong: { 'test/a.ts': lines(601) },
    right: { 'test/a.ts': lines(600) },
  },
  'long files by and large': {
    rule: lengths,
    at: ['src:1'],
    says: /over 151 lines/,
    wrong: { 'src/log/a.ts': lines(151), 'src/log/b.ts': lines(151), 'src/log/c.ts': '' },
    right: { 'src/log/a.ts': lines(151), 'src/log/b.ts': lines(150), 'src/log/c.ts': '', 'src/log/c.test.ts': lines(300) },
  },
  'a long function': {
    rule: lengths,
    at: ['src/log/a.ts:1', 'src/log/b.ts:2'],
    says: /71 lines of its own/,
    wrong: { 'src/log/a.ts': `function a() {\n${lines(69, 'f()')}}\n`, 'src/log/b.ts': `class B {\nb() {\n${lines(69, 'f()')}}\n}\n` },
    right: { 'src/log/a.ts': `function a() {\n${lines(60, 'f()')}const b = () => {\n${lines(60, 'f()')}}\n${lines(7, 'f()')}}\n` },
  },
  'names that say nothing, or are not kebab-case': {
    rule: names,
    at: ['src/log/chunkUtils.ts:1', 'src/log/string-utils.ts:1', 'web/Shared:1', 'test/common:1'],
    says: /not kebab-case/,
    wrong: { 'src/log/chunkUtils.ts': '', 'src/log/string-utils.ts': '', 'web/Shared/a.tsx': '', 'web/Shared/b.tsx': '', 'test/common/a.ts': '' },
    right: { 'src/log/group-log.test.ts': '', 'README.md': '', 'tsconfig.build.json': '', '.oxlintrc.json': '', 'docs/decisions/0001-marks.md': '' },
  },
  'what was left for later': {
    rule: unfinished,
    at: ['src/log/a.ts:1', 'src/log/a.ts:3', 'src/log/a.ts:5', 'src/log/a.ts:6', 'README.md:2', 'web/a.css:1'],
    says: /turns the types off/,
    wrong: {
      'src/log/a.ts': '// TODO later\n/*\n * FIXME two\n */\nconst a = b as any\n// @ts-ignore\nconst c = a.d\n',
      'README.md': '# A\nTODO\n',
      'web/a.css': '/* FIXME */',
    },
    right: { 'src/log/a.ts': "const a = 'TODO' as unknown\nconst todo: any[] = []\n" },
  },
  'a link that leads nowhere': {
    rule: links,
    at: ['docs/a.md:1', 'docs/a.md:2', 'docs/a.md:3', 'docs/a.md:4'],
    says: /leads nowhere: docs\/b\.md is not/,
    wrong: { 'docs/a.md': '[b](b.md)\n[c]: ../c.md\n[d](d.md#two)\n[e](#three)\n', 'docs/d.md': '# D\n## One\n' },
    right: {
      'docs/a.md': '# The `a` of b\n[b](../src/log) [c](#the-a-of-b) [d](https://example.org/x.md) `[e](f.md)` [g](d.md#two-words)\n```\n[h](i.md)\n```\n',
      'docs/d.md': '# D\n## Two words\n',
      'src/log/a.ts': '',
    },
  },
  'a document with two titles or none': {
    rule: titles,
    at: ['a.md:3', 'b.md:1'],
    says: /has 2 titles/,
    wrong: { 'a.md': '# One\n\n# Two\n', 'b.md': '## One\n' },
    right: { 'a.md': '# One\n```sh\n# a comment\n```\n## Two\n', 'c.ts': '' },
  },
  'a snippet that has drifted': {
    rule: snippets,
    at: ['README.md:1', 'README.md:5', 'README.md:9', 'README.md:11'],
    says: /differs from app\.ts/,
    wrong: {
      'README.md': `<!-- cut from app.ts -->\n${fence}ts\nconst a = 2\n${fence}\n<!-- cut from gone.ts -->\n${fence}ts\nconst a = 1\n${fence}\n<!-- cut from app.ts -->\nwords\n<!-- cut from app.ts -->\n${fence}ts\n${fence}\n`,
      'app.ts': 'const a = 1\n',
    },
    right: { 'README.md': `<!-- cut from app.ts -->\n\n${fence}ts\nconst b = 2\nconst c = 3\n${fence}\n`, 'app.ts': 'const a = 1\nconst b = 2\nconst c = 3\n' },
  },
  'a release without its change log': {
    rule: expected,
    at: ['CHANGELOG.md:1'],
    says: /CHANGELOG\.md is missing/,
    wrong: missing('CHANGELOG.md'),
    right: missing(''),
  },
}

function treeOf(tree: Tree): Source[] {
  return Object.entries(tree).map(([path, text]) => source(path, text))
}

for (const [name, { rule, wrong, at, says, right }] of Object.entries(cases)) {
  test(`tidy finds ${name}`, () => {
    const found = rule(treeOf(wrong))
    assert.deepEqual(found.map(({ file, line }) => `${file}:${line}`).sort(), [...at].sort())
    assert.match(found[0]?.message ?? '', says)
    assert.deepEqual(rule(treeOf(right)), [])
  })
}

test('tidy reads the whole repository', () => {
  const paths = new Set(treePaths())
  for (const path of ['src/base/index.ts', 'test/tidy/rules.test.ts', 'web/index.html', 'package.json']) assert.ok(paths.has(path), path)
  assert.ok(![...paths].some((path) => path.startsWith('node_modules/')))
})

test('a line is counted in characters, whatever stands before it', () => {
  const [found] = calls([source('src/log/a.ts', "const a = '“🎻”'\n\nDate.now()\n")])
  assert.equal(found?.line, 3)
})

test('without git, what git would ignore is not read', () => {
  const paths = ['src/a.ts', 'node_modules/b/c.ts', 'web/node_modules/d.ts', 'data/log.mdb', 'build.log', 'src/data.ts']
  assert.deepEqual(pathsWithoutGit('node_modules/\n# a comment\n\ndata/\n*.log\n', paths), ['src/a.ts', 'src/data.ts'])
})
