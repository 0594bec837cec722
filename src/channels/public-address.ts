/** Which addresses are on the public internet: those that IANA's special-purpose registries (RFC 6890, as of 2024) leave. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** This network, private, shared (CGNAT), loopback, link-local, protocol, documentation, 6to4 relay, benchmarks, multicast, reserved. */
const notPublic4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
])
/** Global unicast; everything else is local, multicast, mapped or translated IPv4, or nobody's. */
const global6 = blockList('ipv6', ['2000::/3'])
/** Of it: protocol assignments with Teredo, documentation, 6to4. The tunnels among them lead to IPv4 addresses nobody checked. */
const notPublic6 = blockList('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])

export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic4.check(address, 'ipv4')
  if (!isIPv6(address) || address.includes('%')) return false
  return global6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6')
}

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [net = '', bits] = subnet.split('/')
    list.addSubnet(net, Number(bits), family)
  }
  return list
}
