/** `POST /v1/chat/sessions`: a token for the chat socket, for somebody new, somebody known by a JWT, or the token's own holder. */
import { BattutaError } from '../base/index.ts'
import type { ChatSession } from '../channels/index.ts'
import { anonymousSession, customerOfJwt, issueChatToken, newConversation } from './chat-token.ts'
import { visitorOf } from './entrance.ts'
import type { Entrance } from './entrance.ts'
import { bodyObject, textField } from './request-body.ts'
import { openBuckets } from './token-bucket.ts'

/** New tokens from one address. A shop behind one proxy needs the burst. */
const chatSessions = { burst: 300, perS: 5, of: 'chat sessions from one address' }
const jwtCharsMax = 8_192

export function chatSessionDoor(entrance: Entrance): void {
  const { house, places, open } = entrance
  const take = openBuckets(house.world, chatSessions)

  open('chatSession', async (request) => {
    const { vault } = house.parts()
    places.checkChatOrigin(request.headers)
    take(request.socket.remoteAddress ?? '')
    const body = bodyObject(request)
    let session: ChatSession
    if (body['jwt'] !== undefined) session = await known(customerOfJwt(house.world, house.config.chatSecret, textField(body, 'jwt', jwtCharsMax)))
    else session = (request.headers.authorization === undefined ? null : visitorOf(entrance, 'chatSession', request)?.chat) ?? anonymousSession(house.world)
    return { ...issueChatToken(house.world, vault.secret, session), conversation: session.conversation }
  })

  /** A known customer goes on in the conversation they have open. */
  const known = async (customer: string): Promise<ChatSession> => {
    const { conversation } = await house
      .parts()
      .runtime.customer(customer)
      .catch((error: unknown) => {
        if (error instanceof BattutaError && error.code === 'CUSTOMER_UNKNOWN') return { conversation: null }
        throw error
      })
    return { customer, conversation: conversation?.id ?? newConversation(house.world) }
  }
}
