import { type KeyObject, randomBytes } from 'node:crypto'
import { type CryptoKey, importPKCS8, SignJWT } from 'jose'
import type { Jwt } from '../../catalog/definition/auth.ts'
import { budgetOf, withSharedBudget } from '../../catalog/template/budget.ts'
import { renderJson, renderTemplate, type TemplateScope, templateValue } from '../../catalog/template/template.ts'
import { isRecord, unlessMissing } from '../../catalog/template/value.ts'
import { PrivateKeyError, parsePrivateKey } from '../../kit/private-key.ts'
import { addDuration, parseDuration } from '../../kit/time.ts'

/** How a JWT is created. */
type JwtRecipe = Pick<
  Jwt,
  'algorithm' | 'key' | 'keyIsBase64' | 'keyEncoding' | 'passphrase' | 'lifetime' | 'headers' | 'claims'
>

const TIME_CLAIMS = new Set(['exp', 'nbf', 'iat'])
/** Claims that are text (RFC 7519 section 4.1), also where an expression renders a number. */
const TEXT_CLAIMS = new Set(['iss', 'sub', 'aud', 'jti'])

interface SignedJwt {
  token: string
  /** From the claim `exp`. Undefined: it has none, or one that is not a number. */
  expiresAt?: Date
}

/**
 * Creates a signed JWT (RFC 7519). `iat` is now and `exp` the end of the lifetime. The recipe's own claims win over these and
 * over `defaults`. They keep their JSON type, and so does a template that is one expression. `exp`, `nbf` and `iat` are also numbers if
 * their templates render whole numbers. A claim of RFC 7519 section 4.1 that is null is left out.
 * Rejects with PrivateKeyError and TemplateError.
 */
export async function signJwt(
  recipe: JwtRecipe,
  connectionScope: TemplateScope,
  now: Date,
  defaults: Readonly<Record<string, string>> = {},
): Promise<SignedJwt> {
  const nonce = randomBytes(16).toString('hex')
  const scope = withSharedBudget({ ...connectionScope, now: toSeconds(now), nonce })
  const claims = { ...defaults, ...renderClaims(recipe, scope, now) }
  for (const name of [...TIME_CLAIMS, ...TEXT_CLAIMS]) if (claims[name] === null) delete claims[name]
  const headers = Object.entries({ typ: 'JWT', ...asRecord(renderJson(recipe.headers, scope)), alg: recipe.algorithm })
  const key = signingKey(recipe, scope)
  // The key was parsed before, so signing fails only if it is too small.
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: recipe.algorithm, ...Object.fromEntries(headers.filter(([, value]) => value !== null)) })
    .sign(key)
    .catch((error: unknown) => {
      throw error instanceof Error ? new PrivateKeyError(`cannot sign by ${recipe.algorithm}`) : error
    })
  const { exp } = claims
  return { token, expiresAt: typeof exp === 'number' ? new Date(exp * 1000) : undefined }
}

export function lifetimeEnd({ lifetime }: Pick<JwtRecipe, 'lifetime'>, now: Date): Date | undefined {
  return lifetime === undefined ? undefined : addDuration(now, parseDuration(lifetime))
}

/**
 * The key that signs: the bytes of a text for HS256, HS384 and HS512, which may be written in base64 or hex, otherwise a private key in
 * PEM form. It may be encoded in base64 as a whole; a private key may then also be a PKCS #8 structure without the PEM lines.
 */
export function signingKey(recipe: JwtRecipe, scope: TemplateScope): Uint8Array | KeyObject {
  const text = renderTemplate(recipe.key, scope)
  const encoding = recipe.keyIsBase64 ? 'base64' : (recipe.keyEncoding ?? 'utf8')
  const bytes = encoding === 'utf8' ? Buffer.from(text) : decodeKey(text, encoding)
  if (!recipe.algorithm.startsWith('HS')) {
    const bare = encoding === 'base64' && !bytes.includes('-----BEGIN ')
    const pem = bare ? `-----BEGIN PRIVATE KEY-----${text}-----END PRIVATE KEY-----` : bytes.toString()
    return readPrivateKey(pem, recipe.algorithm, passphraseOf(recipe, scope))
  }
  if (bytes.length === 0) throw new PrivateKeyError('is empty')
  return bytes
}

/** Undefined when the person supplied none, because a key need not be encrypted. @throws TemplateError */
export function passphraseOf({ passphrase }: { passphrase?: string }, scope: TemplateScope): string | undefined {
  return passphrase === undefined ? undefined : unlessMissing(() => renderTemplate(passphrase, scope))
}

function decodeKey(text: string, encoding: 'base64' | 'hex'): Buffer {
  const compact = text.replace(/\s/g, '')
  const valid = encoding === 'hex' ? /^(?:[0-9a-f]{2})+$/i : /^[A-Za-z0-9+/_-]+=*$/
  if (!valid.test(compact)) throw new PrivateKeyError(`is not valid ${encoding}`)
  return Buffer.from(compact, encoding)
}

function renderClaims(recipe: JwtRecipe, scope: TemplateScope, now: Date): Record<string, unknown> {
  const end = lifetimeEnd(recipe, now)
  const claims: Record<string, unknown> = { iat: toSeconds(now) }
  if (end !== undefined) claims['exp'] = toSeconds(end)
  for (const [name, source] of Object.entries(recipe.claims ?? {})) {
    const value = renderJson(source, scope, TEXT_CLAIMS.has(name) ? textOf : templateResult)
    const isTime = TIME_CLAIMS.has(name) && typeof value === 'string' && /^\d{1,15}$/.test(value)
    claims[name] = isTime ? Number(value) : value
  }
  return claims
}

/** The value of a template. A value may be read many times, so each time is paid for. */
function templateResult(source: string, scope: TemplateScope): unknown {
  const value = templateValue(source, scope)
  budgetOf(scope).produce(JSON.stringify(value).length)
  return value
}

/** As `templateResult`, with a number as its text. */
function textOf(source: string, scope: TemplateScope): unknown {
  const value = templateResult(source, scope)
  return typeof value === 'number' ? String(value) : value
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

/**
 * Parses a private key for a JWS algorithm, in PEM form: PKCS #8, PKCS #1 or SEC 1. Line breaks may be real, written as `\n`,
 * or missing, as after a one-line form field.
 *
 * @param passphrase for an encrypted key in PKCS #8; ignored for a key that is not encrypted
 * @throws PrivateKeyError
 */
function readPrivateKey(text: string, algorithm: string, passphrase?: string): KeyObject {
  const key = parsePrivateKey(text, passphrase)
  const curve = key.asymmetricKeyDetails?.namedCurve
  const kind = curve === undefined ? key.asymmetricKeyType : `${key.asymmetricKeyType} ${curve}`
  if (kind !== kindFor(algorithm)) throw new PrivateKeyError(`is not a key for ${algorithm}`)
  return key
}

function kindFor(algorithm: string): string {
  const curves: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' }
  if (algorithm.startsWith('ES')) return `ec ${curves[algorithm]}`
  return algorithm.startsWith('Ed') ? 'ed25519' : 'rsa'
}

/** The same key as a Web Crypto key. Rejects with PrivateKeyError. */
export async function toClientKey(text: string, algorithm: string, passphrase?: string): Promise<CryptoKey> {
  return importPKCS8(
    String(readPrivateKey(text, algorithm, passphrase).export({ type: 'pkcs8', format: 'pem' })),
    algorithm,
  )
}
