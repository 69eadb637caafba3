/** A value that Python's `ast.literal_eval` makes of a text. Undefined: it makes none, so the text stays a text. */
export function pythonLiteral(text: string): { value: unknown } | undefined {
  // Most texts are names or sentences.
  if (!/^[\s\d.+\-'"([{TFN]/.test(text) || text.length > MAX_LENGTH) return undefined
  try {
    return { value: new LiteralReader(text.trim()).whole() }
  } catch (error) {
    if (error instanceof NoLiteral) return undefined
    throw error
  }
}

const MAX_LENGTH = 20_000
const MAX_DEPTH = 50

class NoLiteral extends Error {}

const constants: Readonly<Record<string, unknown>> = { True: true, False: false, None: null }

class LiteralReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): unknown {
    const value = this.#value(0)
    // Values with commas between them are a tuple, also without parentheses.
    const items = [value]
    while (this.#skips(',')) {
      if (this.#at === this.#text.length) break
      items.push(this.#value(0))
    }
    if (this.#at !== this.#text.length) throw new NoLiteral()
    return items.length > 1 || this.#text.endsWith(',') ? items : value
  }

  #value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new NoLiteral()
    if (this.#skips('[')) return this.#items(']', depth)
    if (this.#skips('(')) return this.#tuple(depth)
    if (this.#skips('{')) return this.#object(depth)
    const token = this.#match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/sy)
    if (token !== undefined) return unquoted(token)
    const number = this.#match(/[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y)
    if (number !== undefined) return numberIn(number)
    const word = this.#match(/True|False|None/y)
    if (word === undefined) throw new NoLiteral()
    return constants[word]
  }

  #items(end: string, depth: number): unknown[] {
    const items: unknown[] = []
    while (!this.#skips(end)) {
      items.push(this.#value(depth + 1))
      if (this.#skips(',')) continue
      if (!this.#skips(end)) throw new NoLiteral()
      break
    }
    return items
  }

  #tuple(depth: number): unknown {
    const before = this.#at
    const items = this.#items(')', depth)
    // Parentheses around one value without a comma mean nothing.
    const [only] = items
    return items.length === 1 && !/,\s*\)$/.test(this.#text.slice(before, this.#at)) ? only : items
  }

  #object(depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = []
    while (!this.#skips('}')) {
      const key = this.#value(depth + 1)
      if (typeof key === 'object' || !this.#skips(':')) throw new NoLiteral()
      entries.push([String(key), this.#value(depth + 1)])
      if (this.#skips(',')) continue
      if (!this.#skips('}')) throw new NoLiteral()
      break
    }
    return Object.fromEntries(entries)
  }

  #skips(token: string): boolean {
    const found = this.#text.startsWith(token, this.#at)
    if (found) this.#at += token.length
    if (found) this.#match(/\s*/y)
    return found
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? []
    if (found === undefined) return undefined
    this.#at += found.length
    if (found.trim() !== '') this.#match(/\s*/y)
    return found
  }
}

/** Python has no whole numbers with zeros before them. */
function numberIn(text: string): number {
  const number = Number(text)
  const isWhole = /^[+-]?\d+$/.test(text)
  if (!Number.isFinite(number) || (isWhole && (/^[+-]?0\d*[1-9]/.test(text) || !Number.isSafeInteger(number))))
    throw new NoLiteral()
  return number
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', "'": "'", '"': '"', '\\': '\\' }

function unquoted(token: string): string {
  return token.slice(1, -1).replaceAll(/\\(.)/gs, (all, letter: string) => {
    const meant = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
    if (/[xuUN0-7]/.test(letter)) throw new NoLiteral()
    return meant ?? all
  })
}
