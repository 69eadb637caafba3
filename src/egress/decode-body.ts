import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import { EgressError } from './egress-error.ts'

type Coding = 'gzip' | 'deflate' | 'br' | 'zstd'

/** The Accept-Encoding of requests. */
export const ACCEPT_ENCODING = 'gzip, deflate, br, zstd'

/** 485 bytes of gzip inside gzip decode to 200 MB. No legitimate server applies more than two codings. */
const MAX_CODINGS = 2

/** RFC 9659: zstd in HTTP uses a window of at most 8 MB. The library's own maximum is 128 MB. */
const ZSTD_WINDOW_LOG_MAX = 23

/** Reads a Content-Encoding header, in the order in which the codings were applied. @throws EgressError `bad_encoding` */
export function parseCodings(header: string | null, host: string): Coding[] {
  const codings: Coding[] = []
  for (const part of (header ?? '').split(',')) {
    const name = part.trim().toLowerCase()
    if (name === '' || name === 'identity') continue
    if (name === 'gzip' || name === 'x-gzip') codings.push('gzip')
    else if (name === 'deflate' || name === 'br' || name === 'zstd') codings.push(name)
    else throw new EgressError('bad_encoding', `The response of ${host} has an unknown Content-Encoding.`)
  }
  if (codings.length > MAX_CODINGS) {
    throw new EgressError('bad_encoding', `The response of ${host} is encoded more than ${MAX_CODINGS} times.`)
  }
  return codings
}

/**
 * Decodes a body as a stream. At most `maxBytes` pass each stage: the encoded bytes and the output of every decoder. One more
 * byte fails with EgressError `too_large` before it is passed on.
 */
export function decodeBody(
  source: AsyncIterable<Uint8Array>,
  codings: readonly Coding[],
  maxBytes: number,
  host: string,
): AsyncGenerator<Uint8Array> {
  let stage = capped(source, maxBytes, host)
  for (const coding of codings.toReversed()) stage = capped(decoded(stage, coding, host), maxBytes, host)
  return stage
}

async function* capped(source: AsyncIterable<Uint8Array>, maxBytes: number, host: string): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) throw tooLarge(maxBytes, host)
    yield chunk
  }
}

export function tooLarge(maxBytes: number, host: string): EgressError {
  return new EgressError('too_large', `The response of ${host} is longer than ${maxBytes} bytes.`)
}

async function* decoded(source: AsyncGenerator<Uint8Array>, coding: Coding, host: string): AsyncGenerator<Uint8Array> {
  const first = await source.next()
  // An empty body is valid with any Content-Encoding.
  if (first.done) return
  const decoder = createDecoder(coding, first.value)
  // The loop below receives the same failure and reports it.
  pipeline(prepend(first.value, source), decoder).catch(() => undefined)
  try {
    for await (const chunk of decoder) yield chunk
  } catch (cause) {
    if (cause instanceof EgressError) throw cause
    throw new EgressError('bad_encoding', `The response of ${host} is not valid ${coding}.`, { cause })
  }
}

async function* prepend(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first
  yield* rest
}

function createDecoder(coding: Coding, start: Uint8Array): Transform {
  switch (coding) {
    case 'gzip':
      return createGunzip()
    case 'br':
      return createBrotliDecompress()
    case 'zstd':
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } })
    case 'deflate':
      // Servers disagree on whether "deflate" has a zlib header. The low nibble of its first byte is 8 (RFC 1950).
      return ((start[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw()
  }
}
