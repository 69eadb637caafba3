import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { strategyOf } from '../auth/registry.ts'
import { readStored, type StoredCredential, type StoredOwnToken, storedSchemas } from '../auth/stored-credential.ts'
import { ownAuthOf, waysOf } from '../catalog/definition/auth.ts'
import { credentialFieldsOf } from '../catalog/definition/auth-fields.ts'
import { isRecord } from '../catalog/template/value.ts'
import type { Database } from '../db/database.ts'
import { runInScope } from '../db/scope.ts'
import { databaseNow } from '../db/sql.ts'
import type { Egress } from '../egress/egress.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { CredentialRefreshError } from '../kit/errors.ts'
import type { Logger } from '../kit/log.ts'
import { createSingleFlight } from '../kit/single-flight.ts'
import { credentialIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import { RenewalError } from '../wire/renewal-error.ts'
import { repeatWhileUnavailable } from '../wire/repeat-while-unavailable.ts'
import {
  assertUsable,
  type CredentialRow,
  type OwnTokenRequest,
  type OwnTokens,
  openSealed,
  readCredentialRow,
  toJsonColumn,
} from './credential-store.ts'

interface TokenDeps {
  database: Pick<Database, 'sql'>
  egress: Egress
  customStrategies?: CustomStrategies | undefined
}

const REQUEST_TIMEOUT_MS = 15_000
/** Longer than the login of another process takes. */
const WAIT_MS = 2 * REQUEST_TIMEOUT_MS
/** A token that expires sooner is not used for another request. */
const MARGIN_MS = 5_000
/** After a token that followed a refusal by the API, further refusals are ignored for this long. */
const REFUSED_EVERY_MS = 30_000
/** A login that was refused is not repeated for each request: it might lock the account. */
const REFUSED_FOR_MS = 5 * 60_000
const FAILED_FOR_MS = 5_000
/** How often it is tried to store a token while the credential itself is renewed. */
const STORE_TRIES = 10

/** Tokens that are kept in memory only, for connections that are not stored yet. */
export function unstoredTokens(deps: TokenDeps): OwnTokens {
  const once = (request: OwnTokenRequest) => obtainToken(deps, request)
  return { stored: () => undefined, obtain: once, once, mayReplace: onceInAWhile(({ key }) => key) }
}

/**
 * Tokens that are stored with the credential, in the same sealed row. Concurrent callers of a process share one login, and a lock of the
 * database excludes other processes. A login consumes nothing, so a token that cannot be stored is only obtained again.
 */
export function createOwnTokens(
  deps: TokenDeps & { database: Database; vault: Vault; logger: Logger },
): (row: CredentialRow, secret: unknown) => OwnTokens {
  const { database, vault, logger } = deps
  const flights = createSingleFlight<StoredOwnToken>()
  const failures = new BoundedMap<string, { error: CredentialRefreshError; untilMs: number }>({
    max: 10_000,
    ttlMs: REFUSED_FOR_MS,
  })

  async function obtain(id: string, request: OwnTokenRequest, had: string | undefined): Promise<StoredOwnToken> {
    const deadline = performance.now() + WAIT_MS
    for (;;) {
      const release = await database.locks.tryLock(`own token:${id} ${request.key}`).catch((error: unknown) => {
        logger.warn({ err: error }, 'the lock of a token could not be requested')
        return null
      })
      try {
        const row = await readCredentialRow(database.sql, id)
        assertUsable(row, 'allow')
        const found = tokenIn(openSealed(vault, row), request)
        if (found !== undefined && found.token !== had && isAlive(found, row.now.getTime())) return found
        const failed = `${id} ${row.version} ${request.key} ${digestOf(request)}`
        const failure = failures.get(failed)
        if (failure !== undefined && performance.now() < failure.untilMs) throw failure.error
        if (release !== null) {
          const token = await obtainToken(deps, request).catch((error: unknown) => {
            if (error instanceof CredentialRefreshError)
              failures.set(failed, { error, untilMs: performance.now() + pauseAfter(error) })
            throw error
          })
          await store(row, request, token).catch((error: unknown) =>
            logger.warn({ err: error, connectionId: id }, 'a token of another auth could not be stored'),
          )
          return token
        }
      } finally {
        await release?.()
      }
      if (performance.now() > deadline) {
        const message = `The token of the auth ${request.key} is being requested at the moment. Try again.`
        throw new CredentialRefreshError(message, { reason: 'PROVIDER_UNAVAILABLE', retryable: true })
      }
      await sleep(10 + Math.random() * 190)
    }
  }

  /**
   * Stores a token, unless the credential was replaced. Every write of a credential has a new version. A renewal that is in flight
   * must find the version with which it began, so nothing is written meanwhile.
   */
  async function store(seen: CredentialRow, request: OwnTokenRequest, token: StoredOwnToken): Promise<void> {
    const before = read(openSealed(vault, seen))
    for (let tries = 0; tries < STORE_TRIES; tries += 1) {
      const row = await readCredentialRow(database.sql, seen.connection_id)
      const { connection_id: connectionId, workspace_id: workspaceId, version } = row
      const credential = read(openSealed(vault, row))
      if (!isDeepStrictEqual(suppliedIn(credential), suppliedIn(before))) return
      const sealed = vault.seal(
        toJsonColumn({ ...credential, tokens: { ...credential.tokens, [request.key]: token } }),
        credentialIdentity(workspaceId, connectionId, version + 1),
      )
      const [written] = await database.sql.query(
        `UPDATE credential SET sealed = $3::bytea, key_id = $4::text, version = version + 1,
           refused_version = CASE WHEN refused_version >= version - 1 THEN refused_version + 1 ELSE refused_version END,
           rejected_version = CASE WHEN rejected_version = version THEN version + 1 ELSE rejected_version END
         WHERE connection_id = $1::uuid AND version = $2::int AND attempt_id IS NULL RETURNING 1 AS one`,
        [connectionId, version, sealed, vault.currentKeyId],
      )
      if (written !== undefined) return
      await sleep(100)
    }
  }

  const mayReplace = onceInAWhile<{ id: string; key: string }>(({ id, key }) => `${id} ${key}`)

  return ({ connection_id: id }, secret) => ({
    stored: (request) => tokenIn(secret, request),
    obtain: (request, had) =>
      flights.run(`${id} ${request.key} ${digestOf(request)}`, () =>
        // The token belongs to the connection, whoever sends the request.
        runInScope(null, () => obtain(id, request, had)),
      ),
    once: (request) => obtainToken(deps, request),
    mayReplace: ({ key }) => mayReplace({ id, key }),
  })
}

/** A function that says true once for each key, and again after `REFUSED_EVERY_MS`. */
function onceInAWhile<T>(keyOf: (item: T) => string): (item: T) => boolean {
  const last = new BoundedMap<string, true>({ max: 10_000, ttlMs: REFUSED_EVERY_MS })
  return (item) => {
    const key = keyOf(item)
    if (last.get(key) !== undefined) return false
    last.set(key, true)
    return true
  }
}

/** Whether a token may be used for another request. @param nowMs milliseconds since 1970 */
export function isAlive({ expiresAt }: StoredOwnToken, nowMs: number): boolean {
  return expiresAt === undefined || Date.parse(expiresAt) - nowMs > MARGIN_MS
}

const anyStored = z.union(Object.values(storedSchemas))

function read(secret: unknown): StoredCredential {
  return readStored(anyStored, secret)
}

/** What a person supplied of a credential. */
function suppliedIn(credential: StoredCredential): unknown {
  return credential.type === 'selective' ? [credential.fields, suppliedIn(credential.inner)] : credential.fields
}

function tokenIn(secret: unknown, request: OwnTokenRequest): StoredOwnToken | undefined {
  const { tokens = {} } = read(secret)
  const found = Object.hasOwn(tokens, request.key) ? tokens[request.key] : undefined
  return found?.of === digestOf(request) ? found : undefined
}

/** A token is of use only for the auth and the values that it was obtained with. */
function digestOf({ auth, scope }: OwnTokenRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([auth, scope['input'], scope['kept']]))
    .digest('base64url')
}

