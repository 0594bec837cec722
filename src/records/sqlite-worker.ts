/**
 * The writing thread: owns the one connection that writes. Opens and migrates the file, then answers each group with what
 * became of it, in the order they came. Its start is reported as a first message.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../base/index.ts'
import { unpackGroup } from './group-packing.ts'
import type { PackedGroup } from './group-packing.ts'
import { GroupWriter } from './group-writer.ts'
import { openForWriting } from './sqlite-file.ts'
import { serve } from './thread-server.ts'
import type { GroupResult } from './group.ts'
import type { SqlStatement } from './kysely-dialect.ts'
import type { ThreadData } from './thread-link.ts'

assert(parentPort !== null, 'sqlite-worker.ts runs as a worker thread')
serve(parentPort, () => {
  const { file } = workerData as ThreadData
  const database = openForWriting(file)
  const writer = new GroupWriter(database)
  return { answer: (group: PackedGroup<SqlStatement>): GroupResult => writer.write(unpackGroup(group)), close: () => database.close() }
})
