/** `POST /v1/models/{name}/infer`: a model's answer within a budget, or a refusal at once. */
import { BattutaError, limits } from '../base/index.ts'
import type { Entrance } from './entrance.ts'
import { bodyObject, budgetField, invalid, textField } from './request-body.ts'

/** A model that was late once may be on time after this. */
const retryAfterMs = 50

export function modelDoors({ house, open }: Entrance): void {
  open('infer', (request) => {
    const { models } = house.parts()
    const body = bodyObject(request)
    const { input } = body
    if (typeof input !== 'object' || input === null || Array.isArray(input)) throw invalid('input', 'must be an object such as { "text": "…" }')
    const text = textField(input as Record<string, unknown>, 'text', limits.messageCharsMax)
    const budgetMs = budgetField(body) ?? limits.budgetMsDefault
    const { name } = request.params as { name: string }
    const elapsedBefore = house.world.monotonicMs() - request.startedMono
    const prediction = models.run(name, { text }, budgetMs - elapsedBefore)
    if (prediction.status === 'failed') throw new BattutaError('MODEL_INVALID', `model ${name} failed on this text; check its file with \`battuta doctor\``)
    if (prediction.status !== 'on-time')
      throw new BattutaError('DEADLINE_UNREACHABLE', `model ${name} cannot answer within ${budgetMs} ms; give it more, or ask again`, { retryAfterMs })
    const { label, scores, confidence, tier, version } = prediction
    return { output: { label, scores }, confidence, tier, model: name, version, elapsedMs: house.world.monotonicMs() - request.startedMono }
  })
}
