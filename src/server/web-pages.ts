/** The built pages: the console at `/` and its own routes, the demo page at `/demo`, and their hashed assets. */
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BattutaError } from '../base/index.ts'
import { packageRoot } from './package-root.ts'

/** The console keeps its view in the URL, so each of these must open it. */
const consolePaths = ['/', '/decisions', '/decisions/*', '/customers', '/customers/*']

export function webPages(fastify: FastifyInstance, folder: string = join(packageRoot, 'dist', 'web')): void {
  // Assets carry a hash of their content in their name; pages name the assets, so they are asked for anew each time.
  fastify.register(fastifyStatic, { root: join(folder, 'assets'), prefix: '/assets/', immutable: true, maxAge: '1y', index: false, decorateReply: true })
  const page = (paths: readonly string[], file: string): void => {
    for (const path of paths) {
      fastify.get(path, async (_request, reply) => {
        if (!existsSync(join(folder, file))) throw new BattutaError('NOT_FOUND', 'the pages are not built: run `npm run build`')
        return reply.header('cache-control', 'no-cache').sendFile(file, folder, { cacheControl: false })
      })
    }
  }
  page(consolePaths, 'index.html')
  page(['/demo'], 'demo.html')
}
