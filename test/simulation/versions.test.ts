/** One crash, one restore, one other version of the app: each test is something that went wrong once (I1, I2, S2). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { answer, event, flow, queue, setup, tool } from '../../src/app/index.ts'
import type { AppDefinition } from '../../src/app/index.ts'
import { fnv1a32 } from '../../src/base/index.ts'
import { readMemory } from '../../src/context/index.ts'
import type { LoggedEvent } from '../../src/definition/index.ts'
import type { ConversationRow } from '../../src/records/index.ts'
import { Lives, partitions } from './lives.ts'
import type { Life } from './lives.ts'

const appOpened = event({ screen: z.string() }, { from: 'customer' })

/** Version one hands over and answers when the app is opened; version two answers each message after a while, and no more than that. */
function help(says: string): AppDefinition {
  const vocabulary = setup({
    events: { appOpened },
    queues: { cards: queue({ skills: ['cards'], team: 'Cards team', offer: '8s', wrapUp: '5s', wrapUpCodes: ['solved'] }) },
    answers: { told: answer(`the answer of ${says}`) },
  })
  const inbound = vocabulary.policy({ on: 'message.received' }, ({ event: { data }, answer: tell, human, nothing }) => {
    if (says === 'two') return tell('told')
    return data.text === 'hi' ? nothing({ because: 'a greeting' }) : human('cards', { because: 'version one' })
  })
  const opened = vocabulary.policy({ on: 'appOpened' }, ({ answer: tell }) => tell('told'))
  return vocabulary.app({ name: 'help', turn: { settle: '400ms', longest: '2s' }, policies: says === 'one' ? { inbound, opened } : { inbound } })
}

class Helped extends Lives {
  override app(): AppDefinition {
    return help(this.says)
  }

  get now(): Life {
    assert.ok(this.life, 'it lives')
    return this.life
  }

  get row(): ConversationRow {
    const row = this.now.records.conversation('conv_1') as ConversationRow | undefined
    assert.ok(row, 'the conversation is on record')
    return row
  }

  say(id: string, text: string): Promise<unknown> {
    return this.now.runtime.say({ customer: 'user:1', conversation: 'conv_1', id, text, channel: 'web' })
  }

  /** Dies; what was being written is lost, and records become what they were. */
  dies(older: typeof this.recordsDisk | null = null): void {
    this.world.crash()
    this.logDisk.crash('lost')
    this.recordsDisk.crash(() => 0)
    this.featureDisk.crash('lost')
    this.life = null
    if (older) this.recordsDisk = older
  }

  async events(): Promise<readonly LoggedEvent[]> {
    const { log } = this.now
    const read = await Promise.all(Array.from({ length: partitions }, (_, partition) => log.read(partition, 0, 10_000)))
    return read.flatMap((records) => records.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as LoggedEvent))
  }
}

test('S2 an answer that another version would have waited with was given over the person who has the conversation', async () => {
  const lives = new Helped('restored')
  await lives.start()
  await lives.world.settle(lives.say('m1', 'hi'))
  await lives.world.advance(5_000)
  const older = lives.recordsDisk.copy()
  await lives.world.settle(lives.say('m2', 'my card is blocked'))
  await lives.world.advance(5_000)
  const { owner, queue: into, task, epoch, seq } = lives.row
  assert.deepEqual([owner, into, epoch], [null, 'cards', 2])
  lives.dies(older)
  lives.switchVersion()
  await lives.start()
  await lives.world.advance(10_000)
  const row = lives.row
  assert.deepEqual([row.owner, row.queue, row.task, row.epoch, row.seq], [owner, into, task, epoch, seq], 'nothing was said since, and it waits as it did')
  const memory = readMemory(row.memory)
  assert.equal(memory.turn, null)
  assert.ok(memory.waitingSince !== null)
  for (let partition = 0; partition < partitions; partition++) {
    const timers = await lives.world.settle(lives.now.records.desk.timers(partition))
    assert.deepEqual(
      timers.filter(({ kind }) => kind === 'turn'),
      [],
      'no timer of a turn that is not there',
    )
  }
})

