/** Effect keys, `partition:offset:n`, in the order in which the effects were decided. */
import { assert } from '../base/index.ts'

export interface Keyed {
  readonly key: string
}

export function byKey(left: Keyed, right: Keyed): number {
  const [leftPartition, leftOffset, leftNumber] = partsOf(left.key)
  const [rightPartition, rightOffset, rightNumber] = partsOf(right.key)
  return leftPartition - rightPartition || leftOffset - rightOffset || leftNumber - rightNumber
}

function partsOf(key: string): readonly [number, number, number] {
  const [partition, offset, number] = key.split(':').map(Number)
  assert(partition !== undefined && offset !== undefined && number !== undefined, `the effect key “${key}” is partition:offset:n`)
  return [partition, offset, number]
}
