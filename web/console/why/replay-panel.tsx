import type { BattutaClientError, ReplayReply } from '../../../src/client/index.ts'
import { value } from '../../shared/format.ts'
import { Icon } from '../../shared/icon.tsx'
import { Panel, Refusal } from '../panel.tsx'

export type Replay =
  | { readonly kind: 'none' }
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly reply: ReplayReply }
  | { readonly kind: 'failed'; readonly error: BattutaClientError }

/** The decision made again from what was recorded: equal, or where it differs. */
export function ReplayPanel({ replay, run }: { replay: Replay; run: () => void }) {
  if (replay.kind === 'failed') {
    return (
      <Refusal
        title="Not replayed"
        error={replay.error}
        action={
          <button class="dense" onClick={run}>
            Try again
          </button>
        }
      />
    )
  }
  return (
    <Panel title="Replay" note="clock, seed and values recorded" class="replay">
      <div class="panel-body small" role="status">
        {replay.kind === 'none' && <p class="dim">Replay runs the policy again on what was recorded here, and compares.</p>}
        {replay.kind === 'running' && <p class="dim">Replaying.</p>}
        {replay.kind === 'done' && <Result reply={replay.reply} />}
      </div>
    </Panel>
  )
}

function Result({ reply }: { reply: ReplayReply }) {
  const { differences } = reply
  return (
    <>
      <dl class="facts">
        <div>
          <dt>
            Recorded, <code>{reply.version.slice(0, 7)}</code>
          </dt>
          <dd>
            {reply.equal ? (
              <span class="row">
                <Icon name="check" /> equal, bit for bit
              </span>
            ) : (
              <b>
                {differences.length} {differences.length === 1 ? 'difference' : 'differences'}
              </b>
            )}
          </dd>
        </div>
      </dl>
      {!reply.equal && (
        <table class="step-table">
          <thead>
            <tr>
              <th scope="col">Where</th>
              <th scope="col" class="num">
                Recorded
              </th>
              <th scope="col" class="num">
                Replayed
              </th>
            </tr>
          </thead>
          <tbody>
            {differences.map(({ path, recorded, replayed }) => (
              <tr>
                <th scope="row" class="mono">
                  {path}
                </th>
                <td class="num">{value(recorded)}</td>
                <td class="num">→ {value(replayed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}
