import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fanOut } from './fan-out.ts'
import type { Channel } from './port.ts'

const methods = ['deliver', 'owner', 'changed', 'note', 'routed', 'thinking'] as const

function channel(hear: (method: string) => void): Channel {
  return Object.fromEntries(methods.map((method) => [method, () => hear(method)])) as unknown as Channel
}

test('every channel hears everything, in order, and one that throws starves nobody', () => {
  const heard: string[] = []
  const failed: unknown[] = []
  const broken = channel((method) => {
    throw new Error(method)
  })
  const all = fanOut([channel((method) => heard.push(`1 ${method}`)), broken, channel((method) => heard.push(`3 ${method}`))], (error, from) => {
    assert.equal(from, broken)
    failed.push((error as Error).message)
  })
  for (const method of methods) (all[method] as () => void)()
  assert.deepEqual(
    heard,
    methods.flatMap((method) => [`1 ${method}`, `3 ${method}`]),
  )
  assert.deepEqual(failed, [...methods])
})