test('S2 a mark that was made only after the restart did not say whose the conversation was', async () => {
  const lives = new Helped('marked later')
  await lives.start()
  await lives.world.settle(lives.say('m1', 'hi'))
  await lives.world.advance(5_000)
  const older = lives.recordsDisk.copy()
  const flushMs = lives.logDisk.flushMs
  const said = lives.say('m2', 'my card is blocked')
  await lives.world.until(() => lives.row.owner === null)
  lives.logDisk.flushMs = () => 60_000
  said.catch(() => undefined)
  assert.ok(!(await lives.events()).some(({ type }) => type === 'message.sent'), 'it is committed, and nothing of it is marked')
  lives.dies()
  lives.logDisk.flushMs = flushMs
  await lives.start()
  await lives.world.advance(5_000)
  const { owner, task, epoch, seq } = lives.row
  assert.deepEqual([owner, epoch], [null, 2])
  lives.dies(older)
  lives.switchVersion()
  await lives.start()
  await lives.world.advance(10_000)
  assert.deepEqual([lives.row.owner, lives.row.task, lives.row.epoch, lives.row.seq], [owner, task, epoch, seq])
})

const openApp = { specversion: '1.0', id: 'o1', source: 'app', type: 'appOpened', subject: 'user:1', data: { screen: 'home' } }

test('I1 what was decided by an event that this version asks nobody about never left', async () => {
  const lives = new Helped('not asked any more')
  await lives.start()
  await lives.world.settle(lives.say('m1', 'hi'))
  await lives.world.advance(5_000)
  const seq = lives.row.seq
  const flushMs = lives.logDisk.flushMs
  await lives.world.settle(lives.now.runtime.accept([openApp], { role: 'service' }))
  await lives.world.until(() => lives.row.seq > seq)
  lives.logDisk.flushMs = () => 60_000
  lives.dies()
  lives.logDisk.flushMs = flushMs
  lives.switchVersion()
  await lives.start()
  await lives.world.advance(5_000)
  assert.deepEqual(
    lives.left.slice(-1).map(({ text }) => text),
    ['the answer of one'],
  )
  for (let partition = 0; partition < partitions; partition++) assert.deepEqual(await lives.world.settle(lives.now.records.unreleased(partition)), [])
})

test('S2 what had left by an event that this version asks nobody about was missing from the record', async () => {
  const lives = new Helped('missing')
  await lives.start()
  await lives.world.settle(lives.say('m1', 'hi'))
  await lives.world.advance(5_000)
  const older = lives.recordsDisk.copy()
  await lives.world.settle(lives.now.runtime.accept([openApp], { role: 'service' }))
  await lives.world.settle(lives.say('m2', 'my card is blocked'))
  await lives.world.advance(5_000)
  const shown = lives.left.map(({ seq, text }) => `${seq} ${text}`)
  lives.dies(older)
  lives.switchVersion()
  await lives.start()
  await lives.world.advance(5_000)
  const entries = await lives.world.settle(lives.now.records.deliveries('conv_1', 0, 100))
  assert.deepEqual(
    entries.map(({ seq, text }) => `${seq} ${text}`),
    shown,
  )
})

/** Gives older records; events that no step is made of come next in the log: recovery is long at work, and nothing is under way. */
async function pastOf(lives: Helped): Promise<typeof lives.recordsDisk> {
  lives.says = 'two'
  const { runtime } = await lives.start()
  await lives.world.advance(5_000)
  const older = lives.recordsDisk.copy()
  const early = Array.from({ length: 100 }, (_, n) => `user:${n}`).find((customer) => fnv1a32(customer) % partitions === 0)
  for (let n = 0; n < 7; n++) {
    const batch = Array.from({ length: 100 }, (_, m) => ({ ...openApp, id: `o${n} ${m}`, subject: early }))
    await lives.world.settle(runtime.accept(batch, { role: 'service' }))
  }
  await lives.world.advance(5_000)
  return older
}

