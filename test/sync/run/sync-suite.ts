import { afterAll, afterEach, beforeAll } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import type { TestDatabase } from '../../support/databases.ts'
import { type ProviderHandler, type ProviderServer, startProvider } from '../../support/provider-server.ts'
import { createSyncFixture, type SyncFixture } from '../sync-fixture.ts'

/** Shared by the tests of one database. The hooks are registered where it is called. */
export interface SyncSuite {
  readonly fixture: SyncFixture
  /** Starts a provider that is closed after the test. */
  provider(handler: ProviderHandler): Promise<ProviderServer>
  /** Starts a worker that is stopped after the test. */
  work(options?: Parameters<SyncFixture['worker']>[0]): void
  /** A definition with one stream, `items`, with pagination by `page`. */
  paged(server: ProviderServer, size?: number, more?: Partial<DefinitionInput>): DefinitionInput
}

export function syncSuite(open: () => Promise<TestDatabase>): SyncSuite {
  let base: TestDatabase | undefined
  let fixture: SyncFixture | undefined
  const servers: ProviderServer[] = []
  const stops: (() => Promise<void>)[] = []
  beforeAll(async () => {
    base = await open()
    fixture = await createSyncFixture(base.database)
  })
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
    for (const server of servers.splice(0)) await server.close()
  })
  afterAll(async () => {
    await fixture?.close()
    await base?.close()
  })
  const suite: SyncSuite = {
    get fixture() {
      if (fixture === undefined) throw new Error('The database is not open yet.')
      return fixture
    },
    async provider(handler) {
      const server = await startProvider(handler)
      servers.push(server)
      return server
    },
    work(options = {}) {
      const worker = suite.fixture.worker(options)
      stops.push(() => worker.stop())
      worker.start()
    },
    paged: (server, size = 2, more = {}) => ({
      displayName: 'Provider',
      baseUrl: server.origin,
      auth: { type: 'bearer' },
      streams: [
        { name: 'items', path: '/items', primaryKey: ['id'], pagination: { type: 'page', param: 'page', size } },
      ],
      ...more,
    }),
  }
  return suite
}

/** The requested page number. */
export function pageOf(url: URL): number {
  return Number(url.searchParams.get('page'))
}
