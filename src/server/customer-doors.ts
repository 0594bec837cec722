/** `GET /v1/customers/{id}`, `…/features`, `…/timeline`: what is known of somebody, now; at the desk, of one's own customers. */
import type { FastifyRequest } from 'fastify'
import { limits } from '../base/index.ts'
import { approachCustomer } from './conversation-access.ts'
import type { Entrance } from './entrance.ts'
import type { House } from './parts.ts'
import { invalid, pageQuery, textQuery } from './request-body.ts'

export function customerDoors({ house, open }: Entrance): void {
  open('customer', async (request) => house.parts().runtime.customer(await customerOf(request, house)))
  open('features', async (request) => {
    const names = textQuery(request.query as Record<string, unknown>, 'names')
    const customer = await customerOf(request, house)
    return { features: await house.parts().runtime.features(customer, names === undefined ? null : names.split(',').map((name) => name.trim())) }
  })
  open('timeline', async (request) => {
    const { limit, cursor } = pageQuery(request.query as Record<string, unknown>)
    return house.parts().runtime.timeline(await customerOf(request, house), limit, cursor)
  })
}

async function customerOf(request: FastifyRequest, house: House): Promise<string> {
  const { id } = request.params as { id: string }
  if (id.length > limits.idCharsMax) throw invalid('id', `has ${id.length} characters; at most ${limits.idCharsMax} are kept`)
  await approachCustomer(house, request.visitor!, id)
  return id
}
