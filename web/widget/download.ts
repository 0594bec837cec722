/** A file out of the conversation, onto the customer's disk. By `fetch`, since a link could not carry the token. */
import type { Attachment } from '../../src/client/index.ts'
import type { Session } from './session.ts'

/** The browser has taken the file over by then. */
const takenMsMax = 60_000

/** Rejects with what the server refused, or `UNREACHABLE`. */
export async function download(session: Session, { id, name }: Attachment): Promise<void> {
  const requester = await session.requester()
  const reply = await requester.open('GET', `/v1/attachments/${encodeURIComponent(id)}`)
  const address = URL.createObjectURL(await reply.blob())
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), takenMsMax)
}
