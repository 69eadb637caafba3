import DataLoader from 'dataloader'
import { type Caller, notFound } from '../../access/caller.ts'
import { visibleTo } from '../../access/visibility.ts'
import { type SessionRow, UNSHOWN } from '../../connecting/connect-session-feed.ts'
import { allOf, condition } from '../../db/conditions.ts'
import type { Database } from '../../db/database.ts'
import type {
  ApiKey,
  AuthProvider,
  Collection,
  Connection,
  Credential,
  EndUser,
  Integration,
  OidcIssuer,
  StreamState,
  SyncJob,
  SyncJobStream,
  Workspace,
} from '../../db/generated/client.ts'
import type { Row } from '../../db/sql.ts'
import { columnsOf, isLive, type TableName } from '../../db/tables.ts'
import { createListLoader, type ListLoader } from './list-loader.ts'
import { createRowReader, type RowReader } from './row-reader.ts'
import { createSharedReads, type SharedReads } from './shared-reads.ts'

export type CredentialRow = Omit<Credential, 'sealed' | 'keyId'>
export type AuthProviderRow = Omit<AuthProvider, 'sealed' | 'keyId'>

/**
 * One batch of reads for each operation: whatever the shape of a query, the number of statements does not grow with its
 * rows. They read what the caller may see and nothing else. Those by connection and by sync job take the ids of rows that
 * came from the others.
 */
export interface Loaders {
  apiKey: DataLoader<string, ApiKey>
  /** The sealed secret is never read here. */
  authProvider: DataLoader<string, AuthProviderRow>
  workspace: DataLoader<string, Workspace>
  endUser: DataLoader<string, EndUser>
  integration: DataLoader<string, Integration>
  oidcIssuer: DataLoader<string, OidcIssuer>
  connection: DataLoader<string, Connection>
  /** What its link and its browser are known by is never read here. */
  connectSession: DataLoader<string, SessionRow>
  collection: DataLoader<string, Collection>
  syncJob: DataLoader<string, SyncJob>
  /** By connection. The sealed secret is never read here. */
  credential: DataLoader<string, CredentialRow | null>
  /** By connection. */
  latestSyncJob: DataLoader<string, SyncJob | null>
  /** By connection. */
  streamStates: DataLoader<string, StreamState[]>
  /** By sync job, in the order of the definition. */
  syncJobStreams: DataLoader<string, SyncJobStream[]>
  lists: ListLoader
  rows: RowReader
}

const sharedReads = new WeakMap<Database, SharedReads>()

function sharedReadsOf(database: Database): SharedReads {
  let shared = sharedReads.get(database)
  if (shared === undefined) {
    shared = createSharedReads()
    sharedReads.set(database, shared)
  }
  return shared
}

export function createLoaders(database: Database, caller: Caller | null): Loaders {
  const shared = sharedReadsOf(database)
  const visible = (table: TableName) => visibleTo(caller, table)
  const byId = <T extends Row>(table: TableName, what: string, without: readonly string[] = []) =>
    new DataLoader<string, T>((ids) => {
      const seen = visible(table)
      return shared.load(`${table} ${JSON.stringify(seen)}`, ids, async (all) => {
        const values: unknown[] = []
        const where = allOf([condition('t.id = ANY(?::uuid[])', all), condition(isLive(table, 't')), ...seen], values)
        const columns = columnsOf(table, 't', without)
        const rows = await database.sql.query<T>(`SELECT ${columns} FROM ${table} t WHERE ${where}`, values)
        const found = new Map(rows.map((row) => [row['id'], row]))
        return all.map((id) => found.get(id) ?? notFound(what))
      })
    })
  const oneByConnection = <T extends Row>(textOf: () => string) =>
    new DataLoader<string, T | null>((ids) => {
      const text = textOf()
      return shared.load(text, ids, async (all) => {
        const rows = await database.sql.query<T>(text, [all])
        const found = new Map(rows.map((row) => [row['connectionId'], row]))
        return all.map((id) => found.get(id) ?? null)
      })
    })
  const manyBy = <T extends Row>(field: string, textOf: () => string) =>
    new DataLoader<string, T[]>((ids) => {
      const text = textOf()
      return shared.load(text, ids, async (all) => {
        const groups = Map.groupBy(await database.sql.query<T>(text, [all]), (row) => row[field])
        return all.map((id) => groups.get(id) ?? [])
      })
    })
  // Few of them are needed by one operation, and subscriptions are held for long.
  const made: Partial<Loaders> = {}
  return {
    get apiKey() {
      made.apiKey ??= byId<ApiKey>('api_key', 'API key')
      return made.apiKey
    },
    get authProvider() {
      made.authProvider ??= byId<AuthProviderRow>('auth_provider', 'auth provider', ['sealed', 'keyId'])
      return made.authProvider
    },
    get workspace() {
      made.workspace ??= byId<Workspace>('workspace', 'workspace')
      return made.workspace
    },
    get endUser() {
      made.endUser ??= byId<EndUser>('end_user', 'end user')
      return made.endUser
    },
    get integration() {
      made.integration ??= byId<Integration>('integration', 'integration')
      return made.integration
    },
    get oidcIssuer() {
      made.oidcIssuer ??= byId<OidcIssuer>('oidc_issuer', 'OIDC issuer')
      return made.oidcIssuer
    },
    get connection() {
      made.connection ??= byId<Connection>('connection', 'connection')
      return made.connection
    },
    get connectSession() {
      made.connectSession ??= byId<SessionRow & Row>('connect_session', 'connect session', UNSHOWN)
      return made.connectSession
    },
    get collection() {
      made.collection ??= byId<Collection>('collection', 'collection')
      return made.collection
    },
    get syncJob() {
      made.syncJob ??= byId<SyncJob>('sync_job', 'sync job')
      return made.syncJob
    },
    get credential() {
      made.credential ??= oneByConnection<CredentialRow>(
        () => `SELECT ${columnsOf('credential', 't', ['sealed', 'keyId'])} FROM credential t
       WHERE t.connection_id = ANY($1::uuid[])`,
      )
      return made.credential
    },
    get latestSyncJob() {
      made.latestSyncJob ??= oneByConnection<SyncJob>(
        () => `SELECT ${columnsOf('sync_job', 't')} FROM unnest($1::uuid[]) AS p(id)
       CROSS JOIN LATERAL (SELECT * FROM sync_job j WHERE j.connection_id = p.id ORDER BY j.id DESC LIMIT 1) t`,
      )
      return made.latestSyncJob
    },
    get streamStates() {
      made.streamStates ??= manyBy<StreamState>(
        'connectionId',
        () =>
          `SELECT ${columnsOf('stream_state', 't')} FROM stream_state t WHERE t.connection_id = ANY($1::uuid[]) ORDER BY t.name`,
      )
      return made.streamStates
    },
    get syncJobStreams() {
      made.syncJobStreams ??= manyBy<SyncJobStream>(
        'syncJobId',
        () => `SELECT ${columnsOf('sync_job_stream', 't')} FROM sync_job_stream t
       WHERE t.sync_job_id = ANY($1::uuid[]) ORDER BY t.position`,
      )
      return made.syncJobStreams
    },
    get lists() {
      made.lists ??= createListLoader(database.sql, shared, visible)
      return made.lists
    },
    get rows() {
      made.rows ??= createRowReader(database.sql, visible)
      return made.rows
    },
  }
}
