import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type TextMapPropagator,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEgress, observedEgress } from '../../src/egress/egress.ts'
import { createMetrics } from '../../src/kit/metrics.ts'
import { activeTraceparent, inSpan, inTraceOf, withoutSpans } from '../../src/kit/tracing.ts'
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
/** `<trace id>/<span id>` of each span. */
const ids = new WeakMap<Recorded, string>()
/** The ids of the spans that each span links to. */
const causes = new WeakMap<Recorded, string[]>()

function idOf(span: Recorded | undefined): string {
  return (span && ids.get(span)) ?? ''
}

function traceOf(span: Recorded | undefined): string {
  return idOf(span).slice(0, 32)
}

const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
/** Spans of libraries. */
let others: string[] = []

const stored = new AsyncLocalStorage<Context>()
const contextManager: ContextManager = {
  active: () => stored.getStore() ?? ROOT_CONTEXT,
  with: (given, work, thisArg, ...args) => stored.run(given, () => work.apply(thisArg, args)),
  bind: (_context, target) => target,
  enable: () => contextManager,
  disable: () => contextManager,
}

/** Reads the header `traceparent`. */
const propagator: TextMapPropagator = {
  inject: () => undefined,
  extract(given, carrier, getter) {
    const [, traceId, spanId] = `${getter.get(carrier, 'traceparent') ?? ''}`.split('-')
    if (traceId === undefined || spanId === undefined) return given
    return trace.setSpanContext(given, { traceId, spanId, traceFlags: 1, isRemote: true })
  },
  fields: () => ['traceparent'],
}

/** The part of an OpenTelemetry SDK that is called. */
const tracer = {
  startActiveSpan(name: string, options: SpanOptions, work: (span: Span) => unknown) {
    const parent = options.root === true ? undefined : trace.getSpanContext(context.active())
    const own = {
      traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      traceFlags: 1,
    }
    const recorded: Recorded = {
      name,
      kind: options.kind,
      attributes: { ...options.attributes },
      failed: false,
      ended: false,
    }
    spans.push(recorded)
    ids.set(recorded, `${own.traceId}/${own.spanId}`)
    causes.set(recorded, options.links?.map(({ context: { traceId, spanId } }) => `${traceId}/${spanId}`) ?? [])
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
      spanContext: () => own,
    }
    const span = partial as Span
    return context.with(trace.setSpan(context.active(), span), () => work(span))
  },
}

beforeAll(() => {
  // Libraries trace too, under their own names.
  const library = (scope: string) => ({
    startSpan(name: string) {
      if (context.active().getValue(SUPPRESSED) !== true) others.push(`${scope}: ${name}`)
      return trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 })
    },
  })
  const getTracer = (name: string) => (name === 'latchkey' ? tracer : library(name)) as unknown as Tracer
  expect(trace.setGlobalTracerProvider({ getTracer })).toBe(true)
  expect(context.setGlobalContextManager(contextManager)).toBe(true)
  expect(propagation.setGlobalPropagator(propagator)).toBe(true)
})
beforeEach(() => {
  spans = []
  others = []
})
afterAll(() => {
  trace.disable()
  context.disable()
  propagation.disable()
})

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

describe('The trace of a cause', () => {
  const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
  const traceparent = `00-${remote.traceId}-${remote.spanId}-01`
  const header = (name: string) => (name === 'traceparent' ? traceparent : null)

  it('is linked to by a span that begins a trace of its own', async () => {
    await inSpan('cause', {}, async () => {
      const causedBy = activeTraceparent()
      expect(causedBy).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/)
      await inSpan('effect', {}, () => undefined, { causedBy })
      // The cause of the first job of a scheduler, and a row that was changed by hand.
      await inSpan('effect', {}, () => undefined, { causedBy: null })
      await inSpan('effect', {}, () => undefined, { causedBy: `00-${'0'.repeat(32)}-${remote.spanId}-01` })
      await inSpan('effect', {}, () => undefined, { causedBy: 'none' })
    })
    const [cause, ...effects] = spans
    expect(effects.map((effect) => causes.get(effect))).toEqual([[idOf(cause)], [], [], []])
    expect(new Set(spans.map(traceOf)).size).toBe(5)
    expect(activeTraceparent()).toBeNull()
  })

  it('is that of the request headers unless there is an active span', async () => {
    await inTraceOf(header, () => inSpan('operation', {}, () => inTraceOf(() => null, activeTraceparent)))
    await inSpan('request', {}, () => inTraceOf(header, () => inSpan('operation', {}, () => undefined)))
    await inTraceOf(
      () => undefined,
      () => inSpan('operation', {}, () => undefined),
    )
    const traceIds = spans.map(traceOf)
    expect(traceIds[0]).toBe(remote.traceId)
    expect(traceIds[2]).toBe(traceIds[1])
    expect(new Set(traceIds).size).toBe(3)
  })

  it('is suppressed for work without spans', () => {
    expect(withoutSpans(() => context.active().getValue(SUPPRESSED))).toBe(true)
    expect(context.active().getValue(SUPPRESSED)).toBeUndefined()
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
      const mutation = named('mutation').at(-1)
      await vi.waitFor(() => expect(named('sync job')).toMatchObject([{ ended: true, failed: false }]))
      expect(named('sync job')[0]?.attributes['latchkey.sync_job.attempt']).toBe(1)
      expect(named('sync page').map(({ attributes }) => attributes)).toEqual([
        { 'latchkey.stream': 'contacts', 'latchkey.page': 1 },
        { 'latchkey.stream': 'contacts', 'latchkey.page': 2 },
        { 'latchkey.stream': 'contacts', 'latchkey.page': 3 },
      ])
      expect(named('GET')).toHaveLength(upstream.requests.length)
      // The spans of the worker are one trace, which links to the mutation that created the job.
      const [job] = named('sync job')
      expect(job && causes.get(job)).toEqual([idOf(mutation)])
      expect(traceOf(job)).not.toBe(traceOf(mutation))
      for (const span of [...named('sync page'), ...named('GET')]) expect(traceOf(span)).toBe(traceOf(job))
      for (const word of [upstream.token, '/contacts', 'offset', connection.id]) {
        expect(JSON.stringify(spans)).not.toContain(word)
      }
    } finally {
      await upstream.close()
    }
  })

  it('has no span of the queue while there is nothing to do', async () => {
    spans = []
    others = []
    // The queue is polled every second, and pg-boss maintains it every five seconds.
    await sleep(1_500)
    expect(spans).toEqual([])
    expect(others).toEqual([])
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
