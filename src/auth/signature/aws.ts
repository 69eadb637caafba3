import type { Signature } from '../../catalog/definition/auth.ts'
import { renderTemplate } from '../../catalog/template/template.ts'
import type { TemplateScope } from '../../catalog/template/template-operators.ts'
import { UnsupportedError } from '../../kit/errors.ts'
import { applyPlacement } from '../../wire/placement.ts'
import { bodyOf, type RequestDraft } from '../../wire/request-draft.ts'
import { canonicalQuery, sha256, signV4, toAmzDate } from './sigv4.ts'

type AwsSignature = Extract<Signature, { method: 'aws_sigv4' }>

export interface AwsKeys {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  region: string
  service: string
}

export function awsKeys(auth: AwsSignature, scope: TemplateScope): AwsKeys {
  const render = (source: string) => renderTemplate(source, scope)
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
 * Adds X-Amz-Date, X-Amz-Security-Token, X-Amz-Content-Sha256 (at S3, and for a stream) and Authorization. A stream is
 * sent with UNSIGNED-PAYLOAD, over https only: without TLS nothing would protect its body. The query is written anew
 * in the spelling that is signed.
 */
export function signForAws(draft: RequestDraft, keys: AwsKeys, now: Date): void {
  const bodyHash = hashOf(draft)
  draft.url.search = canonicalQuery(draft.url.search)
  const put = (name: string, value: string) => applyPlacement(draft, { in: 'header', name }, value)
  put('X-Amz-Date', toAmzDate(now))
  if (keys.sessionToken !== undefined) put('X-Amz-Security-Token', keys.sessionToken)
  if (keys.service === 's3' || bodyHash === unsigned) put('X-Amz-Content-Sha256', bodyHash)
  const headers = [...draft.headers].filter(([name]) => name === 'content-type' || name.startsWith('x-amz-'))
  const request = {
    method: draft.method,
    url: draft.url,
    headers: [...headers, ['host', draft.url.host]] as const,
    bodyHash,
  }
  put('Authorization', signV4(request, { ...keys, now }))
}

const unsigned = 'UNSIGNED-PAYLOAD'

function hashOf(draft: RequestDraft): string {
  const body = bodyOf(draft) ?? ''
  if (typeof body === 'string' || body instanceof Uint8Array) return sha256(body)
  if (draft.url.protocol === 'https:') return unsigned
  throw new UnsupportedError('A body that is streamed cannot be signed without TLS. Send it as a whole.')
}
