import { withPath } from '../catalog/definition/path.ts'
import type { Placement } from '../catalog/definition/placement.ts'
import { InvalidInputError } from '../kit/errors.ts'
import type { RequestDraft } from './request-draft.ts'

/** The request holds already what a credential would be put into. Names the place; never holds a value. */
export class PlacementConflictError extends InvalidInputError {
  constructor(placement: Placement, message: string) {
    const name = typeof placement.name === 'string' ? [placement.name] : placement.name.map(String)
    super([{ path: [placement.in, ...name], message }])
  }
}

/**
 * Puts a value into a request. Throws PlacementConflictError where the name is taken: headers without regard to case,
 * cookies, query and form by name, JSON by path; and where the body is of another kind.
 */
export function applyPlacement(draft: RequestDraft, placement: Placement, value: string): void {
  const full = withPrefix(placement, value)
  const problem = valueProblem(placement, full)
  if (problem !== undefined) throw new PlacementConflictError(placement, `The value ${problem}.`)
  if (placement.in === 'json') addJson(draft, placement, full)
  else if (placement.in === 'header') addHeader(draft, placement, full)
  else if (placement.in === 'cookie') addCookie(draft, placement, full)
  else if (placement.in === 'query') addQuery(draft, placement, full)
  else addForm(draft, placement, full)
}

/**
 * A header prefix that ends in a letter or digit is a scheme (`Bearer`, `Token`) and is followed by a space; every other
 * prefix (`Token token=`, `key-`) stands directly before the value.
 */
function withPrefix(placement: Placement, value: string): string {
  const prefix = placement.prefix ?? ''
  const scheme = placement.in === 'header' && /[A-Za-z0-9]$/.test(prefix)
  return `${prefix}${scheme ? ' ' : ''}${value}`
}

/** Why a value cannot stand in a place, to follow "the value": undefined when it can. */
export function valueProblem(placement: Placement, value: string): string | undefined {
  if (placement.in === 'header') {
    // RFC 9110 section 5.5, without its obsolete bytes above ASCII: servers do not agree on what those mean.
    if (!/^[\t\x20-\x7e]*$/.test(value)) return 'goes into a header: it may hold only printable ASCII'
  } else if (placement.in === 'cookie') {
    // RFC 6265 section 4.1.1, cookie-octet.
    if (!/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value)) {
      return 'goes into a cookie: it may hold only printable ASCII without spaces, quotes, commas, semicolons and backslashes'
    }
  } else if (!value.isWellFormed()) return 'is not well-formed Unicode'
  return undefined
}

type Flat = Extract<Placement, { name: string }>

function addHeader(draft: RequestDraft, placement: Flat, value: string): void {
  if (draft.headers.has(placement.name)) throw taken(placement, 'header')
  draft.headers.set(placement.name, value)
  draft.credentialHeaders.add(placement.name.toLowerCase())
}

function addCookie(draft: RequestDraft, placement: Flat, value: string): void {
  const cookies = (draft.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim())
  if (cookies.some((pair) => pair.split('=')[0]?.trim() === placement.name)) throw taken(placement, 'cookie')
  draft.headers.set('cookie', [...cookies, `${placement.name}=${value}`].filter((pair) => pair !== '').join('; '))
  draft.credentialHeaders.add('cookie')
}

/** The query that is there stays byte for byte: writing through `searchParams` would turn its %20 into +. */
function addQuery(draft: RequestDraft, placement: Flat, value: string): void {
  if (draft.url.searchParams.has(placement.name)) throw taken(placement, 'query parameter')
  const added = `${encodeURIComponent(placement.name)}=${encodeURIComponent(value)}`
  draft.url.search = draft.url.search.length > 1 ? `${draft.url.search}&${added}` : added
}

function addForm(draft: RequestDraft, placement: Flat, value: string): void {
  draft.body ??= { type: 'form', value: new URLSearchParams() }
  if (draft.body.type !== 'form') throw new PlacementConflictError(placement, 'The request has a body that is no form.')
  if (draft.body.value.has(placement.name)) throw taken(placement, 'form field')
  const form = new URLSearchParams(draft.body.value)
  form.append(placement.name, value)
  draft.body = { type: 'form', value: form }
}

function addJson(draft: RequestDraft, placement: Extract<Placement, { in: 'json' }>, value: string): void {
  if (draft.body !== undefined && draft.body.type !== 'json') {
    throw new PlacementConflictError(placement, 'The request has a body that is not JSON.')
  }
  if (Array.isArray(draft.body?.value) && typeof placement.name[0] === 'string') {
    throw new PlacementConflictError(
      placement,
      'The request has a JSON body that is no object; the credential goes there.',
    )
  }
  const merged = withPath(draft.body?.value, placement.name, value)
  if (merged === undefined) throw taken(placement, 'JSON property')
  draft.body = { type: 'json', value: merged.value }
}

function taken(placement: Placement, kind: string): PlacementConflictError {
  const name = typeof placement.name === 'string' ? placement.name : placement.name.join('.')
  return new PlacementConflictError(placement, `The ${kind} ${name} is taken already; the credential goes there.`)
}
