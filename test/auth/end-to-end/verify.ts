import { createHash, createHmac } from 'node:crypto'
import type { ProviderRequestSeen } from '../../support/provider-server.ts'

/** RFC 3986 section 2.3: everything but the unreserved characters. */
function percent(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      return /[A-Za-z0-9\-._~]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

const byCode = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** The Authorization header that RFC 5849 requires for a request without a form. Undefined when the request has no such header. */
export function isOAuth1(
  { method, url, headers }: ProviderRequestSeen,
  consumerSecret: string,
  tokenSecret: string,
): boolean {
  const [scheme, ...rest] = (headers.authorization ?? '').split(' ')
  const given = new Map(
    rest
      .join(' ')
      .split(/,\s*/)
      .map((pair) => {
        const [name = '', value = ''] = pair.split('=')
        return [name, decodeURIComponent(value.replaceAll('"', ''))]
      }),
  )
  const signature = given.get('oauth_signature')
  given.delete('oauth_signature')
  // Section 3.4.1.3: encode first, then sort by name and value.
  const parameters = [...given, ...url.searchParams]
    .map(([name, value]) => [percent(name), percent(value)] as const)
    .sort(([a, x], [b, y]) => byCode(a, b) || byCode(x, y))
  const base = [
    method,
    percent(url.origin + url.pathname),
    percent(parameters.map((pair) => pair.join('=')).join('&')),
  ].join('&')
  const key = `${percent(consumerSecret)}&${percent(tokenSecret)}`
  return scheme === 'OAuth' && signature === createHmac('sha1', key).update(base).digest('base64')
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** AWS Signature Version 4, from "Create a signed AWS API request" of the IAM documentation. */
export function isSigV4({ method, url, headers, body }: ProviderRequestSeen, secret: string): boolean {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]+)$/
  const [, , day = '', region = '', service = '', signed = '', signature] =
    pattern.exec(headers.authorization ?? '') ?? []
  const names = signed.split(';')
  // These two prevent that the request is replayed at another host or later.
  if (!names.includes('host') || !names.includes('x-amz-date')) return false
  const query = [...url.searchParams]
    .map(([name, value]) => [percent(name), percent(value)] as const)
    .sort(([a, x], [b, y]) => byCode(a, b) || byCode(x, y))
  const canonical = [
    method,
    url.pathname.split('/').map(percent).join('/'),
    query.map((pair) => pair.join('=')).join('&'),
    ...names.map((name) => `${name}:${String(headers[name]).trim().replaceAll(/ +/g, ' ')}`),
    '',
    signed,
    sha256(body),
  ].join('\n')
  const time = String(headers['x-amz-date'])
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), 'aws4_request')
  return time.startsWith(day) && signature === hmac(key, toSign).toString('hex')
}