test('I1 a node that was closed while it recovered passed over what it had not read', async () => {
  const lives = new Helped('closed early')
  const older = await pastOf(lives)
  await lives.world.settle(lives.say('m1', 'hello'))
  await lives.world.advance(5_000)
  lives.dies(older)
  const early = await lives.start(false)
  assert.equal(early.runtime.recovery.done, false)
  await lives.world.settle(early.runtime.close())
  await lives.world.settle(early.records.close())
  lives.dies()
  await lives.start()
  await lives.world.advance(5_000)
  assert.equal(lives.row.messages, 1)
})

test('I1 whoever looked at the queues while a node recovered made it take what was not decided for decided', async () => {
  assert.equal(fnv1a32('routing:main') % partitions, 0)
  const lives = new Helped('looked at early')
  const older = await pastOf(lives)
  await lives.world.settle(lives.say('m1', 'a person, please'))
  await lives.world.advance(20_000)
  lives.dies(older)
  const { runtime } = await lives.start(false)
  const looked = runtime.view.queues()
  looked.catch(() => undefined)
  await lives.world.settle(runtime.ready)
  assert.deepEqual(
    (await lives.world.settle(looked)).map(({ waiting }) => waiting),
    [1],
  )
  assert.deepEqual(
    (await lives.world.settle(runtime.view.queues())).map(({ waiting }) => waiting),
    [1],
  )
})

test('I1 an event for another lane was sent again when records older than a lane remembers ids were restored', async () => {
  const lives = new Helped('long ago')
  await lives.start()
  await lives.world.advance(5_000)
  const older = lives.recordsDisk.copy()
  await lives.world.settle(lives.say('m1', 'my card is blocked'))
  await lives.world.advance(5_000)
  const [task] = (await lives.world.settle(lives.now.records.desk.routing('routing:main'))).tasks
  await lives.world.settle(lives.now.runtime.desk.resolve({ conversation: 'conv_1', epoch: 2, worker: 'person:s', wrapUpCode: 'solved', force: true }))
  await lives.world.advance(3 * 3_600_000)
  lives.dies(older)
  await lives.start()
  await lives.world.advance(60_000)
  const queued = (await lives.events()).filter(({ type }) => type === 'task.queued')
  assert.deepEqual(
    queued.map(({ data }) => (data as { task: string }).task),
    [task?.id],
  )
  assert.deepEqual(
    (await lives.world.settle(lives.now.runtime.view.queues())).map(({ waiting }) => waiting),
    [0],
  )
})

test('Y2 a burst is one turn, and only its last timer comes back', async () => {
  const lives = new Helped('burst')
  lives.says = 'two'
  await lives.start()
  for (let n = 0; n < 3; n++) {
    await lives.world.settle(lives.say(`m${n}`, 'hello'))
    await lives.world.advance(100)
  }
  await lives.world.advance(5_000)
  const due = (await lives.events()).filter(({ type, customer }) => type === 'timer.due' && customer === 'user:1')
  assert.equal(due.length, 1)
  assert.deepEqual(
    lives.left.map(({ seq, from }) => `${seq} ${from}`),
    ['1 customer', '2 customer', '3 customer', '4 bot'],
  )
})

/** A life whose bot calls a tool that never comes back the first time; `keys` it was called with. Version two only answers. */
function calling(keys: string[]): Helped {
  const act = tool({
    input: z.object({}),
    output: z.object({ reference: z.string() }),
    changes: true,
    timeout: '60s',
    run: (_input, { idempotencyKey }) => {
      keys.push(idempotencyKey)
      return keys.length === 1 ? new Promise<never>(() => undefined) : Promise.resolve({ reference: 'done' })
    },
  })
  const fix = flow({ goal: 'have it done', slots: {}, tools: { act } }, function* ({ call, say }) {
    const done = yield* call('act', {})
    yield* say(done.ok ? `It is ${done.output.reference}.` : 'It failed.')
    return { resolved: done.ok, summary: null }
  })
  const vocabulary = setup({ events: {}, flows: { fix }, answers: { told: answer('I see.') } })
  const appOf = (says: string): AppDefinition => {
    const inbound = vocabulary.policy({ on: 'message.received' }, ({ answer: tell, bot }) => (says === 'one' ? bot('fix') : tell('told')))
    return vocabulary.app({ name: 'tools', turn: { settle: '0ms', longest: '1s' }, policies: { inbound } })
  }
  class Calling extends Helped {
    override app(): AppDefinition {
      return appOf(this.says)
    }
  }
  return new Calling('called again')
}

