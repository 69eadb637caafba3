import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoredOAuth2 } from '../../../src/auth/stored-credential.ts'
import {
  type CredentialRow,
  insertCredential,
  readCredentialRow,
  toJsonColumn,
} from '../../../src/credentials/credential-store.ts'
import {
  type AttemptDeps,
  type AttemptWriter,
  createAttemptWriter,
  type RenewalAttempt,
  recordFailure,
} from '../../../src/credentials/renewal-attempt.ts'
import { databaseNow } from '../../../src/db/sql.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { CredentialRefreshError } from '../../../src/kit/errors.ts'
import { newId } from '../../../src/kit/ids.ts'
import { credentialIdentity } from '../../../src/vault/identities.ts'
import { parseKeyring } from '../../../src/vault/keyring.ts'
import { createVault } from '../../../src/vault/vault.ts'
import { openTestDatabase, type TestDatabase } from '../../support/databases.ts'

const QUIET_MS = 60_000
const NOT_SHARED = { hashes: [], includes: () => false }

/** A request that was sent with the refresh token of its row's version. */
interface Sent {
  row: CredentialRow
  attempt: RenewalAttempt
  /** The request may still reach the provider. */
  inFlight: boolean
  quietPassed: boolean
}

/** The expected state. */
interface Model {
  version: number
  /** The attempt that is recorded in the row. */
  open: { id: string; quietPassed: boolean } | null
  /** Whether it is unknown if the provider has spent the refresh token. */
  doubt: boolean
}

interface Real {
  deps: AttemptDeps
  attempts: AttemptWriter
  workspaceId: string
  connectionId: string
  sent: Sent[]
  stale: CredentialRow | null
}

type Command = fc.AsyncCommand<Model, Real>

const pick = (sent: Sent[], nth: number): Sent | undefined => sent[nth % Math.max(1, sent.length)]
const rowOf = ({ deps, connectionId }: Real) => readCredentialRow(deps.database.sql, connectionId)

class Begin implements Command {
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    const row = await rowOf(real)
    expect(row.version).toBe(model.version)
    real.stale ??= row
    const attempt = await real.attempts.begin(row, NOT_SHARED)
    expect(attempt !== null).toBe(model.open === null || model.open.quietPassed)
    if (attempt === null) return
    expect(attempt.doubt !== null).toBe(model.doubt || model.open !== null)
    model.doubt ||= model.open !== null
    // The invariant: no other request with this refresh token is in flight, unless its quiet period has passed.
    const others = real.sent.filter(({ row: { version }, inFlight }) => version === row.version && inFlight)
    expect(others.every(({ quietPassed }) => quietPassed)).toBe(true)
    real.sent.push({ row, attempt, inFlight: true, quietPassed: false })
    model.open = { id: attempt.id, quietPassed: false }
  }
  toString = () => 'begin'
}

class BeginFromOldRow implements Command {
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    if (real.stale === null || real.stale.version === model.version) return
    expect(await real.attempts.begin(real.stale, NOT_SHARED)).toBeNull()
  }
  toString = () => 'begin from an old row'
}

class Answer implements Command {
  readonly #nth: number
  constructor(nth: number) {
    this.#nth = nth
  }
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    const sent = pick(real.sent, this.#nth)
    if (sent === undefined || !sent.inFlight) return
    sent.inFlight = false
    const stored: StoredOAuth2 = { type: 'oauth2', fields: {}, accessToken: newId(), refreshToken: newId(), scopes: [] }
    const wasStored = await real.attempts.commit(sent.row, NOT_SHARED, { stored, scopes: [] })
    expect(wasStored).toBe(sent.row.version === model.version)
    if (!wasStored) return
    model.version += 1
    model.open = null
    model.doubt = false
  }
  toString = () => `answer ${this.#nth}`
}

