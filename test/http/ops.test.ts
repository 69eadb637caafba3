import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { metricsResponse } from '../../src/http/ops.ts'
import { createMetrics } from '../../src/kit/metrics.ts'
import { documents } from '../graphql/documents.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { contactsDefinition, type RecordsUpstream, startRecordsUpstream } from '../support/records-upstream.ts'

const metrics = createMetrics()
const LOCAL = 'http://127.0.0.1:4000/metrics'

async function statusOf(url: string, address: string | null, headers: Record<string, string> = {}, token?: string) {
  return (await metricsResponse(new Request(url, { headers }), address, { metrics, token })).status
}

describe('GET /metrics', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])(
    'answers a request from this machine (%s)',
    async (address) => {
      expect(await statusOf(LOCAL, address)).toBe(200)
    },
  )

  it.each(['192.0.2.7', '10.0.0.4', '2001:db8::1', '::ffff:192.0.2.7'])(
    'refuses a request from %s',
    async (address) => {
      expect(await statusOf(LOCAL, address)).toBe(403)
    },
  )

  it('refuses a request that came through a proxy on this machine', async () => {
    for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
      expect(await statusOf(LOCAL, '127.0.0.1', { [name]: '192.0.2.7' })).toBe(403)
    }
    expect(await statusOf('http://latchkey.example.com/metrics', '127.0.0.1')).toBe(403)
  })

  it('answers only requests with the token when a token is set', async () => {
    const token = 'scrape-token-of-this-test'
    expect(await statusOf(LOCAL, '192.0.2.7', { authorization: `Bearer ${token}` }, token)).toBe(200)
    expect(await statusOf(LOCAL, '127.0.0.1', {}, token)).toBe(401)
    expect(await statusOf(LOCAL, '127.0.0.1', { authorization: 'Bearer no' }, token)).toBe(401)
    expect(await statusOf(LOCAL, '127.0.0.1', { authorization: `Bearer ${token}x` }, token)).toBe(401)
  })
})

