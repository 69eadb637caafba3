import { createPrivateKey, type KeyObject } from 'node:crypto'
import { type CryptoKey, importPKCS8, SignJWT } from 'jose'
import type { Jwt } from '../../catalog/definition/auth.ts'
import { withSharedBudget } from '../../catalog/template/budget.ts'
import { renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import { addDuration, parseDuration } from '../../kit/time.ts'

/** How a JWT is created. */
type JwtRecipe = Pick<Jwt, 'algorithm' | 'key' | 'keyIsBase64' | 'lifetime' | 'headers' | 'claims'>

const TIME_CLAIMS = new Set(['exp', 'nbf', 'iat'])

/**
 * Creates a signed JWT (RFC 7519). `iat` is now and `exp` the end of the lifetime. The recipe's own claims win over these and
 * over `defaults`. Claims are strings, except that `exp`, `nbf` and `iat` are numbers if their templates render whole numbers.
 * Rejects with PrivateKeyError and TemplateError.
 */
export async function signJwt(
  recipe: JwtRecipe,
  connectionScope: TemplateScope,
  now: Date,
  defaults: Readonly<Record<string, string>> = {},
): Promise<string> {
  const scope = withSharedBudget(connectionScope)
  const claims = { ...defaults, ...renderClaims(recipe, scope, now) }
  const headers = { typ: 'JWT', ...renderAll(recipe.headers ?? {}, scope), alg: recipe.algorithm }
  const key = signingKey(recipe, scope)
  // The key was parsed before, so signing fails only if it is too small.
  return new SignJWT(claims)
    .setProtectedHeader(headers)
    .sign(key)
    .catch((error: unknown) => {
      throw error instanceof Error ? new PrivateKeyError(`cannot sign by ${recipe.algorithm}`) : error
    })
}

export function lifetimeEnd({ lifetime }: Pick<JwtRecipe, 'lifetime'>, now: Date): Date | undefined {
  return lifetime === undefined ? undefined : addDuration(now, parseDuration(lifetime))
}

/**
 * The key that signs: the bytes of a text for HS256, HS384 and HS512, otherwise a private key in PEM form. Both may be encoded
 * in base64 as a whole; a private key may then also be a PKCS #8 structure without the PEM lines.
 */
export function signingKey(recipe: JwtRecipe, scope: TemplateScope): Uint8Array | KeyObject {
  const text = renderTemplate(recipe.key, scope)
  const bytes = recipe.keyIsBase64 ? decodeBase64(text) : Buffer.from(text)
  if (!recipe.algorithm.startsWith('HS')) {
    const bare = recipe.keyIsBase64 && !bytes.includes('-----BEGIN ')
    const pem = bare ? `-----BEGIN PRIVATE KEY-----${text}-----END PRIVATE KEY-----` : bytes.toString()
    return readPrivateKey(pem, recipe.algorithm)
  }
  if (bytes.length === 0) throw new PrivateKeyError('is empty')
  return bytes
}

function decodeBase64(text: string): Buffer {
  const compact = text.replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(compact)) throw new PrivateKeyError('is not valid base64')
  return Buffer.from(compact, 'base64')
}

function renderClaims(recipe: JwtRecipe, scope: TemplateScope, now: Date): Record<string, string | number> {
  const end = lifetimeEnd(recipe, now)
  const claims: Record<string, string | number> = { iat: toSeconds(now) }
  if (end !== undefined) claims['exp'] = toSeconds(end)
  for (const [name, value] of Object.entries(renderAll(recipe.claims ?? {}, scope))) {
    claims[name] = TIME_CLAIMS.has(name) && /^\d{1,15}$/.test(value) ? Number(value) : value
  }
  return claims
}

function renderAll(templates: Readonly<Record<string, string>>, scope: TemplateScope): Record<string, string> {
  return Object.fromEntries(Object.entries(templates).map(([name, source]) => [name, renderTemplate(source, scope)]))
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

/**
 * A text is not a key for its algorithm. `problem` completes a sentence that begins with "The key" and contains no part of the
 * text.
 */
export class PrivateKeyError extends InvalidInputError {
  readonly problem: string

  constructor(problem: string) {
    super([{ path: ['key'], message: problem }], `The key ${problem}.`)
    this.problem = problem
  }
}

/**
 * Parses a private key for a JWS algorithm, in PEM form: PKCS #8, PKCS #1 or SEC 1. Line breaks may be real, written as `\n`,
 * or missing, as after a one-line form field.
 *
 * @throws PrivateKeyError
 */
function readPrivateKey(text: string, algorithm: string): KeyObject {
  const key = parsePem(text)
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

function parsePem(text: string): KeyObject {
  const [begin, label] = /-----BEGIN ([A-Z0-9 ]{1,100})-----/.exec(text) ?? []
  // Searched as text: one regular expression for the whole would search the end again for each beginning.
  const start = begin === undefined ? -1 : text.indexOf(begin) + begin.length
  const end = text.indexOf(`-----END ${label}-----`, start)
  if (label === undefined || end < 0) throw new PrivateKeyError('is not a private key in PEM form')
  const body = text.slice(start, end)
  const lines = body.replace(/\\[nr]|\s/g, '').match(/.{1,64}/g) ?? []
  try {
    return createPrivateKey([`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n'))
  } catch {
    throw new PrivateKeyError('is not a valid private key')
  }
}

/** The same key as a Web Crypto key. Rejects with PrivateKeyError. */
export async function toClientKey(text: string, algorithm: string): Promise<CryptoKey> {
  return importPKCS8(String(readPrivateKey(text, algorithm).export({ type: 'pkcs8', format: 'pem' })), algorithm)
}
