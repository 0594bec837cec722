/** The address is the state: which conversation, which list, which pane, what is searched for. Pure, both ways. */

export const lists = ['mine', 'queue', 'all'] as const
export type List = (typeof lists)[number]

/** Below 900 px one of them is seen; above, `context` says that the context is slid over. */
export const panes = ['inbox', 'conversation', 'context'] as const
export type Pane = (typeof panes)[number]

export interface Route {
  readonly conversation: string | null
  readonly list: List
  readonly pane: Pane
  readonly search: string
}

export const path = '/desk'

export function routeOf(address: string): Route {
  const { searchParams } = new URL(address, 'http://desk.invalid')
  const conversation = searchParams.get('conversation') || null
  return {
    conversation,
    list: lists.find((list) => list === searchParams.get('list')) ?? 'mine',
    pane: panes.find((pane) => pane === searchParams.get('pane')) ?? defaultPane(conversation),
    search: searchParams.get('search') ?? '',
  }
}

export function addressOf({ conversation, list, pane, search }: Route): string {
  const query = new URLSearchParams()
  if (list !== 'mine') query.set('list', list)
  if (conversation !== null) query.set('conversation', conversation)
  if (pane !== defaultPane(conversation)) query.set('pane', pane)
  if (search !== '') query.set('search', search)
  return query.size === 0 ? path : `${path}?${query.toString()}`
}

function defaultPane(conversation: string | null): Pane {
  return conversation === null ? 'inbox' : 'conversation'
}