for (const end of ['died', 'was closed'] as const) {
  test(`X3 a tool that was at work when the process ${end} is called again under its key, and comes to one result`, async () => {
    const keys: string[] = []
    const lives = calling(keys)
    const { runtime, records } = await lives.start()
    await lives.world.settle(lives.say('m1', 'do it'))
    await lives.world.until(() => keys.length === 1)
    await lives.world.advance(2_000)
    if (end === 'was closed') {
      await lives.world.settle(runtime.close())
      await lives.world.settle(records.close())
    }
    lives.dies()
    await lives.start()
    await lives.world.advance(2_000)
    assert.deepEqual(keys, [keys[0], keys[0]])
    assert.equal((await lives.events()).filter(({ type }) => type === 'tool.finished').length, 1)
    assert.equal(lives.left.at(-1)?.text, 'It is done.')
    lives.dies()
    await lives.start()
    await lives.world.advance(2_000)
    assert.equal(keys.length, 2, 'what came to a result is not called again')
  })
}

test('X3 an event for another lane that was marked and lost with the process is sent again', async () => {
  const lives = new Helped('lost on its way')
  await lives.start()
  await lives.world.settle(lives.say('m1', 'hi'))
  await lives.world.advance(5_000)
  const { flushMs } = lives.logDisk
  lives.logDisk.flushMs = () => 20
  const said = lives.say('m2', 'my card is blocked')
  said.catch(() => undefined)
  const types = async (): Promise<readonly string[]> => (await lives.events()).map(({ type }) => type)
  while (!(await types()).includes('effect.released')) await lives.world.advance(1)
  assert.ok(!(await types()).includes('task.queued'))
  lives.dies()
  lives.logDisk.flushMs = flushMs
  await lives.start()
  await lives.world.advance(5_000)
  assert.equal((await types()).filter((type) => type === 'task.queued').length, 1)
})

test('S2 a flow that only another version had begun waited for ever for a call that was never made', async () => {
  const keys: string[] = []
  const lives = calling(keys)
  lives.says = 'two'
  await lives.start()
  await lives.world.advance(5_000)
  const older = lives.recordsDisk.copy()
  await lives.world.settle(lives.say('m1', 'do it'))
  await lives.world.advance(5_000)
  lives.dies(older)
  lives.switchVersion()
  await lives.start()
  await lives.world.advance(5_000)
  assert.deepEqual([keys, readMemory(lives.row.memory).flows], [[], []])
  await lives.world.settle(lives.say('m2', 'do it now'))
  await lives.world.advance(1_000)
  assert.equal(keys.length, 1)
})

test('S2 what nothing was said to stays so once something was said after it', async () => {
  const lives = new Lives('said nothing')
  const { runtime, records } = await lives.start()
  await lives.world.advance(5_000)
  const older = lives.recordsDisk.copy()
  for (const text of ['hello 0', 'hello 5'])
    await lives.world.settle(runtime.say({ customer: 'user:1', conversation: 'conv_1', id: text, text, channel: 'test' }))
  await lives.world.advance(5_000)
  const before = await lives.world.settle(records.deliveries('conv_1', 0, 10))
  assert.deepEqual(
    before.map(({ author }) => author),
    ['customer', 'customer', 'bot'],
  )
  lives.crash()
  lives.recordsDisk = older
  lives.switchVersion()
  const again = await lives.start()
  await lives.world.advance(5_000)
  const after = await lives.world.settle(again.records.deliveries('conv_1', 0, 10))
  assert.deepEqual(
    after.map(({ seq, author, text }) => [seq, author, text]),
    before.map(({ seq, author, text }) => [seq, author, text]),
  )
})
