import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AliasCache } from './alias-cache.ts'

function counted(table: Map<string, string>) {
  const asked: string[] = []
  const cache = new AliasCache(
    table.size === 0,
    (identity) => {
      asked.push(identity)
      return table.get(identity)
    },
    sizeMax,
  )
  return { cache, asked }
}

const sizeMax = 100

describe('alias cache', () => {
  test('A1 a table without aliases is never asked, until one is linked', () => {
    const { cache, asked } = counted(new Map())
    assert.equal(cache.customerOf('email:a'), undefined)
    assert.deepEqual(asked, [])
    cache.linked('email:a', 'user:1')
    assert.equal(cache.customerOf('email:a'), 'user:1')
    assert.equal(cache.customerOf('email:b'), undefined)
    assert.deepEqual(asked, ['email:b'])
  })

  test('A1 a link replaces what was remembered, “nobody” included', () => {
    const { cache, asked } = counted(new Map([['email:a', 'user:1']]))
    assert.deepEqual([cache.customerOf('email:a'), cache.customerOf('email:b'), cache.customerOf('email:b')], ['user:1', undefined, undefined])
    assert.deepEqual(asked, ['email:a', 'email:b'])
    cache.linked('email:a', 'user:2')
    cache.linked('email:b', 'user:3')
    assert.deepEqual([cache.customerOf('email:a'), cache.customerOf('email:b')], ['user:2', 'user:3'])
  })

  test('A1 however many identities pass, answers stay right and what is in use is kept', () => {
    const table = new Map([
      ['hot', 'user:1'],
      ['cold', 'user:2'],
    ])
    const { cache, asked } = counted(table)
    cache.customerOf('cold')
    for (let index = 0; index < sizeMax * 2.5; index++) {
      cache.customerOf(`cookie:${index}`)
      assert.equal(cache.customerOf('hot'), 'user:1')
    }
    assert.equal(asked.filter((identity) => identity === 'hot').length, 1)
    assert.equal(cache.customerOf('cold'), 'user:2')
    assert.equal(asked.filter((identity) => identity === 'cold').length, 2)
    cache.linked('cold', 'user:9')
    for (let index = 0; index < sizeMax; index++) cache.customerOf(`other:${index}`)
    assert.equal(cache.customerOf('cold'), 'user:9')
  })
})
