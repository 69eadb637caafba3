import type { ProvidedCredential } from '../auth/external/auth-provider.ts'
import { readStored, storedAuthProviderSchema } from '../auth/stored-credential.ts'
import { runInScope } from '../db/scope.ts'
import { CredentialRefreshError } from '../kit/errors.ts'
import type { CredentialInput } from '../wire/credential-input.ts'
import { RenewalError } from '../wire/renewal-error.ts'
import {
  type CredentialRow,
  definitionOfRow,
  type OpenedConnection,
  oauthClientOf,
  openSealed,
  openStored,
} from './credential-row.ts'
import { askForCredential, asStored } from './provided-account.ts'
import { recordProvidedFailure, recordProvidedSuccess } from './provided-outcome.ts'
import type { RenewerDeps } from './renewer.ts'

/** Credentials that auth providers keep: asked for when they are needed, held in memory for a while, never stored. */
export interface ProvidedCredentials {
  /** @throws CredentialRefreshError */
  open(row: CredentialRow): Promise<OpenedConnection>
  /** @returns whether the auth provider was asked */
  refresh(row: CredentialRow, force: boolean): Promise<boolean>
  /** Asks once more. @returns null when there is no other credential */
  refused(row: CredentialRow, opened: OpenedConnection): Promise<OpenedConnection | null>
  close(): void
}

interface Held {
  /** Of the stored reference. */
  version: number
  authProviderId: string
  credential: ProvidedCredential
  /** By the clock of `performance.now()`. */
  goodUntilMs: number
  /** When it was asked for because the API had refused the one before. */
  refusalAtMs: number | null
}

const UNKNOWN_LIFE_MS = 5 * 60_000
/** What was taken back at the auth provider is noticed then. */
const LONGEST_LIFE_MS = 60 * 60_000
/** Ahead of the end, for the request's way. */
const MARGIN_MS = 30_000
const MAX_HELD = 10_000
/** An API that refuses every credential must not make us ask for each request. */
const REFUSED_EVERY_MS = 30_000
/** An auth provider that has just failed is not asked again by every caller that comes. */
const FAILED_FOR_MS = 1_000

export function isProvided(row: CredentialRow): boolean {
  return row.credential_type === 'auth_provider'
}

