/** `/v1/people`: accounts, for admins; supervisors read them. */
import type { FastifyRequest } from 'fastify'
import type { PersonReply, PersonRole } from '../definition/index.ts'
import type { Entrance } from './entrance.ts'
import type { House } from './parts.ts'
import type { Account } from './people.ts'
import { bodyObject, choiceField, integerField, invalid, textField, textsField } from './request-body.ts'

const roles: readonly PersonRole[] = ['admin', 'supervisor', 'desk']
const nameCharsMax = 80
const skillsMax = 50
const skillCharsMax = 60
const capacityMax = 20
const capacityDefault = 3
/** Short ones are guessed, long ones are work for nothing. */
export const passwordCharsMin = 10
export const passwordCharsMax = 200

export function peopleDoors({ house, open }: Entrance): void {
  open('people', () => ({ items: house.parts().people.list(), nextCursor: null }))
  open('addPerson', async (request, reply) => {
    const person = await house.parts().people.create(newAccount(bodyObject(request)))
    return reply.code(201).send(person)
  })
  open('changePerson', async (request) => {
    const person = await house.parts().people.change(idOf(request), changeOf(bodyObject(request)))
    await tellRouting(house, person, null)
    return person
  })
  open('closePerson', async (request, reply) => {
    const { people } = house.parts()
    const person = people.get(idOf(request))
    await people.close(person.id)
    await tellRouting(house, person, 'offline')
    return reply.code(204).send()
  })
}

/** Routing knows people by what they said last; a change reaches whoever is there at once. */
async function tellRouting(house: House, { id, name, skills, capacity }: PersonReply, state: 'offline' | null): Promise<void> {
  const { runtime } = house.parts()
  const worker = (await runtime.view.workers()).find((held) => held.id === id)
  if (worker !== undefined) await runtime.desk.presence({ id, name, kind: 'human', skills, capacity, state: state ?? worker.presence })
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id
}

function newAccount(body: Readonly<Record<string, unknown>>): Account {
  return {
    name: nameField(body),
    role: choiceField(body, 'role', roles),
    skills: skillsField(body),
    capacity: body['capacity'] === undefined ? capacityDefault : integerField(body, 'capacity', 1, capacityMax),
    password: passwordField(body),
  }
}

/** What is not named stays as it is. */
function changeOf(body: Readonly<Record<string, unknown>>): Partial<Account> {
  return {
    ...(body['name'] === undefined ? {} : { name: nameField(body) }),
    ...(body['role'] === undefined ? {} : { role: choiceField(body, 'role', roles) }),
    ...(body['skills'] === undefined ? {} : { skills: skillsField(body) }),
    ...(body['capacity'] === undefined ? {} : { capacity: integerField(body, 'capacity', 1, capacityMax) }),
    ...(body['password'] === undefined ? {} : { password: passwordField(body) }),
  }
}

/** A name has a letter or a digit, from which its id is made, and nothing that cannot be seen. */
function nameField(body: Readonly<Record<string, unknown>>): string {
  const name = textField(body, 'name', nameCharsMax).normalize('NFC').trim()
  if (!/[\p{L}\p{N}]/u.test(name) || /[\p{C}\p{Zl}\p{Zp}]/u.test(name)) throw invalid('name', 'must have a letter and no control characters')
  return name
}

function skillsField(body: Readonly<Record<string, unknown>>): readonly string[] {
  return [...new Set(textsField(body, 'skills', skillsMax, skillCharsMax))]
}

/** Null signs in by a link only. */
function passwordField(body: Readonly<Record<string, unknown>>): string | null {
  if (body['password'] === undefined || body['password'] === null) return null
  const password = textField(body, 'password', passwordCharsMax)
  if (password.length < passwordCharsMin) throw invalid('password', `has ${password.length} characters; give at least ${passwordCharsMin}`)
  return password
}
