import { randomBytes } from 'node:crypto'
import type { Caller } from '../../src/access/caller.ts'
import type { DiscoveryDeps } from '../../src/auth/oauth2/discover-endpoints.ts'
import { createIssuerMetadata } from '../../src/auth/oauth2/issuer-metadata.ts'
import type { ConnectionDeps } from '../../src/connections/connection-deps.ts'
import { type ConnectionInput, createConnection } from '../../src/connections/connections.ts'
import { createIntegration } from '../../src/connections/integrations.ts'
import { createWorkspace } from '../../src/connections/workspaces.ts'
import { createQueue } from '../../src/db/queue.ts'
import { createLocalWakeBus } from '../../src/db/wake-bus.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { readEvents } from '../../src/events/event-log.ts'
import { newId } from '../../src/kit/ids.ts'
import { createLogger } from '../../src/kit/log.ts'
import { EncryptionKey, Keyring } from '../../src/vault/keyring.ts'
import { createVault } from '../../src/vault/vault.ts'
import type { TestDatabase } from '../support/databases.ts'

export const operator: Caller = {
  kind: 'OPERATOR',
  role: 'OPERATOR',
  workspaceId: null,
  endUserId: null,
  apiKeyId: null,
  connectSessionId: null,
  expiresAt: null,
}

export interface ConnectFixture extends ConnectionDeps {
  workspaceId: string
  integrationId: string
  connect(options?: Partial<ConnectionInput>): Promise<string>
  addRecords(connectionId: string, count: number): Promise<void>
  /** Types of the workspace's events, oldest first. */
  events(): Promise<string[]>
  /** Number of the workspace's rows in a table. */
  count(
    table: 'connection' | 'credential' | 'record' | 'sync_job' | 'integration' | 'workspace' | 'event' | 'end_user',
  ): Promise<number>
}

export interface ConnectServices extends ConnectionDeps, DiscoveryDeps {
  close(): Promise<void>
}

/** Starts the services around connections on a database. */
export async function startConnectServices({ database, close }: TestDatabase): Promise<ConnectServices> {
  const queue = createQueue(database, (error) => process.stderr.write(`queue: ${error.message}\n`))
  await queue.start()
  const bus = createLocalWakeBus()
  const egress = createEgress()
  const vault = createVault(new Keyring([new EncryptionKey('test', randomBytes(32))]))
  return {
    database,
    queue,
    bus,
    vault,
    customStrategies: new Map(),
    egress,
    issuerMetadata: createIssuerMetadata(egress, createLogger({ level: 'fatal' })),
    async close() {
      await egress.close()
      await queue.stop()
      await bus.close()
      await close()
    },
  }
}

/** A new workspace with one integration, `crm`. */
export async function createConnectFixture(deps: ConnectionDeps & DiscoveryDeps): Promise<ConnectFixture> {
  const { database } = deps
  const { id: workspaceId } = await createWorkspace(database, operator, {
    name: 'Acme',
    slug: null,
    redirectUrls: [],
    brandingName: null,
    brandingLogoUrl: null,
    brandingColor: null,
    confirmation: 'REQUIRED',
  })
  const { id: integrationId } = await createIntegration(deps, operator, {
    workspaceId,
    slug: 'crm',
    provider: null,
    displayName: null,
    oauthClient: null,
    definition: {
      displayName: 'CRM',
      baseUrl: 'https://crm.example.com',
      auth: { type: 'bearer' },
      streams: [{ name: 'contacts', path: '/contacts', primaryKey: [['id']] }],
    },
  })
  return {
    ...deps,
    workspaceId,
    integrationId,
    async connect(options = {}) {
      const { connection } = await createConnection(deps, operator, {
        workspaceId,
        integration: 'crm',
        provider: null,
        displayName: null,
        externalId: null,
        endUserId: null,
        endUserExternalId: null,
        collection: null,
        credential: { secretText: 'token-of-the-crm' },
        input: null,
        metadata: null,
        syncImmediately: false,
        ...options,
      })
      return connection.id
    },
    async addRecords(connectionId, count) {
      await database.sql.query(
        `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest)
         SELECT gen_random_uuid(), $1::uuid, $2::uuid, 'contacts', '["1"]', '{}', '' FROM generate_series(1, $3::int)`,
        [workspaceId, connectionId, count],
      )
      await database.sql.query(
        `INSERT INTO stream_state AS s (connection_id, name, workspace_id, record_count) VALUES ($2::uuid, 'contacts', $1::uuid, $3::int)
         ON CONFLICT (connection_id, name) DO UPDATE SET record_count = s.record_count + excluded.record_count`,
        [workspaceId, connectionId, count],
      )
    },
    async events() {
      return (await readEvents(database.sql, workspaceId, 0n, {}, 10_000)).map(({ type }) => type)
    },
    async count(table) {
      const column = table === 'workspace' ? 'id' : 'workspace_id'
      const [row] = await database.sql.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM ${table} WHERE ${column} = $1::uuid`,
        [workspaceId],
      )
      return row?.count ?? 0
    },
  }
}

/** Creates an end user. @returns their id */
export async function addEndUser({ database, workspaceId }: ConnectFixture, externalId: string): Promise<string> {
  const id = newId()
  await database.prisma.endUser.create({ data: { id, workspaceId, externalId } })
  return id
}
