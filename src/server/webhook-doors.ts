/** `/v1/webhooks`: which other systems are connected, for admins, and the way in for what they send. */
import type { FastifyRequest } from 'fastify'
import { BattutaError } from '../base/index.ts'
import type { Entrance } from './entrance.ts'
import { bodyObject, choiceField, integerField, invalid, textField, textsField } from './request-body.ts'
import { openBuckets } from './token-bucket.ts'

const kinds = ['channel', 'desk'] as const
const urlCharsMax = 2_048
const skillsMax = 50
const skillCharsMax = 60
/** Another desk takes more at once than a person does. */
const capacityMax = 1_000
const capacityDefault = 20
/** Calls that are not signed as they must be, from one address. A signature cannot be guessed; this only keeps the noise down. */
const failures = { burst: 20, perS: 0.5, of: 'webhook calls with a wrong signature from one address' }

export function webhookDoors({ house, open }: Entrance): void {
  const fail = openBuckets(house.world, failures)

  open('webhooks', () => ({ items: house.parts().webhooks.list(), nextCursor: null }))
  open('putWebhook', (request) => {
    const body = bodyObject(request)
    const renewSecret = body['renewSecret'] ?? false
    if (typeof renewSecret !== 'boolean') throw invalid('renewSecret', 'must be true or false')
    return house.parts().webhooks.put({
      name: nameOf(request),
      url: textField(body, 'url', urlCharsMax),
      kind: choiceField(body, 'kind', kinds),
      skills: textsField(body, 'skills', skillsMax, skillCharsMax),
      capacity: body['capacity'] === undefined ? capacityDefault : integerField(body, 'capacity', 1, capacityMax),
      renewSecret,
    })
  })
  open('deleteWebhook', async (request, reply) => {
    await house.parts().webhooks.delete(nameOf(request))
    return reply.code(204).send()
  })
  open('webhookIn', async (request) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    try {
      return await house.parts().webhooks.receive(nameOf(request), request.headers, body)
    } catch (error) {
      if (error instanceof BattutaError && (error.code === 'WEBHOOK_INVALID' || error.code === 'WEBHOOK_UNKNOWN')) fail(request.socket.remoteAddress ?? '')
      throw error
    }
  })
}

function nameOf(request: FastifyRequest): string {
  return (request.params as { name: string }).name
}
