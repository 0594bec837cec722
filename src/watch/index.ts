export { openWatch } from './watch.ts'
export type { Live, LiveListener, Watcher, WatchParts } from './watch.ts'