describe('The metrics of the program', () => {
  let app: TestApp
  let upstream: RecordsUpstream

  beforeAll(async () => {
    upstream = await startRecordsUpstream(250)
    app = await startTestApp()
  })
  afterAll(async () => {
    await app?.stop()
    await upstream?.close()
  })

  async function scrape(): Promise<{ text: string; value: (series: string) => number | undefined }> {
    const response = await fetch(`${app.url}/metrics`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await response.text()
    return {
      text,
      value(series) {
        const line = text.split('\n').find((each) => each.startsWith(`${series} `))
        return line === undefined ? undefined : Number(line.slice(series.length + 1))
      },
    }
  }

  it('are found beside the console, to which a browser is sent from the start page', async () => {
    const page = await fetch(`${app.url}/`, { headers: { accept: 'text/html,*/*;q=0.8' }, redirect: 'manual' })
    expect([page.status, page.headers.get('location')]).toEqual([303, '/console'])
    for (const path of ['/', '/nothing']) {
      const program = await fetch(`${app.url}${path}`, { headers: { accept: 'application/json' } })
      expect([program.status, await program.text()]).toEqual([
        404,
        'Not found. The GraphQL endpoint is /graphql. The console is at /console, and the documentation at /docs.\n',
      ])
    }
  })

  it('count operations by kind and outcome, including refused ones', async () => {
    await app.request('{ viewer { __typename } }')
    await app.request('{ nothingOfTheKind }')
    await app.request('{ viewer ')
    const { value } = await scrape()
    expect(value('latchkey_graphql_operations_total{kind="query",outcome="ok"}')).toBe(1)
    expect(value('latchkey_graphql_operations_total{kind="unknown",outcome="refused"}')).toBe(2)
    expect(value('latchkey_graphql_operation_duration_seconds_count{kind="query"}')).toBe(1)
  })

  it('count subscriptions, events, sync jobs, records and outgoing requests, without ids or names', async () => {
    const workspace = await app.createWorkspace('Metered')
    const client = app.webSocket(workspace.key)
    const events = client.iterate<{ workspaceEvents: { type: string } }>({
      query: documents.workspaceEvents,
      variables: { workspaceId: workspace.id },
    })
    const ended = (async () => {
      for await (const { data } of events) {
        if (data?.workspaceEvents.type === 'SYNC_SUCCEEDED') return
      }
    })()
    await vi.waitFor(async () => expect((await scrape()).value('latchkey_graphql_subscriptions')).toBe(1))
    await app.mutate(
      documents.createIntegration,
      { workspaceId: workspace.id, slug: 'metered-contacts', definition: contactsDefinition(upstream.url) },
      workspace.key,
    )
    const { connection, syncJob } = await app.mutate(
      documents.createConnection,
      {
        workspaceId: workspace.id,
        integration: 'metered-contacts',
        credential: { secretText: upstream.token },
        syncImmediately: true,
      },
      workspace.key,
    )
    await ended
    await client.dispose()
    await vi.waitFor(async () => expect((await scrape()).value('latchkey_graphql_subscriptions')).toBe(0))
    const { text, value } = await scrape()
    expect(value('latchkey_events_appended_total{type="SYNC_SUCCEEDED"}')).toBe(1)
    expect(value('latchkey_sync_jobs_ended_total{status="succeeded"}')).toBe(1)
    expect(value('latchkey_records_written_total')).toBe(250)
    expect(value('latchkey_outgoing_requests_total{outcome="2xx"}')).toBeGreaterThanOrEqual(3)
    expect(value('latchkey_sync_jobs_open{state="queued"}')).toBe(0)
    expect(value('latchkey_sync_jobs_running')).toBe(0)
    for (const word of [
      workspace.id,
      workspace.slug,
      connection.id,
      syncJob.id,
      'metered',
      upstream.token,
      '/contacts',
    ]) {
      expect(text).not.toContain(word)
    }
  })

  it('can be read while the database is down, without the values that need it', async () => {
    const alone = createMetrics({ ofProcess: true })
    alone.watchOpenJobs(() => Promise.reject(new Error('away')))
    const { text } = await alone.expose()
    expect(text).toContain('# TYPE latchkey_sync_jobs_open gauge')
    expect(text).not.toMatch(/^latchkey_sync_jobs_open\{/m)
    expect(text).toMatch(/^process_cpu_seconds_total \d/m)
  })
})

describe('The metrics', () => {
  it('have names that start with the product and end with their unit or _total', async () => {
    const { text } = await createMetrics().expose()
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }))
    expect(types.length).toBeGreaterThan(8)
    for (const { name, type } of types) {
      expect(name).toMatch(/^latchkey_[a-z_]+$/)
      if (type === 'counter') expect(name).toMatch(/_total$/)
      if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    }
  })

  it('count credential renewals by outcome and reason', async () => {
    const own = createMetrics()
    own.countEvents([
      { type: 'CREDENTIAL_REFRESHED' },
      { type: 'CREDENTIAL_REFRESH_FAILED', payload: { reason: 'INVALID_GRANT', message: 'the secret words' } },
    ])
    const { text } = await own.expose()
    expect(text).toContain('latchkey_credential_renewals_total{outcome="renewed",reason=""} 1')
    expect(text).toContain('latchkey_credential_renewals_total{outcome="failed",reason="INVALID_GRANT"} 1')
    expect(text).not.toContain('secret words')
  })

  it('count what limits refuse', async () => {
    const small = await startTestApp({ config: { rateLimit: 60 } })
    try {
      // Side by side, because both limits refill with time.
      const atOnce = (times: number, ...request: Parameters<typeof small.request>) =>
        Promise.all(Array.from({ length: times }, () => small.request(...request)))
      const answers = await atOnce(60, '{ workspaces(first: 1) { totalCount } }')
      const codes = answers.map(({ errors }) => errors?.[0]?.extensions['code'])
      expect(codes).toContain('RATE_LIMITED')
      await atOnce(400, '{ viewer { kind } }', {}, 'lk_wrong')
      const text = await (await fetch(`${small.url}/metrics`)).text()
      const count = (limit: string) =>
        Number(new RegExp(`^latchkey_refusals_total\\{limit="${limit}"\\} (\\d+)$`, 'm').exec(text)?.[1])
      expect(count('points')).toBe(codes.filter((code) => code === 'RATE_LIMITED').length)
      expect(count('credentials')).toBeGreaterThan(0)
    } finally {
      await small.stop()
    }
  })

  it('count connections at most once a minute, and say which version runs', async () => {
    const alone = createMetrics({ version: '1.2.3' })
    let reads = 0
    alone.watchConnections(async () => {
      reads += 1
      return [
        ['active', 41],
        ['needs_reauth', 2],
      ]
    })
    await alone.expose()
    const { text } = await alone.expose()
    expect(reads).toBe(1)
    expect(text).toContain('latchkey_connections{status="active"} 41')
    expect(text).toContain('latchkey_connections{status="needs_reauth"} 2')
    expect(text).toContain(`latchkey_build_info{version="1.2.3",node="${process.versions.node}"} 1`)
  })
})
