/** Topics of the Kafka that BATTUTA_TEST_KAFKA names, each used by one test and deleted after it. */
import { Admin } from '@platformatic/kafka'
import { realWorld } from '../../src/base/index.ts'
import { kafkaAddress, openKafkaLog } from '../../src/log/index.ts'
import type { KafkaLogOptions, Log } from '../../src/log/index.ts'

/** `host:port`, or undefined where no Kafka is configured. */
export const broker: string | undefined = process.env['BATTUTA_TEST_KAFKA']
export const skip: string | false = broker === undefined && 'no Kafka: set BATTUTA_TEST_KAFKA=host:port of a broker that tests may use'

let count = 0

export function newUrl(): string {
  return `kafka://${broker}/battuta-test-${process.pid}-${Date.now().toString(36)}-${count++}`
}

/** Refused at once where another holds the log, so that tests do not wait for a session to run out. */
export function open(url: string, options: Omit<KafkaLogOptions, 'url'> = {}): Promise<Log> {
  return openKafkaLog(realWorld(), { lockWaitMs: 0, ...options, url })
}

export async function withAdmin<T>(body: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Admin({ clientId: 'battuta-test', bootstrapBrokers: [broker ?? ''] })
  try {
    return await body(admin)
  } finally {
    await admin.close()
  }
}

export async function drop(url: string): Promise<void> {
  await withAdmin((admin) => admin.deleteTopics({ topics: [kafkaAddress(url).topic] }))
}

export async function withTopic(body: (url: string) => Promise<void>): Promise<void> {
  const url = newUrl()
  try {
    await body(url)
  } finally {
    await drop(url)
  }
}
