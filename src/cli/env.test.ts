import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { BattutaError } from '../base/index.ts'
import { readConfiguration } from './env.ts'

const refusal = (environment: Record<string, string>): string => {
  try {
    readConfiguration({}, environment)
  } catch (error) {
    assert(error instanceof BattutaError)
    assert.equal(error.code, 'CONFIG_INVALID')
    return error.message
  }
  return assert.fail(`${JSON.stringify(environment)} was accepted`)
}

test('without any configuration everything is embedded, under ./data, on loopback', () => {
  const { config } = readConfiguration({}, {})
  assert.equal(config.port, 4321)
  assert.equal(config.host, '127.0.0.1')
  assert.equal(config.dataFolder, join(process.cwd(), 'data'))
  assert.equal(config.recordsFile, join(config.dataFolder, 'records.db'))
  assert.equal(config.logFolder, config.dataFolder)
  assert.equal(config.key, null)
  assert(Object.isFrozen(config))
})

test('a flag comes before the environment, and the environment before the default', () => {
  const { config, settings } = readConfiguration({ port: '5000' }, { BATTUTA_PORT: '6000', BATTUTA_DATA: '/tmp/elsewhere' })
  assert.equal(config.port, 5000)
  assert.equal(config.dataFolder, '/tmp/elsewhere')
  const from = Object.fromEntries(settings.map((setting) => [setting.variable, setting.from]))
  assert.deepEqual([from['BATTUTA_PORT'], from['BATTUTA_DATA'], from['BATTUTA_HOST']], ['flag', 'environment', 'default'])
})

test('a value that cannot be used is refused with its variable, itself and the mend', () => {
  assert.match(refusal({ BATTUTA_PORT: 'http' }), /BATTUTA_PORT \(--port\) is “http”: give a port/)
  assert.match(refusal({ BATTUTA_PORT: '70000' }), /65535/)
  assert.match(refusal({ BATTUTA_LOG: 'kafka://broker:9092' }), /BATTUTA_LOG: “kafka:\/\/broker:9092” names no Kafka log: write kafka:/)
  assert.match(refusal({ BATTUTA_LOG: 'pulsar://broker:8080/a/b' }), /BATTUTA_LOG is “pulsar:.*lmdb or in Kafka/)
  assert.match(refusal({ BATTUTA_RECORDS: 'mysql://me:hidden@db/x?password=hidden' }), /BATTUTA_RECORDS is “mysql:\/\/…@db\/x\?…”: write sqlite:/)
  assert.match(refusal({ BATTUTA_RECORDS: 'postgres://db/x?schema=No' }), /the schema “No” of the records is no plain name/)
  assert.match(refusal({ BATTUTA_RECORDS: 'postgres:db' }), /write postgres:\/\//)
  assert.match(refusal({ BATTUTA_ORIGINS: 'shop.example' }), /BATTUTA_ORIGINS is “shop.example”: write origins as/)
  assert.match(refusal({ BATTUTA_ORIGINS: 'https://shop.example/path' }), /no path/)
  assert.match(refusal({ BATTUTA_HOSTS: 'http://shop.example' }), /BATTUTA_HOSTS/)
})

test('listening where others can reach it needs a key that was set on purpose', () => {
  assert.match(refusal({ BATTUTA_HOST: '0.0.0.0' }), /set BATTUTA_KEY as well/)
  assert.match(refusal({ BATTUTA_HOST: '0.0.0.0', BATTUTA_KEY: 'short' }), /at least 16/)
  assert.equal(readConfiguration({}, { BATTUTA_HOST: '0.0.0.0', BATTUTA_KEY: 'long-enough-to-be-a-key' }).config.host, '0.0.0.0')
})

test('secrets are never shown', () => {
  const records = 'postgres://bank:the-p@ss@db.internal:5432/bank?sslpassword=the-other'
  const { settings, config } = readConfiguration({}, { BATTUTA_KEY: 'the-admin-key', BATTUTA_CHAT_SECRET: 'the-chat-secret', BATTUTA_RECORDS: records })
  assert(!JSON.stringify(settings).includes('the-'))
  assert(settings.some(({ shown }) => shown === 'postgres://…@db.internal:5432/bank?…'))
  assert.equal(config.recordsUrl, records)
})

test('lists and paths of embedded drivers are read as they are meant', () => {
  const { config } = readConfiguration(
    {},
    { BATTUTA_ORIGINS: 'https://shop.example, http://localhost:3000/', BATTUTA_HOSTS: 'Battuta.Shop.example:443', BATTUTA_LOG: 'lmdb:/var/log-folder' },
  )
  assert.deepEqual(config.origins, ['https://shop.example', 'http://localhost:3000'])
  assert.deepEqual(config.hosts, ['battuta.shop.example'])
  assert.equal(config.logFolder, '/var/log-folder')
})

test('a log in Kafka is taken by its URL, and the data folder stays for the rest', () => {
  const { config } = readConfiguration({}, { BATTUTA_LOG: 'kafka://one:9092,two:9093/shop', BATTUTA_DATA: '/tmp/elsewhere' })
  assert.equal(config.logUrl, 'kafka://one:9092,two:9093/shop')
  assert.equal(config.logFolder, '/tmp/elsewhere')
  assert.equal(readConfiguration({}, {}).config.logUrl, null)
})
