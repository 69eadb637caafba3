/**
 * RFC 9110 section 10.2.3: seconds, or a date.
 * @returns milliseconds; undefined: there is none that can be read
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000)
  const at = /^[A-Za-z]{3},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}

/** GitHub, GitLab, SendGrid and many more; Okta and X; draft-ietf-httpapi-ratelimit-headers up to its version 7. */
const PREFIXES = ['x-ratelimit-', 'x-rate-limit-', 'ratelimit-']

/**
 * How long an answer that refuses more requests asks to wait: Retry-After, else until the window ends of which nothing
 * remains. That is told in seconds from now, or since 1970 by the provider's clock, in milliseconds too.
 * @returns milliseconds; undefined: it does not say
 */
export function parseRateLimitWait(headers: Headers, nowMs: number): number | undefined {
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), nowMs)
  if (retryAfterMs !== undefined) return retryAfterMs
  for (const prefix of PREFIXES) {
    const reset = headers.get(`${prefix}reset`)?.trim() ?? ''
    if (headers.get(`${prefix}remaining`)?.trim() !== '0' || !/^\d{1,13}(\.\d+)?$/.test(reset)) continue
    const told = Number(reset)
    if (told < 1e9) return Math.ceil(told * 1000)
    const theirNowMs = Date.parse(headers.get('date') ?? '')
    const waitMs = (told < 1e12 ? told * 1000 : told) - (Number.isNaN(theirNowMs) ? nowMs : theirNowMs)
    return Math.max(0, Math.ceil(waitMs))
  }
  return undefined
}
