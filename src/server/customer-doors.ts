/** `GET /v1/customers/{id}`, `…/features`, `…/timeline`: what is known of somebody, now. */
import type { FastifyRequest } from 'fastify'
import { limits } from '../base/index.ts'
import type { Entrance } from './entrance.ts'
import { invalid, pageQuery, textQuery } from './request-body.ts'

export function customerDoors({ house, open }: Entrance): void {
  open('customer', (request) => house.parts().runtime.customer(customerOf(request)))
  open('features', async (request) => {
    const names = textQuery(request.query as Record<string, unknown>, 'names')
    return { features: await house.parts().runtime.features(customerOf(request), names === undefined ? null : names.split(',').map((name) => name.trim())) }
  })
  open('timeline', (request) => {
    const { limit, cursor } = pageQuery(request.query as Record<string, unknown>)
    return house.parts().runtime.timeline(customerOf(request), limit, cursor)
  })
}

function customerOf(request: FastifyRequest): string {
  const { id } = request.params as { id: string }
  if (id.length > limits.idCharsMax) throw invalid('id', `has ${id.length} characters; at most ${limits.idCharsMax} are kept`)
  return id
}
