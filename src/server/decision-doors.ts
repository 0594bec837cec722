/** `POST /v1/decisions/{policy}` and the doors that explain what was decided. */
import { BattutaError, limits } from '../base/index.ts'
import type { Act, DecisionReply } from '../definition/index.ts'
import type { Visitor } from './access.ts'
import { approachCustomer } from './conversation-access.ts'
import type { Entrance } from './entrance.ts'
import type { House } from './parts.ts'
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
  open('decisions', async (request) => {
    const query = request.query as Record<string, unknown>
    const { limit, cursor } = pageQuery(query)
    const filter = {
      customer: textQuery(query, 'customer'),
      policy: textQuery(query, 'policy'),
      act: choiceQuery(query, 'act', acts),
      search: textQuery(query, 'search'),
      status: choiceQuery(query, 'status', statuses),
    }
    await checkList(house, request.visitor!, filter.customer)
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
    return house.parts().runtime.decisions(given, limit, cursor)
  })
  open('decision', (request) => decisionFor(house, request.visitor!, (request.params as { id: string }).id))
  open('replay', (request) => {
    const body = bodyObject(request)
    const version = body['version'] === undefined ? null : textField(body, 'version', limits.idCharsMax)
    return house.parts().runtime.replay((request.params as { id: string }).id, version)
  })
}

/** At the desk, decisions are read customer by customer. */
async function checkList(house: House, visitor: Visitor, customer: string | undefined): Promise<void> {
  if (customer !== undefined) await approachCustomer(house, visitor, customer)
  else if (visitor.role === 'desk') throw new BattutaError('FORBIDDEN', 'at the desk you read the decisions about one customer: name them as ?customer=')
}

async function decisionFor(house: House, visitor: Visitor, id: string): Promise<DecisionReply> {
  const found = await house.parts().runtime.decision(id)
  await approachCustomer(house, visitor, found.decision.customer).catch((error: unknown) => {
    if (!(error instanceof BattutaError) || error.code !== 'CUSTOMER_UNKNOWN') throw error
    throw new BattutaError('DECISION_UNKNOWN', `there is no decision ${JSON.stringify(id)}, or it is about no customer of yours`)
  })
  return found
}
