import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { sha256 } from '../base/index.ts'
import { attachmentName, attachmentType, attachmentTypes } from './attachment-type.ts'
import { attachmentsPerMessageMax, openAttachments } from './attachments.ts'
import type { Attachments } from './attachments.ts'
import { attachmentBytesMax } from './doors.ts'
import { addPerson, adminKey, memoryDirectory, movedWorld, openTestServer, shopOrigin } from './fixture.ts'
import type { TestServer } from './fixture.ts'

const png = Buffer.from('\x89PNG\r\n\x1a\nrest', 'latin1')
const heads: Readonly<Record<string, Buffer>> = {
  'image/png': png,
  'image/jpeg': Buffer.from('\xff\xd8\xff\xe0', 'latin1'),
  'image/gif': Buffer.from('GIF89a', 'latin1'),
  'image/webp': Buffer.from('RIFF\x00\x00\x00\x00WEBPVP8 ', 'latin1'),
  'application/pdf': Buffer.from('%PDF-1.7\n\x00\xff', 'latin1'),
  'text/plain': Buffer.from('grüße\n\ttabs are text', 'utf8'),
}
const refused = (error: unknown): boolean => (error as { code?: string }).code === 'ATTACHMENT_REFUSED'

async function withFolder(work: (attachments: Attachments, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'battuta-attachments-'))
  try {
    await work(openAttachments(movedWorld(), memoryDirectory(), folder), join(folder, 'attachments'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
const file = (more: Partial<Parameters<Attachments['keep']>[0]> = {}): Parameters<Attachments['keep']>[0] => ({
  conversation: 'c1',
  name: 'receipt.png',
  contentType: 'image/png',
  bytes: png,
  by: 'cookie:1',
  ...more,
})

test('a file is taken when header and content agree, for each type and no other pair', () => {
  assert.deepEqual(Object.keys(heads).sort(), [...attachmentTypes].sort())
  for (const type of attachmentTypes)
    for (const [held, bytes] of Object.entries(heads)) {
      // A GIF's first bytes alone are letters, so as text they would be text.
      if (held === type || (type === 'text/plain' && held === 'image/gif')) assert.equal(attachmentType(`${type}; charset=utf-8`, bytes), type)
      else assert.throws(() => attachmentType(type, bytes), refused, `${held} as ${type}`)
    }
})

test('pages, scripts, unknown and empty files are refused', () => {
  for (const [type, text] of [
    ['text/html', '<p>'],
    ['image/svg+xml', '<svg/>'],
    ['application/octet-stream', 'x'],
    ['constructor', 'x'],
    [undefined, 'x'],
    ['image/png', ''],
    ['text/plain', 'nul\0'],
    ['text/plain', 'escape \x1b[0m'],
  ] as const)
    assert.throws(() => attachmentType(type, Buffer.from(text)), refused)
  assert.throws(() => attachmentType('text/plain', Buffer.from([0xc3, 0x28])), refused)
})

test('F2 names lose their folders, what cannot be seen, and endings that lie', () => {
  for (const [given, type, expected] of [
    ['receipt.png', 'image/png', 'receipt.png'],
    ['photo.JPEG', 'image/jpeg', 'photo.JPEG'],
    ['../../etc/passwd', 'text/plain', 'passwd.txt'],
    ['..\\..\\boot.ini', 'text/plain', 'boot.ini.txt'],
    ['page.html', 'text/plain', 'page.html.txt'],
    ['', 'image/png', 'attachment.png'],
    ['...', 'image/png', 'attachment.png'],
    ['.png', 'image/png', 'png.png'],
    ['a\u202Egnp.exe', 'image/png', 'agnp.exe.png'],
    ['a\r\nb: c.pdf', 'application/pdf', 'ab c.pdf'],
    ['über "uns".pdf', 'application/pdf', 'über uns.pdf'],
  ] as const)
    assert.equal(attachmentName(given, type), expected)
})

/** Any code points, with those that names have trouble with among them. */
const anyName = fc
  .array(
    fc.oneof(
      fc.constantFrom('.', '/', '\\', ':', '"', ' ', '\0', '\n', '\u202E', 'png'),
      fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point)),
    ),
  )
  .map((parts) => parts.join(''))

test('F2 whatever the name, it is one harmless segment that ends as its type does', () => {
  fc.assert(
    fc.property(anyName, fc.constantFrom(...attachmentTypes), (given, type) => {
      const name = attachmentName(given, type)
      assert.doesNotMatch(name, /[/\\\p{Cc}"]/u)
      assert.match(name, /^[^.].*\.(png|jpe?g|gif|webp|pdf|txt)$/iu)
      assert(Array.from(name).length <= 100)
    }),
  )
})

test('F1 a file lies under the hash of its content, whole and alone', () =>
  withFolder(async (attachments, folder) => {
    const [one, other] = await Promise.all([attachments.keep(file()), attachments.keep(file({ conversation: 'c2', by: 'cookie:2' }))])
    assert.deepEqual({ ...one, id: '' }, { id: '', name: 'receipt.png', type: 'image/png', bytes: png.length })
    assert.notEqual(one.id, other.id)
    assert.deepEqual(readdirSync(folder), [sha256(png)])
    assert.deepEqual(readFileSync(join(folder, sha256(png))), png)
  }))

test('F1 half a file of an earlier crash is replaced', () =>
  withFolder(async (attachments, folder) => {
    await attachments.keep(file())
    writeFileSync(join(folder, sha256(png)), png.subarray(0, 3))
    await attachments.keep(file())
    assert.deepEqual(readFileSync(join(folder, sha256(png))), png)
  }))

test('F3 a message names only files of its own conversation, and not too many', () =>
  withFolder(async (attachments) => {
    const kept = await attachments.keep(file())
    assert.deepEqual(await attachments.named('c1', [kept.id, kept.id]), [kept])
    await assert.rejects(attachments.named('c2', [kept.id]), refused)
    await assert.rejects(attachments.named('c1', ['att_unknown']), refused)
    await assert.rejects(
      attachments.named(
        'c1',
        Array.from({ length: attachmentsPerMessageMax + 1 }, () => kept.id),
      ),
      refused,
    )
  }))

async function withServer(work: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await openTestServer()
  try {
    await work(server)
  } finally {
    await server.close()
  }
}
const send = (
  server: TestServer,
  key: string,
  { query = '', type = 'image/png', body = png, headers = {} }: { query?: string; type?: string; body?: Buffer; headers?: Record<string, string> } = {},
): Promise<Response> =>
  server.fetch(`/v1/chat/attachments${query}`, { method: 'POST', key, headers: { 'content-type': type, ...headers }, body: new Uint8Array(body) })

test('a file goes in as it is, and comes out for download only', () =>
  withServer(async (server) => {
    const key = server.chatToken('cookie:1')
    const reply = await send(server, key, { query: `?name=${encodeURIComponent('quittung „neu“.png')}` })
    assert.equal(reply.status, 201)
    const kept = (await reply.json()) as { id: string; name: string }
    assert.equal(kept.name, 'quittung „neu“.png')
    const back = await server.fetch(`/v1/attachments/${kept.id}`, { key })
    assert.deepEqual(Buffer.from(await back.arrayBuffer()), png)
    assert.equal(back.headers.get('content-type'), 'image/png')
    assert.equal(back.headers.get('content-security-policy'), "default-src 'none'; sandbox")
    assert.equal(back.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(back.headers.get('content-disposition'), "attachment; filename*=UTF-8''quittung%20%E2%80%9Eneu%E2%80%9C.png")
  }))

test('an attachment id that was stolen opens nothing', () =>
  withServer(async (server) => {
    const { id } = (await (await send(server, server.chatToken('cookie:1'))).json()) as { id: string }
    const { id: person } = await addPerson(server, { name: 'Ana', skills: ['cards'] })
    const { cookie } = await server.signIn(person)
    const thieves: Response[] = [
      await server.fetch(`/v1/attachments/${id}`, { key: server.chatToken('cookie:2') }),
      await server.fetch(`/v1/attachments/${id}`, { headers: { cookie } }),
      await server.fetch(`/v1/attachments/att_unknown`, { key: server.chatToken('cookie:1') }),
    ]
    for (const reply of thieves) assert.deepEqual([reply.status, ((await reply.json()) as { code: string }).code], [404, 'CONVERSATION_UNKNOWN'])
    assert.equal((await server.fetch(`/v1/attachments/${id}`)).status, 401)
    for (const key of [adminKey, server.serviceKey]) assert.equal((await server.fetch(`/v1/attachments/${id}`, { key })).status, 200)
  }))

test('no path leads out of the folder', () =>
  withServer(async (server) => {
    for (const id of ['..%2F..%2Fadmin.key', '%2e%2e%2fservice.key', 'a%00b', '..'])
      assert.equal((await server.fetch(`/v1/attachments/${id}`, { key: adminKey })).status, 404)
    const { id } = (await (await send(server, server.chatToken(), { query: '?name=..%2F..%2F..%2Fadmin.key' })).json()) as { id: string }
    assert.match(id, /^att_[0-9A-Z]+$/)
    assert.deepEqual(readdirSync(join(server.folder, 'attachments')), [sha256(png)])
  }))

test('what is too large is refused by its length, and what lies about itself by its bytes', () =>
  withServer(async (server) => {
    const key = server.chatToken()
    const codeOf = async (reply: Response): Promise<[number, string]> => [reply.status, ((await reply.json()) as { code: string }).code]
    assert.deepEqual(await codeOf(await send(server, key, { body: Buffer.alloc(attachmentBytesMax + 1) })), [413, 'BODY_TOO_LARGE'])
    assert.deepEqual(await codeOf(await send(server, key, { body: Buffer.from('MZ not a picture') })), [422, 'ATTACHMENT_REFUSED'])
    assert.deepEqual(await codeOf(await send(server, key, { type: 'text/html', body: Buffer.from('<p>') })), [422, 'ATTACHMENT_REFUSED'])
    assert.deepEqual(await codeOf(await send(server, key, { body: Buffer.alloc(0) })), [422, 'ATTACHMENT_REFUSED'])
    const largest = Buffer.concat([png, Buffer.alloc(attachmentBytesMax - png.length)])
    assert.equal((await send(server, key, { body: largest })).status, 201)
  }))

test('the way in names its conversation, and a chat token no other than its own', () =>
  withServer(async (server) => {
    assert.equal((await send(server, server.chatToken('cookie:1'), { query: '?conversation=conv_cookie:2' })).status, 404)
    assert.equal((await send(server, server.chatToken('cookie:1'), { query: '?conversation=conv_cookie:1' })).status, 201)
    assert.equal((await send(server, server.serviceKey)).status, 400)
    const { id } = await addPerson(server, { name: 'Ana', skills: ['cards'] })
    const { cookie, csrf } = await server.signIn(id)
    const statusOf = async (conversation: string): Promise<number> => {
      const headers = { cookie, 'x-battuta-csrf': csrf, 'content-type': 'image/png' }
      return (await server.fetch(`/v1/chat/attachments?conversation=${conversation}`, { method: 'POST', headers, body: new Uint8Array(png) })).status
    }
    assert.deepEqual([await statusOf('conv_ana'), await statusOf('conv_cards'), await statusOf('conv_ben')], [201, 403, 404])
  }))

test('pages of listed origins may send and fetch files, others may not ask', () =>
  withServer(async (server) => {
    for (const [path, method] of [
      ['/v1/chat/attachments', 'POST'],
      ['/v1/attachments/att_1', 'GET'],
    ] as const) {
      const ask = (origin: string): Promise<Response> => server.fetch(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': method } })
      const good = await ask(shopOrigin)
      assert.deepEqual([good.status, good.headers.get('access-control-allow-methods')], [204, method])
      assert.equal((await ask('https://evil.example')).status, 403)
    }
    const reply = await send(server, server.chatToken(), { headers: { origin: shopOrigin } })
    assert.equal(reply.headers.get('access-control-allow-origin'), shopOrigin)
  }))
