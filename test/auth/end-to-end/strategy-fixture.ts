import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { documents } from '../../graphql/documents.ts'
import { startTestApp, type TestApp, type TestAppOptions } from '../../support/app.ts'

export interface Synced {
  connectionId: string
  syncJobId: string
  /** The finished job. */
  job: {
    status: string
    recordsRead: number
    pagesRead: number
    error: { code: string; message: string; providerStatus: number | null; providerMessage: string | null } | null
  }
  /** Types of the job's events, in order. */
  events: string[]
  credential: {
    type: string
    version: number
    refreshable: boolean
    lastError: { reason: string; message: string } | null
  }
}

export interface SyncOptions {
  input?: Record<string, string>
  oauthClient?: { clientId: string; clientSecret?: string }
}

export interface StrategyFixture extends AsyncDisposable {
  app: TestApp
  workspace: { id: string; key: string }
  /** Creates an integration and a connection through the API, and waits for the first sync job. */
  sync(definition: DefinitionInput, credential: Record<string, unknown>, options?: SyncOptions): Promise<Synced>
  /** The current connection. A short-lived credential continues to be renewed. */
  versionOf(connectionId: string): Promise<number>
  /** Runs another sync job. */
  syncAgain(connectionId: string): Promise<Omit<Synced, 'credential'>>
}

const credentialDocument = `query ($id: ID!) { node(id: $id) { ... on Connection {
  status credential { type version refreshable lastError { reason message } } } } }`

/** The whole program with one workspace, for tests of auth types. */
export async function startStrategyFixture(options?: TestAppOptions): Promise<StrategyFixture> {
  const app = await startTestApp(options)
  const workspace = await app.createWorkspace()
  let count = 0

  async function finished(syncJobId: string) {
    const client = app.webSocket(workspace.key)
    const events: string[] = []
    try {
      for await (const { data } of client.iterate<{ syncJobEvents: { type: string } }>({
        query: documents.syncJobEvents,
        variables: { syncJobId },
      })) {
        if (data) events.push(data.syncJobEvents.type)
      }
    } finally {
      await client.dispose()
    }
    const { data } = await app.request(documents.syncJob, { id: syncJobId }, workspace.key)
    return { syncJobId, job: data.node, events }
  }

  return {
    app,
    workspace,
    async sync(definition, credential, { input, oauthClient } = {}) {
      count += 1
      const integration = `tried-${count}`
      await app.mutate(documents.createIntegration, {
        workspaceId: workspace.id,
        slug: integration,
        definition,
        oauthClient,
      })
      const { connection, syncJob } = await app.mutate(
        documents.createConnection,
        { workspaceId: workspace.id, integration, credential, input, syncImmediately: true },
        workspace.key,
      )
      const ended = await finished(syncJob.id)
      const { data } = await app.request(credentialDocument, { id: connection.id }, workspace.key)
      return { connectionId: connection.id, ...ended, credential: data.node.credential }
    },
    async versionOf(id) {
      const { data } = await app.request(credentialDocument, { id }, workspace.key)
      return data.node.credential.version
    },
    async syncAgain(connectionId) {
      const { syncJob } = await app.mutate(documents.triggerSync, { connectionId }, workspace.key)
      return { connectionId, ...(await finished(syncJob.id)) }
    },
    [Symbol.asyncDispose]: () => app.stop(),
  }
}

/** A stream of `/items?page=1…` with `size` records on each page. */
export function itemsStream(size: number, name = 'items') {
  return {
    name,
    path: `/${name}`,
    recordsPath: ['items'],
    primaryKey: [['id']],
    pagination: { type: 'page' as const, param: 'page', size, total: ['total'] },
  }
}

/** The response to one request of `itemsStream`. */
export function itemsPage(url: URL, total: number, size: number): { items: { id: number }[]; total: number } {
  const first = (Number(url.searchParams.get('page')) - 1) * size
  const ids = Array.from({ length: total }, (_, index) => ({ id: index + 1 }))
  return { items: ids.slice(first, first + size), total }
}
