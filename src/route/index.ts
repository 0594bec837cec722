export { afterAct, firstOwner } from './ownership.ts'
export type { Owner } from './ownership.ts'
