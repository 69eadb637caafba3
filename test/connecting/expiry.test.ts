import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { StoredOAuth2 } from '../../src/auth/stored-credential.ts'
import { createConnectingExpiry } from '../../src/connecting/expiry.ts'
import { newId } from '../../src/kit/ids.ts'
import { createLogger } from '../../src/kit/log.ts'
import type { Loop } from '../../src/kit/loop.ts'
import { pendingIdentity } from '../../src/vault/identities.ts'
import {
  addEndUser,
  type ConnectFixture,
  type ConnectServices,
  createConnectFixture,
  startConnectServices,
} from '../connections/connect-fixture.ts'
import { describeDatabases } from '../support/databases.ts'

const stored: StoredOAuth2 = { type: 'oauth2', fields: {}, scopes: [], accessToken: 'token-that-nobody-confirmed' }

describeDatabases('createConnectingExpiry', (open) => {
  let services: ConnectServices
  let fixture: ConnectFixture
  let integrationId: string
  const expiries: Loop[] = []

  beforeAll(async () => {
    services = await startConnectServices(await open())
  })
  beforeEach(async () => {
    fixture = await createConnectFixture(services)
    integrationId = newId()
    const auth = {
      ...{ type: 'oauth2', grant: 'authorization_code', authorizationUrl: 'https://auth.example.com/authorize' },
      ...{ tokenUrl: 'https://auth.example.com/token', revocation: { url: 'https://auth.example.com/revoke' } },
    }
    const definition = { displayName: 'n', baseUrl: 'https://api.example.com', auth }
    const { workspaceId } = fixture
    await services.database.prisma.integration.create({
      data: { id: integrationId, workspaceId, slug: integrationId, displayName: 'n', definition },
    })
  })
  afterEach(async () => {
    for (const expiry of expiries.splice(0)) await expiry.stop()
    for (const table of ['revocation', 'pending_credential', 'oauth_flow', 'connect_session']) {
      await services.database.sql.query(`DELETE FROM ${table}`)
    }
  })
  afterAll(() => services.close())

  function start(): void {
    const expiry = createConnectingExpiry({ ...services, logger: createLogger({ level: 'silent' }), everyMs: 20 })
    expiries.push(expiry)
    expiry.start()
  }
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000)
  const bytes = () => new Uint8Array(randomBytes(32))

  async function addConnection(status: 'PENDING' | 'ACTIVE' = 'PENDING'): Promise<string> {
    const id = newId()
    const { workspaceId } = fixture
    await services.database.prisma.connection.create({
      data: { id, workspaceId, integrationId, displayName: 'n', status, method: 'OAUTH' },
    })
    return id
  }
  async function addFlow(connectionId: string, expiresAt: Date, more: object = {}): Promise<string> {
    const id = newId()
    const { workspaceId } = fixture
    const hidden = { sealed: bytes(), keyId: services.vault.currentKeyId, stateHash: bytes(), authDigest: bytes() }
    const rest = { redirectUri: 'https://latchkey.example.com', clientId: 'c', scopes: [], expiresAt }
    await services.database.prisma.oAuthFlow.create({
      data: { id, workspaceId, integrationId, connectionId, ...hidden, ...rest, ...more },
    })
    return id
  }
  async function addPending(connectionId: string, expiresAt: Date): Promise<void> {
    const { workspaceId } = fixture
    const sealed = services.vault.seal(
      JSON.parse(JSON.stringify(stored)),
      pendingIdentity(workspaceId, connectionId, 1),
    )
    const { currentKeyId: keyId } = services.vault
    await services.database.prisma.pendingCredential.create({
      data: { connectionId, workspaceId, sealed, keyId, handleHash: bytes(), expiresAt },
    })
  }
  const rowsOf = (table: string) => services.database.sql.query<{ id: string }>(`SELECT * FROM ${table}`)
  const isDeleted = async (id: string) =>
    (await services.database.prisma.connection.findUnique({ where: { id } }))?.deletedAt !== null
  const untilDeleted = (id: string) =>
    vi.waitFor(async () => expect(await isDeleted(id)).toBe(true), { timeout: 30_000 })

  it('revokes and deletes an unconfirmed credential, and deletes its connection', async () => {
    const [expired, waiting] = [await addConnection(), await addConnection()]
    await addPending(expired, ago(1))
    await addPending(waiting, ago(-5))
    start()
    await untilDeleted(expired)
    expect(await services.database.prisma.pendingCredential.findMany({ select: { connectionId: true } })).toEqual([
      { connectionId: waiting },
    ])
    const revocations = await services.database.prisma.revocation.findMany()
    expect(revocations).toMatchObject([{ workspaceId: fixture.workspaceId, integrationId }])
    expect(Buffer.from(revocations[0]?.sealed ?? []).includes('token-that-nobody-confirmed')).toBe(false)
    expect(await isDeleted(waiting)).toBe(false)
    expect(await fixture.events()).toEqual(['CONNECTION_DELETED'])
  })

  it('leaves a connection unchanged that was being reconnected', async () => {
    const id = await fixture.connect()
    await addPending(id, ago(1))
    await addFlow(id, ago(2))
    start()
    await vi.waitFor(async () => expect(await rowsOf('pending_credential')).toEqual([]), { timeout: 30_000 })
    // This connection expires after the other one, so its deletion shows that the run has passed both.
    const later = await addConnection()
    await addFlow(later, ago(1))
    await untilDeleted(later)
    expect(await isDeleted(id)).toBe(false)
    expect(await fixture.count('credential')).toBe(1)
  })

  it('keeps a connection while it has another running flow', async () => {
    const [over, again] = [await addConnection(), await addConnection()]
    await addFlow(over, ago(1))
    await addPending(again, ago(1))
    await addFlow(again, ago(1))
    const goingOn = await addFlow(again, ago(-5))
    start()
    await untilDeleted(over)
    await vi.waitFor(async () => expect(await rowsOf('pending_credential')).toEqual([]), { timeout: 30_000 })
    expect(await isDeleted(again)).toBe(false)
    await services.database.prisma.oAuthFlow.update({ where: { id: goingOn }, data: { expiresAt: ago(0) } })
    await untilDeleted(again)
    expect(await fixture.events()).toEqual(['CONNECTION_DELETED', 'CONNECTION_DELETED'])
  })

  it('finds at its start what expired while no process ran', async () => {
    const [id, active] = [await addConnection(), await addConnection('ACTIVE')]
    await addFlow(id, ago(30 * 24 * 60))
    await addFlow(active, ago(30 * 24 * 60))
    start()
    await untilDeleted(id)
    expect(await isDeleted(active)).toBe(false)
  })

  it('deletes flows and sessions a day after they expired', async () => {
    const endUserId = await addEndUser(fixture, 'ada')
    const connectionId = await addConnection('ACTIVE')
    const { workspaceId } = fixture
    const session = (expiresAt: Date) => ({
      ...{ id: newId(), workspaceId, endUserId, tokenHash: bytes(), integrationIds: [], allowedOrigins: [] },
      ...{ confirmation: 'REQUIRED' as const, expiresAt },
    })
    const [old, recent] = [session(ago(25 * 60)), session(ago(60))]
    await services.database.prisma.connectSession.createMany({ data: [old, recent] })
    await addFlow(connectionId, ago(25 * 60))
    await addFlow(connectionId, ago(60), { connectSessionId: old.id })
    const kept = await addFlow(connectionId, ago(60), { connectSessionId: recent.id })
    start()
    await vi.waitFor(
      async () => {
        expect((await rowsOf('connect_session')).map(({ id }) => id)).toEqual([recent.id])
        expect((await rowsOf('oauth_flow')).map(({ id }) => id)).toEqual([kept])
      },
      { timeout: 30_000 },
    )
  })

  it('tool sessions are deleted a day after they expired', async () => {
    const { prisma } = services.database
    const { workspaceId } = fixture
    const endUserId = await addEndUser(fixture, 'ada')
    const apiKeyId = newId()
    await prisma.apiKey.create({
      data: { id: apiKeyId, workspaceId, name: 'k', role: 'ADMIN', prefix: 'lk_test', hash: bytes() },
    })
    const session = (expiresAt: Date) => ({
      ...{ id: newId(), workspaceId, endUserId, apiKeyId, tokenHash: bytes(), prefix: 'lkt_test', expiresAt },
      ...{ integrationIds: [], actions: [], readOnly: true, connects: false },
    })
    const [old, recent] = [session(ago(25 * 60)), session(ago(60))]
    await prisma.toolSession.createMany({ data: [old, recent] })
    start()
    await vi.waitFor(async () => expect((await rowsOf('tool_session')).map(({ id }) => id)).toEqual([recent.id]), {
      timeout: 30_000,
    })
  })

  it('several concurrent runs clean up each connection once', async () => {
    const ids = await Promise.all(Array.from({ length: 120 }, () => addConnection()))
    for (const id of ids) await addPending(id, ago(1))
    for (let count = 0; count < 3; count += 1) start()
    for (const id of ids) await untilDeleted(id)
    expect(await fixture.events()).toEqual(ids.map(() => 'CONNECTION_DELETED'))
    expect(await rowsOf('revocation')).toHaveLength(ids.length)
  })
})
