/** What queues must hold, and what an app says of people once: who takes over, how emotion is read, when a turn is over. */
import { checkMs, checkText, checkTexts, isRecord, quoted, shown } from './mistakes.ts'
import type { Mistakes } from './mistakes.ts'
import { didYouMean } from './nearest.ts'

/** How much a queue may hold, and how long things may take. */
export const queueLimits = {
  skillsMax: 32,
  skillCharsMax: 64,
  teamCharsMax: 60,
  wrapUpCodesMax: 50,
  wrapUpCodeCharsMax: 60,
  serviceLevelMsMax: 86_400_000,
  offerMsMin: 1_000,
  offerMsMax: 600_000,
  patienceMsMin: 1_000,
  patienceMsMax: 604_800_000,
  wrapUpMsMax: 3_600_000,
  labelsMax: 1_000,
  labelCharsMax: 128,
  settleMsMax: 10_000,
  longestMsMax: 60_000,
} as const

export function checkQueue(place: Mistakes, queue: Record<string, unknown>): void {
  const { skillsMax, skillCharsMax, wrapUpCodesMax, wrapUpCodeCharsMax } = queueLimits
  checkTexts(place, 'skills', queue['skills'], { min: 1, max: skillsMax, chars: skillCharsMax }, 'name what a worker of this queue must be able to do')
  checkText(place, 'team', queue['team'], queueLimits.teamCharsMax, 'say what a customer reads, such as “Cards team”')
  const level = queue['serviceLevel']
  if (!isRecord(level)) place.add('serviceLevel', "must say a share and a time: { share: 0.8, within: '20s' }")
  else {
    const share = level['share']
    if (typeof share !== 'number' || !(share > 0 && share <= 1)) place.add('serviceLevel.share', `${shown(share)} is out of range: above 0, and 1 at most`)
    checkMs(place, 'serviceLevel.withinMs', level['withinMs'], 1, queueLimits.serviceLevelMsMax)
  }
  checkMs(place, 'offerMs', queue['offerMs'], queueLimits.offerMsMin, queueLimits.offerMsMax)
  if (queue['patienceMs'] !== null) checkMs(place, 'patienceMs', queue['patienceMs'], queueLimits.patienceMsMin, queueLimits.patienceMsMax)
  checkMs(place, 'wrapUpMs', queue['wrapUpMs'], 0, queueLimits.wrapUpMsMax)
  const codes = { min: 1, max: wrapUpCodesMax, chars: wrapUpCodeCharsMax }
  checkTexts(place, 'wrapUpCodes', queue['wrapUpCodes'], codes, 'name how a conversation can have ended')
}

export function checkPersonTo(place: Mistakes, personTo: unknown, queues: readonly string[]): void {
  if (personTo === null) {
    if (queues.length > 0) place.add('personTo', 'names no queue, though there are some: say where whoever asks for a person goes')
  } else if (typeof personTo !== 'string' || !queues.includes(personTo)) {
    place.add('personTo', `no queue ${quoted(personTo)} is declared${didYouMean(shown(personTo), queues)}`)
  }
}

export function checkEmotion(place: Mistakes, emotion: unknown, models: readonly string[]): void {
  if (emotion === null) return
  if (!isRecord(emotion)) return place.add('emotion', "must name a model and its labels: { model: 'tone', angry: ['anger'] }")
  const { model, angry, worried } = emotion
  if (typeof model !== 'string' || !models.includes(model))
    place.add('emotion.model', `no model ${quoted(model)} is declared${didYouMean(shown(model), models)}`)
  const size = { min: 0, max: queueLimits.labelsMax, chars: queueLimits.labelCharsMax }
  checkTexts(place, 'emotion.angry', angry, size, 'labels of the model')
  checkTexts(place, 'emotion.worried', worried, size, 'labels of the model')
  if (!Array.isArray(angry) || !Array.isArray(worried)) return
  if (angry.length + worried.length === 0) place.add('emotion', 'names no label, so nobody would ever be angry or worried: name some, or leave emotion out')
  worried.forEach((label: unknown, index) => {
    if (typeof label === 'string' && angry.includes(label)) place.add(`emotion.worried[${index}]`, `“${label}” means angry already: a label means one thing`)
  })
}

export function checkTurn(place: Mistakes, turn: unknown): void {
  if (!isRecord(turn)) return place.add('turn', 'is missing: the app was built by another release of battuta, build it again')
  const { settleMs, longestMs } = turn
  checkMs(place, 'turn.settleMs', settleMs, 0, queueLimits.settleMsMax)
  checkMs(place, 'turn.longestMs', longestMs, 0, queueLimits.longestMsMax)
  if (typeof settleMs === 'number' && typeof longestMs === 'number' && longestMs < settleMs)
    place.add('turn.longestMs', `${longestMs} ms is less than the ${settleMs} ms of quiet that end a turn: make it longer`)
}
