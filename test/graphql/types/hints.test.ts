import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findGuide } from '../../../src/catalog/catalog.ts'
import { decodeGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { newId } from '../../../src/kit/ids.ts'
import { decideInSandbox } from '../../sandbox/sandbox-browser.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { documents } from '../documents.ts'
import { changes } from '../management-documents.ts'

const RETURN_URL = 'http://localhost:3000/connected'
const HINT = 'cause remedy url'
const slack = findGuide('slack')
const missingScope = slack?.hints.find(({ at, messages }) => at === 'request' && messages?.includes('missing_scope'))
const badSecret = slack?.hints.find(({ at, errors }) => at === 'token' && errors?.includes('bad_client_secret'))

let app: TestApp
let workspace: { id: string; key: string }

beforeAll(async () => {
  app = await startTestApp({ config: { publicUrl: 'http://127.0.0.1:0' } })
  workspace = await app.createWorkspace()
  await app.mutate(changes.updateWorkspace, { workspaceId: workspace.id, redirectUrls: [RETURN_URL] })
})
afterAll(() => app.stop())

/** A connection to a provider with a token that is never used. */
async function connect(provider: string, endUserExternalId?: string): Promise<string> {
  const input = {
    workspaceId: workspace.id,
    provider,
    credential: { oauthToken: { accessToken: 'an-access-t0ken' } },
    endUserExternalId,
  }
  return (await app.mutate(documents.createConnection, input, workspace.key)).connection.id
}

async function hintOf(id: string, language = 'EN', key = workspace.key) {
  const query = `query ($id: ID!, $language: Language!) { node(id: $id) { ... on Connection { hint(language: $language) { ${HINT} } } } }`
  const { data, errors } = await app.request(query, { id, language }, key)
  expect(errors).toBeUndefined()
  return data.node.hint
}

const storeRefreshError = (id: string, words: Record<string, unknown>) =>
  app.database.sql.query('UPDATE credential SET last_error = $2::jsonb WHERE connection_id = $1::uuid', [
    decodeGlobalId('Connection', id),
    JSON.stringify({ message: 'It failed.', reason: 'INVALID_CLIENT', retryable: false, words }),
  ])

const storeStatusReason = (id: string, reason: string) =>
  app.database.sql.query(
    `UPDATE connection SET status = 'NEEDS_REAUTH', status_reason = $2::text WHERE id = $1::uuid`,
    [decodeGlobalId('Connection', id), reason],
  )

const storeFailedJob = (id: string, error: Record<string, unknown>) =>
  app.database.sql.query(
    `INSERT INTO sync_job (id, workspace_id, connection_id, status, trigger, error)
     SELECT $2::uuid, workspace_id, id, 'FAILED', 'MANUAL', $3::jsonb FROM connection WHERE id = $1::uuid`,
    [decodeGlobalId('Connection', id), newId(), JSON.stringify({ status: 502, message: 'It failed.', ...error })],
  )

describe('Connection.hint', () => {
  it('is null for a connection without an error, and for errors that the guide does not know', async () => {
    const id = await connect('slack')
    expect(await hintOf(id)).toBeNull()
    await storeRefreshError(id, { providerError: 'internal_error', providerStatus: 500 })
    await storeFailedJob(id, { code: 'PROVIDER', providerStatus: 500, providerMessage: 'internal_error' })
    expect(await hintOf(id)).toBeNull()
  })

  it('explains the error of the last renewal, in the language of the argument', async () => {
    const id = await connect('slack')
    await storeRefreshError(id, { providerError: 'bad_client_secret', providerStatus: 200 })
    const { cause, operator, url = null } = badSecret ?? {}
    expect(await hintOf(id)).toEqual({ cause: cause?.en, remedy: operator?.en, url })
    expect(await hintOf(id, 'DE')).toEqual({ cause: cause?.de, remedy: operator?.de, url })
  })

  it('explains why the API refused a credential that cannot be renewed', async () => {
    const id = await connect('slack')
    await storeStatusReason(id, 'The provider refused the credential (status 200). It says: missing_scope')
    expect(await hintOf(id)).toMatchObject({ cause: missingScope?.cause.en })
    await storeStatusReason(id, 'The address of the integration has changed: missing_scope')
    expect(await hintOf(id)).toBeNull()
  })

  it('explains the error of the newest sync job, as SyncError.hint does', async () => {
    const id = await connect('slack')
    await storeFailedJob(id, { code: 'PROVIDER', providerStatus: 200, providerMessage: 'missing_scope' })
    const query = `query ($id: ID!) { node(id: $id) { ... on Connection { hint { ${HINT} }
      latestSyncJob { error { hint(language: DE) { ${HINT} } } } } } }`
    const { data, errors } = await app.request(query, { id }, workspace.key)
    expect(errors).toBeUndefined()
    expect(data.node.hint).toMatchObject({ remedy: missingScope?.operator.en })
    expect(data.node.latestSyncJob.error.hint).toMatchObject({ remedy: missingScope?.operator.de })
  })

  it("finds the error of a sync job by the provider's code", async () => {
    const hint = findGuide('intercom')?.hints.find(({ at, errors }) => at === 'request' && errors !== undefined)
    const providerError = hint?.errors?.[0]
    const id = await connect('intercom')
    await storeFailedJob(id, { code: 'RECONNECT_REQUIRED', providerStatus: 401, providerError, providerMessage: 'No.' })
    expect(await hintOf(id)).toMatchObject({ cause: hint?.cause.en })
    const query =
      'query ($id: ID!) { node(id: $id) { ... on Connection { latestSyncJob { error { providerError } } } } }'
    const { data } = await app.request(query, { id }, workspace.key)
    expect(data.node.latestSyncJob.error).toEqual({ providerError })
  })

  it("is null for a definition of the workspace, whatever the provider's words are", async () => {
    const definition = { displayName: 'Own', baseUrl: 'https://api.example.com', auth: { type: 'bearer' } }
    await app.mutate(documents.createIntegration, { workspaceId: workspace.id, slug: 'own', definition }, workspace.key)
    const input = { workspaceId: workspace.id, integration: 'own', credential: { secretText: 'a-t0ken' } }
    const { connection } = await app.mutate(documents.createConnection, input, workspace.key)
    await storeFailedJob(connection.id, { code: 'PROVIDER', providerStatus: 200, providerMessage: 'missing_scope' })
    expect(await hintOf(connection.id)).toBeNull()
  })

  it('explains a flow that ended without an account', async () => {
    const startOAuth = `mutation ($input: StartOAuthInput!) { startOAuth(input: $input) { __typename
      ... on StartOAuthPayload { authorizationUrl connection { id } } ... on Error { code message } } }`
    const input = { workspaceId: workspace.id, provider: 'sandbox', redirectUrl: RETURN_URL }
    const { authorizationUrl, connection } = await app.mutate(startOAuth, input, workspace.key)
    expect(await hintOf(connection.id)).toBeNull()
    await decideInSandbox(authorizationUrl, { account: 'ada', decision: 'refuse' }, RETURN_URL)
    const [hint] = findGuide('sandbox')?.hints ?? []
    expect(await hintOf(connection.id)).toEqual({ cause: hint?.cause.en, remedy: hint?.operator.en, url: null })
  })

  it('tells an end user what the end user can do, and nothing where only an operator can do something', async () => {
    const id = await connect('slack', 'ada')
    const createSession = `mutation ($input: CreateConnectSessionInput!) { createConnectSession(input: $input) { __typename
      ... on CreateConnectSessionPayload { token } ... on Error { code message } } }`
    const { token } = await app.mutate(
      createSession,
      { workspaceId: workspace.id, endUserExternalId: 'ada', redirectUrl: RETURN_URL },
      workspace.key,
    )
    // A session sees the connection that came of it.
    await app.database.sql.query('UPDATE connect_session SET connection_id = $1::uuid', [
      decodeGlobalId('Connection', id),
    ])
    const forPeople = slack?.hints.find(({ at, person, messages }) => at === 'request' && person && messages)
    const forOperators = slack?.hints.find(({ at, person, messages }) => at === 'request' && !person && messages)
    const hintAfter = async (message: string | undefined) => {
      await storeFailedJob(id, { code: 'PROVIDER', providerStatus: 200, providerMessage: message })
      return hintOf(id, 'DE', token)
    }
    expect(await hintAfter(forPeople?.messages?.[0])).toMatchObject({ remedy: forPeople?.person?.de })
    expect(await hintAfter(forOperators?.messages?.[0])).toBeNull()
    expect(await hintOf(id)).toMatchObject({ remedy: forOperators?.operator.en })
  })
})

describe('TestResult.hint', () => {
  it('is null for a test that succeeds', async () => {
    const query = `mutation ($input: TestIntegrationInput!) { testIntegration(input: $input) { __typename
      ... on TestIntegrationPayload { result { ok hint { ${HINT} } } } ... on Error { code message } } }`
    const definition = { displayName: 'Own', baseUrl: 'https://api.example.com', auth: { type: 'bearer' } }
    const input = { workspaceId: workspace.id, definition, credential: { secretText: 'a-t0ken' } }
    expect((await app.mutate(query, input, workspace.key)).result).toEqual({ ok: true, hint: null })
  })
})
