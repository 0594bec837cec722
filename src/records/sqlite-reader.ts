/** The reading thread: runs what lists, searches and recovery ask for, so that a slow search holds up neither the event loop nor a commit. */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../base/index.ts'
import { openForReading } from './sqlite-file.ts'
import { serve } from './thread-server.ts'
import type { SqlStatement } from './kysely-dialect.ts'
import type { ThreadData } from './thread-link.ts'

assert(parentPort !== null, 'sqlite-reader.ts runs as a worker thread')
serve(parentPort, () => {
  const { file } = workerData as ThreadData
  const database = openForReading(file)
  return {
    answer: ({ sql, parameters }: SqlStatement): readonly unknown[] => database.prepare(sql).all(...parameters),
    close: () => database.close(),
  }
})
