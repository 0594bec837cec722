import type { ComponentChildren } from 'preact'
import type { WorkerReply } from '../../../src/client/index.ts'
import { person, queues, workers } from '../floor.ts'
import { PresenceMark } from '../presence-menu.tsx'
import { presenceWords, waited } from '../words.ts'

interface Choosing {
  readonly chosen: string | null
  readonly choose: (name: string) => void
}

export function QueueChoice({ chosen, choose }: Choosing) {
  return (
    <Choices legend="Queue" empty="This app has no queues.">
      {queues.value.map(({ name, team, waiting, longestWaitMs, workersAvailable }) => (
        <label>
          <input type="radio" name="queue" checked={chosen === name} onChange={() => choose(name)} />
          <b>{name}</b>
          <span class="dim">{team}</span>
          <span class="faint push">
            {waiting} waiting{waiting > 0 && `, longest ${waited(longestWaitMs)}`}, {workersAvailable} available
          </span>
        </label>
      ))}
    </Choices>
  )
}

/** Everybody but oneself; whoever is not there stands last and cannot be chosen. */
export function ColleagueChoice({ chosen, choose }: Choosing) {
  const others = workers.value.filter(({ id }) => id !== person.value?.id).sort((a, b) => Number(isThere(b)) - Number(isThere(a)))
  return (
    <Choices legend="Colleague" empty="Nobody else is known to routing yet.">
      {others.map((worker) => (
        <label class={isThere(worker) ? '' : 'is-off'}>
          <input type="radio" name="worker" disabled={!isThere(worker)} checked={chosen === worker.id} onChange={() => choose(worker.id)} />
          <PresenceMark state={isThere(worker) ? worker.presence : 'offline'} />
          <b>{worker.name}</b>
          <span class="dim">{worker.kind === 'webhook' ? 'another desk' : worker.skills.join(', ')}</span>
          <span class="faint push">
            {isThere(worker) ? presenceWords[worker.presence].toLowerCase() : 'offline'}, {worker.taken} of {worker.capacity} places taken
          </span>
        </label>
      ))}
    </Choices>
  )
}

function isThere({ presence, connected }: WorkerReply): boolean {
  return connected && presence !== 'offline'
}

function Choices({ legend, empty, children }: { legend: string; empty: string; children: readonly ComponentChildren[] }) {
  return (
    <fieldset class="choices">
      <legend>{legend}</legend>
      {children.length === 0 ? <p class="dim">{empty}</p> : children}
    </fieldset>
  )
}
