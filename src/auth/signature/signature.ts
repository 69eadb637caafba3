import { isUtf8 } from 'node:buffer'
import { createHash, createHmac, randomBytes } from 'node:crypto'
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
import type { AuthStrategy, Renewal } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { assumeRole, sessionOf } from './assume-role.ts'
import { awsKeys, signForAws } from './aws.ts'
import { PrivateKeyError } from './sign-jwt.ts'

/**
 * Signs each complete request: with AWS Signature Version 4, with an HMAC of a text rendered from its parts, or with a WSSE
 * UsernameToken.
 */
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
    const own = auth.method === 'aws_sigv4' ? awsKeys(auth, scope) : undefined
    const assumes = auth.method === 'aws_sigv4' && auth.assumeRole !== undefined
    const session = assumes ? sessionOf(auth, credential, scope) : undefined
    const keys = assumes ? own && session && { ...own, ...session } : own
    return {
      apply(draft) {
        if (assumes && keys === undefined)
          throw new UnsupportedError('The credential has no keys of the role yet. It must be renewed first.')
        addFinisher(draft, (final) => {
          if (keys !== undefined) signForAws(final, keys, clock())
          else if (auth.method === 'hmac') signByHmac(auth, final, scope, clock(), nonce)
          else if (auth.method === 'wsse') signByWsse(auth, final, scope, clock(), nonce)
        })
      },
      ready: !assumes || session !== undefined,
      expiresAt:
        session === undefined || credential.expiresAt === undefined ? undefined : new Date(credential.expiresAt),
      refreshable: assumes,
      scopes: [],
      secrets: distinctSecrets([
        ...secretsOf(describedFieldsOf(auth, {}), credential.fields),
        ...[own?.secretAccessKey, own?.sessionToken, session?.secretAccessKey, session?.sessionToken],
      ]),
    }
  },
  async renew(auth, stored, context): Promise<Renewal> {
    const credential = readStored(storedSchemas.signature, stored)
    if (auth.method !== 'aws_sigv4' || auth.assumeRole === undefined)
      throw new UnsupportedError('A credential that signs requests cannot be renewed.')
    const { session, expiresAt } = await assumeRole(auth, scopeOf(auth, credential, context), context)
    return { stored: { ...credential, session, expiresAt: expiresAt.toISOString() }, expiresAt, scopes: [] }
  },
}

export function randomNonce(): string {
  return randomBytes(16).toString('hex')
}

type WsseSignature = Extract<Signature, { method: 'wsse' }>

/**
 * Adds the header X-WSSE with a UsernameToken: the digest is that of the nonce, the time and the password, in this order (OASIS Web
 * Services Security, UsernameToken Profile 1.0, section 3.1). The profile encodes the bytes of the hash; SAP Emarsys encodes its
 * hexadecimal digits, as its clients do (github.com/Absolventa/emarsys-rb). Its own page could not be read to confirm that
 * (dev.emarsys.com/docs/emarsys-core-api-guides/b3c3a1eba8515-authentication).
 */
function signByWsse(
  { username, password, hash = 'sha1', digest = 'bytes', nonceEncoding = 'text' }: WsseSignature,
  draft: RequestDraft,
  scope: TemplateScope,
  now: Date,
  newNonce: () => string,
): void {
  const shared = withSharedBudget(scope)
  const nonce = newNonce()
  const created = now.toISOString().replace(/\.\d{3}/, '')
  const hashed = createHash(hash).update(`${nonce}${created}${renderTemplate(password, shared)}`)
  const proof = digest === 'hex' ? Buffer.from(hashed.digest('hex')) : hashed.digest()
  const parts = {
    Username: renderTemplate(username, shared).replace(/["\\]/g, '\\$&'),
    PasswordDigest: proof.toString('base64'),
    Nonce: nonceEncoding === 'base64' ? Buffer.from(nonce).toString('base64') : nonce,
    Created: created,
  }
  const token = Object.entries(parts).map(([name, value]) => `${name}="${value}"`)
  applyPlacement(draft, { in: 'header', name: 'X-WSSE' }, `UsernameToken ${token.join(', ')}`)
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