function pauseAfter(error: CredentialRefreshError): number {
  if (!error.retryable) return REFUSED_FOR_MS
  const askedMs = error instanceof RenewalError ? (error.retryAfterMs ?? 0) : 0
  return Math.min(REFUSED_FOR_MS, Math.max(FAILED_FOR_MS, askedMs))
}

async function obtainToken(
  { database, egress, customStrategies }: TokenDeps,
  request: OwnTokenRequest,
): Promise<StoredOwnToken> {
  const { key, auth, definition, scope } = request
  const { config, input, kept } = scope
  const fields = Object.entries(isRecord(config) ? config : {}).filter(([, value]) => typeof value === 'string')
  const declared = waysOf(definition.auth).flatMap((way) => credentialFieldsOf(way))
  const strategy = strategyOf(ownAuthOf(auth, declared), customStrategies)
  const empty = { type: auth.type, fields: Object.fromEntries(fields), ...(auth.type === 'oauth2' && { scopes: [] }) }
  const now = await databaseNow(database.sql)
  const { stored, expiresAt } = await repeatWhileUnavailable({ timeoutMs: REQUEST_TIMEOUT_MS }, (timeoutMs) =>
    strategy.renew(empty, {
      egress,
      now,
      timeoutMs,
      input: isRecord(input) ? input : {},
      kept: isRecord(kept) ? kept : {},
      responseErrors: definition.responseErrors,
      clientCertificate: request.certificate(),
    }),
  )
  const token =
    stored.type === 'oauth2' ? stored.accessToken : stored.type === 'session_token' ? stored.token : undefined
  if (token === undefined) throw new Error(`The auth ${key} has obtained no token.`)
  return { token, expiresAt: expiresAt?.toISOString(), of: digestOf(request) }
}
