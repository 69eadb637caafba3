import { isUtf8 } from 'node:buffer'
import { createHmac } from 'node:crypto'
import type { Signature } from '../../catalog/definition/auth.ts'
import { compileTemplate, renderTemplate } from '../../catalog/template/template.ts'
import type { TemplateScope } from '../../catalog/template/template-operators.ts'
import { UnsupportedError } from '../../kit/errors.ts'
import { applyPlacement } from '../../wire/placement.ts'
import { bodyOf, type RequestDraft } from '../../wire/request-draft.ts'
import { formatInstant } from '../token-expiry.ts'
import { PrivateKeyError } from './private-key.ts'

type HmacSignature = Extract<Signature, { method: 'hmac' }>

/**
 * Puts timestamp and nonce into their places, renders the message over what the request is then, and puts its HMAC
 * (RFC 2104) into its place. `path` is percent-encoded as it is sent, `query` is without its question mark, `url` is
 * both with the origin; without a place of its own the timestamp is in seconds since 1970.
 */
export function signByHmac(
  auth: HmacSignature,
  draft: RequestDraft,
  scope: TemplateScope,
  now: Date,
  newNonce: () => string,
): void {
  const { placement, timestamp, nonce, message: source } = auth
  const time = formatInstant(now, timestamp?.format ?? 'epoch')
  const once = newNonce()
  if (timestamp !== undefined) applyPlacement(draft, timestamp, time)
  if (nonce !== undefined) applyPlacement(draft, nonce, once)
  const message = renderTemplate(source, {
    ...scope,
    method: draft.method.toUpperCase(),
    url: draft.url.href,
    path: draft.url.pathname,
    query: draft.url.search.slice(1),
    body: compileTemplate(source).references.has('body') ? textOf(draft) : '',
    timestamp: time,
    nonce: once,
  })
  applyPlacement(draft, placement, createHmac(auth.hash, keyOf(auth, scope)).update(message).digest(auth.encoding))
}

/** A message that does not read the body signs a stream as well as anything. */
function textOf(draft: RequestDraft): string {
  const body = bodyOf(draft) ?? ''
  if (typeof body === 'string') return body
  if (!(body instanceof Uint8Array)) {
    throw new UnsupportedError('This integration signs the body, so that it cannot be streamed. Send it as a whole.')
  }
  if (!isUtf8(body))
    throw new UnsupportedError('This integration signs the body as text, and this one is not in UTF-8.')
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(body)
}

function keyOf({ key, keyEncoding = 'utf8' }: HmacSignature, scope: TemplateScope): Buffer {
  const text = renderTemplate(key, scope)
  const valid = { utf8: /./s, base64: /^[A-Za-z0-9+/_-]+=*$/, hex: /^([0-9a-f]{2})+$/i }
  if (!valid[keyEncoding].test(text)) throw new PrivateKeyError(text === '' ? 'is empty' : `is not in ${keyEncoding}`)
  return Buffer.from(text, keyEncoding)
}
