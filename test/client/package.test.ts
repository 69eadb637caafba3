import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, type InstalledClient, installClient } from '../support/client-package.ts'
import { repositoryRoot } from '../support/program.ts'

let client: InstalledClient

beforeAll(async () => {
  client = await installClient()
  await client.link(
    'typescript',
    '@types/node',
    'undici-types',
    '@types/react',
    'csstype',
    'react',
    'graphql-ws',
    'graphql',
  )
})

afterAll(() => client?.remove())

const read = (path: string) => readFile(join(client.folder, 'node_modules/latchkey-client', path), 'utf8')

/** This Node, and the one of the system where it is another one. */
const NODES = [
  process.execPath,
  ...(process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .filter((path) => existsSync(path))
    .slice(0, 1),
]

describe('the package latchkey-client', () => {
  it('has no problem that publint finds', async () => {
    const tarball = await readFile(client.tarball)
    const { messages } = await publint({
      pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) },
      strict: true,
    })
    expect(messages).toEqual([])
  })

  it('has types that TypeScript finds in both module resolutions', async () => {
    // In a process of its own: under the condition "development", which the tests have, the tool is TypeScript.
    const code = `import { readFileSync } from 'node:fs'
      import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
      const tarball = new Uint8Array(readFileSync(process.argv[1]))
      console.log(JSON.stringify(await checkPackage(createPackageFromTarballData(tarball))))`
    const given = ['--input-type=module', '-e', code, client.tarball]
    const analysis = JSON.parse(execFileSync(process.execPath, given, { cwd: repositoryRoot, encoding: 'utf8' }))
    expect(analysis.types).toEqual({ kind: 'included' })
    expect(Object.keys(analysis.entrypoints)).toContain('./webhooks')
    // An ESM package cannot be required by TypeScript's node10 and CommonJS.
    const relevant = analysis.problems.filter(
      ({ resolutionKind = '', entrypoint = '' }: { resolutionKind?: string; entrypoint?: string }) =>
        !['node10', 'node16-cjs'].includes(resolutionKind) && entrypoint !== './schema.graphql',
    )
    expect(relevant).toEqual([])
  })

  it('has the version of the gateway, no dependencies, and the schema', async () => {
    const { version } = JSON.parse(await readFile(join(repositoryRoot, 'package.json'), 'utf8'))
    const own = JSON.parse(await read('package.json'))
    expect(own.version).toBe(version)
    expect(own.dependencies).toBeUndefined()
    expect(Object.keys(own.peerDependencies)).toEqual(Object.keys(own.peerDependenciesMeta))
    expect(await read('dist/schema.graphql')).toBe(
      await readFile(join(repositoryRoot, 'schema/schema.graphql'), 'utf8'),
    )
    expect(JSON.parse(await read('dist/possible-types.json')).Event).toContain('SyncSucceeded')
    expect(await read('dist/connect.js')).toBe(await readFile(join(repositoryRoot, 'src/client/connect.js'), 'utf8'))
  })

  it.each(NODES)('is imported by %s', async (node) => {
    await writeFile(
      join(client.folder, 'import.mjs'),
      `import { createLatchkey, NotFoundError, subscribeFrom } from 'latchkey-client'
       import { connect } from 'latchkey-client/connect'
       import { verifyWebhook } from 'latchkey-client/webhooks'
       import { useConnect } from 'latchkey-client/react'
       const latchkey = createLatchkey({ url: 'http://127.0.0.1:1', key: 'lk_x', retries: 0 })
       const error = await latchkey.connections.list({ workspaceId: 'x' }).catch((error) => error)
       console.log(typeof connect, typeof verifyWebhook, typeof subscribeFrom, typeof useConnect, typeof NotFoundError, error.name)
       console.log(import.meta.resolve('latchkey-client/schema.graphql').endsWith('schema.graphql'))`,
    )
    const output = execFileSync(node, ['import.mjs'], { cwd: client.folder, encoding: 'utf8' })
    expect(output).toBe('function function function function function TransportError\ntrue\n')
  })

  it('is loaded by require of CommonJS', async () => {
    await writeFile(
      join(client.folder, 'require.cjs'),
      `console.log(typeof require('latchkey-client').createLatchkey, typeof require('latchkey-client/webhooks').verifyWebhook)`,
    )
    const output = execFileSync(process.execPath, ['require.cjs'], { cwd: client.folder, encoding: 'utf8' })
    expect(output).toBe('function function\n')
  })

  it.each(['nodenext', 'bundler'] as const)(
    'has strict types under %s, which make callers handle a reconnect',
    async (module) => {
      await writeFile(
        join(client.folder, 'use.ts'),
        `import { createClient } from 'graphql-ws'
import { createElement } from 'react'
import { ConflictError, createLatchkey, type LatchkeyEvent, type ReconnectRequiredError, subscribeFrom } from 'latchkey-client'
import { connect } from 'latchkey-client/connect'
import { ConnectButton, useConnections, useSyncStatus } from 'latchkey-client/react'
import { verifyWebhook } from 'latchkey-client/webhooks'

const latchkey = createLatchkey({ url: 'https://x.example', token: async () => 't', graphqlWs: createClient })

export async function run(connectionId: string): Promise<string> {
  const result = await latchkey.actions.run({ connectionId, action: 'a', idempotencyKey: 'k' })
  // @ts-expect-error The result may be ReconnectRequiredError.
  result.output
  if (result.__typename === 'ReconnectRequiredError') return result.reconnectUrl ?? result.connection.id
  const status: number = result.response.status
  const handled = await latchkey.sync.trigger({ connectionId }, { onReconnect: (required: ReconnectRequiredError) => required.connection.id })
  if (typeof handled === 'string') return handled
  const recordsRead: number = handled.syncJob.recordsRead
  // @ts-expect-error The id is missing.
  await latchkey.connections.get({})
  // @ts-expect-error A credential has one of the kinds.
  await latchkey.connections.create({ workspaceId: 'w', integration: 'i', credential: { secretText: 's', basic: { username: 'u' } } })
  const connection = await latchkey.connections.get({ id: connectionId })
  const slug: string | undefined = connection?.integration.slug
  for await (const each of latchkey.all(latchkey.connections.list, { workspaceId: 'w', first: 10 })) each.displayName.length
  // @ts-expect-error The workspace is missing.
  latchkey.all(latchkey.connections.list, { first: 10 })
  return [status, recordsRead, slug].join()
}

export async function follow(signal: AbortSignal): Promise<LatchkeyEvent | null> {
  for await (const event of latchkey.events.follow({ workspaceId: 'w', types: ['SYNC_FAILED'] }, { signal, onCursor: (cursor) => cursor.length })) {
    if (event.type === 'SYNC_FAILED') event.error.message.length
    if (event.__typename === 'SyncRetrying') event.retryAt.length
    // @ts-expect-error It may be null.
    if (event.__typename === 'CredentialRefreshFailed') event.retryAt.length
    return event
  }
  for await (const data of subscribeFrom(createClient({ url: 'ws://x' }), 'subscription { x }', { after: null })) void data
  return null
}

export async function receive(request: Request): Promise<string> {
  const webhook = await verifyWebhook(await request.text(), request.headers, ['whsec_a'])
  if (webhook.type === 'sync.succeeded') return webhook.data.streams.map(({ name }) => name).join()
  // @ts-expect-error Not of every type.
  return webhook.data.streams
}

export function Page() {
  const { items } = useConnections({ url: '', token: () => 't' })
  const { status } = useSyncStatus({ url: '', token: 't', connectionId: items[0]?.id ?? '' })
  return createElement(ConnectButton, { url: '', token: async () => 't', className: 'x', children: (state) => state.status + status })
}

export const conflict = (error: unknown): string => (error instanceof ConflictError ? error.code : '')
export const connected = connect({ token: 't', url: '' }).then((connection) => connection?.displayName)
`,
      )
      expect(client.check('use.ts', { module })).toBe('')
    },
  )

  it('is bundled by Vite, and an entry alone brings nothing of the others', async () => {
    const all = await bundle(client, `export * from 'latchkey-client'`)
    const verify = await bundle(client, `export { verifyWebhook } from 'latchkey-client/webhooks'`)
    const errors = await bundle(client, `export { NotFoundError } from 'latchkey-client'`)
    expect(all).toContain('mutation createConnection')
    expect(verify).toContain('webhook-signature')
    for (const code of [verify, errors]) expect(code).not.toContain('createConnection')
  })

  it('has a connect() of less than 4 KB, compressed', async () => {
    const code = await bundle(client, `export { connect } from 'latchkey-client/connect'`)
    expect(code).toContain('latchkey:connected')
    expect(gzipSync(code).byteLength).toBeLessThan(4_096)
  })
})
