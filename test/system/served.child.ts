/** A server in a process of its own, to be killed. Arguments: app file, data folder, the URLs of log and records, empty where they are in the folder. Says where it listens over IPC once every door is open. */
import { realWorld } from '../../src/base/index.ts'
import { readConfiguration } from '../../src/cli/env.ts'
import { startBattuta } from '../../src/server/index.ts'

const [appFile, data, log = '', records = ''] = process.argv.slice(2) as [string, string, string?, string?]
const { config } = readConfiguration({ port: '0', data }, { BATTUTA_KEY: 'test-key-0123456789abcdef', BATTUTA_LOG: log, BATTUTA_RECORDS: records })
const fail = (error: unknown): never => {
  process.send?.({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  console.error(error)
  process.exit(1)
}
process.on('disconnect', () => process.exit(0))
try {
  const battuta = await startBattuta({ world: realWorld(), config, appFile, onFatal: fail })
  await battuta.ready
  process.send?.({ url: battuta.url })
} catch (error) {
  fail(error)
}
