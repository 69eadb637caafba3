const PLACEHOLDER = '[redacted]'

/** Shorter ones would blank half of every text, and are no secret to whoever can count. */
const MIN_SECRET_LENGTH = 4

/** Fewer characters of base64 occur by chance. */
const MIN_BASE64_CORE = 6

/**
 * A text of somebody else's (a provider's error, an HTML page), fit to be stored and shown: on one line, without control
 * characters, at most `maxLength` UTF-16 units, and with `[redacted]` in place of each of the given secrets, also where it
 * is in base64 (alone, or inside something longer such as `Basic …`), URL-encoded, or escaped for JSON or HTML. Secrets of
 * fewer than 4 characters are not looked for.
 */
export function redactSecrets(text: string, secrets: Iterable<string>, maxLength = 500): string {
  const cleaned = clean(text)
  // Cut last: a secret that is cut in two is not found.
  return cut(withoutRanges(cleaned, [...rangesOf(cleaned, secrets)]), maxLength)
}

/**
 * A quick look, for many texts: whether one of the secrets is in a text in one of the spellings that `redactSecrets` knows.
 * Texts with control characters or halves of surrogate pairs are not for it.
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

/** Looks for every form in the same text, so that no replacement can hide or break another secret. */
function* rangesOf(text: string, secrets: Iterable<string>): Generator<Range> {
  for (const secret of new Set(secrets)) {
    if (secret.length < MIN_SECRET_LENGTH) continue
    for (const form of plainForms(secret)) yield* occurrences(text, form)
    for (const core of base64Cores(secret)) yield* occurrences(text, core, isBase64)
  }
}

/** `grow`: take in the characters on both sides of a hit for which it is true. */
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

function plainForms(secret: string): Set<string> {
  const wellFormed = secret.toWellFormed()
  const uri = encodeURIComponent(wellFormed)
  const strictUri = uri.replace(/[!'()*]/g, percent)
  const formUri = new URLSearchParams([['', wellFormed]]).toString().slice(1)
  const json = JSON.stringify(wellFormed).slice(1, -1)
  const html = wellFormed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const forms = [wellFormed, uri, strictUri, formUri, json, json.replaceAll('/', '\\/'), html]
  forms.push(...[uri, strictUri, formUri].map(lowerCaseEscapes))
  forms.push(...[json, json.replaceAll('/', '\\/')].map((form) => form.replace(/[^ -~]/g, unicodeEscape)))
  for (const quote of ['&quot;', '&#34;']) {
    for (const single of ['&#39;', '&#x27;']) forms.push(html.replaceAll('"', quote).replaceAll("'", single))
  }
  return new Set(forms.map(clean).filter((form) => form.length >= MIN_SECRET_LENGTH))
}

/**
 * The characters of base64 that depend on the secret alone, for each of the three ways in which it can lie between the
 * bytes around it, in both alphabets and URL-encoded.
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

/** Line breaks and tabs become spaces, other control characters go, and halves of surrogate pairs become U+FFFD. */
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

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
