/** A way to a server that is cut at the worst moments: around a COMMIT, before it arrived, after its answer, or in between. */
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { seededChance } from '../../src/base/index.ts'

const commit = Buffer.from('COMMIT\0')

export interface FlakyLink extends AsyncDisposable {
  /** The URL through it. */
  readonly url: string
  /** How often it was cut where. */
  readonly cuts: { before: number; after: number; between: number }
  /** One COMMIT in so many is met by a cut; 0 for none. */
  rarity: number
}

export async function flakyLink(to: string, chance: ReturnType<typeof seededChance>): Promise<FlakyLink> {
  const target = new URL(to)
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(target.port || 5432), target.hostname)
    let swallow = false
    const cut = (): void => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    near.on('data', (chunk) => {
      if (link.rarity === 0 || !chunk.includes(commit) || chance.below(link.rarity) > 0) return void far.write(chunk)
      const where = (['before', 'after', 'between'] as const)[chance.below(3)] ?? 'before'
      link.cuts[where]++
      if (where === 'before') cut()
      else if (where === 'after') {
        swallow = true
        far.write(chunk)
      } else far.write(chunk, cut)
    })
    far.on('data', (chunk) => {
      if (swallow) cut()
      else near.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const through = new URL(to)
  through.hostname = '127.0.0.1'
  through.port = String((server.address() as AddressInfo).port)
  const link: FlakyLink = {
    url: through.href,
    cuts: { before: 0, after: 0, between: 0 },
    rarity: 0,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
  return link
}
