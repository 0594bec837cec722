/** What the doors stand on. The composer opens it; tests give their own. */
import { BattutaError } from '../base/index.ts'
import type { World } from '../base/index.ts'
import type { DeskHub, WebChat, Webhooks } from '../channels/index.ts'
import type { AppDefinition } from '../definition/index.ts'
import type { Models } from '../models/index.ts'
import type { Runtime } from '../orchestrator/index.ts'
import type { Live } from '../watch/index.ts'
import type { Attachments } from './attachments.ts'
import type { BrowserSessions } from './browser-session.ts'
import type { Config } from './config.ts'
import type { People } from './people.ts'
import type { Vault } from './vault.ts'

export interface Parts {
  readonly app: AppDefinition
  readonly appVersion: string
  readonly runtime: Runtime
  readonly models: Models
  readonly chat: WebChat
  readonly desk: DeskHub
  readonly webhooks: Webhooks
  readonly people: People
  readonly attachments: Attachments
  readonly live: Live
  readonly vault: Vault
  readonly sessions: BrowserSessions
  /** Prometheus text of everything but the doors themselves. */
  readonly metrics: () => string
}

/** The server before and after its parts are there: the port listens from the first moment. */
export interface House {
  readonly world: World
  readonly config: Config
  /** Throws NOT_READY until the parts are installed. */
  parts(): Parts
  /** Null until they are. */
  readonly installed: Parts | null
}

/** While starting, a client should ask again this soon. */
export const startingRetryMs = 500

export function openHouse(world: World, config: Config): House & { install(parts: Parts): void } {
  let installed: Parts | null = null
  return {
    world,
    config,
    get installed() {
      return installed
    },
    parts() {
      if (installed === null) throw new BattutaError('NOT_READY', 'the server is starting: storage is being opened', { retryAfterMs: startingRetryMs })
      return installed
    },
    install(parts) {
      installed = parts
    },
  }
}
