/** `POST /v1/chat/attachments` and `GET /v1/attachments/{id}`: files go in as they are, and come out for download only. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BattutaError, limits } from '../base/index.ts'
import type { Visitor } from './access.ts'
import { readerOf } from './access.ts'
import { refused } from './attachment-type.ts'
import { approach } from './conversation-access.ts'
import type { Entrance } from './entrance.ts'
import { mayDo, notThere } from './may.ts'
import type { House } from './parts.ts'
import { invalid, textQuery } from './request-body.ts'
import { openBuckets } from './token-bucket.ts'

/** Files from one address: a person with a scanner, not a script with a disk to fill. */
const files = { burst: 30, perS: 0.2, of: 'attachments from one address' }

export function attachmentDoors({ house, open }: Entrance): void {
  const take = openBuckets(house.world, files)

  open('attach', async (request, reply) => {
    const visitor = request.visitor!
    const query = request.query as Record<string, unknown>
    const conversation = await conversationOf(visitor, textQuery(query, 'conversation'), house)
    take(request.socket.remoteAddress ?? '')
    const bytes = request.body
    if (!Buffer.isBuffer(bytes)) throw refused('is empty: send the file as the body')
    const name = textQuery(query, 'name') ?? ''
    const by = visitor.chat?.customer ?? visitor.person?.id ?? 'service'
    const kept = await house.parts().attachments.keep({ conversation, name, contentType: request.headers['content-type'], bytes, by })
    return reply.code(201).send(kept)
  })
  open('attachment', (request, reply) => download(request, reply, house))
}

/** The conversation that the file is for: a chat token's own, or the one that is named. */
async function conversationOf(visitor: Visitor, named: string | undefined, house: House): Promise<string> {
  if (visitor.chat !== null) {
    if (named !== undefined && named !== visitor.chat.conversation) throw notThere(named)
    return visitor.chat.conversation
  }
  if (named === undefined) throw invalid('conversation', 'is missing: name it as ?conversation=')
  await approach(house, visitor, named, 'attach')
  return named
}

async function download(request: FastifyRequest, reply: FastifyReply, house: House): Promise<FastifyReply> {
  const { id } = request.params as { id: string }
  const { attachments } = house.parts()
  const row = id.length > limits.idCharsMax ? undefined : await attachments.find(id)
  if (row === undefined) throw noAttachment(id)
  await checkSight(request.visitor!, row.conversation, id, house)
  const handle = await attachments.open(row)
  return reply
    .header('content-type', row.type === 'text/plain' ? 'text/plain; charset=utf-8' : row.type)
    .header('content-length', row.bytes)
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeName(row.name)}`)
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('cache-control', 'private, no-store')
    .send(handle.createReadStream())
}

/** An attachment of a conversation that one may not see looks as if it were not there. */
async function checkSight(visitor: Visitor, conversation: string, id: string, house: House): Promise<void> {
  if (visitor.chat !== null) {
    if (visitor.chat.conversation !== conversation) throw noAttachment(id)
    return
  }
  // Keys and supervisors see all; a file may be there before the first message makes its conversation.
  if (mayDo(readerOf(visitor), 'none', 'see')) return
  await approach(house, visitor, conversation, 'see').catch((error: unknown) => {
    throw error instanceof BattutaError && error.code === 'CONVERSATION_UNKNOWN' ? noAttachment(id) : error
  })
}

function noAttachment(id: string): BattutaError {
  return new BattutaError('CONVERSATION_UNKNOWN', `there is no attachment ${JSON.stringify(id)} in a conversation of yours`)
}

/** RFC 8187: what encodeURIComponent leaves and an attr-char is not. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
