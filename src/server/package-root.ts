/** Where this package lies, whether it runs from source or compiled under `dist`. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert } from '../base/index.ts'

/** The folder that holds Battuta's own package.json. */
export const packageRoot: string = findRoot()

/** The version in package.json. */
export const packageVersion: string = nameAndVersion(packageRoot)?.version ?? ''

function findRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (nameAndVersion(folder)?.name !== 'battuta') {
    assert(dirname(folder) !== folder, 'the server runs from inside the battuta package')
    folder = dirname(folder)
  }
  return folder
}

function nameAndVersion(folder: string): { name: string; version: string } | undefined {
  const file = join(folder, 'package.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string }) : undefined
}
