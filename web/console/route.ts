/** The address is the state: view, filters and selection. Pure, both ways. */

export interface DecisionFilters {
  readonly search: string
  readonly act: string
  readonly status: string
  readonly policy: string
  readonly customer: string
}

export type Route =
  /** `why` is the decision that is open over the stream. */
  | { readonly page: 'live'; readonly why: string | null }
  | { readonly page: 'decisions'; readonly id: string | null; readonly filters: DecisionFilters }
  /** `open` are the timeline's opened decisions' ids. */
  | { readonly page: 'customers'; readonly id: string | null; readonly open: string | null }
  | { readonly page: 'unknown'; readonly path: string }

const filterNames = ['search', 'act', 'status', 'policy', 'customer'] as const
export const noFilters: DecisionFilters = { search: '', act: '', status: '', policy: '', customer: '' }

export function routeOf(address: string): Route {
  const url = new URL(address, 'http://console.invalid')
  const [page = '', rest = '', ...more] = url.pathname.split('/').slice(1)
  const id = rest === '' ? null : decoded(rest)
  const asked = (name: string) => url.searchParams.get(name)
  if (page === '' && more.length === 0) return { page: 'live', why: asked('why') }
  if (page === 'decisions' && more.length === 0) {
    const filters = { ...noFilters }
    for (const name of filterNames) Object.assign(filters, { [name]: asked(name) ?? '' })
    return { page, id, filters }
  }
  if (page === 'customers' && more.length === 0) return { page, id, open: asked('open') }
  return { page: 'unknown', path: url.pathname }
}

export function addressOf(route: Route): string {
  if (route.page === 'live') return `/${queryOf({ why: route.why })}`
  if (route.page === 'decisions') return `/decisions${segment(route.id)}${queryOf({ ...route.filters })}`
  if (route.page === 'customers') return `/customers${segment(route.id)}${queryOf({ open: route.open })}`
  return route.path
}

function segment(id: string | null): string {
  return id === null ? '' : `/${encodeURIComponent(id)}`
}

function queryOf(values: Record<string, string | null>): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null && entry[1] !== '')
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
