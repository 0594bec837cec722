import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attachmentType, attachmentTypes } from '../../src/server/attachment-type.ts'
import { attachmentBytesMax } from '../../src/server/doors.ts'
import { accept, checkFile, fileBytesMax } from './attachment-rule.ts'

const file = (name: string, type: string, size = 10) => checkFile({ name, type, size })

test('the rule is the server’s own: the same types, the same size', () => {
  assert.equal(fileBytesMax, attachmentBytesMax)
  for (const type of attachmentTypes) {
    assert.deepEqual(file('a', type), { type })
    assert.ok(accept.split(',').includes(type))
  }
  assert.equal(attachmentType('text/plain', Buffer.from('hi')), 'text/plain')
})

test('a file is known by its type, and by its ending where the system knows no type', () => {
  assert.deepEqual(file('notes.TXT', ''), { type: 'text/plain' })
  assert.deepEqual(file('notes.txt', 'text/plain; charset=utf-8'), { type: 'text/plain' })
  assert.deepEqual(file('page.pdf', 'text/html'), { refused: 'fileType' }, 'a type that is known wins')
  for (const [name, type] of [
    ['photo.heic', 'image/heic'],
    ['photo', ''],
    ['x.svg', 'image/svg+xml'],
    ['constructor', ''],
  ] as const)
    assert.deepEqual(file(name, type), { refused: 'fileType' }, name)
})

test('a file of exactly the limit goes, one byte more does not, and nothing is not a file', () => {
  assert.deepEqual(file('a.png', 'image/png', fileBytesMax), { type: 'image/png' })
  assert.deepEqual(file('a.png', 'image/png', fileBytesMax + 1), { refused: 'fileTooLarge' })
  assert.deepEqual(file('a.png', 'image/png', 0), { refused: 'fileEmpty' })
})
