import { afterEach, describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../src/catalog/definition/definition.ts'
import type { OpenedConnection } from '../../src/credentials/credential-store.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { parseRetryAfter } from '../../src/kit/time.ts'
import { type ProviderRequest, sendProviderRequest } from '../../src/requests/provider-request.ts'
import { createProviderResponse } from '../../src/wire/provider-response.ts'
import { readFailure } from '../../src/wire/verdict.ts'
import { openedConnection } from '../support/opened-connection.ts'
import { type ProviderHandler, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'

const TOKEN = 'canary-token-0123456789'
const egress = createEgress({ allow: ['127.0.0.1', 'localhost'] })
const servers: ProviderServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function provider(handler: ProviderHandler, definition: Partial<DefinitionInput> = {}) {
  const server = await startProvider(handler)
  servers.push(server)
  const opened = openedConnection(
    { displayName: 'Provider', baseUrl: `${server.origin}/api`, auth: { type: 'bearer' }, ...definition },
    { token: TOKEN },
  )
  return { server, opened }
}

const send = (opened: OpenedConnection, url: string, request: Partial<ProviderRequest> = {}, signal?: AbortSignal) =>
  sendProviderRequest({
    egress,
    opened,
    request: { method: 'GET', url: new URL(url), ...request },
    maxResponseBytes: 10_000,
    ...(signal ? { signal } : {}),
  })

describe('sendProviderRequest', () => {
  it('sends the credential, the definition’s headers and its own, and returns the response', async () => {
    const { server, opened } = await provider((_request, response) => sendJson(response, { n: 1 }, { 'x-a': 'b' }), {
      headers: { 'X-Definition': 'd {{ config.token }}', 'X-Both': 'definition' },
    })
    const outcome = await send(opened, `${server.origin}/other`, {
      method: 'POST',
      headers: { 'X-Both': 'request' },
      body: { type: 'json', value: { q: 1 } },
    })
    expect(outcome).toMatchObject({ ok: true, status: 200, text: '{"n":1}', bytesRead: 7 })
    expect(outcome.ok && [outcome.json(), outcome.headers.get('x-a'), outcome.url.pathname]).toEqual([
      { n: 1 },
      'b',
      '/other',
    ])
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      body: '{"q":1}',
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'x-definition': `d ${TOKEN}`,
        'x-both': 'request',
        'content-type': 'application/json',
      },
    })
  })

  it('fails for another origin than that of the base URL', async () => {
    const { server, opened } = await provider((_request, response) => sendJson(response, {}))
    const outcome = await send(opened, 'http://localhost:1/')
    expect(outcome).toEqual({ ok: false, as: 'fail', message: 'The request leads to another host (localhost:1).' })
    expect(server.requests).toEqual([])
  })

  it('follows redirects within the origin, with the credential, at most three', async () => {
    const { server, opened } = await provider((request, response) =>
      request.url.pathname === '/api/end'
        ? sendJson(response, {})
        : void response.writeHead(307, { location: request.url.searchParams.get('to') ?? '/' }).end(),
    )
    const good = await send(opened, `${server.origin}/api?to=/api/end`, {
      method: 'POST',
      body: { type: 'json', value: 1 },
    })
    expect(good).toMatchObject({ ok: true })
    expect(server.requests[1]).toMatchObject({
      method: 'POST',
      body: '1',
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    expect(await send(opened, `${server.origin}/api`)).toMatchObject({
      ok: false,
      as: 'fail',
      message: expect.stringContaining('more than 3 times'),
    })
  })

  it('turns a POST into a GET after a 303', async () => {
    const { server, opened } = await provider((_request, response, count) =>
      count > 1 ? sendJson(response, {}) : void response.writeHead(303, { location: 'x' }).end(),
    )
    expect(
      await send(opened, `${server.origin}/api/a`, { method: 'POST', body: { type: 'json', value: 1 } }),
    ).toMatchObject({ ok: true })
    expect(server.requests[1]).toMatchObject({ method: 'GET', body: '' })
  })

  it('refuses a redirect to another host and sends nothing there', async () => {
    const other = await provider((_request, response) => sendJson(response, {}))
    const { server, opened } = await provider(
      (_request, response) => void response.writeHead(302, { location: `${other.server.origin}/?leak` }).end(),
    )
    const outcome = await send(opened, `${server.origin}/api`)
    expect(outcome).toMatchObject({ ok: false, as: 'fail', message: expect.stringContaining('to another host') })
    expect(JSON.stringify(outcome)).not.toContain('leak')
    expect(other.server.requests).toEqual([])
  })

  it('returns a retryable failure if the connection is refused', async () => {
    const { server, opened } = await provider(() => undefined)
    await server.close()
    servers.length = 0
    expect(await send(opened, `${server.origin}/api`)).toMatchObject({ ok: false, as: 'retry' })
  })

  it('fails with the limit in the message if the response is too large', async () => {
    const { server, opened } = await provider((_request, response) => void response.end('x'.repeat(10_001)))
    expect(await send(opened, `${server.origin}/api`)).toEqual({
      ok: false,
      as: 'fail',
      message: 'The request was answered with a body that is too large: more than 10000 bytes.',
    })
  })

  it('classifies an error page that is too large by its status', async () => {
    const { server, opened } = await provider(
      (_request, response) => void response.writeHead(502).end('x'.repeat(10_001)),
    )
    expect(await send(opened, `${server.origin}/api`)).toEqual({
      ok: false,
      as: 'retry',
      providerStatus: 502,
      message: expect.any(String),
    })
  })

  it('rejects with the signal’s reason', async () => {
    const abort = new AbortController()
    const { server, opened } = await provider(() => abort.abort(new Error('mine')))
    await expect(send(opened, `${server.origin}/api`, {}, abort.signal)).rejects.toThrow('mine')
  })

  it('rejects with the name of a header that cannot be sent', async () => {
    const { server, opened } = await provider((_request, response) => sendJson(response, {}))
    await expect(send(opened, `${server.origin}/api`, { headers: { 'X-A': 'a\nb' } })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ path: ['headers', 'X-A'] }],
    })
  })
})

