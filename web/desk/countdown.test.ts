import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { announcedAtS, announcementBetween, beats, countdownOf } from './countdown.ts'

const offer = fc.record({ offeredAt: fc.integer({ min: 0, max: 1e9 }), lengthMs: fc.integer({ min: 1_000, max: 120_000 }) })

test('all beats are lit when an offer comes, none when it is over, and they only ever go out', () => {
  fc.assert(
    fc.property(offer, fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 300 }), ({ offeredAt, lengthMs }, steps) => {
      const whole = { offeredAt, expiresAt: offeredAt + lengthMs }
      assert.equal(countdownOf(whole, offeredAt).beatsLeft, beats)
      let at = offeredAt
      let before = beats
      for (const step of steps) {
        at += step
        const { beatsLeft, over } = countdownOf(whole, at)
        assert.ok(beatsLeft <= before && beatsLeft >= 0)
        assert.equal(beatsLeft === 0, over)
        before = beatsLeft
      }
      assert.deepEqual(countdownOf(whole, whole.expiresAt), { secondsLeft: 0, beatsLeft: 0, hurry: true, over: true })
    }),
  )
})

test('twenty seconds lose one beat each; the last four are in the alarm hue', () => {
  const whole = { offeredAt: 0, expiresAt: 20_000 }
  for (let second = 0; second <= 20; second++) {
    const { beatsLeft, secondsLeft, hurry } = countdownOf(whole, second * 1_000)
    assert.equal(beatsLeft, 20 - second)
    assert.equal(secondsLeft, 20 - second)
    assert.equal(hurry, second >= 16)
  }
  assert.equal(countdownOf({ offeredAt: 0, expiresAt: 40_000 }, 10_000).beatsLeft, 15)
})

test('a clock that is ahead of the server’s does not light more beats than there are', () => {
  assert.equal(countdownOf({ offeredAt: 5_000, expiresAt: 25_000 }, 0).beatsLeft, beats)
})

test('ten and five seconds are announced once each, however the clock steps', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 40, maxLength: 80 }), (steps) => {
      const announced: number[] = []
      let at = 0
      for (const step of steps) {
        const due = announcementBetween(20_000, at, at + step)
        if (due !== null) announced.push(due)
        at += step
      }
      if (at >= 15_000) assert.deepEqual(announced, [...announcedAtS])
    }),
  )
})
