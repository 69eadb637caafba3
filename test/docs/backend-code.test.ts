import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLatchkey, type Latchkey } from 'latchkey-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Jar } from '../http/connect-page/jar.ts'
import { type InstalledClient, installClient } from '../support/client-package.ts'
import { freePort } from '../support/listening.ts'
import {
  type Program,
  type RunningProcess,
  repositoryRoot,
  startProcess,
  startProgram,
  startRecordsApi,
} from '../support/program.ts'
import { blocksOf, openShell } from '../support/readme.ts'

/**
 * Pages with code of a backend in TypeScript. It uses `latchkey`, `workspaceId` and `connectionId`, and routes of Express use `app`,
 * `express` and the signed-in user in `req.user`. All of it becomes one program, in this order.
 */
const PAGES = [
  'guides/reconnect',
  'guides/schedule-syncs',
  'guides/list-connections',
  'requests',
  'connecting',
  'webhooks',
  'mcp',
  'cli',
]
const RETURN_URL = 'https://app.example.com/connected'

const DEFINITION = `
displayName: Contacts
baseUrl: https://contacts.example.com
auth:
  type: bearer
`

/** What the code of the pages takes from the program around it. */
const CONTEXT = `
import type { Latchkey } from 'latchkey-client'
import type expressModule from 'express'
declare global {
  const latchkey: Latchkey
  const workspaceId: string
  const connectionId: string
  const app: expressModule.Express
  const express: typeof expressModule
  namespace Express { interface Request { user: { id: string } } }
}`

/** Starts the program: everybody is signed in to the product as Ada. */
const startBackend = (files: readonly string[]) => `
import express from 'express'
import { createLatchkey } from 'latchkey-client'
const { LATCHKEY_URL: url = '', LATCHKEY_KEY: key = '', WORKSPACE: workspaceId, CONNECTION: connectionId, PORT } = process.env
const app = express()
app.use((request, _response, next) => {
  Object.assign(request, { user: { id: 'ada' } })
  next()
})
Object.assign(globalThis, { app, express, workspaceId, connectionId, latchkey: createLatchkey({ url, key }) })
for (const file of ${JSON.stringify(files)}) {
  await import('./' + file)
  console.log('end of ' + file)
}
app.listen(Number(PORT), '127.0.0.1', () => console.log('The backend listens.'))
`

const blocks = new Map(
  await Promise.all(
    PAGES.map(
      async (page) => [page, blocksOf(await readFile(join(repositoryRoot, `docs/${page}.md`), 'utf8'))] as const,
    ),
  ),
)
const codeOf = (page: string, language: string) =>
  (blocks.get(page) ?? []).filter((block) => block.language === language).map(({ text }) => text)
const sources = PAGES.flatMap((page) =>
  codeOf(page, 'ts').map((text, index) => ({ file: `${page.replace('/', '-')}-${index}`, text })),
)

let client: InstalledClient
let program: Program
let api: Awaited<ReturnType<typeof startRecordsApi>>
let backend: RunningProcess
let latchkey: Latchkey
let connectionId = ''
let workspaceId = ''
let webhookEndpointId = ''
let address = ''

beforeAll(async () => {
  client = await installClient()
  await client.link('express', '@types/express', '@types/node', 'undici-types', '@modelcontextprotocol/sdk', 'yaml')
  await writeFile(join(client.folder, 'context.d.ts'), CONTEXT)
  await mkdir(join(client.folder, 'definitions'))
  await writeFile(join(client.folder, 'definitions/contacts.yaml'), DEFINITION)
  // Each block has names of its own.
  for (const { file, text } of sources) await writeFile(join(client.folder, `${file}.ts`), `${text}\nexport {}\n`)
  api = await startRecordsApi()
  program = await startProgram({ env: { LATCHKEY_EGRESS_ALLOW: '127.0.0.1' } })
  latchkey = createLatchkey({ url: program.url, key: program.operatorKey })
  const { workspace } = await latchkey.workspaces.create({ name: 'Acme', redirectUrls: [RETURN_URL] })
  workspaceId = workspace.id
  await latchkey.integrations.create({
    workspaceId,
    slug: 'records',
    definition: {
      displayName: 'Records API',
      baseUrl: api.url,
      auth: { type: 'bearer' },
      streams: [{ name: 'contacts', path: '/contacts', recordsPath: 'contacts', primaryKey: ['id'] }],
    },
  })
  const { connection } = await latchkey.connections.create({
    workspaceId,
    integration: 'records',
    endUserExternalId: 'ada',
    credential: { secretText: api.token },
  })
  connectionId = connection.id
  const port = await freePort()
  address = `http://127.0.0.1:${port}`
  const { webhookEndpoint, secret } = await latchkey.webhookEndpoints.create({
    workspaceId,
    url: `${address}/hooks`,
    types: ['CONNECTION_NEEDS_REAUTH'],
  })
  webhookEndpointId = webhookEndpoint.id
  await writeFile(join(client.folder, 'backend.ts'), startBackend(sources.map(({ file }) => `${file}.ts`)))
  const { key } = await latchkey.apiKeys.create({ workspaceId, name: 'backend', role: 'ADMIN' })
  backend = await startProcess({
    args: [join(client.folder, 'backend.ts')],
    cwd: client.folder,
    env: {
      LATCHKEY_URL: program.url,
      LATCHKEY_KEY: key,
      WORKSPACE: workspaceId,
      CONNECTION: connectionId,
      PORT: String(port),
      WEBHOOK_SECRET: secret,
    },
    ready: /The backend listens\.\n/,
  })
}, 600_000)

