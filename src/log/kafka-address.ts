/** What a Kafka URL says: `kafka://host:9092,other:9092/topic-prefix`. */
import { BattutaError } from '../base/index.ts'

export interface KafkaAddress {
  /** Brokers to begin with; the cluster tells of the others. */
  readonly brokers: readonly KafkaBroker[]
  /** The topic that holds the log. */
  readonly topic: string
  /** The consumer group whose only member holds the log (L4). */
  readonly group: string
}

export interface KafkaBroker {
  readonly host: string
  readonly port: number
}

const portDefault = 9_092
const portMax = 65_535
/** Kafka takes 249 characters; this leaves room for the endings. */
const prefixCharsMax = 200

/**
 * @example
 * kafkaAddress('kafka://127.0.0.1:9092/shop').topic // 'shop-log'
 *
 * Errors: CONFIG_INVALID with what is wrong in the URL.
 */
export function kafkaAddress(url: string): KafkaAddress {
  const match = /^kafka:\/\/([^/]+)\/([A-Za-z0-9._-]+)$/.exec(url)
  if (match?.[1] === undefined || match[2] === undefined || match[2].length > prefixCharsMax) {
    throw new BattutaError(
      'CONFIG_INVALID',
      `“${url}” names no Kafka log: write kafka://host:9092/topic-prefix, with commas between brokers and a prefix of letters, digits, dots, dashes and underscores`,
    )
  }
  const prefix = match[2]
  return { brokers: match[1].split(',').map((text) => brokerOf(text, url)), topic: `${prefix}-log`, group: `${prefix}-log-owner` }
}

function brokerOf(text: string, url: string): KafkaBroker {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:@\s]+)(?::(\d+))?$/.exec(text.trim())
  const port = match?.[2] === undefined ? portDefault : Number(match[2])
  if (match?.[1] === undefined || port < 1 || port > portMax)
    throw new BattutaError('CONFIG_INVALID', `“${text}” in “${url}” is no broker: write host:port, without a name or password`)
  return { host: match[1].replace(/^\[|\]$/g, ''), port }
}
