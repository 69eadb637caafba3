import { withPath } from '../catalog/definition/path.ts'
import type { Placement } from '../catalog/definition/placement.ts'
import { InvalidInputError } from '../kit/errors.ts'
import type { RequestDraft } from './request-draft.ts'

/** The credential cannot be placed because the request already has a value there. Names the place, never a value. */
export class PlacementConflictError extends InvalidInputError {
  constructor(placement: Placement, message: string) {
    const name = typeof placement.name === 'string' ? [placement.name] : placement.name.map(String)
    super([{ path: [placement.in, ...name], message }])
  }
}

/**
 * Puts a value into a request.
 *
 * @throws PlacementConflictError when the name is taken (headers without regard to case; cookies, query and form by name;
 * JSON by path) or the body is of another kind
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
 * A header prefix that ends in a letter or digit is a scheme (`Bearer`, `Token`) and is followed by a space. Any other prefix
 * (`Token token=`, `key-`) is followed directly by the value.
 */
export function withPrefix(placement: Placement, value: string): string {
  const prefix = placement.prefix ?? ''
  const scheme = placement.in === 'header' && /[A-Za-z0-9]$/.test(prefix)
  return `${prefix}${scheme ? ' ' : ''}${value}`
}

/** Why a value cannot be put into a place, as the end of a sentence that begins with "The value"; undefined when it can. */
export function valueProblem(placement: Placement, value: string): string | undefined {
  if (placement.in === 'header') {
    // RFC 9110 section 5.5 without the obsolete bytes above ASCII, which servers interpret differently.
    if (!/^[\t\x20-\x7e]*$/.test(value)) return 'goes into a header and may contain only printable ASCII'
  } else if (placement.in === 'cookie') {
    // RFC 6265 section 4.1.1, cookie-octet.
    if (!/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value)) {
      return 'goes into a cookie and may contain only printable ASCII without spaces, quotes, commas, semicolons and backslashes'
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

/** Keeps the bytes of the existing query: `searchParams` would turn its %20 into +. */
function addQuery(draft: RequestDraft, placement: Flat, value: string): void {
  if (draft.url.searchParams.has(placement.name)) throw taken(placement, 'query parameter')
  const added = `${encodeURIComponent(placement.name)}=${encodeURIComponent(value)}`
  draft.url.search = draft.url.search.length > 1 ? `${draft.url.search}&${added}` : added
}

function addForm(draft: RequestDraft, placement: Flat, value: string): void {
  draft.body ??= { type: 'form', value: new URLSearchParams() }
  if (draft.body.type !== 'form')
    throw new PlacementConflictError(
      placement,
      'The credential goes into a form, but the body of the request is not a form.',
    )
  if (draft.body.value.has(placement.name)) throw taken(placement, 'form field')
  const form = new URLSearchParams(draft.body.value)
  form.append(placement.name, value)
  draft.body = { type: 'form', value: form }
}

function addJson(draft: RequestDraft, placement: Extract<Placement, { in: 'json' }>, value: string): void {
  if (draft.body !== undefined && draft.body.type !== 'json') {
    throw new PlacementConflictError(
      placement,
      'The credential goes into JSON, but the body of the request is not JSON.',
    )
  }
  if (Array.isArray(draft.body?.value) && typeof placement.name[0] === 'string') {
    throw new PlacementConflictError(
      placement,
      'The credential goes into a JSON object, but the JSON body of the request is not an object.',
    )
  }
  const merged = withPath(draft.body?.value, placement.name, value)
  if (merged === undefined) throw taken(placement, 'JSON property')
  draft.body = { type: 'json', value: merged.value }
}

function taken(placement: Placement, kind: string): PlacementConflictError {
  const name = typeof placement.name === 'string' ? placement.name : placement.name.join('.')
  return new PlacementConflictError(
    placement,
    `The request already has the ${kind} ${name}, which is reserved for the credential. Leave it out.`,
  )
}
