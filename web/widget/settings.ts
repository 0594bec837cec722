/** What the script tag says. The tag is all the configuration there is. */

export interface Settings {
  /** The server that the script came from, without a slash at its end. */
  readonly server: string
  /** Whose chat it is; stands in the header. */
  readonly name: string
  readonly accent: string
  /** Wished languages, best first. */
  readonly locales: readonly string[]
  readonly side: 'start' | 'end' | 'left' | 'right'
  /** Null follows the customer's system. */
  readonly theme: 'light' | 'dark' | null
}

const sides = ['start', 'end', 'left', 'right'] as const

/**
 * @param data the tag's `data-` attributes
 * @example
 * settingsOf('https://battuta.example/widget.js', { name: 'Harbour Bank', accent: '#12304d' }, ['en'])
 */
export function settingsOf(src: string, data: Readonly<Record<string, string | undefined>>, languages: readonly string[]): Settings {
  const server = new URL('.', src).href.replace(/\/$/, '')
  const { name, accent = '', locale, position, theme } = data
  return {
    server,
    name: name?.trim() || new URL(src).hostname,
    accent,
    locales: locale ? [locale, ...languages] : languages,
    side: sides.find((side) => side === position) ?? 'end',
    theme: theme === 'light' || theme === 'dark' ? theme : null,
  }
}
