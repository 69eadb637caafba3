/**
 * `npm run bench -- noisy-neighbour`: how long `{ viewer }` of one workspace takes while one READER key of another workspace
 * sends the most expensive mix of operations that it may, over many connections, with the default limits. Compared with the
 * same query in a quiet gateway, before and after.
 * BENCH_SECONDS: length of each phase (default 15). NOISY_CLIENTS: concurrent requests of the other key (default 64).
 * NOISY_ONLY: a regular expression; only the phases whose name it matches are run.
 * DATABASE_URL: a server on which a database may be created.
 */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { addBusyTenant, largeResponse, shapesOf, slowCounts } from './busy-tenant.ts'
import { forgetPeak, memoryOf, print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15)
const CLIENTS = Number(process.env['NOISY_CLIENTS'] ?? 64)
const ONLY = new RegExp(process.env['NOISY_ONLY'] ?? '')
const EVERY_MS = 20
const STREAMS = 256

/** The request of the quiet workspace. */
interface Watched {
  name: string
  url: string
  key: string
  /** Undefined: a GET request. */
  body: string | undefined
}

interface DisturbOptions {
  watched?: Watched
  url?: string
  clients?: number
}

interface Noise {
  url: string
  key: string
  /** Sent in turn. NTH is replaced by the number of the request. None: GET requests. */
  bodies: readonly string[]
  clients: number
}

/** Runs in a thread of its own, so that it does not delay the requests that are measured. */
async function makeNoise({ url, key, bodies, clients }: Noise): Promise<void> {
  const outcomes = new Map<string, number>()
  let running = true
  let nth = 0
  const stop = new AbortController()
  parentPort?.once('message', () => {
    running = false
    if (bodies.length === 0) stop.abort()
  })
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (running) {
        nth += 1
        const body = bodies[nth % bodies.length]?.replaceAll('NTH', String(nth))
        const { outcome } = await send(url, key, body, stop.signal).catch(() => ({ outcome: 'disconnected' }))
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      }
    }),
  )
  parentPort?.postMessage(outcomes)
}

/** One request. @returns milliseconds and the code of the answer: `ok` or an error code */
async function send(
  url: string,
  key: string,
  body: string | undefined,
  signal?: AbortSignal,
): Promise<{ ms: number; outcome: string }> {
  const startedMs = performance.now()
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: body ?? null,
    signal: signal ?? null,
  })
  // A large answer is read and thrown away, so that this process does not become the bottleneck.
  const isRead = body === undefined || response.headers.get('content-length') !== null
  const text = isRead ? await textOf(response) : ''
  const code = /"code":"(\w+)"/.exec(text)?.[1]
  return { ms: performance.now() - startedMs, outcome: code ?? 'ok' }
}

async function textOf(response: Response): Promise<string> {
  let text = ''
  for await (const chunk of response.body ?? []) if (text.length < 2_000) text += Buffer.from(chunk).toString('latin1')
  return text
}

if (isMainThread) await measure()
else await makeNoise(workerData as Noise)

