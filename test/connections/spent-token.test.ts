import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Caller } from '../../src/access/caller.ts'
import { replaceCredential } from '../../src/connections/connection-credential.ts'
import { createIntegration } from '../../src/connections/integrations.ts'
import { runInScope } from '../../src/db/scope.ts'
import { deleteConnection } from '../../src/deletion/mark-deleted.ts'
import { ConflictError } from '../../src/kit/errors.ts'
import { globalIdOf } from '../../src/kit/ids.ts'
import { describeDatabases } from '../support/databases.ts'
import { newKey, vaultOf } from '../vault/sealed-rows.ts'
import {
  addEndUser,
  type ConnectFixture,
  type ConnectServices,
  createConnectFixture,
  operator,
  startConnectServices,
} from './connect-fixture.ts'

const [OLD, NEW] = [newKey('old'), newKey('new')]

describeDatabases('A refresh token that Latchkey has already used', (open) => {
  let services: ConnectServices
  let fixture: ConnectFixture
  beforeAll(async () => {
    services = { ...(await startConnectServices(await open())), vault: vaultOf(OLD) }
    fixture = await newWorkspace()
  })
  afterAll(() => services.close())

  async function newWorkspace(): Promise<ConnectFixture> {
    const created = await createConnectFixture(services)
    const tokenUrl = 'https://crm.example.com/token'
    for (const [slug, auth] of [
      ['rotating', {}],
      ['permanent', { rotation: 'none' }],
    ] as const) {
      await createIntegration(services, operator, {
        ...{ workspaceId: created.workspaceId, slug, provider: null, displayName: null, oauthClient: null },
        definition: {
          displayName: 'CRM',
          baseUrl: 'https://crm.example.com',
          auth: { type: 'oauth2', grant: 'refresh_token', tokenUrl, ...auth },
        },
      })
    }
    return created
  }

  const newToken = () => `refresh-token-${randomUUID()}`
  const credentialOf = (refreshToken: string) => ({
    oauthToken: { accessToken: 'a', refreshToken, clientId: 'client', clientSecret: 'secret' },
  })
  const inject = (refreshToken: string, options: Parameters<ConnectFixture['connect']>[0] = {}) =>
    fixture.connect({ integration: 'rotating', credential: credentialOf(refreshToken), ...options })
  const replace = (connectionId: string, refreshToken: string, caller = operator) =>
    replaceCredential(services, caller, { connectionId, credential: credentialOf(refreshToken) })

  /** As after a renewal whose response has another refresh token. */
  async function renew(connectionId: string): Promise<void> {
    const [hash] = services.vault.fingerprints(newToken())
    await services.database.prisma.credential.update({ where: { connectionId }, data: { refreshTokenHash: hash } })
  }
  async function injectAndRenew(options: Parameters<ConnectFixture['connect']>[0] = {}) {
    const token = newToken()
    const id = await inject(token, options)
    await renew(id)
    return { token, id }
  }
  const hashesOf = (connectionId: string) =>
    services.database.prisma.credential.findUniqueOrThrow({
      where: { connectionId },
      select: { refreshTokenHash: true, suppliedTokenHash: true },
    })

  it('cannot be injected into another connection, and the error names the one that holds its successor', async () => {
    const { token, id } = await injectAndRenew()
    const other = await inject(newToken())
    const before = await fixture.count('connection')
    for (const attempt of [() => inject(token), () => replace(other, token)]) {
      const error = await attempt().then(
        () => null,
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(ConflictError)
      expect(String(error)).toContain(`in the connection ${globalIdOf('Connection', id)}.`)
      expect(String(error)).toContain('Use that connection, or obtain a new grant')
      expect(String(error)).not.toContain(token)
    }
    expect(await fixture.count('connection')).toBe(before)
    // The token is known in whatever form it is stored.
    await expect(
      inject(token, { credential: { fields: { client_id: 'c', client_secret: 's', refresh_token: token } } }),
    ).rejects.toThrow(ConflictError)
  })

  it('cannot replace its own successor', async () => {
    const { token, id } = await injectAndRenew()
    await expect(replace(id, token)).rejects.toThrow(/holds its successor in this connection.*Keep its credential/)
    await replace(id, newToken())
  })

  it('may be injected while it is unused, into any number of connections', async () => {
    const token = newToken()
    const [first, second] = [await inject(token), await inject(token)]
    await replace(first, token)
    const hashes = await Promise.all([hashesOf(first), hashesOf(second)])
    const [hash] = services.vault.fingerprints(token)
    for (const found of hashes) {
      expect(found).toEqual({ refreshTokenHash: Uint8Array.from(hash), suppliedTokenHash: Uint8Array.from(hash) })
    }
  })

  it('may be injected if the definition says that it does not rotate', async () => {
    const token = newToken()
    await renew(await inject(token, { integration: 'permanent' }))
    await expect(inject(token, { integration: 'permanent' })).resolves.toEqual(expect.any(String))
  })

  it('may be injected if the connection that used it has lost its grant or is deleted', async () => {
    const { id, token } = await injectAndRenew()
    const set = (status: 'NEEDS_REAUTH' | 'DISABLED' | 'ACTIVE', resumeStatus: 'NEEDS_REAUTH' | null = null) =>
      services.database.prisma.connection.update({ where: { id }, data: { status, resumeStatus } })
    await set('DISABLED')
    await expect(inject(token)).rejects.toThrow(ConflictError)
    await set('DISABLED', 'NEEDS_REAUTH')
    await inject(token)
    await set('NEEDS_REAUTH')
    await replace(id, token)
    await renew(id)
    await expect(inject(token)).rejects.toThrow(ConflictError)
    await deleteConnection(services, operator, id)
    await inject(token)
  })

  it('is recognised after the encryption key was rotated', async () => {
    const { id, token } = await injectAndRenew()
    const rotated = { ...services, vault: vaultOf(NEW, OLD) }
    const attempt = replaceCredential(rotated, operator, { connectionId: id, credential: credentialOf(token) })
    await expect(attempt).rejects.toThrow(ConflictError)
  })

  it('is unknown in other workspaces', async () => {
    const { token } = await injectAndRenew()
    const elsewhere = await newWorkspace()
    const credential = credentialOf(token)
    await expect(elsewhere.connect({ integration: 'rotating', credential })).resolves.toEqual(expect.any(String))
  })

  it('is refused to end users without naming the connection of another end user', async () => {
    const { workspaceId } = fixture
    const [ada, grace] = [await addEndUser(fixture, `ada ${newToken()}`), await addEndUser(fixture, `g ${newToken()}`)]
    const asUser = (endUserId: string): Caller => ({
      ...operator,
      ...{ kind: 'FEDERATED_USER', role: 'READER', workspaceId, endUserId },
    })
    const { token, id } = await injectAndRenew({ endUserId: grace })
    const own = await inject(newToken(), { endUserId: ada })
    const attempt = (endUserId: string, connectionId: string) =>
      runInScope({ workspaceId, endUserId }, () => replace(connectionId, token, asUser(endUserId))).catch(String)
    const foreign = await attempt(ada, own)
    expect(foreign).toContain('Latchkey has already used this refresh token.')
    expect(foreign).not.toContain(globalIdOf('Connection', id))
    expect(foreign).not.toContain('successor')
    expect(await attempt(grace, id)).toContain('in this connection')
    // The scope of the transaction is the caller's again after the check.
    await runInScope({ workspaceId, endUserId: ada }, () => replace(own, newToken(), asUser(ada)))
    await expect(
      runInScope({ workspaceId, endUserId: ada }, () => replace(id, newToken(), asUser(ada))),
    ).rejects.toThrow(/no such connection/)
  })

  it('has an empty hash where a credential has no refresh token', async () => {
    const id = await fixture.connect()
    expect(await hashesOf(id)).toEqual({ refreshTokenHash: new Uint8Array(), suppliedTokenHash: null })
  })
})
