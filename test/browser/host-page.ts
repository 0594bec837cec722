/** Somebody else's page with the widget on it: another origin, with styles and a policy of its own. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HostPage {
  readonly url: string
  /** What the next visitor gets. `policy` is its content security policy. */
  show(page: { readonly tag?: string; readonly head?: string; readonly body?: string; readonly policy?: string }): void
  close(): Promise<void>
}

const bodyDefault = '<main><h1>A shop</h1><p><button id="before">Before</button></p></main>'

/** @param server where `widget.js` comes from */
export async function openHostPage(server: string): Promise<HostPage> {
  let page = ''
  let policy: string | undefined
  const host = createServer((request, response) => {
    if (request.url !== '/') return void response.writeHead(204).end()
    response.setHeader('content-type', 'text/html; charset=utf-8')
    if (policy !== undefined) response.setHeader('content-security-policy', policy)
    response.end(page)
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(host.address() as AddressInfo).port}`,
    show({ tag = 'data-name="Harbour Bank" data-locale="en"', head = '', body = bodyDefault, policy: wanted }) {
      policy = wanted
      page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A shop</title>${head}<script src="${server}/widget.js" ${tag} async></script></head><body>${body}</body></html>`
    },
    close: () =>
      new Promise((resolve) => {
        host.closeAllConnections()
        host.close(() => resolve())
      }),
  }
}
