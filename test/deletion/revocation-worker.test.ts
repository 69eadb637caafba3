import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { StoredOAuth2 } from '../../src/auth/stored-credential.ts'
import { runInScope } from '../../src/db/scope.ts'
import { createRevocationWorker, type RevocationWorker } from '../../src/deletion/revocation-worker.ts'
import { queueRevocation } from '../../src/deletion/revocations.ts'
import { createEgress, type Egress } from '../../src/egress/egress.ts'
import { newId } from '../../src/kit/ids.ts'
import { createLogger } from '../../src/kit/log.ts'
import {
  type ConnectFixture,
  type ConnectServices,
  createConnectFixture,
  startConnectServices,
} from '../connections/connect-fixture.ts'
import { describeDatabases } from '../support/databases.ts'
import { type ProviderHandler, type ProviderServer, startProvider } from '../support/provider-server.ts'

const SECRETS = { accessToken: 'the-access-token-itself', refreshToken: 'the-refresh-token-itself' }
const stored: StoredOAuth2 = { type: 'oauth2', fields: {}, scopes: [], ...SECRETS }

describeDatabases('the revocation worker', (open) => {
  let services: ConnectServices
  let fixture: ConnectFixture
  let egress: Egress
  let provider: ProviderServer
  let answer: ProviderHandler
  let log: string[]
  const workers: RevocationWorker[] = []

  beforeAll(async () => {
    services = await startConnectServices(await open())
    egress = createEgress({ allow: ['127.0.0.1'] })
    provider = await startProvider((request, response, count) => answer(request, response, count))
  })
  beforeEach(async () => {
    fixture = await createConnectFixture(services)
    provider.requests.length = 0
    log = []
    answer = (_request, response) => void response.end()
  })
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.stop()
    await services.database.sql.query('DELETE FROM revocation')
  })
  afterAll(async () => {
    await provider.close()
    await egress.close()
    await services.close()
  })

  function startWorker(options: { requestTimeoutMs?: number } = {}): RevocationWorker {
    const logger = createLogger({ level: 'debug', destination: { write: (line: string) => void log.push(line) } })
    const worker = createRevocationWorker({ ...services, egress, logger, everyMs: 20, ...options })
    workers.push(worker)
    worker.start()
    return worker
  }
  async function createIntegration(auth: object = {}): Promise<string> {
    const id = newId()
    const oauth2 = { type: 'oauth2', grant: 'refresh_token', tokenUrl: provider.origin, clientAuth: 'none' }
    const revocation = { url: `${provider.origin}/revoke` }
    const definition = { displayName: 'n', baseUrl: provider.origin, auth: { ...oauth2, revocation, ...auth } }
    const { workspaceId } = fixture
    await services.database.prisma.integration.create({
      data: { id, workspaceId, slug: id, displayName: 'n', definition, oauthClientId: 'the-client' },
    })
    return id
  }
  const queue = (integrationId: string) =>
    services.database.bulkTransaction((tx) =>
      queueRevocation(tx, services.vault, {
        workspaceId: fixture.workspaceId,
        integrationId,
        stored,
        input: {},
        kept: {},
      }),
    )
  const rows = () =>
    services.database.sql.query<{ id: string; attempts: number; wait: number; sealed: Uint8Array }>(
      `SELECT id, attempts, extract(epoch FROM next_attempt_at - clock_timestamp())::float8 AS wait, sealed FROM revocation`,
    )
  const untilGone = () => vi.waitFor(async () => expect(await rows()).toEqual([]), { timeout: 30_000 })
  const hasten = () => services.database.sql.query('UPDATE revocation SET next_attempt_at = now()')

  it('stores nothing when the definition has no revocation endpoint', async () => {
    await queue(await createIntegration({ revocation: undefined }))
    expect(await rows()).toEqual([])
  })

  it('stores the tokens encrypted until they are revoked', async () => {
    await queue(await createIntegration())
    const [row] = await rows()
    for (const secret of Object.values(SECRETS)) expect(Buffer.from(row?.sealed ?? []).includes(secret)).toBe(false)
    startWorker()
    await untilGone()
    expect(provider.requests.map(({ body }) => new URLSearchParams(body).get('token'))).toEqual([
      SECRETS.refreshToken,
      SECRETS.accessToken,
    ])
  })

  it('receives revocations from callers in the row scope of their workspace', async () => {
    const integrationId = await createIntegration()
    await runInScope({ workspaceId: fixture.workspaceId, endUserId: null }, () => queue(integrationId))
    startWorker()
    await untilGone()
    expect(provider.requests).toHaveLength(2)
  })

  it('retries after a failure, not before the provider’s Retry-After', async () => {
    answer = (_request, response) => void response.writeHead(503, { 'retry-after': '600' }).end()
    await queue(await createIntegration())
    startWorker()
    await vi.waitFor(async () => expect((await rows())[0]?.wait).toBeGreaterThan(500), { timeout: 30_000 })
    expect(provider.requests).toHaveLength(1)
    answer = (_request, response) => void response.end()
    await hasten()
    await untilGone()
    expect(log.join('')).not.toContain('could not be revoked')
  })

  it('gives up after a day with a warning without secrets', async () => {
    answer = ({ body }, response) => void response.writeHead(500).end(body)
    const integrationId = await createIntegration()
    await queue(integrationId)
    await services.database.sql.query(`UPDATE revocation SET created_at = now() - interval '25 hours'`)
    startWorker()
    await untilGone()
    const [warning] = log.filter((line) => line.includes('could not be revoked'))
    expect(warning).toContain(integrationId)
    for (const secret of Object.values(SECRETS)) expect(log.join('')).not.toContain(secret)
  })

  it('gives up at once when the provider rejects the request', async () => {
    answer = ({ body }, response) => void response.writeHead(400).end(body)
    await queue(await createIntegration())
    startWorker()
    await untilGone()
    expect(log.filter((line) => line.includes('could not be revoked'))).toHaveLength(1)
    for (const secret of Object.values(SECRETS)) expect(log.join('')).not.toContain(secret)
  })

  it('does not send a revocation that another worker is sending', async () => {
    const release = Promise.withResolvers<void>()
    answer = async (_request, response) => {
      await release.promise
      response.end()
    }
    await queue(await createIntegration())
    startWorker()
    startWorker()
    await vi.waitFor(() => expect(provider.requests).toHaveLength(1), { timeout: 30_000 })
    // The other worker has searched again and found another row.
    await queue(await createIntegration())
    await vi.waitFor(() => expect(provider.requests).toHaveLength(2), { timeout: 30_000 })
    release.resolve()
    await untilGone()
    expect(provider.requests).toHaveLength(4)
  })

  it('releases unfinished revocations when it is stopped', async () => {
    answer = () => undefined
    await queue(await createIntegration())
    const worker = startWorker()
    await vi.waitFor(() => expect(provider.requests).toHaveLength(1), { timeout: 30_000 })
    await worker.stop()
    expect((await rows())[0]?.wait).toBeLessThanOrEqual(0)
  })

  it('is not blocked for other integrations by a provider that hangs', async () => {
    const [slow, fast] = [
      await createIntegration({ revocation: { url: `${provider.origin}/slow` } }),
      await createIntegration(),
    ]
    answer = ({ url }, response) => (url.pathname === '/slow' ? undefined : void response.end())
    for (let count = 0; count < 30; count += 1) await queue(slow)
    startWorker()
    await vi.waitFor(() => expect(provider.requests).toHaveLength(5), { timeout: 30_000 })
    await queue(fast)
    await vi.waitFor(() => expect(provider.requests.some(({ url }) => url.pathname === '/revoke')).toBe(true), {
      timeout: 30_000,
    })
    expect(provider.requests.filter(({ url }) => url.pathname === '/slow').length).toBeLessThanOrEqual(5)
  })
})
