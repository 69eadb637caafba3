import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Program, startProgram } from '../support/program.ts'
import { type ProviderServer, sendJson, spaced, startProvider } from '../support/provider-server.ts'
import { type RecordsUpstream, startRecordsUpstream } from '../support/records-upstream.ts'
import { openCluster } from './cluster.ts'
import { connectContacts, followJob, readJob, sharedEnv } from './main-job.ts'

const STOPS_WITHIN_MS = 10_000

let dataDir: string
let upstream: RecordsUpstream
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'latchkey-shutdown-'))
  upstream = await startRecordsUpstream(250)
})
afterEach(async () => {
  await upstream.close()
  await rm(dataDir, { recursive: true, force: true })
})

describe('SIGTERM', () => {
  it('returns a running sync job to the queue, and the next start resumes it at its checkpoint', async () => {
    const env = sharedEnv()
    const key = env['LATCHKEY_OPERATOR_KEY'] ?? ''
    const waiting = Promise.withResolvers<void>()
    const { contacts } = upstream
    // The second page is never answered.
    upstream.answer = (request, response) => {
      const offset = Number(new URL(request.url ?? '/', upstream.url).searchParams.get('offset'))
      if (offset > 0) return waiting.resolve()
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ items: contacts.slice(0, 100) }))
    }
    const first = await startProgram({ dataDir, env })
    const { syncJobId } = await connectContacts(first.graphqlUrl, key, upstream)
    await waiting.promise
    const startedMs = performance.now()
    expect(await first.stop()).toBe(0)
    expect(performance.now() - startedMs).toBeLessThan(STOPS_WITHIN_MS)

    upstream.answer = null
    const requestsBefore = upstream.requests.length
    const second = await startProgram({ dataDir, env })
    try {
      const types = await followJob(second.graphqlUrl, key, syncJobId)
      expect(types.filter((type) => type !== 'SYNC_PROGRESSED')).toEqual([
        'SYNC_QUEUED',
        'SYNC_STARTED',
        'SYNC_QUEUED',
        'SYNC_STARTED',
        'SYNC_SUCCEEDED',
      ])
      expect(await readJob(second.graphqlUrl, key, syncJobId)).toMatchObject({
        status: 'SUCCEEDED',
        attempt: 2,
        recordsRead: 250,
        recordsWritten: 250,
      })
      expect(upstream.requests.slice(requestsBefore).map(({ path }) => path)).not.toContain(
        '/contacts?offset=0&limit=100',
      )
    } finally {
      expect(await second.stop()).toBe(0)
    }
  })

  it('ends open subscriptions and exits with 0', async () => {
    const env = sharedEnv()
    const key = env['LATCHKEY_OPERATOR_KEY'] ?? ''
    const program = await startProgram({ dataDir, env })
    upstream.answer = () => undefined
    const { syncJobId } = await connectContacts(program.graphqlUrl, key, upstream)
    const following = followJob(program.graphqlUrl, key, syncJobId).catch((error: unknown) => error)
    expect(await program.stop()).toBe(0)
    await following
  })
})

interface Held extends ProviderServer {
  /** Answers the token request that is sent with this refresh token. */
  answers: Map<string, () => void>
  /** Whether token requests wait until `answers` is used. */
  holds: boolean
}

/** A provider that rotates refresh tokens: `grant.1` becomes `grant.2`. Its API returns the access token of the request. */
async function startHeldProvider(): Promise<Held> {
  const server = await startProvider(({ url, body, headers }, response) => {
    if (url.pathname !== '/token') return sendJson(response, { token: spaced(headers.authorization) })
    const token = new URLSearchParams(body).get('refresh_token') ?? ''
    const [grant = '', number = ''] = token.split('.')
    const next = `${grant}.${Number(number) + 1}`
    const answer = () =>
      sendJson(response, {
        access_token: `access.${next}`,
        refresh_token: next,
        token_type: 'Bearer',
        expires_in: 3600,
      })
    if (provider.holds) provider.answers.set(grant, answer)
    else answer()
  })
  const provider: Held = { ...server, answers: new Map(), holds: false }
  return provider
}

