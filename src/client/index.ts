export { battutaClient } from './client.ts'
export type { BattutaClient, ChatSessionReply, ClientOptions, ConversationsQuery, DecisionsQuery, InferReply, PageQuery, SessionReply } from './client.ts'
export { BattutaClientError } from './error.ts'
export type { LiveFeed, LiveHandlers, LiveState } from './live.ts'
export { chat, pendingMessagesMax } from './chat.ts'
export type { Chat, ChatDelivery, ChatHandlers, ChatMessage, ChatOptions, ChatOwner, ChatSocket, ChatState } from './chat.ts'
export { desk, deskPendingMax } from './desk.ts'
export type { Desk, DeskHandlers, DeskOptions, DeskPending, DeskState } from './desk.ts'
export { openRequester } from './request.ts'
export type { Requester } from './request.ts'
export { systemTimers } from './timers.ts'
export type { ClientTimers } from './timers.ts'
export type {
  Act,
  Attachment,
  ChatAuthor,
  ChatClientFrame,
  ChatServerFrame,
  CloudEvent,
  ConversationReply,
  CustomerReply,
  DecisionBrief,
  DecisionRecord,
  DecisionReply,
  DeskClientFrame,
  DeskServerFrame,
  EmotionPoint,
  EntryReply,
  Fact,
  FeatureReply,
  FeatureStatus,
  FlowReply,
  HandoffPacket,
  HandoffTarget,
  InboxItem,
  LiveBeat,
  LiveDecisions,
  LiveHello,
  LiveSecond,
  NoteReply,
  Notice,
  OfferReply,
  OwnerKind,
  OwnerRead,
  Page,
  PersonReply,
  PredictionStatus,
  Presence,
  Problem,
  Quantiles,
  QueueReply,
  RecordedEffect,
  RecordedFeature,
  RecordedPrediction,
  RecordedStages,
  ReplayReply,
  RuleSource,
  StageName,
  TimelineItem,
  Told,
  Watch,
  WorkerReply,
} from '../definition/index.ts'
