import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { UrlElicitationRequiredError } from '@modelcontextprotocol/sdk/types.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ledger } from '../http/mcp/mcp-world.ts'
import { openTestDatabase, serverAnswers, type TestDatabase } from '../support/databases.ts'
import { type Program, startProgram } from '../support/program.ts'
import { sharedEnv } from './main-job.ts'

describe.skipIf(!serverAnswers)('A client of the MCP endpoint, on two gateways', () => {
  let test: TestDatabase
  const programs: Program[] = []
  const clients: Client[] = []

  beforeEach(async () => {
    test = await openTestDatabase('server')
  })
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
    await Promise.all(programs.splice(0).map((program) => program.kill9()))
    await test.close()
  })

  it('gets each answer from another one, and goes on when one is started anew', async () => {
    const env: Record<string, string> = {
      ...sharedEnv(),
      LATCHKEY_PUBLIC_URL: 'http://127.0.0.1:4999',
      DATABASE_URL: test.url ?? '',
    }
    const start = async () => {
      const program = await startProgram({ env: { ...env, LATCHKEY_ROLE: 'gateway' } })
      programs.push(program)
      return program
    }
    const first = await start()
    const second = await start()
    const key = env['LATCHKEY_OPERATOR_KEY'] ?? ''
    const run = async (name: string, input: Record<string, unknown>, payload: string) => {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
      const query = `mutation ($input: ${type}Input!) { ${name}(input: $input) { ... on ${type}Payload { ${payload} } ... on Error { message } } }`
      const response = await fetch(first.graphqlUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ query, variables: { input } }),
      })
      // biome-ignore lint/suspicious/noExplicitAny: the response to an arbitrary document
      return ((await response.json()) as any).data[name]
    }
    const { id: workspaceId } = (await run('createWorkspace', { name: 'Acme' }, 'workspace { id }')).workspace
    await run('updateWorkspace', { workspaceId, confirmation: 'NONE' }, '__typename')
    const definition = ledger('https://ledger.example')
    await run('createIntegration', { workspaceId, slug: 'ledger', definition }, '__typename')
    const { token } = await run('createToolSession', { workspaceId, endUserExternalId: 'ada' }, 'token')

    const gateways = [first.url, second.url]
    const asked: string[] = []
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: { url: {} } } })
    clients.push(client)
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${first.url}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${token}` } },
        fetch: (_url, init) => {
          const gateway = gateways[asked.length % gateways.length] ?? ''
          asked.push(gateway)
          return fetch(`${gateway}/mcp`, init)
        },
      }),
    )
    const linkOf = async () => {
      const error = await client.callTool({ name: 'ledger_list_items' }).catch((thrown: unknown) => thrown)
      return (error as UrlElicitationRequiredError).elicitations[0]?.url
    }
    const link = await linkOf()
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:4999\/connect\/lkc_/)
    expect(await linkOf()).toBe(link)
    expect(new Set(asked.slice(-2))).toEqual(new Set(gateways))

    await first.kill9()
    gateways.splice(0, 1, (await start()).url)
    expect([await linkOf(), await linkOf()]).toEqual([link, link])
  })
})
