/** `/healthz`, `/readyz`, `/metrics`: for whoever runs the process. */
import { BattutaError } from '../base/index.ts'
import type { Entrance } from './entrance.ts'
import { startingRetryMs } from './parts.ts'

export function operationDoors({ house, open, inFlight, replies }: Entrance): void {
  open('health', () => ({ status: 'ok' }))
  open('ready', () => {
    const { runtime, app, appVersion } = house.parts()
    const { done, events, total } = runtime.recovery
    if (!done)
      throw new BattutaError('NOT_READY', `recovery has read ${events} of ${total} events`, {
        retryAfterMs: startingRetryMs,
        details: { progress: { events, total } },
      })
    return { status: 'ready', app: { name: app.name, version: appVersion } }
  })
  open('metrics', (_request, reply) => {
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
    return metricsText(replies.byClass, inFlight.requests, inFlight.bytes) + (house.installed?.metrics() ?? '')
  })
}

function metricsText(byClass: readonly number[], requests: number, bytes: number): string {
  const replyLines = byClass.map((count, index) => `battuta_http_replies_total{class="${index + 1}xx"} ${count}`)
  return `${[
    '# HELP battuta_http_replies_total Replies by class of status.',
    '# TYPE battuta_http_replies_total counter',
    ...replyLines,
    '# HELP battuta_http_requests_in_flight Requests with a body that are being answered.',
    '# TYPE battuta_http_requests_in_flight gauge',
    `battuta_http_requests_in_flight ${requests}`,
    '# HELP battuta_http_bytes_in_flight Body bytes reserved by them.',
    '# TYPE battuta_http_bytes_in_flight gauge',
    `battuta_http_bytes_in_flight ${bytes}`,
  ].join('\n')}\n`
}
