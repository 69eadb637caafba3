import { useSyncExternalStore } from 'react'

/** Where the console is served. */
const BASE = '/console'

const CHANGED = 'console:navigated'

/** The address below `/console`, with its query. */
function current(): string {
  return `${location.pathname.slice(BASE.length)}${location.search}` || '/'
}

function subscribe(changed: () => void): () => void {
  addEventListener('popstate', changed)
  addEventListener(CHANGED, changed)
  return () => {
    removeEventListener('popstate', changed)
    removeEventListener(CHANGED, changed)
  }
}

export interface Place {
  /** The parts of the path, decoded. */
  parts: string[]
  query: URLSearchParams
}

export function usePlace(): Place {
  return placeOf(useSyncExternalStore(subscribe, current))
}

/** @param address below `/console`. Default: the current one */
export function placeOf(address = current()): Place {
  const [path = '', query] = address.split('?')
  return { parts: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query) }
}

/** A part of the path. One that no page has written stays as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** @param replace changes the address without a new entry in the history */
export function navigate(to: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', `${BASE}${to}`)
  dispatchEvent(new Event(CHANGED))
  if (!replace) scrollTo(0, 0)
}

/** Changes parameters of the query. Empty ones are removed. */
export function setQuery(values: Readonly<Record<string, string>>): void {
  const query = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(values)) {
    if (value === '') query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  navigate(`${location.pathname.slice(BASE.length)}${text === '' ? '' : `?${text}`}`, { replace: true })
}

/** The `href` of a page. */
export function hrefOf(to: string): string {
  return `${BASE}${to}`
}
