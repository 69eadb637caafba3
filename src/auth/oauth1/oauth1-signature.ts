import { createHmac } from 'node:crypto'
import { percentEncode, sortedPairs } from '../signature/rfc3986.ts'

export interface OAuth1Request {
  method: string
  url: URL
  /** The parameters of a form body. */
  form: URLSearchParams
  signature: 'HMAC-SHA1' | 'HMAC-SHA256' | 'PLAINTEXT'
  consumerKey: string
  consumerSecret: string
  token?: string
  tokenSecret: string
  /** Seconds since 1970. */
  timestamp: number
  nonce: string
  /** Sent as oauth_version, which is optional in RFC 5849. */
  version?: '1.0'
  /** RFC 5849 section 2.1: the URL that the user returns to. */
  callback?: string
  /** RFC 5849 section 2.3: the verifier that the user returned with. */
  verifier?: string
  /** RFC 5849 section 3.5.1: sent, and not signed (section 3.4.1.3.1). */
  realm?: string
}

/** The value of the Authorization header (RFC 5849 section 3.5.1). */
export function signOAuth1(request: OAuth1Request): string {
  const parameters = protocolParameters(request)
  const signed = [...parameters, ['oauth_signature', signatureOf(request, parameters)] as const]
  const sent = request.realm === undefined ? signed : [['realm', request.realm] as const, ...signed]
  return `OAuth ${sent.map(([name, value]) => `${percentEncode(name)}="${percentEncode(value)}"`).join(', ')}`
}

/** The text that is signed with HMAC (RFC 5849 section 3.4.1.1). */
export function signatureBase(request: OAuth1Request): string {
  return baseOf(request, protocolParameters(request))
}

type Parameters = readonly (readonly [string, string])[]

function protocolParameters(request: OAuth1Request): Parameters {
  const { consumerKey, token, signature, timestamp, nonce, version, callback, verifier } = request
  return [
    ...(callback === undefined ? [] : [['oauth_callback', callback] as const]),
    ...(verifier === undefined ? [] : [['oauth_verifier', verifier] as const]),
    ['oauth_consumer_key', consumerKey],
    ...(token === undefined ? [] : [['oauth_token', token] as const]),
    ['oauth_signature_method', signature],
    // PLAINTEXT needs neither of these (RFC 5849 section 3.1), but servers accept them.
    ['oauth_timestamp', String(timestamp)],
    ['oauth_nonce', nonce],
    ...(version === undefined ? [] : [['oauth_version', version] as const]),
  ]
}

function signatureOf(request: OAuth1Request, parameters: Parameters): string {
  const key = `${percentEncode(request.consumerSecret)}&${percentEncode(request.tokenSecret)}`
  if (request.signature === 'PLAINTEXT') return key
  const hash = request.signature === 'HMAC-SHA256' ? 'sha256' : 'sha1'
  return createHmac(hash, key).update(baseOf(request, parameters)).digest('base64')
}

function baseOf({ method, url, form }: OAuth1Request, parameters: Parameters): string {
  const all = sortedPairs([...url.searchParams, ...form, ...parameters])
  // The URL class already lower-cased scheme and host and removed the default port.
  return [method.toUpperCase(), `${url.origin}${url.pathname}`, all].map(percentEncode).join('&')
}
