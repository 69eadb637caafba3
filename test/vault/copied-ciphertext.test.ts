import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseGlobalId } from '../../src/graphql/kernel/global-id.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'

const FAIL = '__typename ... on Error { code message }'

interface Tenant {
  id: string
  key: string
}

describe('A sealed credential that was copied (CS-02)', () => {
  let app: TestApp
  let api: ProviderServer
  let [ada, bob]: Tenant[] = []
  beforeAll(async () => {
    app = await startTestApp()
    api = await startProvider((request, response) =>
      sendJson(response, { token: request.headers.authorization?.split('-')[1] }),
    )
    ada = await app.createWorkspace('Ada')
    bob = await app.createWorkspace('Bob')
    for (const { id, key } of [ada, bob]) {
      const definition = { displayName: 'API', baseUrl: api.origin, auth: { type: 'bearer' } }
      const input = { workspaceId: id, slug: 'api', definition }
      await app.mutate(
        `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { ${FAIL} } }`,
        input,
        key,
      )
    }
  })
  afterAll(async () => {
    await api.close()
    await app.stop()
  })

  async function connect(tenant: Tenant | undefined, secretText: string): Promise<string> {
    const { connection } = await app.mutate(
      `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) {
        ${FAIL} ... on CreateConnectionPayload { connection { id } } } }`,
      { workspaceId: tenant?.id, integration: 'api', credential: { secretText } },
      tenant?.key,
    )
    return connection.id
  }
  const call = async (connectionId: string) =>
    (
      await app.request(
        `mutation ($input: ExecuteRequestInput!) { executeRequest(input: $input) {
          ${FAIL} ... on ExecuteRequestPayload { response { body } }
          ... on ReconnectRequiredError { connection { status statusReason events { nodes { __typename } } } } } }`,
        { input: { connectionId, method: 'GET', path: '/' } },
      )
    ).data.executeRequest
  const rowId = (globalId: string) => parseGlobalId(globalId)?.id ?? ''
  const sealedOf = async (connectionId: string) =>
    (await app.database.prisma.credential.findUniqueOrThrow({ where: { connectionId: rowId(connectionId) } })).sealed
  const put = (connectionId: string, sealed: Uint8Array<ArrayBuffer>) =>
    app.database.prisma.credential.update({ where: { connectionId: rowId(connectionId) }, data: { sealed } })

  it.each(['to another connection', 'to another workspace'])(
    '%s does not open, its connection becomes NEEDS_REAUTH, and other connections keep working',
    async (where) => {
      const source = await connect(ada, 'the-source-token')
      const target = await connect(where === 'to another workspace' ? bob : ada, 'the-target-token')
      expect((await call(target)).response.body).toEqual({ token: 'target' })
      await put(target, await sealedOf(source))
      api.requests.length = 0
      for (let time = 1; time <= 2; time += 1) {
        expect(await call(target)).toMatchObject({
          code: 'RECONNECT_REQUIRED',
          message: expect.stringContaining('cannot be decrypted'),
          connection: {
            status: 'NEEDS_REAUTH',
            statusReason: expect.stringContaining('cannot be decrypted'),
            events: {
              nodes: [
                { __typename: 'ConnectionCreated' },
                { __typename: 'ConnectionActivated' },
                { __typename: 'ConnectionNeedsReauth' },
              ],
            },
          },
        })
      }
      expect(api.requests).toEqual([])
      expect((await call(source)).response.body).toEqual({ token: 'source' })
    },
  )

  it('back over its replacement does not open', async () => {
    const connectionId = await connect(ada, 'the-first-token')
    const before = await sealedOf(connectionId)
    const replaced = `mutation ($input: ReplaceCredentialInput!) { replaceCredential(input: $input) { ${FAIL} } }`
    await app.mutate(replaced, { connectionId, credential: { secretText: 'the-second-token' } })
    await put(connectionId, before)
    expect(await call(connectionId)).toMatchObject({ code: 'RECONNECT_REQUIRED' })
    await app.mutate(replaced, { connectionId, credential: { secretText: 'the-third-token' } })
    expect((await call(connectionId)).response.body).toEqual({ token: 'third' })
  })
})
