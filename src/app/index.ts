/** What an app file imports: builders that return frozen plain data. */
export { answer } from './answer.ts'
export type { AnswerMoment, AnswerText } from './answer.ts'
export type { AppOptions, EmotionOptions, TurnOptions } from './app-parts.ts'
export type { AnswerDraft, EventDraft, FeatureDraft, FlowDraft, ModelDraft, PolicyDraft, QueueDraft, SlotDraft, ToolDraft } from './draft.ts'
export { decisionRequested, event, identityLinked, messageReceived, messageSent } from './event.ts'
export type { EventOptions, FieldSpec, ForeignEventOptions } from './event.ts'
export { count, distinct, ewma, last, max, mean, min, sum } from './feature.ts'
export type { FeatureOptions, FeatureWithoutWindow, Where } from './feature.ts'
export { pii } from './fields.ts'
export { flow } from './flow.ts'
export type { FlowOptions, FlowReturn, FlowWords, HandOffOptions, Step, ToolResult } from './flow.ts'
export { linear } from './model.ts'
export type { PolicyMoment } from './moment.ts'
export { queue } from './queue.ts'
export type { QueueOptions } from './queue.ts'
export { setup } from './setup.ts'
export type { PolicyOptions, SetupOptions, Vocabulary } from './setup.ts'
export { slot } from './slot.ts'
export type { SlotOptions } from './slot.ts'
export { tool } from './tool.ts'
export type { ToolOptions } from './tool.ts'
export type {
  AppDefinition,
  BotOptions,
  FeatureRead,
  FeatureStatus,
  FlowOp,
  HumanOptions,
  Outcome,
  OutcomeOptions,
  PredictionRead,
  PredictionStatus,
  ToolContext,
} from '../definition/index.ts'
