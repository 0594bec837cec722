/** The package as it is published: packed, installed elsewhere, and run with somebody's own app file. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { root } from './server-process.ts'

const execute = promisify(execFile)

const app = `import { answer, count, event, setup } from 'battuta'
import { z } from 'zod'

const cardDeclined = event({ merchant: z.string(), amount: z.number() })

const shop = setup({
  events: { cardDeclined },
  features: { declines5m: count(cardDeclined).over('5m') },
  answers: { hello: answer('Hello.'), declined: answer('Your card was declined. I am on it.') },
})

export default shop.app({
  name: 'corner-shop',
  policies: {
    inbound: shop.policy({ on: 'message.received', features: ['declines5m'] }, ({ features, answer }) =>
      (features.declines5m.value ?? 0) > 0 ? answer('declined', { because: 'a card was declined just now' }) : answer('hello')),
  },
})
`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Asks until the server is ready; fails when its process ends first. */
async function readyAt(url: string, ended: Promise<unknown>, output: () => string): Promise<void> {
  let over = false
  void ended.then(() => (over = true))
  for (;;) {
    assert(!over, `the server ended before it was ready:\n${output()}`)
    const reply = await fetch(`${url}/readyz`).catch(() => null)
    if (reply?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** What the compiler says of a file there. */
async function complaints(file: string, folder: string): Promise<string> {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext', '--skipLibCheck']
  const { stdout } = await execute(process.execPath, [tsc, ...flags, file], { cwd: folder }).catch((error: unknown) => error as { stdout: string })
  return stdout
}

test('the packed package, installed elsewhere, runs an app file', { timeout: 170_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-package-'))
  // npm and npx look for `node` on the path: it must be the one that runs this test, which is new enough.
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) }
  try {
    const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, env, maxBuffer: 10_000_000 })
    const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as { filename: string; files: { path: string }[] }[]
    assert(packed)
    const paths = packed.files.map(({ path }) => path)
    for (const path of [
      'bin/battuta.js',
      'dist/src/app/index.js',
      'dist/src/app/index.d.ts',
      'dist/src/client/index.js',
      'dist/src/testing/index.js',
      'dist/web/index.html',
    ])
      assert(paths.includes(path), path)
    assert.deepEqual(
      paths.filter((path) => /\.test\.|fixture|\.key$/.test(path)),
      [],
    )

    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'corner-shop', private: true, type: 'module' }))
    writeFileSync(join(folder, 'app.ts'), app)
    await execute('npm', ['install', join(folder, packed.filename), 'zod', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder, env })

    assert.equal(await complaints('app.ts', folder), '', 'the app file type-checks against the published declarations')
    writeFileSync(join(folder, 'wrong.ts'), app.replace("answer('declined'", "answer('declned'"))
    assert.match(await complaints('wrong.ts', folder), /No answer “declned” is declared/)

    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const server = spawn('npx', ['battuta', 'start', 'app.ts'], {
      cwd: folder,
      env: { ...env, BATTUTA_PORT: String(port), BATTUTA_DATA: join(folder, 'data') },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (data: Buffer) => void (output += String(data)))
    const ended = once(server, 'close')
    try {
      await readyAt(url, ended, () => output)
      const headers = { authorization: `Bearer ${readFileSync(join(folder, 'data', 'service.key'), 'utf8').trim()}`, 'content-type': 'application/json' }
      const send = (path: string, body: unknown): Promise<Response> => fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      const event = { specversion: '1.0', id: '1', source: 'till', type: 'cardDeclined', subject: 'user:1', data: { merchant: 'Corner Shop', amount: 12 } }
      assert.equal((await send('/v1/events', event)).status, 202)
      const decided = await send('/v1/decisions/inbound', { customer: 'user:1', input: { text: 'why?' } })
      assert.equal(((await decided.json()) as { outcome: { name: string } }).outcome.name, 'declined')
      const { items } = (await (await fetch(`${url}/v1/decisions`, { headers })).json()) as { items: { name: string; because: string }[] }
      assert.deepEqual(
        items.map(({ name, because }) => [name, because]),
        [['declined', 'a card was declined just now']],
      )
      assert.match(await (await fetch(url)).text(), /<title>/)
    } finally {
      // npx stands between: the whole group is asked to stop.
      if (server.pid !== undefined) process.kill(-server.pid, 'SIGTERM')
      await ended
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
