/** `POST /v1/decisions/{policy}` and the doors that explain what was decided. */
import { limits } from '../base/index.ts'
import type { Act } from '../definition/index.ts'
import type { Entrance } from './entrance.ts'
import { bodyObject, budgetField, choiceQuery, invalid, pageQuery, textField, textQuery } from './request-body.ts'

const acts: readonly Act[] = ['bot', 'agent', 'human', 'reachOut', 'nothing']
const statuses = ['on-beat', 'late', 'failed'] as const

export function decisionDoors({ house, open }: Entrance): void {
  open('decide', (request) => {
    const body = bodyObject(request)
    const customer = textField(body, 'customer', limits.idCharsMax)
    const budgetMs = budgetField(body)
    if (body['input'] === undefined) throw invalid('input', 'is missing: send what the policy decides on, as JSON')
    const { policy } = request.params as { policy: string }
    return house.parts().runtime.decide(policy, { customer, input: body['input'], ...(budgetMs === undefined ? {} : { budgetMs }) })
  })
  open('decisions', (request) => {
    const query = request.query as Record<string, unknown>
    const { limit, cursor } = pageQuery(query)
    const filter = {
      customer: textQuery(query, 'customer'),
      policy: textQuery(query, 'policy'),
      act: choiceQuery(query, 'act', acts),
      search: textQuery(query, 'search'),
      status: choiceQuery(query, 'status', statuses),
    }
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
    return house.parts().runtime.decisions(given, limit, cursor)
  })
  open('decision', (request) => house.parts().runtime.decision((request.params as { id: string }).id))
  open('replay', (request) => {
    const body = bodyObject(request)
    const version = body['version'] === undefined ? null : textField(body, 'version', limits.idCharsMax)
    return house.parts().runtime.replay((request.params as { id: string }).id, version)
  })
}
