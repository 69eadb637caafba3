import { createPrivateKey, type KeyObject } from 'node:crypto'
import { InvalidInputError } from './errors.ts'

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

/** A part of a PEM text (RFC 7468). Its base64 may contain characters that are not base64. */
export interface PemBlock {
  label: string
  base64: string
}

/** More are not what people have in one field. */
const MAX_BLOCKS = 20

/** The parts of a PEM text. Line breaks may be real, also those of Windows, written as `\n`, or missing, as after a one-line form field. */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = []
  const begin = /-----BEGIN ([A-Z0-9 ]{1,100})-----/g
  while (blocks.length < MAX_BLOCKS) {
    const found = begin.exec(text)
    const [opening = '', label] = found ?? []
    if (found === null || label === undefined) break
    const start = found.index + opening.length
    // Searched as text: one regular expression for the whole would search the end again for each beginning.
    const end = text.indexOf(`-----END ${label}-----`, start)
    if (end < 0) break
    blocks.push({ label, base64: text.slice(start, end).replace(/\\[nr]|\s/g, '') })
    begin.lastIndex = end
  }
  return blocks
}

/** A part as OpenSSL reads it: lines of 64 characters. */
export function toPem({ label, base64 }: PemBlock): string {
  const lines = base64.match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/**
 * Parses the private key in a PEM text: PKCS #8, PKCS #1 or SEC 1. The text may also contain certificates and parameters.
 *
 * @param passphrase for an encrypted key in PKCS #8; ignored for a key that is not encrypted
 * @throws PrivateKeyError
 */
export function parsePrivateKey(text: string, passphrase: string | undefined): KeyObject {
  const blocks = pemBlocks(text)
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY')) ?? blocks[0]
  if (block === undefined) throw new PrivateKeyError('is not a private key in PEM form')
  if (block.base64.startsWith('Proc-Type:')) throw new PrivateKeyError(OLD_ENCRYPTION)
  const isEncrypted = block.label === 'ENCRYPTED PRIVATE KEY'
  if (isEncrypted) {
    if (passphrase === undefined || passphrase === '') throw new PrivateKeyError('is encrypted and needs a passphrase')
    const problem = encryptionProblem(Buffer.from(block.base64, 'base64'))
    if (problem !== undefined) throw new PrivateKeyError(problem)
  }
  const pem = toPem(block)
  try {
    return createPrivateKey(isEncrypted ? { key: pem, passphrase } : pem)
  } catch {
    throw new PrivateKeyError(isEncrypted ? 'cannot be decrypted with the passphrase' : 'is not a valid private key')
  }
}

/** RFC 1421 section 4.6, which derives the key with one round of MD5. */
const OLD_ENCRYPTION = 'is encrypted in an old format: convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc'

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
