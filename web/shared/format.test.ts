import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { age, clock, count, duration, limit, moment, plainMs, rate, share, shortDuration, value } from './format.ts'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

test('durations take the unit that leaves a readable number', () => {
  const written = [0.021, 0.9996, 3.44, 9.99, 46.8, 99.96, 221.4, 1_284, 12_340].map((ms) => plain(duration(ms)))
  assert.deepEqual(written, ['21 µs', '1.0 ms', '3.4 ms', '10.0 ms', '46.8 ms', '100 ms', '221 ms', '1,284 ms', '12.3 s'])
  assert.equal(plainMs(17.23), '17.2')
  assert.deepEqual(
    [0.021, 3.44, 9.94, 9.96, 39.6, 12_340].map((ms) => plain(shortDuration(ms))),
    ['21 µs', '3.4 ms', '9.9 ms', '10 ms', '40 ms', '12.3 s'],
  )
  assert.deepEqual(
    [0.5, 5, 22.5, 220, 1_500, 5_000].map((ms) => plain(limit(ms))),
    ['500 µs', '5 ms', '22.5 ms', '220 ms', '1.5 s', '5 s'],
  )
})

test('a share is never rounded up to all of it nor down to nothing', () => {
  assert.deepEqual(
    [1, 0.99996, 0.557, 0.00001, 0].map((part) => plain(share(part))),
    ['100 %', '99.9 %', '55.7 %', '0.1 %', '0 %'],
  )
  assert.equal(plain(share(0.9997, 2)), '99.97 %')
  fc.assert(fc.property(fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (part) => !['100 %', '0 %'].includes(plain(share(part)))))
})

test('ages have two parts at most', () => {
  assert.deepEqual(
    [0, 412, 42_000, 372_000, 11_520_000, 187_200_000, 86_400_000].map((ms) => plain(age(ms))),
    ['0 ms', '412 ms', '42 s', '6 min 12 s', '3 h 12 min', '2 d 4 h', '1 d'],
  )
})

test('rates, counts and values are written with their separators', () => {
  assert.deepEqual([0, 2.94, 42, 1284.4].map(rate), ['0', '2.9', '42.0', '1,284'])
  assert.equal(count(12_611), '12,611')
  assert.deepEqual([2846.1, 0.5, 'till', true, null, [1, 2]].map(value), ['2,846.1', '0.5', 'till', 'yes', 'none', '[1,2]'])
})

test('a moment of another day names the day', () => {
  const noon = new Date(2025, 10, 14, 12, 0, 5).getTime()
  assert.equal(clock(noon), '12:00:05')
  assert.equal(moment(noon, noon + 1_000), '12:00:05')
  assert.equal(moment(noon, noon + 86_400_000), '14 Nov 12:00:05')
})
