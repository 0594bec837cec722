import type { CustomerReply } from '../../../src/client/index.ts'
import { actWords, Mark } from '../../shared/mark.tsx'
import { Panel } from '../panel.tsx'

export function ConversationPanel({ conversation }: { conversation: CustomerReply['conversation'] }) {
  return (
    <Panel title="Conversation" note={conversation ? 'open' : 'none open'}>
      {conversation ? (
        <dl class="panel-body facts small">
          <div>
            <dt>Owner</dt>
            <dd>
              {conversation.owner ? (
                <>
                  <Mark of={conversation.owner} /> {actWords[conversation.owner]}
                </>
              ) : (
                'nobody yet'
              )}
            </dd>
          </div>
          <div>
            <dt>Epoch</dt>
            <dd>{conversation.epoch}</dd>
          </div>
          <div>
            <dt>Messages</dt>
            <dd>{conversation.messages}</dd>
          </div>
          <div>
            <dt>Id</dt>
            <dd>
              <code>{conversation.id}</code>
            </dd>
          </div>
        </dl>
      ) : (
        <p class="panel-body small dim">This customer is not talking with anybody. A message opens a conversation.</p>
      )}
    </Panel>
  )
}
