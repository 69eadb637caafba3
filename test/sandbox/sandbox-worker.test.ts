import { expect, it } from 'vitest'
import { documents } from '../graphql/documents.ts'
import { followJob, readJob, sharedEnv } from '../program/main-job.ts'
import { openTestDatabase, serverAnswers } from '../support/databases.ts'
import { createGraphQLClient } from '../support/graphql-client.ts'
import { type Program, startProgram } from '../support/program.ts'
import { decideInSandbox } from './sandbox-browser.ts'

const RETURN_URL = 'http://localhost:3000/connected'
const startOAuth = `mutation ($input: StartOAuthInput!) { startOAuth(input: $input) { __typename
  ... on StartOAuthPayload { authorizationUrl } ... on Error { message } } }`
const confirmConnection = `mutation ($input: ConfirmConnectionInput!) { confirmConnection(input: $input) { __typename
  ... on ConfirmConnectionPayload { connection { id } } ... on Error { message } } }`

const title = 'A worker reads from the sandbox of the gateway where the account was connected'

// Generous: two programs have to start, perhaps on a busy machine.
it.skipIf(!serverAnswers)(title, { timeout: 240_000 }, async () => {
  const test = await openTestDatabase('server')
  const { LATCHKEY_EGRESS_ALLOW: _none, ...shared } = sharedEnv()
  const env = { ...shared, DATABASE_URL: test.url ?? '' }
  const key = shared['LATCHKEY_OPERATOR_KEY'] ?? ''
  const programs: Program[] = []
  const start = async (more: Record<string, string>) => {
    const program = await startProgram({ env: { ...env, ...more } })
    programs.push(program)
    return program
  }
  try {
    const gateway = await start({ LATCHKEY_ROLE: 'gateway' })
    const client = createGraphQLClient({ url: gateway.graphqlUrl, key })
    // biome-ignore lint/suspicious/noExplicitAny: the answer of an arbitrary document
    const mutate = async (document: string, input: object): Promise<any> =>
      Object.values(await client.request<Record<string, unknown>, object>(document, { input }))[0]
    const { workspace } = await mutate(documents.createWorkspace, { name: 'Acme', redirectUrls: [RETURN_URL] })
    const started = { workspaceId: workspace.id, provider: 'sandbox', redirectUrl: RETURN_URL }
    const { authorizationUrl } = await mutate(startOAuth, started)
    const back = await decideInSandbox(authorizationUrl, { account: 'ada', decision: 'allow' }, RETURN_URL)
    const handle = back.searchParams.get('handle')
    const { connection } = await mutate(confirmConnection, { handle, endUserExternalId: 'ada' })
    const { syncJob } = await mutate(documents.triggerSync, { connectionId: connection.id })
    await client.close()
    await start({ LATCHKEY_ROLE: 'worker', LATCHKEY_PUBLIC_URL: gateway.url })
    expect((await followJob(gateway.graphqlUrl, key, syncJob.id)).at(-1)).toBe('SYNC_SUCCEEDED')
    expect(await readJob(gateway.graphqlUrl, key, syncJob.id)).toMatchObject({ recordsWritten: 250 })
  } finally {
    await Promise.all(programs.map((program) => program.kill9()))
    await test.close()
  }
})
