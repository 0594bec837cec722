/** The desk's own strokes on a 16 px grid: channels, and verbs that no other surface has. */
const paths = {
  chat: 'M2.5 3.5h11v7.5h-6L4.5 13.5V11h-2z',
  mail: 'M2.5 4h11v8h-11zM2.5 4.5l5.5 4.5 5.5-4.5',
  sms: 'M4.5 2h7v12h-7zM7 11.8h2',
  app: 'M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z',
  voice: 'M3 2.8c0 5.5 4.7 10.2 10.2 10.2V10.4l-3-1.1-1.5 1.5A8 8 0 0 1 5.2 7.3l1.5-1.5-1.1-3z',
  card: 'M2 4h12v8.5H2zM2 7h12M4.5 10h2.5',
  note: 'M3.5 2.5h9v11h-9zM6 5.5h4M6 8h4M6 10.5h2',
  swap: 'M3 5.5h9M9.5 3L12 5.5 9.5 8M13 10.5H4M6.5 8L4 10.5 6.5 13',
  clip: 'M11.5 6.5l-4.3 4.3a1.8 1.8 0 0 1-2.6-2.6l5-5a2.8 2.8 0 0 1 4 4l-5.2 5.2',
  down: 'M4 6.5l4 4 4-4',
  up: 'M4 9.5l4-4 4 4',
}

export type GlyphName = keyof typeof paths

export function Glyph({ name }: { name: GlyphName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}

const channelGlyphs: Readonly<Record<string, GlyphName>> = {
  chat: 'chat',
  web: 'chat',
  email: 'mail',
  mail: 'mail',
  sms: 'sms',
  whatsapp: 'sms',
  app: 'app',
  voice: 'voice',
}

/** A channel's own sign; a webhook's is that of an app. */
export function channelGlyph(channel: string): GlyphName {
  return channelGlyphs[channel] ?? 'app'
}
