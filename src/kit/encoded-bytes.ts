const PATTERNS = {
  hex: /^(?:[0-9a-f]{2})+$/i,
  /** Also with the letters of base64url, and without the padding. */
  base64: /^(?:[\w+/-]{4})*(?:[\w+/-]{4}|[\w+/-]{3}=?|[\w+/-]{2}(?:==)?)$/,
}

/** The bytes that a text stands for; null unless the whole text is written so. `Buffer.from` ignores what it cannot read. */
export function encodedBytes(text: string, encoding: 'hex' | 'base64'): Buffer | null {
  return PATTERNS[encoding].test(text) ? Buffer.from(text, encoding) : null
}
