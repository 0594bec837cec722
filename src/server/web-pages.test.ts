import assert from 'node:assert/strict'
import Fastify from 'fastify'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { webPages } from './web-pages.ts'

const places = { isListed: (origin: string) => origin === 'https://shop.example' }

test('the console opens at each of its paths, the demo at its own, and only assets are kept by browsers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-web-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<title>console</title>')
  writeFileSync(join(folder, 'demo.html'), '<title>demo</title>')
  writeFileSync(join(folder, 'desk.html'), '<title>desk</title>')
  writeFileSync(join(folder, 'assets', 'app-1a2b.js'), 'export {}')
  const fastify = Fastify()
  webPages(fastify, places, folder)
  try {
    for (const [path, title] of [
      ['/', 'console'],
      ['/decisions', 'console'],
      ['/decisions/dec_1', 'console'],
      ['/customers/user:42', 'console'],
      ['/demo', 'demo'],
      ['/desk', 'desk'],
      ['/desk/conv_1', 'desk'],
    ] as const) {
      const reply = await fastify.inject(path)
      assert.equal(reply.statusCode, 200)
      assert.match(reply.body, new RegExp(`<title>${title}`))
      assert.equal(reply.headers['cache-control'], 'no-cache')
      assert.match(String(reply.headers['content-type']), /^text\/html/)
    }
    const asset = await fastify.inject('/assets/app-1a2b.js')
    assert.match(String(asset.headers['cache-control']), /max-age=31536000, immutable/)
    assert.match(String(asset.headers['content-type']), /javascript/)
    for (const path of ['/assets/none.js', '/assets/../index.html', '/assets/%2e%2e/demo.html', '/index.html', '/nowhere'])
      assert.notEqual((await fastify.inject(path)).statusCode, 200)
  } finally {
    await fastify.close()
    rmSync(folder, { recursive: true })
  }
})

test('without built pages the reply says how to build them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-web-'))
  const fastify = Fastify()
  webPages(fastify, places, folder)
  try {
    const reply = await fastify.inject('/')
    assert.match(reply.body, /npm run build/)
  } finally {
    await fastify.close()
    rmSync(folder, { recursive: true })
  }
})

test('the widget is one file that pages of others may run and browsers keep by its etag', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-web-'))
  writeFileSync(join(folder, 'widget.js'), 'widget()')
  const fastify = Fastify()
  webPages(fastify, places, folder)
  try {
    const first = await fastify.inject({ url: '/widget.js', headers: { origin: 'https://shop.example' } })
    assert.equal(first.body, 'widget()')
    assert.match(String(first.headers['content-type']), /javascript/)
    assert.equal(first.headers['cross-origin-resource-policy'], 'cross-origin')
    assert.equal(first.headers['access-control-allow-origin'], 'https://shop.example')
    assert.match(String(first.headers['cache-control']), /^public, max-age=\d+, stale-while-revalidate=\d+$/)
    const again = await fastify.inject({ url: '/widget.js', headers: { 'if-none-match': String(first.headers['etag']) } })
    assert.equal(again.statusCode, 304)
    assert.equal(again.headers['access-control-allow-origin'], undefined)
  } finally {
    await fastify.close()
    rmSync(folder, { recursive: true })
  }
})

test('a packed form of the widget is sent to whoever takes it, as the script that it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-web-'))
  for (const ending of ['', '.br', '.gz']) writeFileSync(join(folder, `widget.js${ending}`), `form${ending}`)
  const fastify = Fastify()
  webPages(fastify, places, folder)
  try {
    for (const [accepted, encoding, body] of [
      ['gzip, deflate, br, zstd', 'br', 'form.br'],
      ['gzip, br;q=0', 'gzip', 'form.gz'],
      ['', undefined, 'form'],
    ] as const) {
      const reply = await fastify.inject({ url: '/widget.js', headers: { 'accept-encoding': accepted } })
      assert.deepEqual([reply.headers['content-encoding'], reply.body], [encoding, body])
      assert.match(String(reply.headers['content-type']), /^text\/javascript/)
    }
  } finally {
    await fastify.close()
    rmSync(folder, { recursive: true })
  }
})