describe('SIGTERM while renewals wait for the provider', () => {
  let provider: Held
  beforeEach(async () => {
    provider = await startHeldProvider()
  })
  afterEach(() => provider.close())

  /** Starts a program with a connection for each grant, whose renewal was sent and is not answered. */
  async function begin(grants: readonly string[], extra: Record<string, string> = {}) {
    const env = { ...sharedEnv(), LATCHKEY_RATE_LIMIT: '0', ...extra }
    const program = await startProgram({ dataDir, env })
    const cluster = openCluster(env)
    const client = cluster.client(program)
    const workspaceId = await cluster.workspace(client)
    const definition = {
      displayName: 'API',
      baseUrl: provider.origin,
      auth: { type: 'oauth2', grant: 'refresh_token', tokenUrl: `${provider.origin}/token` },
    }
    const connections = new Map<string, string>()
    for (const grant of grants) {
      const fields = { client_id: 'client', client_secret: 'a secret of the client', refresh_token: `${grant}.1` }
      connections.set(grant, await cluster.connect(client, workspaceId, { definition, credential: { fields } }))
    }
    const key = cluster.key
    for (const id of connections.values()) await tokenOf(program, key, id)
    provider.holds = true
    const asked = [...connections.values()].map((connectionId) =>
      cluster
        .mutate(client, 'refreshConnection', { connectionId, force: true }, '__typename')
        .catch((error: unknown) => error),
    )
    await vi.waitFor(() => expect([...provider.answers.keys()].sort()).toEqual([...grants].sort()), 20_000)
    return { program, env, key, connections, asked }
  }

  /** The access token that a request of the connection carries. */
  async function tokenOf(program: Program, key: string, connectionId: string): Promise<unknown> {
    const response = await fetch(`${program.url}/proxy/${connectionId}/things`, {
      headers: { authorization: `Bearer ${key}` },
    })
    return response.json()
  }

  const isReady = (program: Program) =>
    fetch(`${program.url}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    )

  it('stores answers that come 5, 8 and 12 s later, is not ready meanwhile, and ignores a second SIGTERM', async () => {
    const grants = ['five', 'eight', 'twelve']
    const { program, env, key, connections, asked } = await begin(grants)
    const requests = provider.requests.length
    expect(await isReady(program)).toBe(true)
    const startedMs = performance.now()
    process.kill(program.pid, 'SIGTERM')
    const timers = [5_000, 8_000, 12_000].map((ms, index) =>
      setTimeout(() => provider.answers.get(grants[index] ?? '')?.(), ms),
    )
    await vi.waitFor(async () => expect(await isReady(program)).toBe(false), 4_000)
    process.kill(program.pid, 'SIGTERM')
    const code = await program.ended()
    const tookMs = performance.now() - startedMs
    for (const timer of timers) clearTimeout(timer)
    process.stdout.write(`${JSON.stringify({ stoppedAfterMs: Math.round(tookMs) })}\n`)
    expect(code).toBe(0)
    expect(tookMs).toBeGreaterThan(12_000)
    expect(tookMs).toBeLessThan(17_000)
    await Promise.all(asked)
    expect(provider.requests).toHaveLength(requests)

    provider.holds = false
    const second = await startProgram({ dataDir, env })
    try {
      for (const [grant, connectionId] of connections) {
        expect(await tokenOf(second, key, connectionId)).toEqual({ token: spaced(`Bearer access.${grant}.3`) })
      }
    } finally {
      expect(await second.stop()).toBe(0)
    }
    const sent = provider.requests.filter(({ url }) => url.pathname === '/token')
    expect(sent).toHaveLength(2 * grants.length)
  }, 120_000)

  it('ends within the stop timeout when the provider never answers', async () => {
    const { program, asked } = await begin(['never'], { LATCHKEY_TOKEN_TIMEOUT: 'PT2S', LATCHKEY_STOP_TIMEOUT: 'PT7S' })
    const startedMs = performance.now()
    expect(await program.stop()).toBe(0)
    expect(performance.now() - startedMs).toBeLessThan(9_000)
    await Promise.all(asked)
  }, 60_000)
})
