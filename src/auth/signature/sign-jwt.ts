import { createPrivateKey, type KeyObject } from 'node:crypto'
import { type CryptoKey, importPKCS8, SignJWT } from 'jose'
import type { Jwt } from '../../catalog/definition/auth.ts'
import { renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import { addDuration, parseDuration } from '../../kit/time.ts'

/** How a JWT is made, without where it goes. */
type JwtRecipe = Pick<Jwt, 'algorithm' | 'key' | 'keyIsBase64' | 'lifetime' | 'headers' | 'claims'>

const timeClaims = new Set(['exp', 'nbf', 'iat'])

/**
 * A signed JWT (RFC 7519). `iat` is now and `exp` the end of the lifetime; these and `usual` give way to the recipe's own
 * claims. A claim is text, but `exp`, `nbf` and `iat` are numbers where the template makes a whole number. Rejects with
 * PrivateKeyError and TemplateError.
 */
export async function signJwt(
  recipe: JwtRecipe,
  scope: TemplateScope,
  now: Date,
  usual: Readonly<Record<string, string>> = {},
): Promise<string> {
  const claims = { ...usual, ...renderClaims(recipe, scope, now) }
  const headers = { typ: 'JWT', ...renderAll(recipe.headers ?? {}, scope), alg: recipe.algorithm }
  const key = signingKey(recipe, scope)
  // What is left to fail is a key that is too small.
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
 * A text for HS256 and its kin, a private key in PEM form for all others; either may be in base64 as a whole, which is
 * also how the bare PKCS #8 structure is written.
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
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(compact)) throw new PrivateKeyError('is not in base64')
  return Buffer.from(compact, 'base64')
}

function renderClaims(recipe: JwtRecipe, scope: TemplateScope, now: Date): Record<string, string | number> {
  const end = lifetimeEnd(recipe, now)
  const claims: Record<string, string | number> = { iat: toSeconds(now) }
  if (end !== undefined) claims['exp'] = toSeconds(end)
  for (const [name, value] of Object.entries(renderAll(recipe.claims ?? {}, scope))) {
    claims[name] = timeClaims.has(name) && /^\d{1,15}$/.test(value) ? Number(value) : value
  }
  return claims
}

function renderAll(templates: Readonly<Record<string, string>>, scope: TemplateScope): Record<string, string> {
  return Object.fromEntries(Object.entries(templates).map(([name, source]) => [name, renderTemplate(source, scope)]))
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

/** A text that is no key for its algorithm. `problem` follows "the key"; it holds nothing of the text. */
export class PrivateKeyError extends InvalidInputError {
  readonly problem: string

  constructor(problem: string) {
    super([{ path: ['key'], message: problem }], `The key ${problem}.`)
    this.problem = problem
  }
}

/**
 * A private key for an algorithm of JWS, in PEM form: PKCS #8, PKCS #1 or SEC 1, its line breaks real, written as `\n`,
 * or lost on the way through a form of one line. Throws PrivateKeyError.
 */
function readPrivateKey(text: string, algorithm: string): KeyObject {
  const key = parsePem(text)
  const curve = key.asymmetricKeyDetails?.namedCurve
  const kind = curve === undefined ? key.asymmetricKeyType : `${key.asymmetricKeyType} ${curve}`
  if (kind !== kindFor(algorithm)) throw new PrivateKeyError(`is no key for ${algorithm}`)
  return key
}

function kindFor(algorithm: string): string {
  const curves: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' }
  if (algorithm.startsWith('ES')) return `ec ${curves[algorithm]}`
  return algorithm.startsWith('Ed') ? 'ed25519' : 'rsa'
}

function parsePem(text: string): KeyObject {
  const [, label, body] = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/.exec(text) ?? []
  if (label === undefined || body === undefined) throw new PrivateKeyError('is no private key in PEM form')
  const lines = body.replace(/\\[nr]|\s/g, '').match(/.{1,64}/g) ?? []
  try {
    return createPrivateKey([`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n'))
  } catch {
    throw new PrivateKeyError('is no private key that can be read')
  }
}

/** The same, as Web Crypto has it. Rejects with PrivateKeyError. */
export async function toClientKey(text: string, algorithm: string): Promise<CryptoKey> {
  return importPKCS8(String(readPrivateKey(text, algorithm).export({ type: 'pkcs8', format: 'pem' })), algorithm)
}
