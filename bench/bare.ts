/** The baseline of the HTTP benchmarks: node:http that reads a body and answers, and does nothing else. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(202, { 'content-type': 'application/json' })
    response.end('{"accepted":1}')
  })
})
let cpu = process.cpuUsage()
process.on('disconnect', () => process.exit(0))
process.on('message', (message) => {
  const used = process.cpuUsage(cpu)
  if (message === 'reset') cpu = process.cpuUsage()
  process.send?.(message === 'stop' ? 'stopping' : { cpuMs: (used.user + used.system) / 1000 }, () => {
    if (message === 'stop') process.exit(0)
  })
})
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