export function createProvidedCredentials(deps: RenewerDeps): ProvidedCredentials {
  const { bus, vault, logger } = deps
  /** By connection, the oldest first. */
  const held = new Map<string, Held>()
  const inFlight = new Map<string, Promise<Held>>()
  /** For a moment each. */
  const failed = new Map<string, { error: unknown }>()
  const usedBy = new WeakMap<OpenedConnection, ProvidedCredential>()
  const unsubscribe = bus.subscribe('access', (id) => {
    for (const [connectionId, { authProviderId }] of held) if (authProviderId === id) held.delete(connectionId)
    failed.clear()
  })

  function find(row: CredentialRow): Held | undefined {
    const found = held.get(row.connection_id)
    return found !== undefined && found.version === row.version && found.goodUntilMs > performance.now()
      ? found
      : undefined
  }

  /** Callers at the same time share one request; it is made in nobody's scope. */
  function fetchShared(row: CredentialRow, afterRefusal: boolean): Promise<Held> {
    const key = keyOf(row)
    const running = inFlight.get(key)
    if (running !== undefined) return running
    const fetching = runInScope(null, async () => {
      try {
        const fetched = await fetchOne(row, afterRefusal)
        failed.delete(key)
        hold(row, fetched)
        await record(() => recordProvidedSuccess(deps, row))
        return fetched
      } catch (error) {
        rememberFailure(key, error)
        if (error instanceof CredentialRefreshError) {
          if (error.reason === 'REVOKED') held.delete(row.connection_id)
          await record(() => recordProvidedFailure(deps, row, error, find(row) !== undefined))
        }
        throw error
      }
    }).finally(() => inFlight.delete(key))
    inFlight.set(key, fetching)
    return fetching
  }

  /** What is shown of it must not decide about it. */
  async function record(write: () => Promise<void>): Promise<void> {
    await write().catch((err: unknown) => logger.warn({ err }, 'the state of a connection could not be stored'))
  }

  async function fetchOne(row: CredentialRow, afterRefusal: boolean): Promise<Held> {
    const { provider, accountId } = readStored(storedAuthProviderSchema, openSealed(vault, row))
    const askedAtMs = performance.now()
    const { now, workspace_id: workspaceId, connection_id: connectionId, integration_id: integrationId } = row
    const account = { workspaceId, provider, accountId, connectionId, integrationId, endUserId: row.end_user_id }
    const { authProviderId, credential } = await askForCredential(deps, account, now)
    const lifeMs = credential.expiresAt === undefined ? UNKNOWN_LIFE_MS : credential.expiresAt.getTime() - now.getTime()
    const goodMs = Math.min(lifeMs - Math.min(MARGIN_MS, lifeMs / 4), LONGEST_LIFE_MS)
    const fetched = {
      version: row.version,
      authProviderId,
      credential,
      goodUntilMs: askedAtMs + goodMs,
      refusalAtMs: afterRefusal ? askedAtMs : null,
    }
    // One that does not fit is not held.
    openHeld(row, fetched)
    return fetched
  }

  function hold({ connection_id: id }: CredentialRow, fetched: Held): void {
    held.delete(id)
    const [oldest] = held.keys()
    if (held.size >= MAX_HELD && oldest !== undefined) held.delete(oldest)
    held.set(id, fetched)
    const forget = () => {
      if (held.get(id) === fetched) held.delete(id)
    }
    setTimeout(forget, Math.max(0, fetched.goodUntilMs - performance.now())).unref()
  }

  function rememberFailure(key: string, error: unknown): void {
    const waitMs =
      error instanceof RenewalError ? Math.min(error.retryAfterMs ?? FAILED_FOR_MS, UNKNOWN_LIFE_MS) : FAILED_FOR_MS
    failed.set(key, { error })
    setTimeout(() => failed.delete(key), waitMs).unref()
  }

  function openHeld(row: CredentialRow, { credential }: Held): OpenedConnection {
    const definition = definitionOfRow(row)
    const { customStrategies } = deps
    const options = {
      hasOAuthClient: row.oauth_client_id !== null,
      ...(customStrategies === undefined ? {} : { customStrategies }),
    }
    const stored = asStored(definition.auth, credential, row.now, options)
    const opened = openStored(row, stored, { oauthClient: oauthClientOf(vault, row), customStrategies })
    usedBy.set(opened, credential)
    return opened
  }

  return {
    async open(row) {
      const known = find(row)
      if (known !== undefined) return openHeld(row, known)
      const failure = failed.get(keyOf(row))
      if (failure !== undefined) throw failure.error
      return openHeld(row, await fetchShared(row, false))
    },
    async refresh(row, force) {
      if (!force && row.status !== 'NEEDS_REAUTH' && find(row) !== undefined) return false
      await fetchShared(row, false)
      return true
    },
    async refused(row, opened) {
      const used = usedBy.get(opened)
      const known = find(row)
      // Somebody else who was refused has asked already.
      if (known !== undefined && known.credential !== used) return openHeld(row, known)
      if (known?.refusalAtMs != null && performance.now() - known.refusalAtMs < REFUSED_EVERY_MS) return null
      const fetched = await fetchShared(row, true)
      return used !== undefined && isSameInput(fetched.credential.input, used.input) ? null : openHeld(row, fetched)
    },
    close: unsubscribe,
  }
}

function keyOf(row: CredentialRow): string {
  return `${row.connection_id} ${row.version}`
}

function isSameInput(a: CredentialInput, b: CredentialInput): boolean {
  return (
    a.secretText === b.secretText && a.basic?.username === b.basic?.username && a.basic?.password === b.basic?.password
  )
}