afterAll(async () => {
  await backend?.kill9()
  await Promise.all([program?.stop(), api?.stop()])
  await client?.remove()
})

/** What the code of a block printed. */
function printed(file: string): string {
  const before = sources[sources.findIndex((source) => source.file === file) - 1]
  const [, text = ''] = backend.stdout().split(before === undefined ? /^/ : `end of ${before.file}.ts\n`)
  return text.split(`end of ${file}.ts\n`)[0] ?? ''
}

/** Connects an account on the hosted page. @returns the address to which the browser is sent */
const connectAt = (connectUrl: string) => new Jar().connect(connectUrl, 'records', { 'credential.token': api.token })

it('the TypeScript of the guides has strict types', async () => {
  const imports = sources.map(({ file }) => `import './${file}.js'`)
  await writeFile(join(client.folder, 'all.ts'), ['/// <reference path="./context.d.ts" />', ...imports, ''].join('\n'))
  expect(client.check('all.ts', { module: 'nodenext' })).toBe('')
  expect(new Set(sources.map(({ file }) => file.replace(/-\d+$/, ''))).size).toBe(PAGES.length)
})

describe('The backend of the guides', () => {
  it('starts a sync, follows it to its end, and lists the connections of a user', () => {
    expect(backend.stderr()).toBe('')
    expect(printed('guides-schedule-syncs-0')).toMatch(/^contacts \d+\n(?:.*\n)*SYNC_SUCCEEDED\n$/m)
    expect(printed('guides-list-connections-0')).toBe('Records API records ACTIVE\n')
  })

  it('gives a user a link to connect an account again, and confirms it', async () => {
    const sent = await fetch(`${address}/reconnect/${connectionId}`, { redirect: 'manual' })
    expect(sent.status).toBe(302)
    const back = await connectAt(sent.headers.get('location') ?? '')
    expect(back.origin + back.pathname).toBe(RETURN_URL)
    expect(back.searchParams.get('connection_id')).toBe(connectionId)
    const page = await fetch(`${address}/connected${back.search}`)
    expect([page.status, await page.text()]).toEqual([200, 'Records API is ACTIVE'])
    const declined = await fetch(`${address}/connected?error=access_denied&error_description=The+user+declined.`)
    expect([declined.status, await declined.text()]).toEqual([400, 'Not connected: The user declined.'])
  })

  it('creates a session for the button, and confirms what the browser brings back', async () => {
    const path = `${address}/my/backend`
    const created = await fetch(`${path}/connect-session`, { method: 'POST' })
    const headers = { authorization: `Bearer ${await created.text()}`, origin: 'https://app.example.com' }
    const session = await fetch(`${program.url}/connect/session`, { headers })
    expect(await session.json()).toMatchObject({ session: { status: 'PENDING' }, connection: null })
    const { connectUrl } = await latchkey.connectSessions.create({
      workspaceId,
      endUserExternalId: 'ada',
      redirectUrl: RETURN_URL,
    })
    const back = await connectAt(connectUrl)
    const body = back.searchParams.get('handle') ?? ''
    expect((await fetch(`${path}/confirm`, { method: 'POST', body })).status).toBe(204)
    await backend.saw(new RegExp(`^${back.searchParams.get('connection_id')} ACTIVE$`, 'm'))
  })

  it('receives webhooks, and refuses those that are not signed', async () => {
    await latchkey.webhookEndpoints.test({ webhookEndpointId })
    await backend.saw(/^msg_\w+ webhook\.test$/m)
    const forged = await fetch(`${address}/hooks`, { method: 'POST', body: '{"type":"webhook.test"}' })
    expect(forged.status).toBe(401)
  })

  it('lists the tools of a user for an agent, and creates an integration from a file', () => {
    expect(printed('mcp-0')).toMatch(/^connections connect/)
    expect(printed('cli-0')).toBe('contacts Contacts\n')
  })
})

describe('docs/requests.md', () => {
  it('sends the same request with GraphQL, the client and the proxy', async () => {
    const [document = ''] = codeOf('requests', 'graphql')
    const { executeRequest } = await latchkey.request<{ executeRequest: { response: { status: number } } }>(document, {
      connectionId,
    })
    expect(executeRequest.response).toMatchObject({ status: 200, body: { contacts: [{ id: 'c-001' }], total: 250 } })
    expect(printed('requests-0')).toMatch(/^200 \{"contacts":\[\{"id":"c-001"/)
    const [command = ''] = codeOf('requests', 'sh')
    const shell = openShell(client.folder, { URL: program.url, KEY: program.operatorKey, CONNECTION: connectionId })
    const output = await shell.run(command)
    shell.close()
    expect(JSON.parse(output)).toMatchObject({ contacts: [{ id: 'c-001' }] })
  })

  it('describes the answer of the proxy to a connection that has to be connected again', async () => {
    const { connection } = await latchkey.connections.create({
      workspaceId,
      integration: 'records',
      credential: { secretText: 'a token that is wrong' },
    })
    const send = () =>
      fetch(`${program.url}/proxy/${connection.id}/contacts`, {
        headers: { authorization: `Bearer ${program.operatorKey}` },
      })
    // The first refusals are responses of the API.
    expect((await send()).status).toBe(401)
    expect((await send()).status).toBe(401)
    const refused = await send()
    const { error } = await refused.json()
    const [documented = ''] = codeOf('requests', 'json')
    const { error: shape } = JSON.parse(documented)
    expect(error).toMatchObject({ code: shape.code, status: shape.status })
    expect(Object.keys(error)).toEqual(expect.arrayContaining(Object.keys(shape)))
    expect([refused.status, refused.headers.get('x-request-id')]).toEqual([shape.status, error.traceId])
  })
})
