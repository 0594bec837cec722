import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Directory } from '../records/index.ts'
import { cheap, memoryDirectory, movedWorld } from './fixture.ts'
import { checksAtOnceMax, checksWaitingMax, openPasswords } from './passwords.ts'
import type { Passwords } from './passwords.ts'
import { openPeople } from './people.ts'
import type { Account, People, PersonNews } from './people.ts'

const world = movedWorld()
const passwords = openPasswords(world, cheap)
const account: Account = { name: 'Ana Müller', role: 'desk', skills: ['cards'], capacity: 3, password: 'correct horse' }

async function open(
  directory: Directory = memoryDirectory(),
  given: Passwords = passwords,
): Promise<{ people: People; directory: Directory; news: [string, PersonNews][] }> {
  const people = await openPeople(world, directory, given)
  const news: [string, PersonNews][] = []
  people.watch((id, what) => news.push([id, what]))
  return { people, directory, news }
}
const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected

test('U1 an account is read at once, and after a restart', async () => {
  const { people, directory } = await open()
  const ana = await people.create(account)
  assert.deepEqual(ana, { id: 'person:ana-muller', name: 'Ana Müller', role: 'desk', skills: ['cards'], capacity: 3 })
  assert.deepEqual(people.list(), [ana])
  await people.change(ana.id, { capacity: 5 })
  const again = await open(directory)
  assert.equal(again.people.get(ana.id).capacity, 5)
  assert.equal((await again.people.signIn('Ana Müller', 'correct horse')).id, ana.id)
})

test('U1 what could not be written did not happen', async () => {
  const directory = memoryDirectory()
  const { people } = await open({ ...directory, putPerson: () => Promise.reject(new Error('disk')) })
  await assert.rejects(people.create(account), /disk/)
  assert.deepEqual(people.list(), [])
})

test('records hold no password, and two of the same look different', async () => {
  const { people, directory } = await open()
  await people.create(account)
  await people.create({ ...account, name: 'Ben' })
  const [one, other] = (await directory.people()).map(({ password }) => password ?? '')
  assert.match(one ?? '', /^scrypt\$4\$1\$1\$[\w-]{22}\$[\w-]{43}$/)
  assert.notEqual(one, other)
  assert(!JSON.stringify(await directory.people()).includes('correct horse'))
})

test('U2 closing an account, a new password and a new role end sessions begun before, and no others', async () => {
  const { people, news } = await open()
  const { id } = await people.create(account)
  const ends: (() => Promise<unknown>)[] = [
    () => people.change(id, { password: 'another password' }),
    () => people.change(id, { role: 'supervisor' }),
    () => people.close(id),
  ]
  for (const end of ends) {
    const before = people.beginning(id)
    assert.equal(people.isOver(id, before), false)
    news.length = 0
    await end()
    assert.equal(people.isOver(id, before), true)
    assert.deepEqual(news, [[id, 'over']])
    if (people.find(id) !== null) assert.equal(people.isOver(id, people.beginning(id)), false, 'a new one is not over')
  }
})

test('U2 a change of skills, name or capacity ends nothing and is told', async () => {
  const { people, news } = await open()
  const { id } = await people.create(account)
  const before = people.beginning(id)
  await people.change(id, { skills: ['loans'], role: 'desk', name: 'Ana M.' })
  assert.equal(people.isOver(id, before), false)
  assert.deepEqual(news, [[id, 'changed']])
})

test('U3 whatever is wrong is answered alike, after the same work', async () => {
  const asked: (string | null)[] = []
  const counting: Passwords = { hash: passwords.hash, check: (password, stored) => (asked.push(stored), passwords.check(password, stored)) }
  const { people } = await open(memoryDirectory(), counting)
  await people.create(account)
  await people.create({ ...account, name: 'By link only', password: null })
  const { id } = await people.create({ ...account, name: 'Closed' })
  await people.close(id)
  const messages = new Set<string>()
  for (const [name, password] of [
    ['Ana Müller', 'wrong horse'],
    ['Nobody', 'correct horse'],
    ['By link only', 'correct horse'],
    ['Closed', 'correct horse'],
  ] as const)
    await people.signIn(name, password).catch((error: unknown) => {
      assert(code('CREDENTIALS_INVALID')(error))
      messages.add((error as Error).message)
    })
  assert.equal(messages.size, 1)
  assert.equal(asked.length, 4)
  assert.equal((await people.signIn('  ana MÜLLER ', 'correct horse')).name, 'Ana Müller')
})

test('U3 an account that is closed while its password is checked does not sign in', async () => {
  const { people } = await open()
  const { id } = await people.create(account)
  const signingIn = people.signIn(account.name, 'correct horse')
  await people.close(id)
  await assert.rejects(signingIn, code('CREDENTIALS_INVALID'))
})

test('U4 names are one person’s at a time, ids for ever', async () => {
  const { people } = await open()
  const first = await people.create(account)
  await assert.rejects(people.create({ ...account, name: 'ANA MÜLLER' }), code('REQUEST_INVALID'))
  await people.close(first.id)
  await assert.rejects(people.change(first.id, { capacity: 1 }), code('PERSON_UNKNOWN'))
  const second = await people.create(account)
  assert.equal(second.id, 'person:ana-muller-2')
  await Promise.allSettled([people.create({ ...account, name: 'Twin' }), people.create({ ...account, name: 'Twin' })])
  assert.equal(people.list().filter(({ name }) => name === 'Twin').length, 1)
  await assert.rejects(people.change(second.id, { name: 'Twin' }), code('REQUEST_INVALID'))
})

test('H1 a password stays good when the cost is raised', async () => {
  const stored = await passwords.hash('correct horse')
  const dearer = openPasswords(world, { logN: 6, r: 2, p: 2 })
  assert.equal(await dearer.check('correct horse', stored), true)
  assert.equal(await dearer.check('wrong horse', stored), false)
  assert.match(await dearer.hash('x'), /^scrypt\$6\$2\$2\$/)
})

test('H2 nothing is right for nobody', async () => {
  assert.equal(await passwords.check('', null), false)
  assert.equal(await passwords.check('x', 'md5$abc'), false)
})

test('checks beyond what may wait are refused at once, and the others all come through', async () => {
  const own = openPasswords(world, cheap)
  const most = checksAtOnceMax + checksWaitingMax
  const checks = await Promise.allSettled(Array.from({ length: most + 5 }, () => own.check('x', null)))
  assert.equal(checks.filter(({ status }) => status === 'fulfilled').length, most)
  assert.equal(await own.check('x', null), false)
})
