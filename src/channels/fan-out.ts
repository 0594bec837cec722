/** Several channels as one. */
import type { Channel } from './port.ts'

/**
 * Tells every channel, in order. A channel must not throw; one that does is reported, and the others hear all the same.
 * @example
 * const channel = fanOut([chat, desk, webhooks], (error) => console.error(error))
 */
export function fanOut(channels: readonly Channel[], failed: (error: unknown, channel: Channel) => void): Channel {
  const each = (tell: (channel: Channel) => void): void => {
    for (const channel of channels) {
      try {
        tell(channel)
      } catch (error) {
        failed(error, channel)
      }
    }
  }
  return {
    deliver: (delivery) => each((channel) => channel.deliver(delivery)),
    owner: (row) => each((channel) => channel.owner(row)),
    changed: (row) => each((channel) => channel.changed(row)),
    note: (conversation, note) => each((channel) => channel.note(conversation, note)),
    routed: (told) => each((channel) => channel.routed(told)),
    thinking: (conversation, epoch, on) => each((channel) => channel.thinking(conversation, epoch, on)),
  }
}
