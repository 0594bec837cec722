import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance } from '../../../src/base/index.ts'
import app from '../app.ts'
import { customerOf } from './customers.ts'
import { busyness, harbourTraffic } from './index.ts'
import type { TrafficItem, TrafficOptions } from './index.ts'
import { journey, journeyNames } from './journeys.ts'
import { sentences } from './sentences.ts'

const hourMs = 3_600_000

function until(endMs: number, options: TrafficOptions): TrafficItem[] {
  const items: TrafficItem[] = []
  for (const item of harbourTraffic(options)) {
    if (item.atMs >= endMs) return items
    items.push(item)
  }
  return items
}

function inHour(hour: number): number {
  return until(hourMs, { seed: 'curve', ratePerS: 2, startHour: hour }).length
}

test('one seed gives one stream, another seed another', () => {
  const options = { seed: 'a', ratePerS: 5, startHour: 9 }
  const first = until(hourMs / 4, options)
  assert.deepEqual(until(hourMs / 4, options), first)
  assert.notDeepEqual(until(hourMs / 4, { ...options, seed: 'b' }), first)
})

test('time never falls', () => {
  let lastMs = 0
  for (const { atMs } of until(hourMs, { seed: 'order', ratePerS: 5 })) {
    assert.ok(Number.isInteger(atMs) && atMs >= lastMs)
    lastMs = atMs
  }
})

test('a day has the asked rate on average, and about twelve events to a message', () => {
  const items = until(24 * hourMs, { seed: 'day', ratePerS: 1, startHour: 0 })
  const says = items.filter((item) => item.kind === 'say').length
  const perS = items.length / 86_400
  assert.ok(Math.abs(perS - 1) < 0.05, `asked for 1 a second, got ${perS}`)
  const ratio = (items.length - says) / says
  assert.ok(ratio > 10.5 && ratio < 13.5, `${ratio} events to a message`)
})

test('a flat curve keeps the asked rate at any hour', () => {
  const items = until(hourMs, { seed: 'flat', ratePerS: 4, startHour: 3, curve: 'flat' })
  assert.ok(Math.abs(items.length / 3_600 - 4) < 0.3)
})

test('the day has two peaks, lunch and evening, a dip between them and a quiet night', () => {
  const [night, lunch, afternoon, evening] = [busyness(4), busyness(12.5), busyness(15.3), busyness(18.5)]
  assert.ok(night < 0.5 && afternoon < lunch && lunch < evening && night < afternoon)
  const minutes = Array.from({ length: 1_440 }, (_, minute) => busyness(minute / 60))
  assert.ok(Math.abs(minutes.reduce((sum, level) => sum + level, 0) / 1_440 - 1) < 1e-9, 'its mean is 1')
  const at = (minute: number): number => minutes[(minute + 1_440) % 1_440] ?? 0
  const peaks = minutes.filter((level, minute) => level > at(minute - 1) && level >= at(minute + 1))
  assert.equal(peaks.length, 2)
  assert.ok(inHour(4) < inHour(15) && inHour(15) < inHour(18))
})

test('every event of every journey fits the app’s schema, and every message is short', async () => {
  const types = new Set<string>()
  for (const name of journeyNames) {
    for (let rank = 0; rank < 40; rank++) {
      for (const step of journey(name, customerOf('current', rank), seededChance(`${name}:${rank}`))) {
        if (step.kind === 'say') {
          assert.ok(step.text.length > 0 && step.text.length < 200 && !/[{}]/.test(step.text), step.text)
          continue
        }
        types.add(step.type)
        const definition = app.events[step.type]
        assert.ok(definition, `the app declares ${step.type}`)
        const result = await definition.schema['~standard'].validate(step.data)
        assert.deepEqual(result, { value: step.data }, `${name}: ${step.type}`)
      }
    }
  }
  assert.deepEqual([...types].sort(), Object.keys(app.events).sort(), 'the traffic knows every event of the app')
})

test('some say it in three short messages, within the quiet that ends a turn', () => {
  const bursts = Array.from({ length: 40 }, (_, rank) => journey('cardBlocked', customerOf('current', rank), seededChance(`burst:${rank}`)))
    .map((steps) => steps.filter(({ kind }) => kind === 'say'))
    .filter(({ length }) => length === 3)
  assert.ok(bursts.length > 5 && bursts.length < 35)
  for (const burst of bursts) {
    for (const [index, step] of burst.entries()) assert.ok(step.afterMs - (burst[index - 1] ?? step).afterMs < app.turn.settleMs)
  }
})

test('there are enough different sentences of every topic', () => {
  const all: string[] = Object.values(sentences).flat()
  assert.ok(all.length >= 150)
  assert.equal(new Set(all.map((sentence) => sentence.toLowerCase())).size, all.length)
})

test('customers keep their number and their habits, and no two share an id', () => {
  assert.deepEqual(customerOf('student', 7), customerOf('student', 7))
  const ids = Array.from({ length: 1_200 }, (_, rank) => customerOf('current', rank).id)
  assert.equal(new Set(ids).size, 1_200)
  assert.ok(ids.every((id) => /^user:current-\d{4}$/.test(id)))
})
