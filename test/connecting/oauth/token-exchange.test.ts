import type Provider from 'oidc-provider'
import { describe, expect, it } from 'vitest'
import { decodeGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { problemsOf } from '../../catalog/definition/problems-of.ts'
import { type OidcServer, startOidcServer, testClient } from '../../support/oidc-server.ts'
import { CLIENT, ERRORS } from './oauth-fixture.ts'
import { type Answer, useScripted } from './scripted-provider.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
const ISSUED = { access_token: 'an-exchanged-token', issued_token_type: ACCESS_TOKEN, token_type: 'Bearer' }

const latchkey = useScripted()
let exchanges = 0

const definitionOf = (origin: string, tokenRequest: object = {}, more: object = {}) => ({
  displayName: 'Exchange',
  baseUrl: `${origin}/api`,
  auth: {
    ...{ type: 'oauth2', grant: 'custom', grantType: GRANT, tokenUrl: `${origin}/token` },
    fields: [{ name: 'subject_token', secret: true, required: true }],
    tokenRequest: {
      params: { subject_token: '{{ config.subject_token }}', subject_token_type: ACCESS_TOKEN, ...tokenRequest },
    },
    ...more,
  },
})

/** A connection of an end user with its own subject token. */
async function connect(definition: object, subjectToken: string): Promise<string> {
  exchanges += 1
  const slug = `exchange-${exchanges}`
  await latchkey.createIntegration(slug, { ...definition }, CLIENT)
  const { connection } = await latchkey.app.mutate(
    `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { ${ERRORS}
      ... on CreateConnectionPayload { connection { id } } } }`,
    {
      workspaceId: latchkey.workspace.id,
      integration: slug,
      credential: { fields: { subject_token: subjectToken } },
    },
  )
  return connection.id
}

async function refresh(connectionId: string, key = latchkey.workspace.key) {
  const { data } = await latchkey.app.request(
    `mutation ($input: RefreshConnectionInput!) { refreshConnection(input: $input) { ${ERRORS}
      ... on CredentialRefreshError { reason } ... on RefreshConnectionPayload { refreshed connection { credential { version } } } } }`,
    { input: { connectionId, force: true } },
    key,
  )
  return data.refreshConnection
}

async function versionOf(id: string): Promise<number> {
  const { data } = await latchkey.app.request(
    'query ($id: ID!) { node(id: $id) { ... on Connection { credential { version } } } }',
    { id },
  )
  return data.node.credential.version
}

describe('A token exchange', () => {
  it('gets a token from a real server for the subject token of the connection (OA-37)', async () => {
    await using server = await startOidcServer({
      clients: [{ ...testClient, grant_types: [...testClient.grant_types, GRANT] }],
    })
    exchangeAt(server.provider)
    const own = await mintAccessToken(server)
    const id = await connect(definitionOf(server.issuer), own)
    expect(await refresh(id)).toMatchObject({ refreshed: true })
    const revoked = await connect(definitionOf(server.issuer), 'a-token-of-nobody')
    expect(await refresh(revoked)).toMatchObject({ code: 'RECONNECT_REQUIRED' })
  })

  it('sends the parameters of the definition and only its own subject token (OA-37)', async () => {
    latchkey.provider.token = () => ({ body: ISSUED })
    const id = await connect(
      definitionOf(latchkey.provider.origin, { audience: 'billing', requested_token_type: ACCESS_TOKEN }),
      'the-subject-token',
    )
    expect(await refresh(id)).toMatchObject({ refreshed: true })
    expect(Object.fromEntries(new URLSearchParams(latchkey.provider.tokenRequests().at(-1)?.body))).toEqual({
      ...{ grant_type: GRANT, subject_token: 'the-subject-token', subject_token_type: ACCESS_TOKEN },
      ...{ audience: 'billing', requested_token_type: ACCESS_TOKEN },
      ...{ client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret },
    })
  })

  const bad: [string, object, object][] = [
    ['does not name the issued token type', {}, { issued_token_type: undefined }],
    ['names the issued token type not as a string', {}, { issued_token_type: [ACCESS_TOKEN] }],
    ['issues a JWT that was not requested', {}, { issued_token_type: JWT }],
    ['issues a refresh token', {}, { issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }],
    ['issues an access token instead of the requested JWT', { requested_token_type: JWT }, {}],
    ['issues a token that gives no access', {}, { token_type: 'N_A' }],
    ['issues a JWT that gives no access', { requested_token_type: JWT }, { issued_token_type: JWT, token_type: 'n_a' }],
  ]
  it.each(bad)('is rejected and stores nothing when the server %s (OA-37)', async (_, asked, answer) => {
    const id = await connect(definitionOf(latchkey.provider.origin, asked), 'the-subject-token')
    const before = await versionOf(id)
    latchkey.provider.token = () => ({ body: { ...ISSUED, ...answer } })
    expect(await refresh(id)).toMatchObject({ code: 'CREDENTIAL_REFRESH', reason: 'MALFORMED_RESPONSE' })
    expect(await versionOf(id)).toBe(before)
    const [row] = await latchkey.app.database.sql.query(
      'SELECT version, last_refreshed_at, expires_at FROM credential WHERE connection_id = $1::uuid',
      [decodeGlobalId('Connection', id)],
    )
    expect(row).toEqual({ version: before, last_refreshed_at: null, expires_at: null })
  })

  const good: [string, object, object, Answer['body']][] = [
    ['a requested JWT', { requested_token_type: JWT }, {}, { ...ISSUED, issued_token_type: JWT }],
    [
      'a JWT that is not sent as a bearer token',
      { requested_token_type: JWT },
      { placement: { in: 'header', name: 'X-Assertion' } },
      { ...ISSUED, issued_token_type: JWT, token_type: 'N_A' },
    ],
  ]
  it.each(good)('accepts %s (OA-37)', async (_, asked, more, body) => {
    latchkey.provider.token = () => ({ body })
    const id = await connect(definitionOf(latchkey.provider.origin, asked, more), 'the-subject-token')
    expect(await refresh(id)).toMatchObject({ refreshed: true })
  })

  it('cannot use the token of another workspace’s connection (OA-37)', async () => {
    latchkey.provider.token = () => ({ body: ISSUED })
    const id = await connect(definitionOf(latchkey.provider.origin), 'the-token-of-the-first')
    const other = await latchkey.app.createWorkspace('Other')
    latchkey.provider.requests.length = 0
    expect(await refresh(id, other.key)).toMatchObject({ __typename: 'NotFoundError' })
    const { data } = await latchkey.app.request(
      `mutation ($input: ExecuteRequestInput!) { executeRequest(input: $input) { ${ERRORS} } }`,
      { input: { connectionId: id, method: 'GET', path: '/' } },
      other.key,
    )
    expect(data.executeRequest).toMatchObject({ __typename: 'NotFoundError' })
    expect(latchkey.provider.requests).toEqual([])
  })

  it('requires subject_token and subject_token_type in the definition', () => {
    const definition = definitionOf('https://sts.example')
    expect(problemsOf({ ...definition, auth: { ...definition.auth, tokenRequest: {} } })).toEqual([
      'auth.tokenRequest.params.subject_token: is missing: a token exchange needs it',
      'auth.tokenRequest.params.subject_token_type: is missing: a token exchange needs it',
    ])
  })
})

/** Adds the grant of RFC 8693 to a server that lacks it, with the server's clients, tokens and errors. */
function exchangeAt(provider: Provider): void {
  provider.registerGrantType(
    GRANT,
    async (context) => {
      const { subject_token: token = '', subject_token_type: type } = context.oidc.params
      const subject = type === ACCESS_TOKEN ? await provider.AccessToken.find(token) : undefined
      if (subject === undefined) {
        context.status = 400
        context.body = { error: 'invalid_grant' }
        return
      }
      const { accountId, grantId } = subject
      const issued = { accountId, grantId, client: context.oidc.client, gty: GRANT, scope: 'api:read' }
      const body = { access_token: await new provider.AccessToken(issued).save(), expires_in: 60 }
      context.body = { ...body, issued_token_type: ACCESS_TOKEN, token_type: 'Bearer' }
    },
    ['subject_token', 'subject_token_type'],
  )
}

async function mintAccessToken({ provider }: OidcServer): Promise<string> {
  const client = await provider.Client.find(testClient.client_id)
  const grant = new provider.Grant({ accountId: 'user-1', clientId: testClient.client_id })
  const token = { accountId: 'user-1', client, grantId: await grant.save(), gty: 'authorization_code', scope: 'openid' }
  return new provider.AccessToken(token).save()
}
