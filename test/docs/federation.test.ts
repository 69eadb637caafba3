import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/listening.ts'
import {
  inheritedEnv,
  type Program,
  type RunningProcess,
  repositoryRoot,
  startProcess,
  startProgram,
} from '../support/program.ts'
import { blocksOf, openShell, openWorkFolder, type Shell } from '../support/readme.ts'

const page = await readFile(join(repositoryRoot, 'docs/federation.md'), 'utf8')
const blocks = blocksOf(page)
const blocksIn = (language: string) => blocks.filter((block) => block.language === language).map(({ text }) => text)
const containing = (language: string, words: string) => {
  const [found, ...more] = blocksIn(language).filter((text) => text.includes(words))
  if (found === undefined || more.length > 0)
    throw new Error(`docs/federation.md has not one ${language} with ${words}.`)
  return found
}

describe('docs/federation.md', () => {
  let program: Program
  let shell: Shell
  let folder: Awaited<ReturnType<typeof openWorkFolder>>
  const ports = new Map<string, string>()
  const processes: RunningProcess[] = []

  /** The page names fixed ports. */
  const onFreePorts = (text: string) =>
    text.replaceAll(/127\.0\.0\.1:(\d+)|listen\((\d+)/g, (place, a, b) => {
      const port = a ?? b
      return place.replace(port, ports.get(port) ?? port)
    })
  const start = async (file: string, ready: RegExp) => {
    processes.push(await startProcess({ args: [file], cwd: folder.path, env: inheritedEnv(), ready }))
  }

  beforeAll(async () => {
    const variable = /LATCHKEY_FEDERATION=(\S+) npx latchkey/.exec(containing('sh', 'npx latchkey'))?.[1] ?? ''
    ;[program, folder] = await Promise.all([startProgram({ env: { LATCHKEY_FEDERATION: variable } }), openWorkFolder()])
    ports.set('4000', new URL(program.url).port)
    for (const port of ['4001', '4100', '4101']) ports.set(port, String(await freePort()))
    for (const name of ['product.mjs', 'setup.mjs', 'compose.mjs', 'gateway.mjs']) {
      await writeFile(join(folder.path, name), onFreePorts(containing('js', `// ${name}:`)))
    }
    shell = openShell(folder.path, {})
    await start('product.mjs', /The product is running/)
  })
  afterAll(async () => {
    shell.close()
    await Promise.all([program.stop(), ...processes.map((each) => each.kill9())])
    await folder.remove()
  })

  async function ask(query: string, variables: Record<string, unknown>, url = program.graphqlUrl, accept = '*/*') {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${program.operatorKey}` }
    const body = JSON.stringify({ query, variables })
    return fetch(url, { method: 'POST', headers: { ...headers, accept, 'x-latchkey-workspace': 'acme' }, body })
  }

  it('installs packages that this repository tests', async () => {
    const manifests = ['package.json', 'packages/bundled/package.json'].map((path) =>
      readFile(join(repositoryRoot, path), 'utf8'),
    )
    const [own, bundled] = (await Promise.all(manifests)).map((text) => JSON.parse(text))
    const known = { ...bundled.dependencies, ...own.dependencies, ...own.devDependencies }
    const installed = containing('sh', 'npm install').split(' ').slice(2)
    const named = [...page.matchAll(/install `([^`]+)`/g)].map(([, name = '']) => name)
    expect(named).toEqual(['@graphql-mesh/transport-ws'])
    for (const each of [...installed, ...named]) {
      const [, name = '', major] = /^(@?[^@]+)(?:@(\d+))?$/.exec(each) ?? []
      expect(known, each).toHaveProperty([name])
      if (major !== undefined) expect(known[name]).toMatch(new RegExp(`^${major}\\.`))
    }
  })

  it('answers one query over both subgraphs with the answer that it shows', async () => {
    const steps = containing('sh', 'node compose.mjs').replace('<the operator key>', program.operatorKey)
    expect(await shell.run(steps)).toBe('CreateConnectionPayload\nComposed.\n')
    expect(blocksIn('sh').slice(-2, -1)).toEqual(['node gateway.mjs'])
    await start('gateway.mjs', /The gateway is running/)
    const answer = await shell.run(onFreePorts(containing('sh', 'curl')))
    const [shown = ''] = blocksIn('json')
    expect(JSON.parse(answer)).toEqual(JSON.parse(shown))
  })

  it('has operations that the schema of the router accepts', async () => {
    const schema = buildSchema(await readFile(join(folder.path, 'supergraph.graphql'), 'utf8'), {
      assumeValidSDL: true,
    })
    const operations = blocksIn('graphql')
    expect(operations).toHaveLength(2)
    for (const operation of operations) expect(validate(schema, parse(operation))).toEqual([])
  })

  it('configures subscriptions over WebSocket', async () => {
    const fragment = containing('js', 'transportEntries')
    const gateway = onFreePorts(containing('js', '// gateway.mjs:').replace('4100', '4101'))
    await writeFile(
      join(folder.path, 'gateway-ws.mjs'),
      gateway.replace('  propagateHeaders:', `  ${fragment}\n  propagateHeaders:`),
    )
    await start('gateway-ws.mjs', /The gateway is running/)
    const known = await ask('{ workspace(slug: "acme") { id events(first: 1) { nodes { type cursor } } } }', {})
    const { id, events } = (await known.json()).data.workspace
    expect(events.nodes).toMatchObject([{ type: 'CONNECTION_CREATED' }])
    for (const port of ['4100', '4101']) {
      const response = await ask(
        'subscription ($id: ID!, $after: Cursor) { workspaceEvents(workspaceId: $id, after: $after) { type } }',
        { id, after: events.nodes[0].cursor },
        `http://127.0.0.1:${ports.get(port)}/graphql`,
        'text/event-stream',
      )
      let text = ''
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString()
        if (text.includes('event: next')) break
      }
      expect(text).toContain('data: {"data":{"workspaceEvents":{"type":"CONNECTION_ACTIVATED"}}}')
    }
  })
})
