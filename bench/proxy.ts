/**
 * `npm run bench -- proxy`: authenticated requests per second by `/proxy` and by `executeRequest`, compared with a bare
 * node:http reverse proxy in the same run. All are in front of an upstream that answers at once. It also measures the CPU
 * time of the `apply` of each strategy.
 * DATABASE_URL: a server on which a database may be created.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { strategyOf } from '../src/auth/registry.ts'
import { parseDefinition } from '../src/catalog/definition/definition.ts'
import { serializeDraft } from '../src/wire/request-draft.ts'
import { cpuMsOf, median, print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
/** V8 compiles what a process runs again and again: under load, it gets faster for about ten seconds after its start. */
const WARM_UP_SECONDS = 12
const CONNECTIONS = 16
/** Folder for the CPU profile of the gateway. */
const profile = process.env['BENCH_PROFILE']
const here = fileURLToPath(new URL('.', import.meta.url))

interface Load {
  url: string
  method: 'GET' | 'POST'
  connections: number
  duration: number
  headers: Record<string, string>
  body?: string
}
type Cannon = (
  load: Load,
) => Promise<{ requests: { average: number; total: number }; errors: number; non2xx: number; latency: { p99: number } }>
// Installed by `npm ci --prefix bench`, not with the product.
const cannon: Cannon = createRequire(`${here}package.json`)('autocannon')

