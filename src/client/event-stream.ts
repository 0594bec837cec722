/** Reads `text/event-stream` as it arrives, in pieces of any size (WHATWG HTML, section 9.2, without `id` and `retry`). */

export interface StreamedEvent {
  readonly event: string
  readonly data: string
}

/** A frame longer than this is not one of ours: the stream is dropped instead of filling the memory. */
const frameCharsMax = 4 * 1024 * 1024

/**
 * Returns a function that takes the next piece of text and gives back the events it completed.
 * @example
 * const read = eventStreamReader()
 * read('event: second\ndata: {"at"')  // []
 * read(':1}\n\n')                     // [{ event: 'second', data: '{"at":1}' }]
 */
export function eventStreamReader(): (piece: string) => StreamedEvent[] {
  let rest = ''
  let event = ''
  let data: string[] = []
  return (piece) => {
    rest += piece
    if (rest.length > frameCharsMax) throw new RangeError(`a line of the event stream is over ${frameCharsMax} characters`)
    const done: StreamedEvent[] = []
    // A trailing \r may be half of \r\n, so it stays until the next piece shows.
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) done.push({ event: event || 'message', data: data.join('\n') })
        event = ''
        data = []
        continue
      }
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'event') event = value
      if (field === 'data') data.push(value)
    }
    return done
  }
}
