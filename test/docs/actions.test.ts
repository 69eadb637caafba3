import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, validate } from 'graphql'
import { expect, it } from 'vitest'
import { parseDefinition } from '../../src/catalog/definition/definition.ts'
import { buildSchema } from '../../src/graphql/schema.ts'
import { changes } from '../graphql/management-documents.ts'
import { decideInSandbox } from '../sandbox/sandbox-browser.ts'
import { startTestApp } from '../support/app.ts'
import { repositoryRoot } from '../support/program.ts'
import { blocksOf } from '../support/readme.ts'

const blocks = blocksOf(await readFile(join(repositoryRoot, 'docs/actions.md'), 'utf8'))
const textsOf = (wanted: string) => blocks.filter(({ language }) => language === wanted).map(({ text }) => text)

it('docs/actions.md has operations that the schema accepts, and an action that a definition can have', () => {
  const documents = textsOf('graphql')
  expect(documents).toHaveLength(2)
  for (const text of documents) expect(validate(buildSchema(), parse(text))).toEqual([])
  const [action = ''] = textsOf('json')
  const definition = { displayName: 'X', baseUrl: 'https://x.example', auth: { type: 'bearer' } }
  expect(parseDefinition({ ...definition, actions: [JSON.parse(action)] }).actions).toHaveLength(1)
})

const RETURN_URL = 'http://localhost:3000/connected'
const START = `mutation ($input: StartOAuthInput!) { startOAuth(input: $input) { __typename
  ... on StartOAuthPayload { authorizationUrl } ... on Error { message } } }`
const CONFIRM = `mutation ($input: ConfirmConnectionInput!) { confirmConnection(input: $input) { __typename
  ... on ConfirmConnectionPayload { connection { id } } ... on Error { message } } }`
const RUN = `mutation ($input: RunActionInput!) { runAction(input: $input) { __typename
  ... on RunActionPayload { output response { status } } ... on Error { code message } } }`

it('the example of docs/actions.md creates a task in the sandbox, once for its key, which the other actions find', async () => {
  const app = await startTestApp({ config: { publicUrl: 'http://127.0.0.1:0' } })
  const { id: workspaceId, key } = await app.createWorkspace()
  const [enable = '', createTask = ''] = textsOf('graphql')
  const enabled = await app.request(enable, { workspaceId }, key)
  expect(enabled.data.createIntegration.integration.actions.map(({ name }: { name: string }) => name)).toEqual([
    'list_tasks',
    'get_task',
    'create_task',
  ])
  await app.mutate(changes.updateWorkspace, { workspaceId, redirectUrls: [RETURN_URL] })
  const input = { workspaceId, integration: 'sandbox', redirectUrl: RETURN_URL }
  const { authorizationUrl } = await app.mutate(START, input, key)
  const back = await decideInSandbox(authorizationUrl, { account: 'ada', decision: 'allow' }, RETURN_URL)
  const handle = back.searchParams.get('handle')
  const { connection } = await app.mutate(CONFIRM, { handle, endUserExternalId: 'ada' }, key)

  const create = async () => (await app.request(createTask, { connectionId: connection.id }, key)).data.runAction
  const created = await create()
  expect(created).toMatchObject({
    output: { title: 'Call Ada', state: 'open' },
    response: { status: 201 },
    refreshed: false,
  })
  expect(await create()).toEqual(created)
  const run = (action: string, args: object) =>
    app.mutate(RUN, { connectionId: connection.id, action, arguments: args }, key)
  const { id } = created.output
  expect(await run('get_task', { id })).toMatchObject({ output: created.output })
  expect(await run('get_task', { id: 'none' })).toMatchObject({ output: null, response: { status: 404 } })
  const listed = await run('list_tasks', { offset: 200, limit: 100 })
  expect(listed.output).toEqual([created.output])
  expect((await run('list_tasks', { state: 'done' })).output).toHaveLength(20)
  await app.stop()
}, 60_000)
