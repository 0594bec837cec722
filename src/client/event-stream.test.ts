import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { eventStreamReader } from './event-stream.ts'

const stream = ': a comment\nevent: hello\ndata: {"at":1}\n\nevent: second\r\ndata: {"a":\r\ndata: 2}\r\n\r\ndata:no space\n\nevent: empty\n\n'

test('an event stream reads the same however it is cut', () => {
  const whole = eventStreamReader()(stream)
  assert.deepEqual(whole, [
    { event: 'hello', data: '{"at":1}' },
    { event: 'second', data: '{"a":\n2}' },
    { event: 'message', data: 'no space' },
  ])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }), (cuts) => {
      const read = eventStreamReader()
      const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length]
      const events = at.slice(1).flatMap((end, index) => read(stream.slice(at[index], end)))
      assert.deepEqual(events, whole)
    }),
  )
})

test('an unfinished event waits for its empty line', () => {
  const read = eventStreamReader()
  assert.deepEqual(read('data: 1\n'), [])
  assert.deepEqual(read('\n'), [{ event: 'message', data: '1' }])
})

test('a line that never ends is refused instead of kept', () => {
  const read = eventStreamReader()
  assert.throws(() => {
    for (let piece = 0; piece < 8; piece++) read('x'.repeat(1024 * 1024))
  }, RangeError)
})
