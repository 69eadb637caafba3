import { createPrivateKey, type KeyObject } from 'node:crypto'
import { type CryptoKey, importPKCS8 } from 'jose'
import { InvalidInputError } from '../../kit/errors.ts'

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
export function readPrivateKey(text: string, algorithm: string): KeyObject {
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
