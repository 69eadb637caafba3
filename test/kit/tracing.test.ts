import {
  type Attributes,
  ProxyTracerProvider,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEgress, observedEgress } from '../../src/egress/egress.ts'
import { createMetrics } from '../../src/kit/metrics.ts'
import { inSpan } from '../../src/kit/tracing.ts'
import { documents } from '../graphql/documents.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { sendJson, startProvider } from '../support/provider-server.ts'
import { contactsDefinition, type RecordsUpstream, startRecordsUpstream } from '../support/records-upstream.ts'

interface Recorded {
  name: string
  kind: SpanKind | undefined
  attributes: Attributes
  failed: boolean
  ended: boolean
}

let spans: Recorded[] = []

/** The part of an OpenTelemetry SDK that is called. */
const tracer = {
  startActiveSpan(name: string, options: SpanOptions, work: (span: Span) => unknown) {
    const recorded: Recorded = {
      name,
      kind: options.kind,
      attributes: { ...options.attributes },
      failed: false,
      ended: false,
    }
    spans.push(recorded)
    const partial: Partial<Span> = {
      setAttribute: (key, value) => {
        recorded.attributes[key] = value
        return span
      },
      setAttributes: (more) => {
        Object.assign(recorded.attributes, more)
        return span
      },
      setStatus: ({ code }) => {
        recorded.failed = code === SpanStatusCode.ERROR
        return span
      },
      end: () => {
        recorded.ended = true
      },
    }
    const span = partial as Span
    return work(span)
  },
}

beforeAll(() => {
  // Libraries trace too, under their own names.
  const others = new ProxyTracerProvider()
  const getTracer = (name: string) => (name === 'latchkey' ? (tracer as unknown as Tracer) : others.getTracer(name))
  expect(trace.setGlobalTracerProvider({ getTracer })).toBe(true)
})
beforeEach(() => {
  spans = []
})
afterAll(() => trace.disable())

describe('inSpan', () => {
  it('ends the span with its work and returns the result of the work', async () => {
    expect(await inSpan('work', { place: 1 }, () => 'done')).toBe('done')
    expect(spans).toEqual([
      { name: 'work', kind: SpanKind.INTERNAL, attributes: { place: 1 }, failed: false, ended: true },
    ])
  })

  it('records the name of an error and not its message', async () => {
    const failing = inSpan('work', {}, () => Promise.reject(new TypeError('the secret words')))
    await expect(failing).rejects.toThrow('the secret words')
    expect(spans).toMatchObject([{ failed: true, ended: true, attributes: { 'error.type': 'TypeError' } }])
    expect(JSON.stringify(spans)).not.toContain('secret')
  })
})

describe('A span of an outgoing request', () => {
  it('has host, method and status, and no path or query', async () => {
    const provider = await startProvider((_seen, response) => sendJson(response, { words: 'busy' }, {}, 503))
    const egress = observedEgress(createEgress({ allow: ['127.0.0.1'] }), createMetrics())
    try {
      const response = await egress.send({
        method: 'POST',
        url: `${provider.origin}/secret-path?token=canary`,
        body: 'canary',
      })
      await response.cancel()
      await expect(egress.send({ method: 'GET', url: 'https://10.0.0.1/secret-path' })).rejects.toThrow('not allowed')
    } finally {
      await egress.close()
      await provider.close()
    }
    expect(spans).toEqual([
      {
        name: 'POST',
        kind: SpanKind.CLIENT,
        failed: true,
        ended: true,
        attributes: {
          'server.address': '127.0.0.1',
          'http.request.method': 'POST',
          'http.response.status_code': 503,
          'error.type': '503',
        },
      },
      {
        name: 'GET',
        kind: SpanKind.CLIENT,
        failed: true,
        ended: true,
        attributes: { 'server.address': '10.0.0.1', 'http.request.method': 'GET', 'error.type': 'EgressError' },
      },
    ])
  })
})

describe('A span of a GraphQL operation', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp()
  })
  afterAll(() => app?.stop())

  it('has kind, name and trace, and no document or variables', async () => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${app.operatorKey}`,
        'x-request-id': 'trace-of-this-test',
      },
      body: JSON.stringify({
        query: 'query FindNode($id: ID!) { node(id: $id) { id } viewer { __typename } }',
        variables: { id: 'canary-of-a-variable' },
      }),
    })
    expect(response.status).toBe(200)
    const [span] = spans.filter(({ name }) => name === 'query FindNode')
    expect(span).toMatchObject({
      kind: SpanKind.SERVER,
      ended: true,
      attributes: {
        'graphql.operation.type': 'query',
        'graphql.operation.name': 'FindNode',
        'latchkey.trace_id': 'trace-of-this-test',
      },
    })
    expect(JSON.stringify(spans)).not.toMatch(/canary|viewer|lk_/)
  })

  it('has the sync job that it starts, with pages and requests and without tokens or paths, in its trace', async () => {
    const upstream = await startRecordsUpstream(250)
    try {
      const { connection, syncJob, key } = await connectContacts(upstream)
      const client = app.webSocket(key)
      const events = client.iterate({ query: documents.syncJobEvents, variables: { syncJobId: syncJob.id } })
      for await (const { errors } of events) expect(errors).toBeUndefined()
      await client.dispose()
      const named = (name: string) => spans.filter((span) => span.name === name)
      expect(named('subscription')).toHaveLength(1)
      await vi.waitFor(() => expect(named('sync job')).toMatchObject([{ ended: true, failed: false }]))
      expect(named('sync job')[0]?.attributes['latchkey.sync_job.attempt']).toBe(1)
      expect(named('sync page').map(({ attributes }) => attributes)).toEqual([
        { 'latchkey.stream': 'contacts', 'latchkey.page': 1 },
        { 'latchkey.stream': 'contacts', 'latchkey.page': 2 },
        { 'latchkey.stream': 'contacts', 'latchkey.page': 3 },
      ])
      expect(named('GET')).toHaveLength(upstream.requests.length)
      for (const word of [upstream.token, '/contacts', 'offset', connection.id]) {
        expect(JSON.stringify(spans)).not.toContain(word)
      }
    } finally {
      await upstream.close()
    }
  })

  async function connectContacts(upstream: RecordsUpstream) {
    const workspace = await app.createWorkspace('Traced')
    const integration = { workspaceId: workspace.id, slug: 'traced', definition: contactsDefinition(upstream.url) }
    await app.mutate(documents.createIntegration, integration, workspace.key)
    const payload = await app.mutate(
      documents.createConnection,
      {
        workspaceId: workspace.id,
        integration: 'traced',
        credential: { secretText: upstream.token },
        syncImmediately: true,
      },
      workspace.key,
    )
    return { ...payload, key: workspace.key }
  }
})
