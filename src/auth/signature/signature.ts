import { isUtf8 } from 'node:buffer'
import { createHmac, randomBytes } from 'node:crypto'
import type { Signature } from '../../catalog/definition/auth.ts'
import { TemplateBudget, withSharedBudget } from '../../catalog/template/budget.ts'
import { compileTemplate, renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { UnsupportedError } from '../../kit/errors.ts'
import { formatInstant } from '../../kit/instant.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { applyPlacement } from '../../wire/placement.ts'
import { addFinisher, bodyOf, type RequestDraft } from '../../wire/request-draft.ts'
import { checkFields } from '../check-fields.ts'
import { distinctSecrets, secretsOf } from '../simple/secret-value.ts'
import { readStored, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { awsKeys, signForAws } from './aws.ts'
import { PrivateKeyError } from './sign-jwt.ts'

/** Signs each complete request: with AWS Signature Version 4, or with an HMAC of a text rendered from its parts. */
export const signature: AuthStrategy<Signature> = {
  type: 'signature',
  describe(auth, options) {
    return { type: 'SIGNATURE', scopes: [], credentialFields: describedFieldsOf(auth, options), options: [] }
  },
  check(auth, input, context) {
    return { type: 'signature', fields: checkFields(auth, input, context, ['secretText', 'fields']).values }
  },
  open(auth, stored, context) {
    const credential = readStored(storedSchemas.signature, stored)
    const scope = scopeOf(auth, credential, context)
    const { clock = () => new Date(), nonce = randomNonce } = context
    const keys = auth.method === 'aws_sigv4' ? awsKeys(auth, scope) : undefined
    return {
      apply(draft) {
        addFinisher(draft, (final) => {
          if (keys !== undefined) signForAws(final, keys, clock())
          else if (auth.method === 'hmac') signByHmac(auth, final, scope, clock(), nonce)
        })
      },
      ready: true,
      refreshable: false,
      scopes: [],
      secrets: distinctSecrets([
        ...secretsOf(describedFieldsOf(auth, {}), credential.fields),
        keys?.secretAccessKey,
        keys?.sessionToken,
      ]),
    }
  },
}

export function randomNonce(): string {
  return randomBytes(16).toString('hex')
}

type HmacSignature = Extract<Signature, { method: 'hmac' }>

/**
 * Adds timestamp and nonce, renders the message from the resulting request, and adds its HMAC (RFC 2104). In the message, `path`
 * is percent-encoded as it is sent, `query` has no question mark, and `url` has origin, path and query. A timestamp without a
 * placement is in seconds since 1970.
 */
function signByHmac(
  auth: HmacSignature,
  draft: RequestDraft,
  scope: TemplateScope,
  now: Date,
  newNonce: () => string,
): void {
  const { placement, timestamp, nonce, message: source } = auth
  const time = formatInstant(now, timestamp?.format ?? 'epoch')
  const nonceValue = newNonce()
  if (timestamp !== undefined) applyPlacement(draft, timestamp, time)
  if (nonce !== undefined) applyPlacement(draft, nonce, nonceValue)
  const body = compileTemplate(source).references.has('body') ? bodyText(draft) : ''
  // The caller chooses the length of the body, so it does not count against the templates.
  const shared = withSharedBudget(scope, new TemplateBudget(body.length))
  const message = renderTemplate(source, {
    ...shared,
    method: draft.method.toUpperCase(),
    url: draft.url.href,
    path: draft.url.pathname,
    query: draft.url.search.slice(1),
    body,
    timestamp: time,
    nonce: nonceValue,
  })
  applyPlacement(draft, placement, createHmac(auth.hash, keyOf(auth, shared)).update(message).digest(auth.encoding))
}

/** The body as text. Called only if the message reads the body, so that other messages can sign streams. */
function bodyText(draft: RequestDraft): string {
  const body = bodyOf(draft) ?? ''
  if (typeof body === 'string') return body
  if (!(body instanceof Uint8Array)) {
    throw new UnsupportedError(
      'This integration signs the body, so the body cannot be streamed. Send it with a known length instead of a stream.',
    )
  }
  if (!isUtf8(body)) throw new UnsupportedError('This integration signs the body as text, but the body is not UTF-8.')
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(body)
}

function keyOf({ key, keyEncoding = 'utf8' }: HmacSignature, scope: TemplateScope): Buffer {
  const text = renderTemplate(key, scope)
  const valid = { utf8: /./s, base64: /^[A-Za-z0-9+/_-]+=*$/, hex: /^([0-9a-f]{2})+$/i }
  if (!valid[keyEncoding].test(text))
    throw new PrivateKeyError(text === '' ? 'is empty' : `is not valid ${keyEncoding}`)
  return Buffer.from(text, keyEncoding)
}
