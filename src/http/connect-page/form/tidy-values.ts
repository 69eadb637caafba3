import { type Auth, loginStepsOf } from '../../../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../../../catalog/definition/definition.ts'
import { MatchBudget, matchesPattern } from '../../../catalog/definition/pattern.ts'
import type { CredentialField } from '../../../wire/credential-fields.ts'

// People paste what they have: an address from the browser into a field for a subdomain, or a key with its quotes. The value
// is cut to what the definition needs, where that is certain. A password is never cut, and no secret changes inside.

/** What the definition puts around a field in the URLs that it is part of. */
export type FieldPlace =
  /** `https://{{ input.subdomain }}.zendesk.com/api`: a part of the host. */
  | { kind: 'host'; before: string; after: string }
  /** `{{ input.url }}/api`: the beginning of the URL. `joined`: the definition continues with a slash. */
  | { kind: 'url'; joined: boolean }

/** `https://`, fixed text of the host, a field with or without a default, fixed text of the host, and a path or nothing. */
const IN_HOST =
  /^https?:\/\/([a-z0-9.-]*)\{\{\s*(?:input|config)(?:\.(\w+)|\['([^']+)'\])\s*(?:\|[^{}]*)?\}\}([a-z0-9.-]*)(?::\d+)?(?:[/?]|$)/i
const AT_START = /^\{\{\s*(?:input|config)(?:\.(\w+)|\['([^']+)'\])\s*(?:\|[^{}]*)?\}\}(\/|\?|$)/

/** The places of a definition's fields in its URLs, by the name of the field. */
export function placesOf({
  baseUrl,
  auth,
}: Pick<IntegrationDefinition, 'baseUrl' | 'auth'>): Map<string, FieldPlace[]> {
  const places = new Map<string, FieldPlace[]>()
  const add = (name: string, place: FieldPlace) => {
    const known = places.get(name) ?? []
    if (!known.some((each) => JSON.stringify(each) === JSON.stringify(place))) places.set(name, [...known, place])
  }
  for (const url of [baseUrl, ...urlsIn(auth)]) {
    const [, before = '', name, quoted, after = ''] = IN_HOST.exec(url) ?? []
    const inHost = name ?? quoted
    if (inHost !== undefined) add(inHost, { kind: 'host', before: before.toLowerCase(), after: after.toLowerCase() })
    const [, first, firstQuoted, next] = AT_START.exec(url) ?? []
    const atStart = first ?? firstQuoted
    if (atStart !== undefined) add(atStart, { kind: 'url', joined: next === '/' })
  }
  return places
}

/** The URL templates of an authentication: of its options, and of its login. */
function urlsIn(auth: Auth): string[] {
  switch (auth.type) {
    case 'selective':
      return auth.options.flatMap((option) => urlsIn(option.auth))
    case 'session_token':
      return loginStepsOf(auth).map(({ step }) => step.url)
    case 'oauth1':
      return [auth.requestTokenUrl ?? [], auth.authorizationUrl ?? [], auth.accessTokenUrl ?? []].flat()
    case 'oauth2':
      return [('authorizationUrl' in auth && auth.authorizationUrl) || [], auth.tokenUrl ?? []].flat()
    default:
      return []
  }
}

/** The fixed text around a field that people should see, such as `.zendesk.com`. Null: there is none, or it differs by URL. */
export function affixesOf(places: readonly FieldPlace[] = []): { before: string; after: string } | null {
  const hosts = places.flatMap((place) => (place.kind === 'host' ? [place] : []))
  const [first] = hosts
  if (first === undefined || hosts.some(({ before, after }) => before !== first.before || after !== first.after))
    return null
  const { before, after } = first
  return before === '' && after === '' ? null : { before, after }
}

interface TidyOptions {
  places?: readonly FieldPlace[] | undefined
  /** The value may have several lines, like a PEM key. Default: false */
  multiline?: boolean
}

/**
 * The value that is meant by what was entered. White space around it is removed, because no field accepts it. Text that the
 * definition adds itself is cut. Anything else changes only when the result matches the pattern of the field and the value
 * itself does not.
 */
export function tidyValue(
  field: CredentialField,
  entered: string,
  { places = [], multiline = false }: TidyOptions = {},
): string {
  // No field accepts it, so it is not read any further.
  if (entered.length > MAX_LENGTH) return entered
  const trimmed = entered.trim()
  // A PEM key may end with a line break.
  if (multiline) return entered.startsWith('-----BEGIN ') ? entered : trimmed
  if (trimmed === '' || isPassword(field) || field.choices !== undefined) return trimmed
  const value = withoutEnds(trimmed, INVISIBLE)
  const budget = new MatchBudget()
  const accepts = (text: string) =>
    text !== '' && (field.pattern === undefined || matchesPattern(field.pattern, text, budget) === 'yes')
  const bare = field.secret ? withoutQuotes(withoutPrefix(withoutQuotes(value))) : withoutQuotes(value)
  const meant = field.secret ? [] : places.flatMap((place) => partAt(bare, place))
  const isGiven = field.pattern !== undefined && accepts(value)
  return [...meant, ...(isGiven ? [value] : []), bare].find(accepts) ?? value
}

/** Quotes around a password, and words before it, may be a part of it. */
export function isPassword({ secret, name, label }: CredentialField): boolean {
  return secret && /pass|pwd|\bpin\b|kennwort/i.test(`${name} ${label}`)
}

/** A field accepts at most 16 KiB. */
const MAX_LENGTH = 16_384

const INVISIBLE = /[\u200b-\u200d\u2060]/

/** The text without the characters of a class at its ends. A pattern that ends in `+$` takes quadratic time. */
function withoutEnds(text: string, which: RegExp): string {
  let [from, to] = [0, text.length]
  while (from < to && which.test(text.charAt(from))) from += 1
  while (to > from && which.test(text.charAt(to - 1))) to -= 1
  return text.slice(from, to)
}

const QUOTES: readonly [string, string][] = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['„', '“'],
  ['‘', '’'],
  ['«', '»'],
]

function withoutQuotes(value: string): string {
  const pair = QUOTES.find(([open, close]) => value.length > 2 && value.startsWith(open) && value.endsWith(close))
  return pair === undefined ? value : value.slice(1, -1).trim()
}

/** `Authorization: Bearer abc` → `abc`. */
function withoutPrefix(value: string): string {
  return value.replace(/^authorization\s*:\s*/i, '').replace(/^bearer\s+/i, '')
}

/** The part of an entered address that belongs to a place; empty: the value is no such address. */
function partAt(value: string, place: FieldPlace): string[] {
  return place.kind === 'host' ? hostPart(value, place) : [withScheme(value, place.joined)]
}

/** `https://acme.zendesk.com/agent` → `acme`. */
function hostPart(value: string, { before, after }: Extract<FieldPlace, { kind: 'host' }>): string[] {
  const authority = value.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[/?#].*$/s, '')
  // The definition has the port.
  const host = before === '' && after === '' ? authority : authority.replace(/:\d+$/, '').replace(/\.$/, '')
  const plain = host.toLowerCase()
  const fits = plain.startsWith(before) && plain.endsWith(after) && host.length > before.length + after.length
  return fits ? [host.slice(before.length, host.length - after.length)] : []
}

/** `metabase.example.com/` → `https://metabase.example.com`. */
function withScheme(value: string, joined: boolean): string {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `https://${value}`
  if (!joined) return whole
  let to = whole.length
  while (whole.charAt(to - 1) === '/') to -= 1
  return whole.slice(0, to)
}
