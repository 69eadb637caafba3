import { createHash, createHmac } from 'node:crypto'
import type { Signature } from '../../catalog/definition/auth.ts'
import { withSharedBudget } from '../../catalog/template/budget.ts'
import { renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { UnsupportedError } from '../../kit/errors.ts'
import { applyPlacement } from '../../wire/placement.ts'
import { bodyOf, type RequestDraft } from '../../wire/request-draft.ts'
import { compareText, percentEncode, sortedPairs } from './rfc3986.ts'

export type AwsSignature = Extract<Signature, { method: 'aws_sigv4' }>

interface AwsKeys {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  region: string
  service: string
}

export function awsKeys(auth: AwsSignature, scope: TemplateScope): AwsKeys {
  const shared = withSharedBudget(scope)
  const render = (source: string) => renderTemplate(source, shared)
  const sessionToken = auth.sessionToken === undefined ? '' : render(auth.sessionToken)
  return {
    accessKeyId: render(auth.accessKeyId),
    secretAccessKey: render(auth.secretAccessKey),
    ...(sessionToken === '' ? {} : { sessionToken }),
    region: render(auth.region),
    service: render(auth.service),
  }
}

/**
 * Signs a request: adds X-Amz-Date, X-Amz-Security-Token, X-Amz-Content-Sha256 (for S3 and for streams) and Authorization. A
 * stream is sent with UNSIGNED-PAYLOAD and only over https, because without TLS nothing would protect its body. The query is
 * rewritten to the form that is signed.
 */
export function signForAws(draft: RequestDraft, keys: AwsKeys, now: Date): void {
  const bodyHash = hashOf(draft)
  draft.url.search = canonicalQuery(draft.url.search)
  const put = (name: string, value: string) => applyPlacement(draft, { in: 'header', name }, value)
  put('X-Amz-Date', toAmzDate(now))
  if (keys.sessionToken !== undefined) put('X-Amz-Security-Token', keys.sessionToken)
  if (keys.service === 's3' || bodyHash === UNSIGNED) put('X-Amz-Content-Sha256', bodyHash)
  const headers = [...draft.headers].filter(([name]) => name === 'content-type' || name.startsWith('x-amz-'))
  const request = {
    method: draft.method,
    url: draft.url,
    headers: [...headers, ['host', draft.url.host]] as const,
    bodyHash,
  }
  put('Authorization', signV4(request, { ...keys, now }))
}

const UNSIGNED = 'UNSIGNED-PAYLOAD'

function hashOf(draft: RequestDraft): string {
  const body = bodyOf(draft) ?? ''
  if (typeof body === 'string' || body instanceof Uint8Array) return sha256(body)
  if (draft.url.protocol === 'https:') return UNSIGNED
  throw new UnsupportedError(
    'A streamed body cannot be signed for a URL without https. Send the body with a known length instead of a stream.',
  )
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export interface SigV4Request {
  method: string
  url: URL
  /** All of them are signed. Must include `host`. */
  headers: Iterable<readonly [string, string]>
  /** Hexadecimal SHA-256 of the body, or a constant such as UNSIGNED-PAYLOAD. */
  bodyHash: string
}

interface SigV4Options {
  accessKeyId: string
  secretAccessKey: string
  region: string
  service: string
  now: Date
}

const algorithm = 'AWS4-HMAC-SHA256'

/** The value of the Authorization header. */
export function signV4(request: SigV4Request, options: SigV4Options): string {
  const { accessKeyId, secretAccessKey, region, service, now } = options
  const date = toAmzDate(now)
  const day = date.slice(0, 8)
  const scope = `${day}/${region}/${service}/aws4_request`
  const headers = canonicalHeaders(request.headers)
  const names = headers.map(([name]) => name).join(';')
  const canonical = [
    request.method.toUpperCase(),
    canonicalPath(request.url.pathname, service),
    canonicalQuery(request.url.search),
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    request.bodyHash,
  ].join('\n')
  const toSign = [algorithm, date, scope, sha256(canonical)].join('\n')
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  const signature = hmac(key, toSign).toString('hex')
  return `${algorithm} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
}

/** The value of X-Amz-Date: `20150830T123600Z`. */
function toAmzDate(now: Date): string {
  return now.toISOString().replace(/[-:]|\.\d{3}/g, '')
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** The query in the form that is signed. Sending it in this form leaves no other interpretation. */
function canonicalQuery(search: string): string {
  return sortedPairs(new URLSearchParams(search))
}

/**
 * The path in the form that is signed: the path as it is sent, percent-encoded once more. A space, sent as `%20`, becomes
 * `%2520`; the characters `!'()*:@$&+,;=`, which URLs contain as they are, become `%21` and so on. S3 encodes once: it decodes
 * the path that was sent first.
 */
function canonicalPath(pathname: string, service: string): string {
  const segments = pathname.split('/')
  if (service === 's3') return segments.map((segment) => percentEncode(decoded(segment))).join('/')
  return segments
    .map(percentEncode)
    .join('/')
    .replace(/\/{2,}/g, '/')
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Lower-case names in sorted order. The values of one name keep their order. */
function canonicalHeaders(headers: SigV4Request['headers']): [string, string][] {
  const byName = new Map<string, string[]>()
  for (const [name, value] of headers) {
    const values = byName.get(name.toLowerCase()) ?? []
    values.push(value.trim().replace(/\s+/g, ' '))
    byName.set(name.toLowerCase(), values)
  }
  return [...byName].sort(([a], [b]) => compareText(a, b)).map(([name, values]) => [name, values.join(',')])
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
