/** `battuta people`: who may use the desk of a running server; with a name, adds one and prints a link that signs them in. */
import type { PersonReply } from '../definition/index.ts'
import type { CommandLine } from './commands.ts'
import { numberFlag } from './commands.ts'
import { readConfiguration } from './env.ts'
import { ask, urlOf } from './running-server.ts'

const capacityMax = 20

export async function people({ argument, flags }: CommandLine, out: (line: string) => void): Promise<number> {
  const { config } = readConfiguration(flags)
  if (argument === undefined) {
    const { items } = await ask<{ items: readonly PersonReply[] }>(config, 'GET', '/v1/people')
    for (const { id, name, role, skills, capacity } of items) out(`${id}  ${name}, ${role}, skills ${skills.join(', ') || 'none'}, ${capacity} at once`)
    if (items.length === 0) out('nobody yet: battuta people NAME --skills cards,payments')
    return 0
  }
  const capacity = numberFlag(flags, 'capacity', { min: 1, max: capacityMax, whole: true })
  const skills = (flags['skills'] ?? '').split(',').map((skill) => skill.trim())
  const person = await ask<PersonReply>(config, 'POST', '/v1/people', {
    name: argument,
    role: flags['role'] ?? 'desk',
    skills: skills.filter((skill) => skill !== ''),
    ...(capacity === undefined ? {} : { capacity }),
  })
  out(`${person.id} may use the desk.`)
  out(await deskLink(config, person.id))
  return 0
}

/** A one-use link that signs a browser in as this person. */
export async function deskLink(config: Parameters<typeof ask>[0], person: string): Promise<string> {
  const { code } = await ask<{ code: string }>(config, 'POST', '/v1/session/links', { person })
  return `${urlOf(config)}/desk#code=${code}`
}
