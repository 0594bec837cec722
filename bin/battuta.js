#!/usr/bin/env node
/** The command `battuta`: runs the command line on a Node that is new enough, from source in a checkout, else compiled. */
import { join } from 'node:path'
import { ensureNode, isCheckout, nodeFlags, root, run } from './runtime.js'

const entry = isCheckout ? join(root, 'src', 'cli', 'bin.ts') : join(root, 'dist', 'src', 'cli', 'bin.js')
try {
  process.exitCode = await run(ensureNode(), [...nodeFlags, entry, ...process.argv.slice(2)])
} catch (error) {
  console.error(`battuta: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
