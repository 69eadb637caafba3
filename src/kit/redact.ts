const PLACEHOLDER = '[redacted]'

/** Shorter secrets occur in ordinary text by chance. */
const MIN_SECRET_LENGTH = 4

/** Shorter sequences of base64 occur by chance. */
const MIN_BASE64_CORE = 6

/**
 * Makes a third party's text, such as a provider's error or an HTML page, fit to be stored and shown. The result is one line
 * without control characters, of at most `maxLength` UTF-16 units, with `[redacted]` in place of each given secret. A secret
 * is also found in base64 (alone, or inside a longer value such as `Basic …`), URL-encoded, and escaped for JSON or HTML.
 * Secrets of fewer than 4 characters are ignored.
 */
export function redactSecrets(text: string, secrets: Iterable<string>, maxLength = 500): string {
  const cleaned = clean(text)
  // Cut last: a secret that was cut in two would not be found.
  return cut(withoutRanges(cleaned, [...rangesOf(cleaned, secrets)]), maxLength)
}

/**
 * A fast check, for many texts, whether one of the secrets is in a text in one of the forms that `redactSecrets` finds. The
 * texts must not contain control characters or lone surrogates.
 */
export function createSecretFinder(secrets: Iterable<string>): (text: string) => boolean {
  const forms = new Set<string>()
  for (const secret of secrets) {
    if (secret.length < MIN_SECRET_LENGTH) continue
    for (const form of plainForms(secret)) forms.add(form)
    for (const core of base64Cores(secret)) forms.add(core)
  }
  const all = [...forms]
  return (text) => all.some((form) => text.includes(form))
}

interface Range {
  start: number
  end: number
}

/** Searches the original text for every form, so that no replacement can hide or break another secret. */
function* rangesOf(text: string, secrets: Iterable<string>): Generator<Range> {
  for (const secret of new Set(secrets)) {
    if (secret.length < MIN_SECRET_LENGTH) continue
    for (const form of plainForms(secret)) yield* occurrences(text, form)
    for (const core of base64Cores(secret)) yield* occurrences(text, core, isBase64)
  }
}

/** @param grow extends a match on both sides by the characters for which it is true */
function* occurrences(text: string, form: string, grow?: (unit: string) => boolean): Generator<Range> {
  for (let at = text.indexOf(form); at !== -1; ) {
    let start = at
    let end = at + form.length
    if (grow !== undefined) {
      while (start > 0 && grow(text.charAt(start - 1))) start -= 1
      while (end < text.length && grow(text.charAt(end))) end += 1
      end += /^(=|%3d)*/i.exec(text.slice(end, end + 6))?.[0].length ?? 0
    }
    yield { start, end }
    at = text.indexOf(form, end)
  }
}

/** The forms of a secret in a cleaned text. */
function plainForms(secret: string): Set<string> {
  return new Set([...textForms(secret)].map(clean).filter((form) => form.length >= MIN_SECRET_LENGTH))
}

/** A secret as it is, URL-encoded, escaped for JSON as usual libraries do, and escaped for HTML. */
function textForms(secret: string): Set<string> {
  const wellFormed = secret.toWellFormed()
  const uri = encodeURIComponent(wellFormed)
  const strictUri = uri.replace(/[!'()*]/g, percent)
  const formUri = new URLSearchParams([['', wellFormed]]).toString().slice(1)
  const json = JSON.stringify(wellFormed).slice(1, -1)
  const html = wellFormed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const forms = [wellFormed, uri, strictUri, formUri, html]
  forms.push(...[uri, strictUri, formUri].map(lowerCaseEscapes))
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
 * The bytes of every form of the secrets that `redactSecrets` finds in a text, without those of secrets that are shorter than
 * `minLength` bytes of UTF-8. Unlike there, control characters stay as they are.
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

function withoutRanges(text: string, ranges: Range[]): string {
  ranges.sort((a, b) => a.start - b.start)
  let result = ''
  let done = 0
  for (const { start, end } of ranges) {
    if (start >= done) result += text.slice(done, start) + PLACEHOLDER
    done = Math.max(done, end)
  }
  return result + text.slice(done)
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

function isBase64(unit: string): boolean {
  return /[A-Za-z0-9+/_-]/.test(unit)
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
