/**
 * `npm run bench -- noisy-neighbour`: how long `{ viewer }` of one workspace takes while one READER key of another workspace
 * sends the most expensive mix of operations that it may, over many connections, with the default limits. Compared with the
 * same query in a quiet gateway, before and after.
 * BENCH_SECONDS: length of each phase (default 15). NOISY_CLIENTS: concurrent requests of the other key (default 64).
 * DATABASE_URL: a server on which a database may be created.
 */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { addBusyTenant, shapesOf } from './busy-tenant.ts'
import { forgetPeak, memoryOf, print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15)
const CLIENTS = Number(process.env['NOISY_CLIENTS'] ?? 64)
const EVERY_MS = 20

interface Noise {
  url: string
  key: string
  /** Sent in turn. NTH is replaced by the number of the request. */
  bodies: readonly string[]
  clients: number
}

/** Runs in a thread of its own, so that it does not delay the requests that are measured. */
async function makeNoise({ url, key, bodies, clients }: Noise): Promise<void> {
  const outcomes = new Map<string, number>()
  let running = true
  let nth = 0
  parentPort?.once('message', () => {
    running = false
  })
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (running) {
        nth += 1
        const body = (bodies[nth % bodies.length] ?? '').replaceAll('NTH', String(nth))
        const { outcome } = await send(url, key, body).catch(() => ({ outcome: 'disconnected' }))
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      }
    }),
  )
  parentPort?.postMessage(outcomes)
}

/** One request. @returns milliseconds and the code of the answer: `ok` or an error code */
async function send(url: string, key: string, body: string): Promise<{ ms: number; outcome: string }> {
  const startedMs = performance.now()
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body,
  })
  // A large answer is read and thrown away, so that this process does not become the bottleneck.
  const text = response.headers.get('content-length') === null ? '' : await textOf(response)
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

  /** Sends `{ viewer }` at a constant pace. @returns the sorted durations in milliseconds */
  async function watch(key: string): Promise<number[]> {
    const durations: number[] = []
    const sent: Promise<void>[] = []
    const endsAt = performance.now() + SECONDS * 1_000
    while (performance.now() < endsAt) {
      sent.push(
        send(load.program.graphqlUrl, key, VIEWER).then(({ ms, outcome }) => {
          if (outcome !== 'ok') throw new Error(`The quiet workspace was refused: ${outcome}`)
          durations.push(ms)
        }),
      )
      await sleep(EVERY_MS)
    }
    await Promise.all(sent)
    return durations.sort((a, b) => a - b)
  }

  const at = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN

  try {
    const tenant = await addBusyTenant(load)
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

    async function disturb(name: string, bodies: readonly string[]): Promise<void> {
      const before = await watch(key)
      await forgetPeak(load.program.pid)
      const data: Noise = { url: load.program.graphqlUrl, key: tenant.readerKey, bodies, clients: CLIENTS }
      const noise = new Worker(new URL(import.meta.url), { workerData: data })
      await sleep(500)
      const during = await watch(key)
      noise.postMessage('stop')
      const [outcomes] = (await once(noise, 'message')) as [Map<string, number>]
      const { peak } = await memoryOf(load.program.pid)
      await sleep(11_000)
      const after = await watch(key)
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
        name: `{ viewer } beside ${name}`,
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
  } catch (error) {
    print(load.program.stderr())
    throw error
  } finally {
    await load.close()
  }
}
