import {
  type ByteRange,
  type ByteSearch,
  combineSearches,
  createByteSearch,
  mergeRanges,
  redactedParts,
  SearchBudget,
} from './byte-search.ts'
import { searchEscaped } from './escaped-search.ts'

/** Shorter secrets occur in ordinary text by chance. */
export const MIN_SECRET_LENGTH = 4

/** Shorter sequences of base64 occur by chance. */
const MIN_BASE64_CORE = 6

/** How much of a text is looked at, in UTF-16 units. Longer than any text that is kept. */
const MAX_LENGTH = 20_000

/** Makes texts of third parties fit to be stored and shown. */
export interface TextRedactor {
  /** Whether one of the secrets is in a text, which must not contain control characters or lone surrogates. */
  finds(text: string): boolean
  /**
   * The text as one line without control characters, of at most `maxLength` UTF-16 units (default 500), with `[redacted]` in place
   * of each secret. Only the first 20,000 units, or `maxLength` if that is more, are looked at.
   */
  redact(text: string, maxLength?: number): string
  /** A redactor of the secrets of both. */
  and(other: TextRedactor): TextRedactor
  /** Memory in bytes, approximately. */
  readonly size: number
  /** For the forms of the secrets that are not escaped. */
  readonly searches: { plain: ByteSearch; base64: ByteSearch }
}

/**
 * Finds a secret as it is and in base64 (alone, or inside a longer value such as `Basic …`), also where any of the characters are
 * escaped for URLs, HTML, JSON or JavaScript. Secrets of fewer than 4 characters are ignored.
 */
export function createTextRedactor(secrets: Iterable<string>): TextRedactor {
  const plain = new Set<string>()
  const base64 = new Set<string>()
  for (const secret of new Set(secrets)) {
    if (secret.length < MIN_SECRET_LENGTH) continue
    for (const form of plainForms(secret)) plain.add(form)
    for (const core of base64Cores(secret)) base64.add(core)
  }
  const bytesOf = (forms: Set<string>) => [...forms].map((form) => Buffer.from(form))
  return redactorBy({ plain: createByteSearch(bytesOf(plain)), base64: createByteSearch(bytesOf(base64)) })
}

function redactorBy(searches: TextRedactor['searches']): TextRedactor {
  const [plain, base64] = [searchEscaped(searches.plain), searchEscaped(searches.base64)]
  const longest = Math.max(plain.longest, base64.longest)
  return {
    searches,
    size: plain.size + base64.size,
    finds(text) {
      if (longest === 0) return false
      const bytes = Buffer.from(text)
      const budget = new SearchBudget()
      return plain.finds(bytes, budget) || base64.finds(bytes, budget)
    },
    redact(text, maxLength = 500) {
      const shown = Math.max(MAX_LENGTH, maxLength + 1)
      const reach = shown + longest
      // Cut before the search, whose time depends on the length. What could be the beginning of a secret that was cut in two is
      // not shown. Control characters that are removed count for as much as the rest.
      const cleaned = clean(text.slice(0, 2 * reach)).slice(0, reach)
      const complete = text.length <= 2 * reach && cleaned.length < reach
      const end = complete ? cleaned.length : Math.max(0, cleaned.length - longest)
      const bytes = Buffer.from(cleaned)
      const endByte = complete ? bytes.length : Buffer.byteLength(cleaned.slice(0, end))
      const ranges = rangesOf(bytes, plain, base64).filter(({ start }) => start < endByte)
      const redacted = Buffer.concat(redactedParts(bytes, ranges, 0, endByte)).toString()
      return cut(complete ? redacted : `${redacted}…`, maxLength)
    },
    and: (other) =>
      redactorBy({
        plain: combineSearches([searches.plain, other.searches.plain]),
        base64: combineSearches([searches.base64, other.searches.base64]),
      }),
  }
}

/** `createTextRedactor(secrets).redact(text, maxLength)`. */
export function redactSecrets(text: string, secrets: Iterable<string>, maxLength = 500): string {
  return createTextRedactor(secrets).redact(text, maxLength)
}

/** Searches the original text for every form, so that no replacement can hide or break another secret. */
function rangesOf(bytes: Buffer, plain: ByteSearch, base64: ByteSearch): ByteRange[] {
  const budget = new SearchBudget()
  return mergeRanges([plain.ranges(bytes, 0, budget), grown(bytes, base64.ranges(bytes, 0, budget))])
}

/** Extends each range on both sides by the base64 characters around it, and by the padding after it. */
function grown(bytes: Buffer, ranges: readonly ByteRange[]): ByteRange[] {
  const result: ByteRange[] = []
  let done = 0
  for (const range of ranges) {
    let { start } = range
    let end = Math.max(range.end, done)
    while (start > done && isBase64(bytes[start - 1])) start -= 1
    while (isBase64(bytes[end])) end += 1
    end += /^(=|%3d)*/i.exec(bytes.toString('latin1', end, end + 6))?.[0].length ?? 0
    result.push({ start, end })
    done = end
  }
  return result
}