class Fail implements Command {
  readonly #nth: number
  readonly #keepOpen: boolean
  constructor(nth: number, keepOpen: boolean) {
    this.#nth = nth
    this.#keepOpen = keepOpen
  }
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    const sent = pick(real.sent, this.#nth)
    if (sent === undefined || !sent.inFlight) return
    // Without a response, the request may still arrive.
    sent.inFlight = this.#keepOpen
    const error = new CredentialRefreshError('no', { reason: 'PROVIDER_UNAVAILABLE', retryable: true })
    const failure = {
      error,
      finalAfterADay: false,
      askedToWait: false,
      retryInMs: 0,
      keepOpen: this.#keepOpen,
      needsReauth: null,
    }
    const recorded = await recordFailure(real.deps, sent.row, sent.attempt, failure)
    expect(recorded).toBe(sent.row.version === model.version && model.open?.id === sent.attempt.id)
    if (recorded && !this.#keepOpen) model.open = null
    if (recorded && this.#keepOpen) model.doubt = true
  }
  toString = () => `fail ${this.#nth}${this.#keepOpen ? ', outcome unknown' : ''}`
}

/** The process ends: nothing is written, and its request may be in flight. */
class Crash implements Command {
  check = () => true
  run = async () => undefined
  toString = () => 'crash'
}

class QuietPeriodPasses implements Command {
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    await real.deps.database.sql.query(
      `UPDATE credential SET attempt_at = attempt_at - $2::float * interval '1 millisecond' WHERE connection_id = $1::uuid`,
      [real.connectionId, QUIET_MS + 1_000],
    )
    for (const sent of real.sent) sent.quietPassed = true
    if (model.open !== null) model.open.quietPassed = true
  }
  toString = () => 'the quiet period passes'
}

class Replace implements Command {
  check = () => true
  async run(model: Model, real: Real): Promise<void> {
    const { deps, workspaceId, connectionId } = real
    const version = model.version + 1
    const stored: StoredOAuth2 = { type: 'oauth2', fields: {}, accessToken: newId(), refreshToken: newId(), scopes: [] }
    await deps.database.sql.query(
      `UPDATE credential SET version = $2::int, sealed = $3::bytea, attempt_id = NULL, attempt_at = NULL, doubt = NULL
       WHERE connection_id = $1::uuid`,
      [
        connectionId,
        version,
        deps.vault.seal(toJsonColumn(stored), credentialIdentity(workspaceId, connectionId, version)),
      ],
    )
    model.version = version
    model.open = null
    model.doubt = false
  }
  toString = () => 'replace'
}

describe('Renewals in any order and with any outcome (RF-14)', () => {
  let test: TestDatabase
  let deps: AttemptDeps
  const [workspaceId, integrationId] = [newId(), newId()]
  beforeAll(async () => {
    test = await openTestDatabase('embedded')
    const { database } = test
    deps = {
      database,
      bus: createLocalWakeBus(),
      vault: createVault(parseKeyring(`k:${randomBytes(32).toString('base64')}`)),
    }
    await database.prisma.workspace.create({ data: { id: workspaceId, name: 'n', slug: 's', redirectUrls: [] } })
    const auth = { type: 'oauth2', grant: 'refresh_token', tokenUrl: 'https://a.example/t' }
    const definition = { displayName: 'n', baseUrl: 'https://a.example', auth }
    await database.prisma.integration.create({
      data: { id: integrationId, workspaceId, slug: 's', displayName: 'n', definition },
    })
  })
  afterAll(() => test.close())

  async function newConnection(): Promise<string> {
    const connectionId = newId()
    await deps.database.transaction(async (tx) => {
      await tx.prisma.connection.create({
        data: {
          id: connectionId,
          workspaceId,
          integrationId,
          displayName: 'n',
          status: 'ACTIVE',
          method: 'TOKEN_INJECTION',
        },
      })
      const stored: StoredOAuth2 = { type: 'oauth2', fields: {}, accessToken: 'a', refreshToken: 'r', scopes: [] }
      await insertCredential(tx, deps.vault, {
        connectionId,
        workspaceId,
        stored,
        opened: { refreshable: true, scopes: [] },
        now: await databaseNow(tx),
        supplied: true,
      })
    })
    return connectionId
  }

  it('never have two live requests with one refresh token', async () => {
    const nth = fc.nat({ max: 5 })
    const commands = [
      fc.constant(new Begin()),
      fc.constant(new Begin()),
      fc.constant(new BeginFromOldRow()),
      nth.map((n) => new Answer(n)),
      fc.tuple(nth, fc.boolean()).map(([n, keepOpen]) => new Fail(n, keepOpen)),
      fc.constant(new Crash()),
      fc.constant(new QuietPeriodPasses()),
      fc.constant(new Replace()),
    ]
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 30 }), async (sequence) => {
        const attempts = createAttemptWriter(deps, QUIET_MS)
        const real: Real = { deps, attempts, workspaceId, connectionId: await newConnection(), sent: [], stale: null }
        await fc.asyncModelRun(() => ({ model: { version: 1, open: null, doubt: false }, real }), sequence)
      }),
      { numRuns: 60 },
    )
  })
})
