export { conversationIdAt, openConversation, readLaneState, withMessage } from './lane-state.ts'
export type { LaneState } from './lane-state.ts'
export { maskPersonal } from './mask.ts'