const children: ChildProcess[] = []
async function startServer(...args: string[]): Promise<{ port: number; pid: number }> {
  const child = fork(`${here}proxy-servers.ts`, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  children.push(child)
  const [port] = await once(child, 'message')
  return { port: Number(port), pid: child.pid ?? 0 }
}

interface Measured {
  name: string
  /** The process that answers. */
  pid: number
  url: string
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
  rates: number[]
  p99: number[]
  /** Requests per second of CPU time of the process. Depends less on what else the machine does than `rates`. */
  perCpuSecond: number[]
}

async function measure(measured: Measured, seconds: number): Promise<void> {
  const { url, method, headers, body } = measured
  const load = { url, method, headers, body, connections: CONNECTIONS, duration: seconds }
  const beforeMs = await cpuMsOf(measured.pid)
  const { requests, errors, non2xx, latency } = await cannon(load)
  const cpuMs = (await cpuMsOf(measured.pid)) - beforeMs
  if (errors > 0 || non2xx > 0)
    throw new Error(`${measured.name}: ${errors} errors, ${non2xx} responses that are not 2xx`)
  measured.rates.push(requests.average)
  measured.p99.push(latency.p99)
  measured.perCpuSecond.push((requests.total / cpuMs) * 1_000)
}

async function compareRates(): Promise<void> {
  const upstream = await startServer('null')
  const bare = await startServer('bare', String(upstream.port))
  const latchkey = await startUnderLoad('latchkey_bench_proxy', {
    LATCHKEY_ROLE: 'gateway',
    ...(profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` }),
  })
  try {
    const { workspace } = await latchkey.mutate<{ workspace: { id: string } }>(
      'createWorkspace',
      { name: 'Bench' },
      'workspace { id }',
    )
    const workspaceId = workspace.id
    const { key } = await latchkey.mutate<{ key: string }>(
      'createApiKey',
      { workspaceId, name: 'bench', role: 'ADMIN' },
      'key',
    )
    const definition = { displayName: 'Null', baseUrl: `http://127.0.0.1:${upstream.port}`, auth: { type: 'bearer' } }
    await latchkey.mutate('createIntegration', { workspaceId, slug: 'null', definition }, 'integration { id }')
    const credential = { secretText: 'a-token-of-the-usual-length-0123456789' }
    const { connection } = await latchkey.mutate<{ connection: { id: string } }>(
      'createConnection',
      { workspaceId, integration: 'null', credential },
      'connection { id }',
    )
    const { origin } = new URL(latchkey.program.graphqlUrl)
    const headers = { authorization: `Bearer ${key}` }
    const none = { rates: [], p99: [], perCpuSecond: [] }
    const all: Measured[] = [
      {
        name: 'bare node:http',
        pid: bare.pid,
        url: `http://127.0.0.1:${bare.port}/things?page=1`,
        method: 'GET',
        headers,
        ...structuredClone(none),
      },
      {
        name: '/proxy',
        pid: latchkey.program.pid,
        url: `${origin}/proxy/${connection.id}/things?page=1`,
        method: 'GET',
        headers,
        ...structuredClone(none),
      },
      {
        name: 'executeRequest',
        pid: latchkey.program.pid,
        url: `${origin}/graphql`,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({
          query: `mutation ($input: ExecuteRequestInput!) { executeRequest(input: $input) { __typename
            ... on ExecuteRequestPayload { refreshed response { status body } } ... on Error { code message } } }`,
          variables: { input: { connectionId: connection.id, method: 'GET', path: '/things', query: { page: 1 } } },
        }),
        ...structuredClone(none),
      },
    ]
    for (const each of all) await measure({ ...each, ...structuredClone(none) }, WARM_UP_SECONDS)
    for (let round = 0; round < ROUNDS; round += 1) for (const each of all) await measure(each, SECONDS)
    const [bareProxy, ...ours] = all
    for (const { name, rates, p99, perCpuSecond } of ours) {
      report({
        name: `authenticated requests by ${name}`,
        unit: 'requests/s',
        latchkey: rates,
        reference: 'a bare node:http proxy',
        other: bareProxy?.rates ?? [],
      })
      report({
        name: `authenticated requests by ${name}, by CPU time of its process`,
        unit: 'requests/s of CPU',
        latchkey: perCpuSecond,
        reference: 'a bare node:http proxy',
        other: bareProxy?.perCpuSecond ?? [],
      })
      print(`p99 ${median(p99)} ms, of the bare proxy ${median(bareProxy?.p99 ?? [])} ms`)
    }
  } finally {
    for (const child of children) child.kill()
    await latchkey.close()
  }
}

const STRATEGIES: readonly [auth: Record<string, unknown>, stored: Record<string, unknown>][] = [
  [{ type: 'bearer' }, { type: 'bearer', fields: { token: 'a-token' } }],
  [
    { type: 'api_key', placement: { in: 'query', name: 'key' } },
    { type: 'api_key', fields: { api_key: 'a-key' } },
  ],
  [{ type: 'basic' }, { type: 'basic', fields: { username: 'ada', password: 'a-password' } }],
  [
    { type: 'jwt', algorithm: 'HS256', key: "{{ config['key'] }}", fields: [{ name: 'key', secret: true }] },
    { type: 'jwt', fields: { key: 'a-key-of-thirty-two-characters-00' } },
  ],
  [
    {
      type: 'signature',
      method: 'aws_sigv4',
      fields: [{ name: 'id' }, { name: 'secret', secret: true }],
      accessKeyId: "{{ config['id'] }}",
      secretAccessKey: "{{ config['secret'] }}",
      region: 'eu-central-1',
      service: 'execute-api',
    },
    { type: 'signature', fields: { id: 'AKIAEXAMPLE', secret: 'a-secret' } },
  ],
]

async function timeStrategies(): Promise<void> {
  const times = 20_000
  for (const [auth, stored] of STRATEGIES) {
    const definition = parseDefinition({ displayName: 'x', baseUrl: 'https://api.example.com', auth })
    const authenticator = strategyOf(definition.auth).open(stored, { input: {}, kept: {} })
    const once = async () => {
      const url = new URL('https://api.example.com/things?page=1')
      const draft = { method: 'GET', url, headers: new Headers(), credentialHeaders: new Set<string>() }
      await authenticator.apply(draft)
      serializeDraft(draft)
    }
    for (let round = 0; round < 2_000; round += 1) await once()
    const before = process.cpuUsage()
    for (let round = 0; round < times; round += 1) await once()
    const { user, system } = process.cpuUsage(before)
    print(`apply and serialise, ${String(auth['type'])}: ${((user + system) / times).toFixed(1)} µs`)
  }
}

await timeStrategies()
await compareRates()