async function measure(): Promise<void> {
  const load = await startUnderLoad('latchkey_bench_noisy', {
    LATCHKEY_ROLE: 'gateway',
    // The default, which the other benchmarks turn off.
    LATCHKEY_RATE_LIMIT: process.env['LATCHKEY_RATE_LIMIT'] ?? '30000',
  })

  const VIEWER = JSON.stringify({ query: '{ viewer { kind role } }' })

  /** Sends one request at a constant pace. @returns the sorted durations in milliseconds */
  async function watch({ url, key, body }: Watched): Promise<number[]> {
    const durations: number[] = []
    const sent: Promise<void>[] = []
    const endsAt = performance.now() + SECONDS * 1_000
    while (performance.now() < endsAt) {
      sent.push(
        send(url, key, body).then(({ ms, outcome }) => {
          if (outcome !== 'ok') throw new Error(`The quiet workspace was refused: ${outcome}`)
          durations.push(ms)
        }),
      )
      await sleep(EVERY_MS)
    }
    await Promise.all(sent)
    return durations.sort((a, b) => a - b)
  }

  /** A connection of another workspace to the same provider. */
  async function addConnection(workspaceId: string, baseUrl: string): Promise<string> {
    const definition = { displayName: 'n', baseUrl, auth: { type: 'bearer' } }
    await load.mutate('createIntegration', { workspaceId, slug: 'quiet', definition }, 'integration { id }')
    const credential = { fields: { token: 'a bearer token' } }
    const input = { workspaceId, integration: 'quiet', externalId: 'one', credential }
    const created = await load.mutate<{ connection: { id: string } }>('createConnection', input, 'connection { id }')
    return created.connection.id
  }

  const at = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN

  try {
    // 100,000 connections.
    const tenant = await addBusyTenant(load, 200)
    const { workspace } = await load.mutate<{ workspace: { id: string } }>(
      'createWorkspace',
      { name: 'Quiet' },
      'workspace { id }',
    )
    const { key } = await load.mutate<{ key: string }>(
      'createApiKey',
      { workspaceId: workspace.id, name: 'quiet', role: 'READER' },
      'key',
    )
    const shapes = Object.values(shapesOf(tenant))
    for (let warmUp = 0; warmUp < 50; warmUp += 1) await send(load.program.graphqlUrl, key, VIEWER)

    const proxyUrl = load.program.graphqlUrl.replace(/graphql$/, 'proxy')
    const viewer: Watched = { name: '{ viewer }', url: load.program.graphqlUrl, key, body: VIEWER }

    async function disturb(
      name: string,
      bodies: readonly string[],
      { watched = viewer, url = load.program.graphqlUrl, clients = CLIENTS }: DisturbOptions = {},
    ): Promise<void> {
      if (!ONLY.test(name)) return
      const before = await watch(watched)
      await forgetPeak(load.program.pid)
      const data: Noise = { url, key: tenant.readerKey, bodies, clients }
      const noise = new Worker(new URL(import.meta.url), { workerData: data })
      await sleep(500)
      const during = await watch(watched)
      noise.postMessage('stop')
      const [outcomes] = (await once(noise, 'message')) as [Map<string, number>]
      const { peak } = await memoryOf(load.program.pid)
      await sleep(11_000)
      const after = await watch(watched)
      const quiet = (share: number) => (at(before, share) + at(after, share)) / 2
      const line = ([label, share]: readonly [string, number]) =>
        `${label} ${at(during, share).toFixed(1)} ms (${quiet(share).toFixed(1)} ms in a quiet gateway, ratio ${(at(during, share) / quiet(share)).toFixed(1)})`
      const times = (
        [
          ['median', 0.5],
          ['p99', 0.99],
        ] as const
      )
        .map(line)
        .join(', ')
      const answers = [...outcomes].map(([code, count]) => `${code} ${count}`).join(', ')
      report({
        name: `${watched.name} beside ${name}`,
        note: `${times}; at most ${Math.round(peak)} MiB; the others got: ${answers}`,
      })
    }

    await disturb(
      'the worst mix of one READER key',
      shapes.map((shape) => JSON.stringify(shape)),
    )
    await disturb('records of 900 kB', [JSON.stringify(shapesOf(tenant)['100 records of 900 kB'])])
    await disturb('small queries', [VIEWER])
    // NTH makes each document a new one, which is parsed and validated.
    const aliases = Array.from({ length: 14 }, (_, alias) => `aNTH_${alias}: viewer { kind role }`).join(' ')
    await disturb('new documents', [JSON.stringify({ query: `{ ${aliases} }` })])
    await disturb('slow statements', [JSON.stringify(slowCounts(tenant))], { clients: 16 })
    await disturb('executeRequest { status } of 8 MB', [JSON.stringify(largeResponse(tenant))])
    const quietConnection = await addConnection(workspace.id, tenant.providerUrl)
    await disturb(`${STREAMS} slow streams`, [], {
      watched: { name: 'a request through the proxy', url: `${proxyUrl}/${quietConnection}/`, key, body: undefined },
      url: `${proxyUrl}/${tenant.connectionId}/slow`,
      clients: STREAMS,
    })
  } catch (error) {
    print(load.program.stderr())
    throw error
  } finally {
    await load.close()
  }
}
