import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance } from '../base/index.ts'
import { fitPlatt, fitTemperature } from './calibrate.ts'

test('Platt scaling finds the slope and offset that made the labels', () => {
  const chance = seededChance('platt')
  const scores = Float64Array.from({ length: 20_000 }, () => chance.next() * 6 - 3)
  const truth = Array.from(scores, (score) => chance.next() < 1 / (1 + Math.exp(-(2 * score - 1))))
  const { slope, offset } = fitPlatt(scores, truth)
  assert.ok(Math.abs(slope - 2) < 0.1, `slope ${slope}`)
  assert.ok(Math.abs(offset + 1) < 0.1, `offset ${offset}`)
})

test('Platt scaling survives labels that never hold', () => {
  const { slope, offset } = fitPlatt([1, 2, 3], [false, false, false])
  assert.ok(Number.isFinite(slope) && Number.isFinite(offset))
})

test('the temperature is found that made the labels', () => {
  const chance = seededChance('temperature')
  const labels = 4
  const rows = 10_000
  const scores = Float64Array.from({ length: rows * labels }, () => chance.next() * 4)
  const truth = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const parts = Array.from({ length: labels }, (_, c) => Math.exp(0.7 * scores[row * labels + c]!))
    let left = chance.next() * parts.reduce((sum, part) => sum + part, 0)
    truth[row] = labels - 1
    for (let c = 0; c < labels; c++) {
      left -= parts[c]!
      if (left < 0) {
        truth[row] = c
        break
      }
    }
  }
  const slope = fitTemperature(scores, truth, labels)
  assert.ok(Math.abs(slope - 0.7) < 0.05, `slope ${slope}`)
})
