/** What the Postgres driver does without a server. The rest is under test/services. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { realWorld } from '../base/index.ts'
import { answered, entryOf, foldOnly, timerOf } from './fixture.ts'
import { decideGroup, partitionsAfter } from './group-changes.ts'
import { PointReads } from './point-reads.ts'
import { isPostgresUrl, postgresAddress } from './postgres-address.ts'
import { storable, troubleOf } from './postgres-server.ts'
import { combined, settleStatements, stepStatements, textArray } from './postgres-statements.ts'

const step = (lane: string, previousOffset: number, offset: number) => ({ partition: 3, generation: 2, lane, previousOffset, offset })
const held = { generations: new Map([[3, 2]]), offsets: new Map<string, number>(), epochs: new Map<string, number>() }

describe('postgres, without a server', () => {
  test('a group is decided as if its commits came one by one', () => {
    const first = answered(step('a', -1, 0), { epoch: 2 })
    assert.ok(first.conversation)
    const second = { ...foldOnly(step('a', 0, 4)), deliveries: [entryOf(first.conversation, 3)] }
    const stale = { ...foldOnly(step('a', 4, 5)), deliveries: [entryOf({ ...first.conversation, epoch: 1 }, 4)] }
    const skipped = foldOnly(step('a', 5, 6))
    const older = { ...foldOnly(step('b', -1, 7)), generation: 1 }
    const { changes, refusals } = decideGroup([first, second, stale, skipped, older], held)
    assert.deepEqual(
      refusals.map(({ index, code }) => [index, code]),
      [
        [2, 'STALE_EPOCH'],
        [3, 'RECORDS_CONFLICT'],
        [4, 'RECORDS_CONFLICT'],
      ],
    )
    assert.deepEqual([changes.lanes.get('a')?.offset, changes.lanes.size, changes.deliveries.length], [4, 1, 3])
    const after = partitionsAfter({ commits: [first, second, stale, skipped, older], positions: [[9, 5]] }, refusals)
    assert.deepEqual(
      [...after],
      [
        [9, { position: 5, highest: -1 }],
        [3, { position: 0, highest: 4 }],
      ],
    )
  })

  test('a timer set and cleared in one group leaves what came last', () => {
    const part = step('a', -1, 0)
    const set = { ...foldOnly(part), extra: { timers: { set: [timerOf(part, 't'), timerOf(part, 'u')], cleared: ['t'] } } }
    const cleared = { ...foldOnly(step('a', 0, 1)), extra: { timers: { set: [], cleared: ['u'] } } }
    const { changes } = decideGroup([set, cleared], held)
    assert.deepEqual(
      Array.from(changes.timers.values(), ({ id, row }) => [id, row !== null]),
      [
        ['t', true],
        ['u', false],
      ],
    )
  })

  test('texts reach an array as they are, but for U+0000; what fits no column is a mistake of ours', () => {
    assert.equal(textArray(['a"b\\c', 'grüße, {NULL}', '', 'NULL']), '{"a\\"b\\\\c","grüße, {NULL}","","NULL"}')
    assert.equal(storable('a\0b'), 'a\uFFFDb')
    const { changes } = decideGroup([{ ...foldOnly(step('a', -1, 0)), state: undefined as unknown as string }], held)
    assert.throws(() => stepStatements(changes, held.epochs), { name: 'AssertionError' })
  })

  test('statements become one, their parameters numbered on', () => {
    const [one, ...rest] = combined(settleStatements(['0:1:0'], [], new Map([[3, { position: 1, highest: 2 }]])))
    assert.equal(rest.length, 0)
    assert.deepEqual(one?.values, ['{"0:1:0"}', '{3}', '{0}', '{1}', '{2}'])
    assert.match(one?.text ?? '', /unnest\(\$1::text\[\]\)[^]*unnest\(\$2::bigint\[\], \$3::bigint\[\], \$4::bigint\[\], \$5::bigint\[\]\)/)
  })

  test('B1 keys asked for in one turn are read at once, each once, and a failure is told to all who asked', async () => {
    const reads: (readonly string[])[] = []
    const points = new PointReads<number>(realWorld(), async (keys) => {
      reads.push(keys)
      if (keys.includes('bad')) throw new Error('no')
      return new Map([['a', 1]])
    })
    assert.deepEqual(await Promise.all([points.get('a'), points.get('b'), points.get('a')]), [1, undefined, 1])
    const outcomes = await Promise.allSettled([points.get('bad'), points.get('a')])
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ['rejected', 'rejected'],
    )
    assert.deepEqual(reads, [
      ['a', 'b'],
      ['bad', 'a'],
    ])
  })

  test('an address says where and never with what password', () => {
    const { schema, shown, connectionString } = postgresAddress('postgres://me:se%40cret@db:5433/bank?sslmode=require&schema=two&password=other')
    assert.deepEqual([schema, shown], ['two', 'postgres://db:5433/bank?schema=two'])
    assert.equal(connectionString, 'postgres://me:se%40cret@db:5433/bank?sslmode=require&password=other')
    assert.equal(isPostgresUrl('sqlite:'), false)
    for (const url of ['postgres://me:secret@/x', 'postgres://me:secret@db/x?schema=a-b', 'postgres:secret'])
      assert.throws(
        () => isPostgresUrl(url),
        (error: Error & { code?: string }) => error.code === 'CONFIG_INVALID' && !error.message.includes('secret'),
      )
  })

  test('errors are told apart by what can be done about them', () => {
    const error = (code?: string, severity = 'ERROR'): Error => Object.assign(new Error('x'), { code, severity })
    const lost = [error('ECONNRESET'), error(), error('57P01', 'FATAL'), error('08006'), error('25006'), error('25P03', 'FATAL')]
    assert.deepEqual(new Set(lost.map(troubleOf)), new Set(['lost']))
    assert.deepEqual([error('40P01'), error('23505'), error('22P02'), new TypeError('x'), error('42P01'), error('28P01', 'FATAL')].map(troubleOf), [
      'busy',
      'refused',
      'value',
      'value',
      'other',
      'other',
    ])
  })
})