/** The forms of a secret in a cleaned text. One with control characters is for where they are escaped. */
function plainForms(secret: string): Set<string> {
  const forms = [...textForms(secret)].map(clean)
  return new Set([secret.toWellFormed(), ...forms].filter((form) => form.length >= MIN_SECRET_LENGTH))
}

/**
 * A secret as it is, URL-encoded (also as a part of a path), escaped for JSON as usual libraries do, and escaped for HTML.
 * `searchEscaped` finds these and others, but not where a secret follows a part of an escape, such as `2F…` after `%`. The most usual
 * forms are found there too.
 */
function textForms(secret: string): Set<string> {
  const wellFormed = secret.toWellFormed()
  const uri = encodeURIComponent(wellFormed)
  const strictUri = uri.replace(/[!'()*]/g, percent)
  const formUri = new URLSearchParams([['', wellFormed]]).toString().slice(1)
  const json = JSON.stringify(wellFormed).slice(1, -1)
  const html = wellFormed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const pathUri = encodeURI(wellFormed).replace(/[?#]/g, encodeURIComponent)
  const forms = [wellFormed, uri, strictUri, formUri, pathUri, html]
  forms.push(...[uri, strictUri, formUri, pathUri].map(lowerCaseEscapes))
  // Escaped besides what JSON requires: nothing, or what could end a script element (Go, Rails), or also + and quotes (.NET).
  for (const further of [/(?!)/g, /[<>&]/g, /[<>&'+`]|\\"/g]) {
    const escaped = json.replace(further, unicodeEscape)
    for (const slashes of [escaped, escaped.replaceAll('/', '\\/')]) {
      const ascii = slashes.replace(/[^ -~]/g, unicodeEscape)
      forms.push(slashes, ascii, upperCaseEscapes(slashes), upperCaseEscapes(ascii))
    }
  }
  for (const quote of ['&quot;', '&#34;']) {
    for (const single of ['&#39;', '&#x27;']) forms.push(html.replaceAll('"', quote).replaceAll("'", single))
  }
  return new Set(forms)
}

/**
 * The bytes of the secrets as they are, in their usual forms, and in base64, without those of secrets that are shorter than `minLength`
 * bytes of UTF-8. Control characters stay as they are.
 */
export function secretForms(secrets: Iterable<string>, minLength: number): Buffer[] {
  const forms = new Set<string>()
  for (const secret of secrets) {
    if (Buffer.byteLength(secret) < minLength) continue
    for (const form of textForms(secret)) forms.add(form)
    for (const core of base64Cores(secret)) forms.add(core)
    // Encoded alone, with the last character, which holds a few bits of the secret only.
    for (const encoded of [Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('base64url')]) {
      forms.add(encoded).add(encoded.replace(/=+$/, ''))
    }
  }
  return [...forms].map((form) => Buffer.from(form))
}

/**
 * The base64 characters that depend on the secret alone, for each of the three alignments that it can have among surrounding
 * bytes, in both alphabets and URL-encoded.
 */
function* base64Cores(secret: string): Generator<string> {
  const bytes = Buffer.from(secret.toWellFormed())
  for (const before of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(before), bytes])
    const core = padded.toString('base64url').slice(Math.ceil((before * 8) / 6), Math.floor((padded.length * 8) / 6))
    if (core.length < MIN_BASE64_CORE) continue
    const standard = core.replaceAll('-', '+').replaceAll('_', '/')
    const escaped = encodeURIComponent(standard)
    yield* new Set([core, standard, escaped, lowerCaseEscapes(escaped)])
  }
}

/** Replaces line breaks and tabs by spaces and lone surrogates by U+FFFD, and removes other control characters. */
function clean(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\t\n\r]+/g, ' ')
    .replace(/\p{Cc}/gu, '')
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const head = text.slice(0, Math.max(0, maxLength - 1))
  return `${head.isWellFormed() ? head : head.slice(0, -1)}…`.slice(0, maxLength)
}

function isBase64(byte: number | undefined): boolean {
  return byte !== undefined && /[A-Za-z0-9+/_-]/.test(String.fromCharCode(byte))
}

function percent(unit: string): string {
  return `%${unit.charCodeAt(0).toString(16).toUpperCase()}`
}

function lowerCaseEscapes(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (escaped) => escaped.toLowerCase())
}

/** @param text one UTF-16 unit, or a quote with the backslash before it */
function unicodeEscape(text: string): string {
  return `\\u${text
    .charCodeAt(text.length - 1)
    .toString(16)
    .padStart(4, '0')}`
}

function upperCaseEscapes(text: string): string {
  return text.replace(/\\u([0-9a-f]{4})/g, (_, digits: string) => `\\u${digits.toUpperCase()}`)
}
