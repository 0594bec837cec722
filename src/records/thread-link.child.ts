/** A thread for thread-link's tests: answers, throws or ends as it is asked to. */
import { parentPort, workerData } from 'node:worker_threads'
import { assert, BattutaError } from '../base/index.ts'
import { serve } from './thread-server.ts'

assert(parentPort !== null, 'thread-link.child.ts runs as a worker thread')
serve(parentPort, () => {
  const { file } = workerData as { file: string }
  if (file === 'refuse') throw new BattutaError('STORAGE_FAILED', 'refused to open')
  return {
    answer: (request: string): string => {
      if (request === 'exit') process.exit(3)
      if (request === 'throw') throw new Error('as asked')
      return `${file} ${request}`
    },
    close: () => {},
  }
})
