/**
 * Finds where a text stops being JSON (RFC 8259). JSON.parse knows, but says so only in some of its messages, and in
 * the others quotes the text, which may hold secrets. Runs on texts that JSON.parse has refused, so speed is no matter.
 */

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const WORDS = ['true', 'false', 'null']

type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing'

/** The offset, in UTF-16 units, of the first character that cannot be there; the text's length when it ends too early. */
export function syntaxErrorPosition(text: string): number {
  const closers: string[] = []
  let expected: Expected = 'value'
  let at = 0

  const afterValue = (): Expected => (closers.length === 0 ? 'nothing' : 'comma or end')

  for (;;) {
    while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1
    if (at >= text.length) return text.length
    const char = text.charAt(at)

    if (expected.endsWith('or end') && char === closers.at(-1)) {
      closers.pop()
      expected = afterValue()
      at += 1
    } else if (expected === 'comma or end' && char === ',') {
      expected = closers.at(-1) === '}' ? 'key' : 'value'
      at += 1
    } else if (expected === 'colon' && char === ':') {
      expected = 'value'
      at += 1
    } else if (expected.startsWith('key') && char === '"') {
      const end = endOfString(text, at)
      if (!end.complete) return end.at
      at = end.at
      expected = 'colon'
    } else if (expected.startsWith('value') && (char === '[' || char === '{')) {
      closers.push(char === '[' ? ']' : '}')
      expected = char === '[' ? 'value or end' : 'key or end'
      at += 1
    } else if (expected.startsWith('value')) {
      const end = char === '"' ? endOfString(text, at) : endOfScalar(text, at)
      if (!end.complete) return end.at
      at = end.at
      expected = afterValue()
    } else {
      return at
    }
  }
}

/** `at` is the offset after the token when it is complete, and the offset of what is wrong when it is not. */
interface TokenEnd {
  at: number
  complete: boolean
}

function endOfString(text: string, start: number): TokenEnd {
  let at = start + 1
  while (at < text.length) {
    const char = text.charAt(at)
    if (char === '"') return { at: at + 1, complete: true }
    if (char < ' ') return { at, complete: false }
    if (char === '\\') {
      ESCAPE.lastIndex = at
      const sequence = ESCAPE.exec(text)
      if (sequence === null) return { at, complete: false }
      at += sequence[0].length
    } else {
      at += 1
    }
  }
  return { at: text.length, complete: false }
}

function endOfScalar(text: string, start: number): TokenEnd {
  const word = WORDS.find((candidate) => candidate.startsWith(text.charAt(start)))
  if (word !== undefined) {
    let length = 0
    while (length < word.length && text.charAt(start + length) === word.charAt(length)) length += 1
    return { at: start + length, complete: length === word.length }
  }
  NUMBER.lastIndex = start
  const number = NUMBER.exec(text)
  return number === null ? { at: start, complete: false } : { at: start + number[0].length, complete: true }
}
