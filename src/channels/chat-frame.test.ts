import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BattutaError, limits } from '../base/index.ts'
import { readChatFrame } from './chat-frame.ts'
import { attachmentsMax } from './frame-fields.ts'

const tooLong = 'x'.repeat(limits.messageCharsMax + 1)
/** What is wrong, and the id it is answered under. */
const bad: readonly (readonly [unknown, RegExp, string?])[] = [
  ['', /one JSON object/],
  ['{', /one JSON object/],
  ['[]', /one JSON object/],
  ['null', /one JSON object/],
  ['"hello"', /one JSON object/],
  [{}, /unknown frame type nothing: send hello/],
  [{ type: 7 }, /unknown frame type 7/],
  [{ type: 'x'.repeat(99) }, /unknown frame type "x{39}: send/],
  [{ type: 'hello' }, /token must be a string/],
  [{ type: 'hello', token: 1 }, /token must be a string/],
  ...[-1, 1.5, '3', null, 2 ** 60].map((after) => [{ type: 'hello', token: 'user:1 a', after }, /after must be a whole number from 0/] as const),
  [{ type: 'message', text: 'hi' }, /id must be a string of 1 to 256/],
  [{ type: 'message', id: '', text: 'hi' }, /id must be/],
  [{ type: 'message', id: 'i'.repeat(limits.idCharsMax + 1), text: 'hi' }, /id must be/],
  [{ type: 'message', id: 'm', text: 3 }, /text must be a string/, 'm'],
  [{ type: 'message', id: 'm', text: ' \n' }, /text is empty/, 'm'],
  [{ type: 'message', id: 'm', text: tooLong }, /text has 4001 characters; at most 4000/, 'm'],
  [{ type: 'message', id: 'm', text: 'hi', attachments: 'a1' }, /attachments must be at most 10 ids/, 'm'],
  [{ type: 'message', id: 'm', text: 'hi', attachments: [''] }, /attachments must be at most 10 ids/, 'm'],
  [{ type: 'message', id: 'm', text: 'hi', attachments: Array.from({ length: attachmentsMax + 1 }, () => 'a') }, /attachments must be/, 'm'],
  [{ type: 'message', id: 'm', text: ' ', attachments: [] }, /text is empty/, 'm'],
  [{ type: 'seen', seq: -1 }, /seen: seq must be a whole number/],
]

test('a bad frame is refused with what is wrong, and the id of its message where it has one', () => {
  for (const [frame, says, id] of bad) {
    const data = typeof frame === 'string' ? frame : JSON.stringify(frame)
    assert.throws(
      () => readChatFrame(data),
      (error) => error instanceof BattutaError && error.code === 'MESSAGE_INVALID' && says.test(error.message) && error.details['id'] === id,
      data.slice(0, 80),
    )
  }
})

test('a good frame is read, without what nobody asked for', () => {
  const id = 'i'.repeat(limits.idCharsMax)
  const text = 'x'.repeat(limits.messageCharsMax)
  for (const [frame, read] of [
    [
      { type: 'hello', token: 't' },
      { type: 'hello', token: 't', after: 0 },
    ],
    [
      { type: 'message', id, text, customer: 'user:9' },
      { type: 'message', id, text },
    ],
    [
      { type: 'message', id, text: '', attachments: ['a'] },
      { type: 'message', id, text: '', attachments: ['a'] },
    ],
    [
      { type: 'typing', on: 1 },
      { type: 'typing', on: false },
    ],
    [
      { type: 'seen', seq: 3, more: true },
      { type: 'seen', seq: 3 },
    ],
  ])
    assert.deepEqual(readChatFrame(JSON.stringify(frame)), read)
})
