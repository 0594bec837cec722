export { LogHistogram } from './log-histogram.ts'
export { kmvAdd, kmvCells, kmvEstimate, kmvMerge } from './kmv-distinct.ts'