describe('readFailure', () => {
  const judge = (status: number, body: string, rules: DefinitionInput['responseErrors'] = [], headers = {}) =>
    readFailure(
      createProviderResponse(status, new Headers(headers), body),
      openedConnection({
        displayName: 'x',
        baseUrl: 'https://x.example',
        auth: { type: 'none' },
        responseErrors: rules,
      }).definition.responseErrors,
      [TOKEN],
      0,
    )

  it.each([
    [200, null],
    [204, null],
    [304, 'fail'],
    [400, 'fail'],
    [401, 'auth'],
    [403, 'forbidden'],
    [404, 'fail'],
    [408, 'retry'],
    [425, 'retry'],
    [429, 'rate_limit'],
    [500, 'retry'],
    [503, 'retry'],
  ])('classifies status %i as %s', (status, as) => {
    expect(judge(status, '')?.as ?? null).toBe(as)
  })

  it.each([
    ['error_description', '{"error":"invalid_token","error_description":"expired"}', 'expired'],
    ['error.message', '{"error":{"message":"bad"}}', 'bad'],
    ['message', '{"message":"no"}', 'no'],
    ['error', '{"error":"nope"}', 'nope'],
    ['detail', '{"detail":"gone"}', 'gone'],
    ['errors[0].message', '{"errors":[{"message":"first"}]}', 'first'],
    ['plain text', '  <h1>Oops</h1>\n', '<h1>Oops</h1>'],
    ['long text', 'x'.repeat(600), `${'x'.repeat(499)}…`],
    [
      'the credential',
      `{"message":"token ${TOKEN} in ${encodeURIComponent(TOKEN)}"}`,
      'token [redacted] in [redacted]',
    ],
    ['the credential cut at the limit', `${'x'.repeat(490)}${TOKEN}`, `${'x'.repeat(490)}[redacted]`.slice(0, 500)],
    ['nothing', '', undefined],
  ])('reads the provider’s words: %s', (_name, body, words) => {
    expect(judge(400, body)?.providerMessage).toBe(words)
  })

  it('applies the first rule that matches', () => {
    const rules: DefinitionInput['responseErrors'] = [
      { path: ['ok'], equals: false, as: 'fail', message: ['why', 'text'] },
      { path: ['errors'], as: 'retry' },
      { status: 403, path: 'code', equals: 'quota', as: 'rate_limit' },
      { status: 404, as: 'auth' },
    ]
    expect(judge(200, '{"ok":false,"why":{"text":"because"}}', rules)).toMatchObject({
      as: 'fail',
      providerStatus: 200,
      providerMessage: 'because',
    })
    expect(judge(200, '{"ok":false,"why":{"text":{"a":1}}}', rules)?.providerMessage).toBe('{"a":1}')
    expect(judge(200, '{"ok":true,"errors":[]}', rules)).toBeNull()
    expect(judge(200, '{"ok":true,"errors":["x"]}', rules)?.as).toBe('retry')
    expect(judge(403, '{"code":"quota"}', rules)?.as).toBe('rate_limit')
    expect(judge(403, '{"code":"other"}', rules)?.as).toBe('forbidden')
    expect(judge(404, 'not JSON', rules)?.as).toBe('auth')
  })

  it.each<[string, NonNullable<DefinitionInput['responseErrors']>, string]>([
    ['no rule', [], 'forbidden'],
    ['a rule that only says where its words are', [{ status: 403, as: 'fail', message: ['why'] }], 'forbidden'],
    ['a rule with `as: auth`', [{ status: 403, as: 'auth' }], 'auth'],
    ['a rule with `as: rate_limit`', [{ status: 403, path: ['why'], as: 'rate_limit' }], 'rate_limit'],
  ])('classifies a 403 with %s', (_name, rules, as) => {
    const failure = judge(403, '{"why":"Your plan has no API."}', rules)
    expect(failure?.as).toBe(as)
    expect(failure?.providerMessage).toContain('Your plan has no API.')
  })

  it('reads Retry-After in seconds or as a date', () => {
    expect(judge(429, '', [], { 'retry-after': '3' })?.retryAfterMs).toBe(3_000)
    expect(parseRetryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 30_000)).toBe(30_000)
    expect(parseRetryAfter('Thu, 01 Jan 1970 00:00:00 GMT', 30_000)).toBe(0)
    for (const nonsense of [null, '', 'soon', '-1', '2026'])
      expect(parseRetryAfter(nonsense, 0)).toBe(nonsense === '2026' ? 2_026_000 : undefined)
  })

  it.each<[name: string, headers: Record<string, string>, waitMs: number | undefined]>([
    // 1,700,000,000 is Tue, 14 Nov 2023 22:13:20 GMT.
    [
      'since 1970, by its own clock',
      { date: 'Tue, 14 Nov 2023 22:13:20 GMT', 'x-ratelimit-reset': '1700000060' },
      60_000,
    ],
    ['in milliseconds', { date: 'Tue, 14 Nov 2023 22:13:20 GMT', 'x-ratelimit-reset': '1700000000250' }, 250],
    ['in the past', { date: 'Tue, 14 Nov 2023 22:13:20 GMT', 'x-ratelimit-reset': '1699999999' }, 0],
    ['from now on', { 'ratelimit-remaining': '0', 'ratelimit-reset': '12.5' }, 12_500],
    ['of Okta', { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '9' }, 9_000],
    ['together with Retry-After', { 'retry-after': '3', 'x-ratelimit-reset': '90' }, 3_000],
    ['that has requests left', { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '90' }, undefined],
    ['that is not a number', { 'x-ratelimit-reset': 'tomorrow' }, undefined],
  ])('reads the wait from a rate-limit window %s', (_name, headers, waitMs) => {
    expect(judge(429, '', [], { 'x-ratelimit-remaining': '0', ...headers })?.retryAfterMs).toBe(waitMs)
    expect(
      judge(500, '', [], { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '90' })?.retryAfterMs,
    ).toBeUndefined()
  })
})
