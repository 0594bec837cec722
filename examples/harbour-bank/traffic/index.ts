/** The door to Harbour Bank's simulated customers. */
export { busyness } from './curve.ts'
export { harbourReplies } from './replies.ts'
export type { Heard, Reply } from './replies.ts'
export { harbourTraffic } from './traffic.ts'
export type { TrafficItem, TrafficOptions } from './traffic.ts'
