import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OidcIssuerServer, startOidcIssuer } from '../../support/oidc-issuer.ts'
import { linkIn, type McpWorld, startMcpWorld, textOf } from './mcp-world.ts'

let world: McpWorld
let idp: OidcIssuerServer
beforeAll(async () => {
  ;[world, idp] = await Promise.all([startMcpWorld(), startOidcIssuer()])
})
afterAll(async () => {
  await world.stop()
  await idp.close()
})

const metadataOf = async (path: string) => {
  const response = await fetch(`${world.app.url}/.well-known/oauth-protected-resource${path}`)
  return { status: response.status, body: await response.json().catch(() => null) }
}
const tokenOf = (sub: string) => idp.sign({ iss: idp.issuer, aud: 'mcp', sub })

it('an end user comes in with a JWT of an OIDC issuer, for every action that only reads', async () => {
  const { id } = world.workspace
  const input = { workspaceId: id, issuer: idp.issuer, audience: 'mcp', createEndUsers: true }
  const { oidcIssuer } = await world.run('createOidcIssuer', input, 'oidcIssuer { id }')
  await world.connect({ endUserExternalId: 'grace' })

  // The issuer is not verified: only requests that name the workspace are accepted.
  await expect(world.client(await tokenOf('grace'))).rejects.toMatchObject({ code: 401 })
  const own = await world.client(await tokenOf('grace'), { url: `${world.app.url}/mcp/${id}` })
  expect((await own.listTools()).tools.map(({ name }) => name)).toEqual(['connections', 'connect', 'ledger_list_items'])
  expect((await metadataOf('')).body).not.toHaveProperty('authorization_servers')

  const { __typename } = await world.run('verifyOidcIssuer', {
    oidcIssuerId: oidcIssuer.id,
    token: await tokenOf('grace'),
  })
  expect(__typename).toBe('VerifyOidcIssuerPayload')
  const client = await world.client(await tokenOf('grace'))
  expect((await client.callTool({ name: 'ledger_list_items' })).structuredContent).toMatchObject({ status: 200 })
  const other = await world.client(await tokenOf('hedy'))
  const missing = textOf(await other.callTool({ name: 'ledger_list_items' }))
  const again = await world.client(await tokenOf('hedy'))
  expect(linkIn(textOf(await again.callTool({ name: 'ledger_list_items' })))).toBe(linkIn(missing))
})

it('the metadata names the issuers of a workspace to those who know its id, and of the only one that has any', async () => {
  const { id, slug } = world.workspace
  const { url } = world.app
  expect(await metadataOf('')).toEqual({
    status: 200,
    body: {
      resource: `${url}/mcp`,
      resource_name: 'Latchkey',
      authorization_servers: [idp.issuer],
      bearer_methods_supported: ['header'],
    },
  })
  const own = { resource: `${url}/mcp/${id}`, authorization_servers: [idp.issuer] }
  expect((await metadataOf(`/mcp/${id}`)).body).toMatchObject(own)
  expect((await metadataOf(`/mcp/${slug}`)).status).toBe(404)
  const answer = await fetch(`${url}/mcp/${id}`, { method: 'POST' })
  expect(answer.headers.get('www-authenticate')).toBe(
    `Bearer resource_metadata="${url}/.well-known/oauth-protected-resource/mcp/${id}"`,
  )

  const another = await world.app.createWorkspace('Another')
  expect((await metadataOf(`/mcp/${another.id}`)).body).not.toHaveProperty('authorization_servers')
  const input = { workspaceId: another.id, issuer: idp.issuer, audience: 'mcp' }
  const { oidcIssuer } = await world.run('createOidcIssuer', input, 'oidcIssuer { id }', another.key)
  const proof = { oidcIssuerId: oidcIssuer.id, token: await tokenOf('grace') }
  await world.run('verifyOidcIssuer', proof, '__typename', another.key)
  expect((await metadataOf('')).body).not.toHaveProperty('authorization_servers')
  expect((await metadataOf(`/mcp/${id}`)).body).toMatchObject(own)

  // Many issuers of one workspace do not hide that another one has some too.
  await world.app.database.sql.query(
    `INSERT INTO oidc_issuer (id, workspace_id, issuer, audience, proved_at, updated_at)
     SELECT gen_random_uuid(), i.workspace_id, 'http://a.example/' || n, 'mcp', now(), now()
     FROM (SELECT workspace_id FROM oidc_issuer LIMIT 1) i, generate_series(1, 30) n`,
  )
  expect((await metadataOf('')).body).not.toHaveProperty('authorization_servers')
})
