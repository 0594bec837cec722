export { battutaClient } from './client.ts'
export type { BattutaClient, ChatSessionReply, ClientOptions, DecisionsQuery, InferReply, PageQuery, SessionReply } from './client.ts'
export { BattutaClientError } from './error.ts'
export type { LiveFeed, LiveHandlers, LiveState } from './live.ts'
export { chat, pendingMessagesMax } from './chat.ts'
export type { Chat, ChatDelivery, ChatHandlers, ChatMessage, ChatOptions, ChatSocket, ChatState } from './chat.ts'
export type { ClientTimers } from './timers.ts'
export type {
  Act,
  ChatAuthor,
  ChatClientFrame,
  ChatServerFrame,
  CloudEvent,
  CustomerReply,
  DecisionBrief,
  DecisionRecord,
  DecisionReply,
  FeatureReply,
  FeatureStatus,
  LiveBeat,
  LiveDecisions,
  LiveHello,
  LiveSecond,
  OwnerRead,
  Page,
  PredictionStatus,
  Problem,
  Quantiles,
  RecordedEffect,
  RecordedFeature,
  RecordedPrediction,
  RecordedStages,
  ReplayReply,
  RuleSource,
  StageName,
  TimelineItem,
  Watch,
} from '../definition/index.ts'
