/** Which tasks and reservations are over, and which a routing lane still holds. The indexes of migration 2 say the same. */
import type { ReservationState, TaskState } from '../definition/index.ts'

export const endedTaskStates: readonly TaskState[] = ['completed', 'canceled']
export const heldReservationStates: readonly ReservationState[] = ['pending', 'accepted', 'wrapping']
