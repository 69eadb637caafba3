import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { StoredOAuth2 } from '../../../src/auth/stored-credential.ts'
import { insertCredential } from '../../../src/credentials/credential-store.ts'
import type { Database } from '../../../src/db/database.ts'
import { databaseNow } from '../../../src/db/sql.ts'
import { newId } from '../../../src/kit/ids.ts'
import { parseKeyring } from '../../../src/vault/keyring.ts'
import { createVault, type Vault } from '../../../src/vault/vault.ts'
import { openTestDatabase, type TestDatabase } from '../../support/databases.ts'
import { type OidcServer, testClient } from '../../support/oidc-server.ts'
import { SHORT_LIVED } from '../../support/program.ts'

export interface Setting {
  url: string
  keys: string
  requestTimeoutMs: number
  lateResponseMs?: number
  killAt?: string | undefined
  stopAt?: string | undefined
  clockOffsetMs?: number
}

export interface Order {
  id: number
  connectionId: string
  callers?: number
  force?: boolean
  /** Calls `broker.refused` with the opened connection. */
  refused?: boolean
}

export interface Answer {
  token?: string
  code?: string
  message?: string
  reason?: string
}

/** A process with its own broker. */
export interface RefreshProcess {
  child: ChildProcess
  /** Runs `count` statements unrelated to credentials. @returns the duration of each, in ms */
  selects(count: number): Promise<number[]>
  /** Opens the connection for each caller. @returns the result of each */
  ask(order: Omit<Order, 'id'>): Promise<Answer[]>
  /** Resolves when a renewal reaches the step of that name. */
  step(name: string): Promise<void>
  exited: Promise<unknown>
}

export interface RefreshFixture {
  test: TestDatabase
  database: Database
  vault: Vault
  /** Value of LATCHKEY_ENCRYPTION_KEYS for the processes. */
  keys: string
  startProcess(setting?: Partial<Setting>): Promise<RefreshProcess>
  /** Adds a connection with an expired access token and a refresh token that the server accepts. */
  addConnection(oidc: Pick<OidcServer, 'tokenUrl' | 'mintRefreshToken'>, options?: AddConnection): Promise<string>
  /** Makes the stored token expire. */
  expire(connectionId: string): Promise<void>
  credential(connectionId: string): Promise<CredentialState>
  /** The stored refresh token, decrypted. */
  refreshToken(connectionId: string): Promise<string>
  events(connectionId: string): Promise<string[]>
  close(): Promise<void>
}

interface AddConnection {
  expiresAt?: Date
  definition?: Record<string, unknown>
}

export interface CredentialState {
  version: number
  attempt_id: string | null
  failed_refreshes: number
  status: string
  last_error: { reason: string } | null
}

export const REQUEST_TIMEOUT_MS = 1_500

/** @param opened a database, which is closed with the fixture. Default: a new database on the shared server */
export async function openRefreshFixture(opened?: TestDatabase): Promise<RefreshFixture> {
  const test = opened ?? (await openTestDatabase('server'))
  const { database } = test
  const keys = `test:${randomBytes(32).toString('base64')}`
  const vault = createVault(parseKeyring(keys))
  const workspaceId = newId()
  await database.prisma.workspace.create({ data: { id: workspaceId, name: 'n', slug: 's', redirectUrls: [] } })
  const children: ChildProcess[] = []
  return {
    test,
    database,
    vault,
    keys,
    async startProcess(setting = {}) {
      const whole: Setting = { url: test.url ?? '', keys, requestTimeoutMs: REQUEST_TIMEOUT_MS, ...setting }
      const child = fork(fileURLToPath(new URL('./refresh-process.ts', import.meta.url)), [JSON.stringify(whole)], {
        execArgv: SHORT_LIVED,
      })
      children.push(child)
      child.setMaxListeners(0)
      const exited = once(child, 'exit')
      let orders = 0
      const process: RefreshProcess = {
        child,
        exited,
        ask(order) {
          orders += 1
          const id = orders
          child.send({ id, ...order })
          const { promise, resolve, reject } = Promise.withResolvers<Answer[]>()
          child.on('message', (message: { id?: number; answers?: Answer[] }) => {
            if (message.id === id) resolve(message.answers ?? [])
          })
          exited.then(() => reject(new Error('The process ended.')))
          return promise
        },
        selects(count) {
          const { promise, resolve } = Promise.withResolvers<number[]>()
          child.on('message', ({ times }: { times?: number[] }) => times !== undefined && resolve(times))
          child.send({ selects: count })
          return promise
        },
        step(name) {
          const { promise, resolve } = Promise.withResolvers<void>()
          child.on('message', (message: { step?: string }) => {
            if (message.step === name) resolve()
          })
          return promise
        },
      }
      await once(child, 'message')
      return process
    },
    async addConnection(oidc, { expiresAt = new Date(Date.now() - 60_000), definition = {} } = {}) {
      const auth = {
        type: 'oauth2',
        grant: 'refresh_token',
        tokenUrl: oidc.tokenUrl,
        rotation: 'strict',
      }
      const integrationId = newId()
      const connectionId = newId()
      await database.transaction(async (tx) => {
        await tx.prisma.integration.create({
          data: {
            id: integrationId,
            workspaceId,
            slug: integrationId,
            displayName: 'n',
            definition: { displayName: 'n', baseUrl: 'http://127.0.0.1', auth, ...definition },
          },
        })
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
        const refreshToken = { value: await oidc.mintRefreshToken(), place: oidc.tokenUrl, rotates: true }
        const stored: StoredOAuth2 = {
          type: 'oauth2',
          fields: { client_id: testClient.client_id, client_secret: testClient.client_secret },
          accessToken: 'the first access token',
          refreshToken: refreshToken.value,
          expiresAt: expiresAt.toISOString(),
          scopes: [],
        }
        await insertCredential(tx, vault, {
          connectionId,
          workspaceId,
          stored,
          opened: { expiresAt, refreshable: true, refreshToken, scopes: [] },
          now: await databaseNow(tx),
          supplied: true,
        })
      })
      return connectionId
    },
    async expire(connectionId) {
      await database.sql.query(
        `UPDATE credential SET expires_at = now() - interval '1 minute', next_refresh_at = NULL WHERE connection_id = $1::uuid`,
        [connectionId],
      )
    },
    async credential(connectionId) {
      const [row] = await database.sql.query<CredentialState & { [column: string]: unknown }>(
        `SELECT s.version, s.attempt_id, s.failed_refreshes, s.last_error, c.status::text AS status
         FROM credential s JOIN connection c ON c.id = s.connection_id WHERE s.connection_id = $1::uuid`,
        [connectionId],
      )
      if (row === undefined) throw new Error('The credential does not exist.')
      return row
    },
    async refreshToken(connectionId) {
      const row = await database.prisma.credential.findUniqueOrThrow({ where: { connectionId } })
      const opened = vault.open(row.sealed, {
        workspaceId,
        rowId: connectionId,
        column: 'credential.sealed',
        version: row.version,
      })
      return (opened as StoredOAuth2).refreshToken ?? ''
    },
    async events(connectionId) {
      const rows = await database.prisma.event.findMany({ where: { connectionId }, orderBy: { position: 'asc' } })
      return rows.map((row) => row.type)
    },
    async close() {
      for (const child of children) child.kill('SIGKILL')
      await test.close()
    },
  }
}
