import { type CryptoKey, createLocalJWKSet, errors, type JWSHeaderParameters } from 'jose'
import type { Egress } from '../egress/egress.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { UnavailableError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import { createSingleFlight } from '../kit/single-flight.ts'

export interface IssuerKeysOptions {
  /** Minimum time between two reads of one issuer's keys, in milliseconds. Default: 5,000. */
  cooldownMs?: number
  /** Age in milliseconds at which keys are read again. A key that the issuer removes is accepted this long. Default: 600,000. */
  maxAgeMs?: number
  /** Age in milliseconds up to which keys are used while the issuer is unavailable. Default: 86,400,000. */
  maxStaleMs?: number
}

/** Where the keys of an issuer are read from. */
export interface JwksSource {
  issuer: string
  /** Null: the `jwks_uri` of the issuer's metadata. */
  jwksUrl: string | null
}

export interface IssuerKeys {
  /**
   * The key that a token's header names. When it is unknown, the keys are read once more.
   * @param workspaceIds the workspaces whose issuers have this source. One of them is charged for each read.
   * @throws UnavailableError when the keys cannot be read; an error of jose when there is no such key
   */
  find(source: JwksSource, workspaceIds: readonly string[], header: JWSHeaderParameters): Promise<CryptoKey>
  /** Whether the last read failed and there are no older keys. */
  isFailing(source: JwksSource): boolean
  /** The `jwks_uri` of the issuer's metadata as it was last read; null: not known. */
  publishedUrl(issuer: string): string | null
}

interface IssuerEntry {
  /** Where the keys were read from; null: never read. */
  url: string | null
  keys: ReturnType<typeof createLocalJWKSet> | null
  fetchedAt: number
  triedAt: number
  failed: boolean
}

const MAX_ENTRIES = 1_000
/**
 * Reads per minute that one workspace is charged for. More would let a workspace with many issuers evict the keys of others, or
 * send requests to other servers without limit.
 */
const READS_PER_MINUTE = 300
const MINUTE_MS = 60_000
const TIMEOUT_MS = 5_000
const MAX_RESPONSE_BYTES = 256 * 1024

/**
 * Caches the public keys of issuers. Unlike jose's remote key set, it keeps using old keys while the issuer is
 * unavailable.
 */
export function createIssuerKeys(egress: Egress, logger: Logger, options: IssuerKeysOptions = {}): IssuerKeys {
  const { cooldownMs = 5_000, maxAgeMs = 600_000, maxStaleMs = 86_400_000 } = options
  const entries = new BoundedMap<string, IssuerEntry>({ max: MAX_ENTRIES })
  const reads = createSingleFlight<void>()
  /** Reads in the current minute by workspace. */
  const charged = new BoundedMap<string, { reads: number }>({ max: 10 * MAX_ENTRIES, ttlMs: MINUTE_MS })
  const nameOf = ({ issuer, jwksUrl }: JwksSource) => JSON.stringify([issuer, jwksUrl])

  /** The first of these workspaces that may cause another read. */
  const payerOf = (workspaceIds: readonly string[]) =>
    workspaceIds.find((id) => (charged.get(id)?.reads ?? 0) < READS_PER_MINUTE)

  const charge = (workspaceId: string): void => {
    const count = charged.get(workspaceId)
    if (count === undefined) charged.set(workspaceId, { reads: 1 })
    else count.reads += 1
  }

  const entryOf = (source: JwksSource, workspaceIds: readonly string[]): IssuerEntry => {
    const name = nameOf(source)
    const known = entries.get(name)
    if (known !== undefined) return known
    if (payerOf(workspaceIds) === undefined) throw keysUnavailable()
    const entry = { url: null, keys: null, fetchedAt: 0, triedAt: Number.NEGATIVE_INFINITY, failed: false }
    entries.set(name, entry)
    return entry
  }

  const read = async (entry: IssuerEntry, source: JwksSource): Promise<void> => {
    try {
      const url = source.jwksUrl ?? (await discover(egress, source.issuer))
      entry.keys = createLocalJWKSet(keySetOf(await getJson(egress, url)))
      entry.url = url
      entry.fetchedAt = Date.now()
      entry.failed = false
    } catch (error) {
      entry.failed = true
      logger.warn({ issuer: source.issuer, err: error }, 'could not read the keys of an OIDC issuer')
    }
  }

  /** Reads the keys, or waits for a running read. Does nothing during the cooldown and for workspaces over their limit. Never rejects. */
  const refresh = (entry: IssuerEntry, source: JwksSource, workspaceIds: readonly string[]): Promise<void> =>
    reads.run(nameOf(source), async () => {
      if (Date.now() - entry.triedAt < cooldownMs) return
      const payer = payerOf(workspaceIds)
      if (payer === undefined) return
      charge(payer)
      entry.triedAt = Date.now()
      await read(entry, source)
    })

  const ageMs = (entry: IssuerEntry) => Date.now() - entry.fetchedAt

  return {
    async find(source, workspaceIds, header) {
      const entry = entryOf(source, workspaceIds)
      if (entry.keys === null || ageMs(entry) > maxAgeMs) {
        const reading = refresh(entry, source, workspaceIds)
        // While the issuer is unavailable, callers do not wait for it if older keys can be used.
        if (entry.keys === null || !entry.failed || ageMs(entry) > maxStaleMs) await reading
      }
      if (entry.keys === null || ageMs(entry) > maxStaleMs) throw keysUnavailable()
      try {
        return await entry.keys(header)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      }
      await refresh(entry, source, workspaceIds)
      if (entry.failed) throw keysUnavailable()
      return entry.keys(header)
    },
    isFailing(source) {
      const entry = entries.get(nameOf(source))
      return entry !== undefined && entry.keys === null && entry.failed
    },
    publishedUrl: (issuer) => entries.get(nameOf({ issuer, jwksUrl: null }))?.url ?? null,
  }
}

/** The jwks_uri by OpenID Connect Discovery 1.0 section 4. The metadata must name exactly this issuer (section 4.3). */
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
    maxResponseBytes: MAX_RESPONSE_BYTES,
  })
  if (response.status !== 200) {
    await response.cancel()
    throw new Error(`The issuer responded with status ${response.status}.`)
  }
  return JSON.parse(await response.text())
}

/** RFC 7517 section 5. jose checks each key when it is used. */
function keySetOf(value: unknown): { keys: Record<string, unknown>[] } {
  if (!isObject(value) || !Array.isArray(value['keys']) || !value['keys'].every(isObject)) {
    throw new Error('The issuer did not return a JWK set.')
  }
  return { keys: value['keys'] }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function keysUnavailable(): UnavailableError {
  return new UnavailableError("The keys of this token's issuer cannot be read at the moment. Try again soon.")
}
