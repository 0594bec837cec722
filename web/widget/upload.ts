/** One file to `POST /v1/chat/attachments`. By XMLHttpRequest, since `fetch` does not tell how far it is. */
import { BattutaClientError } from '../../src/client/index.ts'
import type { Attachment } from '../../src/client/index.ts'

export interface Upload {
  /** Rejects with `UNREACHABLE`, or with what the server refused. Never settles once cancelled. */
  readonly done: Promise<Attachment>
  readonly cancel: () => void
}

/** @param progress called with the share that is up, 0 to 1 */
export function upload(server: string, token: string, file: File, type: string, progress: (share: number) => void): Upload {
  const request = new XMLHttpRequest()
  const done = new Promise<Attachment>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => progress(total === 0 ? 0 : loaded / total)
    request.onload = () => {
      const reply = request.response as (Attachment & { code?: string; detail?: string; retryAfterMs?: number }) | null
      if (request.status < 300 && reply) resolve(reply)
      else reject(new BattutaClientError(reply?.code ?? 'REPLY_UNREADABLE', reply?.detail ?? '', { status: request.status, retryAfterMs: reply?.retryAfterMs }))
    }
    request.onerror = () => reject(new BattutaClientError('UNREACHABLE', 'The upload was interrupted.'))
  })
  request.open('POST', `${server}/v1/chat/attachments?name=${encodeURIComponent(file.name)}`)
  request.responseType = 'json'
  request.setRequestHeader('authorization', `Bearer ${token}`)
  request.setRequestHeader('content-type', type)
  request.send(file)
  return { done, cancel: () => request.abort() }
}
