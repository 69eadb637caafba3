import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A certificate with its private key, both in PEM form. */
export interface Certified {
  certificate: string
  key: string
}

interface IssueOptions {
  validFrom?: Date
  validTo?: Date
  /** Address for which a server's certificate is valid. Default: none, for clients. */
  address?: string
}

export interface Authority extends Certified {
  /** Issues a certificate for a new key. */
  issue(name: string, options?: IssueOptions): Certified
  /** An authority below this one. */
  intermediate(name: string): Authority
}

const DAY_MS = 86_400_000

/** A certificate authority for tests. Its certificates are as X.509 version 3 (RFC 5280) has them, with keys for ES256. */
export function createAuthority(name: string): Authority {
  const pair = newPair()
  return authorityOf(
    name,
    pair,
    certificateOf({ name, publicKey: pair.publicKey, issuer: { name, ...pair }, isCa: true }),
  )
}

type Pair = ReturnType<typeof newPair>

function authorityOf(name: string, pair: Pair, certificate: string): Authority {
  const issuer = { name, ...pair }
  return {
    certificate,
    key: pemOf(pair),
    issue(subject, options = {}) {
      const own = newPair()
      return {
        certificate: certificateOf({ name: subject, publicKey: own.publicKey, issuer, ...options }),
        key: pemOf(own),
      }
    },
    intermediate(subject) {
      const own = newPair()
      const issued = certificateOf({ name: subject, publicKey: own.publicKey, issuer, isCa: true })
      return authorityOf(subject, own, issued)
    },
  }
}

function newPair() {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
}

function pemOf({ privateKey }: Pair): string {
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
}

interface Subject extends IssueOptions {
  name: string
  publicKey: KeyObject
  issuer: Pair & { name: string }
  isCa?: boolean
}

function certificateOf({ name, publicKey, issuer, isCa = false, address, ...validity }: Subject): string {
  const now = Date.now()
  const { validFrom = new Date(now - DAY_MS), validTo = new Date(now + DAY_MS) } = validity
  const extensions = [
    sequence(oid('551d13'), octets(sequence(...(isCa ? [der(0x01, Buffer.from([0xff]))] : [])))),
    ...(address === undefined
      ? []
      : [sequence(oid('551d11'), octets(sequence(der(0x87, Buffer.from(address.split('.').map(Number))))))]),
  ]
  const signed = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(issuer.name),
    sequence(time(validFrom), time(validTo)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', signed, issuer.privateKey)
  const whole = sequence(signed, ECDSA_WITH_SHA256, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** An element of DER (X.690). */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

function integer(value: Buffer): Buffer {
  return der(0x02, value)
}

function octets(value: Buffer): Buffer {
  return der(0x04, value)
}

/** GeneralizedTime, in whole seconds. */
function time(at: Date): Buffer {
  return der(0x18, Buffer.from(`${at.toISOString().replace(/[-:T]|\.\d+/g, '')}`))
}

/** A name with a common name only. */
function nameOf(common: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(common)))))
}

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'))
