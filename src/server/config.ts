/** What a deployment can set. Read and validated once, by the command line; everything else takes it as given and frozen. */

export interface Config {
  /** 0 takes any free port. */
  readonly port: number
  /** Address to listen on. */
  readonly host: string
  /** Folder of the embedded storage, the keys' files and nothing else. Absolute. */
  readonly dataFolder: string
  /** The admin's bearer key when it was set on purpose; null makes one in `dataFolder`. */
  readonly key: string | null
  /** Folder of the LMDB log. */
  readonly logFolder: string
  /** `kafka://host:9092/topic-prefix` when the log is in Kafka; null keeps it in `logFolder`. */
  readonly logUrl: string | null
  /** File of the SQLite records. */
  readonly recordsFile: string
  /** URL of the Postgres that holds the records instead, with its password; null: the file does. */
  readonly recordsUrl: string | null
  /** Folder of the LMDB feature store. */
  readonly featuresFolder: string
  /** Origins besides our own whose pages may open a chat: `https://shop.example`. */
  readonly origins: readonly string[]
  /** Host names besides loopback that requests may name: `battuta.shop.example`. */
  readonly hosts: readonly string[]
  /** Secret of the JWTs (HS256) with which the company's backend says who a customer is; null refuses every JWT. */
  readonly chatSecret: string | null
  /** Hosts (`crm.internal` or `crm.internal:8080`) that webhooks may call although they are private or without TLS. */
  readonly webhookHosts: readonly string[]
}

/** Names under which a machine reaches itself. */
export const loopbackHosts: readonly string[] = Object.freeze(['127.0.0.1', 'localhost', '[::1]', '::1'])
