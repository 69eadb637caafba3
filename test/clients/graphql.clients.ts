import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createLatchkey } from 'latchkey-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InstalledClient, installClient } from '../support/client-package.ts'
import { type Program, repositoryRoot, startProgram, startRecordsApi } from '../support/program.ts'
import { blocksOf } from '../support/readme.ts'
import { openProject, type Project } from './project.ts'
import type { Report } from './projects/environment.ts'

const PROJECTS = join(repositoryRoot, 'test/clients/projects')
const page = await readFile(join(repositoryRoot, 'docs/graphql-clients.md'), 'utf8')

let client: InstalledClient
let program: Program
let recordsApi: Awaited<ReturnType<typeof startRecordsApi>>
let env: Record<string, string>

beforeAll(async () => {
  client = await installClient()
  recordsApi = await startRecordsApi()
  program = await startProgram({ env: { LATCHKEY_EGRESS_ALLOW: '127.0.0.1' } })
  const operator = createLatchkey({ url: program.url, key: program.operatorKey })
  const { workspace } = await operator.workspaces.create({ name: 'Acme', slug: 'acme' })
  const pagination = { type: 'offset', param: 'offset', limitParam: 'limit', size: 100 }
  await operator.integrations.create({
    workspaceId: workspace.id,
    slug: 'records',
    definition: {
      displayName: 'Records API',
      baseUrl: recordsApi.url,
      auth: { type: 'bearer' },
      streams: [{ name: 'contacts', path: '/contacts', recordsPath: 'contacts', primaryKey: ['id'], pagination }],
    },
  })
  const { key } = await operator.apiKeys.create({ workspaceId: workspace.id, name: 'product', role: 'ADMIN' })
  env = {
    ENDPOINT: program.graphqlUrl,
    LATCHKEY_KEY: key,
    WORKSPACE: workspace.id,
    RECORDS_API_TOKEN: recordsApi.token,
  }
})

afterAll(async () => {
  await Promise.all([program?.stop(), recordsApi?.stop()])
  await client?.remove()
})

/** Opens the project of a client, with the files that its section of the page has. The first line of a file is its name. */
function openClient(name: string, section: string): Promise<Project> {
  return openProject(join(PROJECTS, name), client, async (folder) => {
    const blocks = blocksOf(page).filter((block) => block.section === section)
    const files = blocks.flatMap(({ text }) => {
      const [, path, code] = /^\/\/ (\S+)\n([\s\S]*)$/.exec(text) ?? []
      return path === undefined || code === undefined ? [] : [{ path: join(folder, path), code }]
    })
    expect(files.length).toBeGreaterThan(0)
    for (const { path, code } of files) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, `${code}\n`)
    }
    await cp(join(PROJECTS, 'environment.ts'), join(folder, 'src/environment.ts'))
  })
}

describe.each<[client: string, project: string, section: string, steps: (project: Project) => Promise<string>]>([
  [
    'Apollo Client with GraphQL Code Generator, over WebSocket',
    'apollo',
    'Apollo Client and GraphQL Code Generator',
    async ({ command, node }) => {
      await command('graphql-codegen', ['--config', 'codegen.mjs'])
      await command('tsc')
      return node('src/main.ts', [], { ...env, END_USER: 'apollo' })
    },
  ],
  [
    'urql with gql.tada, with Server-Sent Events',
    'urql',
    'urql and gql.tada',
    async ({ command, node }) => {
      await command('gql.tada', ['generate-output'])
      await command('tsc')
      return node('src/main.ts', [], { ...env, END_USER: 'urql' })
    },
  ],
  [
    'Relay with its compiler, with graphql-sse',
    'relay',
    'Relay',
    async ({ folder, command, node }) => {
      await mkdir(join(folder, 'src/__generated__'))
      await command('relay-compiler')
      await command('tsc')
      await node('build.mjs')
      return node('main.mjs', [], { ...env, END_USER: 'relay' })
    },
  ],
])('%s', (_client, name, section, steps) => {
  let project: Project

  beforeAll(async () => {
    project = await openClient(name, section)
  })
  afterAll(() => project?.remove())

  it('has strict types, and reads, writes, gets a typed error, follows a sync and reads all pages', async () => {
    const report: Report = JSON.parse(await steps(project))
    expect(report).toEqual({
      workspace: 'acme',
      refused: {
        __typename: 'NotFoundError',
        code: 'NOT_FOUND',
        message: expect.stringContaining('There is no such integration.'),
      },
      events: expect.arrayContaining(['SyncProgressed']),
      pages: [100, 100, 50],
      keys: 250,
    })
    expect(report.events.slice(0, 2)).toEqual(['SyncQueued', 'SyncStarted'])
    expect(report.events.filter((type) => type === 'SyncSucceeded')).toHaveLength(1)
    expect(report.events.at(-1)).toBe('SyncSucceeded')
  })
})
