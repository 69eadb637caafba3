import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto'
import { type CryptoKey, importPKCS8, SignJWT } from 'jose'
import type { Jwt } from '../../catalog/definition/auth.ts'
import { budgetOf, withSharedBudget } from '../../catalog/template/budget.ts'
import { renderJson, renderTemplate, type TemplateScope, templateValue } from '../../catalog/template/template.ts'
import { isRecord, unlessMissing } from '../../catalog/template/value.ts'
import { InvalidInputError } from '../../kit/errors.ts'
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

function parsePrivateKey(text: string, passphrase: string | undefined): KeyObject {
  const [begin, label] = /-----BEGIN ([A-Z0-9 ]{1,100})-----/.exec(text) ?? []
  // Searched as text: one regular expression for the whole would search the end again for each beginning.
  const start = begin === undefined ? -1 : text.indexOf(begin) + begin.length
  const end = text.indexOf(`-----END ${label}-----`, start)
  if (label === undefined || end < 0) throw new PrivateKeyError('is not a private key in PEM form')
  const body = text.slice(start, end).replace(/\\[nr]|\s/g, '')
  const isEncrypted = label === 'ENCRYPTED PRIVATE KEY'
  if (isEncrypted) {
    if (passphrase === undefined || passphrase === '') throw new PrivateKeyError('is encrypted and needs a passphrase')
    const problem = encryptionProblem(Buffer.from(body, 'base64'))
    if (problem !== undefined) throw new PrivateKeyError(problem)
  }
  const lines = body.match(/.{1,64}/g) ?? []
  const pem = [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n')
  try {
    return createPrivateKey(isEncrypted ? { key: pem, passphrase } : pem)
  } catch {
    throw new PrivateKeyError(isEncrypted ? 'cannot be decrypted with the passphrase' : 'is not a valid private key')
  }
}

/** Longest derivation of the key that decrypts, in iterations. It takes 50 ms, during which the process does nothing else. */
const MAX_ITERATIONS = 100_000
/** The identifiers of PBES2 and PBKDF2 (RFC 8018 appendix A), in DER. */
const [PBES2, PBKDF2] = [Buffer.from('06092a864886f70d01050d', 'hex'), Buffer.from('06092a864886f70d01050c', 'hex')]

/**
 * Why an encrypted private key (RFC 5958 section 3) is not decrypted: the people who supply it also say how long that takes. Undefined:
 * it is encrypted by PBES2 with PBKDF2, and takes not too long.
 */
function encryptionProblem(der: Buffer): string | undefined {
  // EncryptedPrivateKeyInfo > algorithm > PBES2, parameters > PBKDF2, parameters > salt, iterations
  const algorithm = contentOf(contentOf(der))
  const derivation = algorithm && contentOf(contentOf(after(algorithm)))
  const parameters = derivation && contentOf(after(derivation))
  const count = parameters && contentOf(after(parameters))
  const known =
    algorithm?.subarray(0, PBES2.length).equals(PBES2) && derivation?.subarray(0, PBKDF2.length).equals(PBKDF2)
  if (!known || count === undefined || count.length === 0) return 'must be encrypted by PBES2 with PBKDF2'
  const iterations = count.length > 4 ? Number.POSITIVE_INFINITY : count.readUIntBE(0, count.length)
  return iterations > MAX_ITERATIONS ? `must be encrypted with at most ${MAX_ITERATIONS} iterations` : undefined
}

/** The content of the DER element at the beginning; undefined when it is cut short. */
function contentOf(der: Buffer | undefined): Buffer | undefined {
  const { start, end } = boundsOf(der)
  return der === undefined || end > der.length ? undefined : der.subarray(start, end)
}

/** What follows the DER element at the beginning. */
function after(der: Buffer): Buffer {
  return der.subarray(boundsOf(der).end)
}

function boundsOf(der: Buffer | undefined): { start: number; end: number } {
  const [length = 0, bytes = 0] = [der?.[1], (der?.[1] ?? 0) & 0x7f]
  if (length < 0x80) return { start: 2, end: 2 + length }
  if (der === undefined || bytes === 0 || bytes > 3 || der.length < 2 + bytes)
    return { start: 0, end: Number.POSITIVE_INFINITY }
  return { start: 2 + bytes, end: 2 + bytes + der.readUIntBE(2, bytes) }
}

/** The same key as a Web Crypto key. Rejects with PrivateKeyError. */
export async function toClientKey(text: string, algorithm: string, passphrase?: string): Promise<CryptoKey> {
  return importPKCS8(
    String(readPrivateKey(text, algorithm, passphrase).export({ type: 'pkcs8', format: 'pem' })),
    algorithm,
  )
}
