import { type CryptoKey, createLocalJWKSet, errors, type JWSHeaderParameters } from 'jose'
import type { Egress } from '../egress/egress.ts'
import { UnavailableError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'

export interface IssuerKeysOptions {
  /** At least this long between the beginnings of two reads of one issuer's keys, whoever asks. Default: 5,000. */
  cooldownMs?: number
  /** Keys that are older are read again: how long a key that the issuer took away is believed. Default: 600,000. */
  maxAgeMs?: number
  /** Keys that are older are not used, even while the issuer does not answer. Default: 86,400,000. */
  maxStaleMs?: number
}

/** Where the keys of an issuer are. */
export interface KeySource {
  issuer: string
  /** Null: the issuer's metadata tells. */
  jwksUrl: string | null
}

export interface IssuerKeys {
  /**
   * The key that a token's header names. A key that is not known makes the keys be read once more.
   * @throws UnavailableError when the keys cannot be had; an error of jose when there is no such key
   */
  find(source: KeySource, header: JWSHeaderParameters): Promise<CryptoKey>
}

interface Entry {
  keys: ReturnType<typeof createLocalJWKSet> | null
  fetchedAt: number
  triedAt: number
  failed: boolean
  pending: Promise<void> | null
}

const MAX_ENTRIES = 1_000
const TIMEOUT_MS = 5_000
const MAX_ANSWER_BYTES = 256 * 1024

/**
 * Keeps the public keys of issuers. jose's own remote set drops keys that are old before it has newer ones; here they
 * serve on while the issuer is away.
 */
export function createIssuerKeys(egress: Egress, logger: Logger, options: IssuerKeysOptions = {}): IssuerKeys {
  const { cooldownMs = 5_000, maxAgeMs = 600_000, maxStaleMs = 86_400_000 } = options
  const entries = new Map<string, Entry>()

  const entryOf = ({ issuer, jwksUrl }: KeySource): Entry => {
    const name = JSON.stringify([issuer, jwksUrl])
    let entry = entries.get(name)
    if (entry === undefined) {
      if (entries.size >= MAX_ENTRIES) entries.clear()
      entry = { keys: null, fetchedAt: 0, triedAt: Number.NEGATIVE_INFINITY, failed: false, pending: null }
      entries.set(name, entry)
    }
    return entry
  }

  const read = async (entry: Entry, source: KeySource): Promise<void> => {
    try {
      const url = source.jwksUrl ?? (await discover(egress, source.issuer))
      entry.keys = createLocalJWKSet(keySetOf(await getJson(egress, url)))
      entry.fetchedAt = Date.now()
      entry.failed = false
    } catch (error) {
      entry.failed = true
      logger.warn({ issuer: source.issuer, err: error }, 'could not read the keys of an OIDC issuer')
    }
  }

  /** Reads the keys, together with whoever reads them already, and not before the cooldown is over. Never rejects. */
  const refresh = async (entry: Entry, source: KeySource): Promise<void> => {
    if (entry.pending === null) {
      if (Date.now() - entry.triedAt < cooldownMs) return
      entry.triedAt = Date.now()
      entry.pending = read(entry, source).finally(() => {
        entry.pending = null
      })
    }
    await entry.pending
  }

  const ageMs = (entry: Entry) => Date.now() - entry.fetchedAt

  return {
    async find(source, header) {
      const entry = entryOf(source)
      if (entry.keys === null || ageMs(entry) > maxAgeMs) {
        const reading = refresh(entry, source)
        // While the issuer does not answer, nobody waits for it who can be served without.
        if (entry.keys === null || !entry.failed || ageMs(entry) > maxStaleMs) await reading
      }
      if (entry.keys === null || ageMs(entry) > maxStaleMs) throw keysAway()
      try {
        return await entry.keys(header)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      }
      await refresh(entry, source)
      if (entry.failed) throw keysAway()
      return entry.keys(header)
    },
  }
}

/** OpenID Connect Discovery 1.0, section 4: the metadata must be that of this very issuer (section 4.3). */
async function discover(egress: Egress, issuer: string): Promise<string> {
  const metadata = await getJson(egress, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  if (!isObject(metadata) || metadata['issuer'] !== issuer) {
    throw new Error('The metadata of the issuer names another issuer.')
  }
  const url = metadata['jwks_uri']
  if (typeof url !== 'string') throw new Error('The metadata of the issuer has no jwks_uri.')
  return url
}

async function getJson(egress: Egress, url: string): Promise<unknown> {
  const response = await egress.send({
    method: 'GET',
    url,
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'never',
    timeoutMs: TIMEOUT_MS,
    maxResponseBytes: MAX_ANSWER_BYTES,
  })
  if (response.status !== 200) {
    await response.cancel()
    throw new Error(`The issuer answered with ${response.status}.`)
  }
  return JSON.parse(await response.text())
}

/** RFC 7517 section 5. What each key is, is checked by jose when it is used. */
function keySetOf(value: unknown): { keys: Record<string, unknown>[] } {
  if (!isObject(value) || !Array.isArray(value['keys']) || !value['keys'].every(isObject)) {
    throw new Error('The issuer answered what is no set of keys.')
  }
  return { keys: value['keys'] }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function keysAway(): UnavailableError {
  return new UnavailableError('The issuer of this token cannot be asked for its keys at the moment. Try again soon.')
}
