/** `battuta link`: a one-use link that signs a browser in. */
import type { CommandLine } from './commands.ts'
import { readConfiguration } from './env.ts'
import { deskLink } from './people.ts'
import { ask, urlOf } from './running-server.ts'

export async function link({ flags }: CommandLine, out: (line: string) => void): Promise<number> {
  const { config } = readConfiguration(flags)
  if (flags['person'] !== undefined) {
    out(await deskLink(config, flags['person']))
    return 0
  }
  const { code } = await ask<{ code: string }>(config, 'POST', '/v1/session/links', {})
  out(`${urlOf(config)}/#code=${code}`)
  return 0
}
