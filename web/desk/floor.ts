/** Who is at the desk, how they are, and what waits around them. */
import { computed, signal } from '@preact/signals'
import type { PersonReply, Presence, QueueReply, WorkerReply } from '../../src/client/index.ts'

export interface Place {
  readonly state: Presence
  readonly taken: number
  readonly capacity: number
}

export const person = signal<PersonReply | null>(null)
export const place = signal<Place>({ state: 'offline', taken: 0, capacity: 0 })
export const queues = signal<readonly QueueReply[]>([])
export const workers = signal<readonly WorkerReply[]>([])

/** Supervisors see every conversation, and may hand over and resolve those of others. */
export const isSupervisor = computed(() => person.value?.role === 'supervisor' || person.value?.role === 'admin')

export function queueOf(name: string | null): QueueReply | null {
  return queues.value.find((queue) => queue.name === name) ?? null
}

/** `You`, a colleague's name, or the id of somebody who is not known here. */
export function workerName(id: string): string {
  if (id === person.value?.id) return 'You'
  return workers.value.find((worker) => worker.id === id)?.name ?? id
}
