/** The built pages: the console at `/` and its own routes, `/desk`, the demo page at `/demo`, their hashed assets, and the widget. */
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BattutaError } from '../base/index.ts'
import { packageRoot } from './package-root.ts'
import type { Places } from './places.ts'

/** Console and desk keep their view in the URL, so each of these must open them. */
const consolePaths = ['/', '/decisions', '/decisions/*', '/customers', '/customers/*']
const deskPaths = ['/desk', '/desk/*']
/** A page that has the widget on it asks again after five minutes, by its etag, and shows the old one while it asks. */
const widgetCaching = 'public, max-age=300, stale-while-revalidate=86400'

export function webPages(fastify: FastifyInstance, places: Pick<Places, 'isListed'>, folder: string = join(packageRoot, 'dist', 'web')): void {
  // Assets carry a hash of their content in their name; pages name the assets, so they are asked for anew each time.
  fastify.register(fastifyStatic, { root: join(folder, 'assets'), prefix: '/assets/', immutable: true, maxAge: '1y', index: false, decorateReply: true })
  const checkBuilt = (file: string): void => {
    if (!existsSync(join(folder, file))) throw new BattutaError('NOT_FOUND', 'the pages are not built: run `npm run build`')
  }
  const page = (paths: readonly string[], file: string): void => {
    for (const path of paths) {
      fastify.get(path, async (_request, reply) => {
        checkBuilt(file)
        return reply.header('cache-control', 'no-cache').sendFile(file, folder, { cacheControl: false })
      })
    }
  }
  page(consolePaths, 'index.html')
  page(deskPaths, 'desk.html')
  page(['/demo'], 'demo.html')

  fastify.get('/widget.js', async (request, reply) => {
    checkBuilt('widget.js')
    const { origin } = request.headers
    if (origin !== undefined && places.isListed(origin)) reply.header('access-control-allow-origin', origin)
    // Built in all three forms, so that nobody waits while it is packed.
    const form = forms.find(({ encoding, ending }) => accepts(request.headers['accept-encoding'], encoding) && existsSync(join(folder, `widget.js${ending}`)))
    if (form !== undefined) reply.header('content-encoding', form.encoding)
    // Told from its ending, the type of a packed form would be one that no browser runs.
    return reply
      .header('vary', 'origin, accept-encoding')
      .header('cache-control', widgetCaching)
      .header('cross-origin-resource-policy', 'cross-origin')
      .type('text/javascript; charset=utf-8')
      .sendFile(`widget.js${form?.ending ?? ''}`, folder, { cacheControl: false, acceptRanges: false, contentType: false })
  })
}

const forms = [
  { encoding: 'br', ending: '.br' },
  { encoding: 'gzip', ending: '.gz' },
] as const

/** Whether a browser takes the encoding; one with `q=0` it does not (RFC 9110, 12.5.3). */
function accepts(header: string | string[] | undefined, encoding: string): boolean {
  const taken = String(header ?? '')
    .split(',')
    .find((part) => part.split(';')[0]?.trim() === encoding)
  return taken !== undefined && !/;\s*q=0(?:\.0*)?\s*$/.test(taken)
}
