import { jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCredential } from '../../../src/auth/check-credential.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import type { RenewContext } from '../../../src/auth/strategy.ts'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { authOf, emptyDraft, fixedContext, noContext, now } from '../contract.ts'
import { contextOf } from '../oauth2/renew-oauth2.ts'
import { type Answer, startTokenServer, type TokenServer } from '../oauth2/token-server.ts'
import { rsa, rsaPem } from '../signature/keys.ts'

let server: TokenServer
beforeAll(async () => {
  server = await startTokenServer()
})
afterAll(() => server[Symbol.asyncDispose]())

type SessionInput = Extract<DefinitionInput['auth'], { type: 'session_token' }>
type Login = SessionInput['login']

const url = 'http://{{ input.host }}/login'
const fields = { username: 'ada', password: 'pa55 w&rd' }
const json = { user: "{{ config['username'] }}", pass: "{{ config['password'] }}", remember: true, n: 5 }

function session(login: Partial<Login> = {}, more: Partial<SessionInput> = {}): SessionInput {
  return {
    type: 'session_token',
    login: { url, ...login },
    fields: [
      { name: 'username', required: true },
      { name: 'password', secret: true, required: true },
    ],
    tokenPath: 'data.token',
    placement: { in: 'header', name: 'X-Session' },
    ...more,
  }
}

interface Trial {
  auth?: SessionInput
  fields?: Record<string, string>
  context?: Partial<RenewContext>
  answers?: Answer[]
}

async function logIn({ auth = session({ json }), fields: values = fields, context = {}, answers = [] }: Trial) {
  server.answers.splice(
    0,
    server.answers.length,
    ...(answers.length > 0 ? answers : [{ body: { data: { token: 'sess-1' } } }]),
  )
  const before = server.seen.length
  const parsed = authOf(auth)
  const stored = checkCredential(parsed, { fields: values }, now)
  const outcome = await strategyOf(parsed)
    .renew(stored, contextOf(server, context))
    .then(
      (renewal) => ({ renewal, error: undefined }),
      (error: unknown) => ({ renewal: undefined, error }),
    )
  return { ...outcome, requests: server.seen.slice(before) }
}

const basic = `Basic ${Buffer.from('ada:pa55 w&rd').toString('base64')}`

interface Wire {
  method?: string
  url?: string
  headers?: Record<string, unknown>
  body?: string
}

describe('a login', () => {
  it.each<[string, Partial<Login>, Wire]>([
    [
      'with JSON',
      { json },
      {
        method: 'POST',
        url: '/login',
        body: '{"user":"ada","pass":"pa55 w&rd","remember":true,"n":5}',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
      },
    ],
    [
      'with a form',
      { form: { u: '{{ config.username }}', p: '{{ config.password }}' } },
      { body: 'u=ada&p=pa55+w%26rd', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
    [
      'by GET with a query',
      { method: 'GET', query: { u: '{{ config.username }}', p: '{{ config.password }}' } },
      { method: 'GET', url: '/login?u=ada&p=pa55%20w%26rd', body: '' },
    ],
    [
      'with a query in the URL and beside it',
      { url: `${url}?v=2`, query: { u: '{{ config.username }}' } },
      { url: '/login?v=2&u=ada' },
    ],
    [
      'with headers',
      { headers: { 'X-User': '{{ config.username }}', Accept: 'text/json' } },
      { headers: { 'x-user': 'ada', accept: 'text/json' } },
    ],
    ['without any body', {}, { method: 'POST', url: '/login', body: '' }],
    ['without its own auth', { auth: { type: 'none' } }, { headers: { authorization: undefined } }],
    ['with basic', { auth: { type: 'basic' } }, { headers: { authorization: basic } }],
    [
      'with basic of templates',
      { auth: { type: 'basic', username: '{{ config.username }}/x', password: 'y' } },
      { headers: { authorization: `Basic ${Buffer.from('ada/x:y').toString('base64')}` } },
    ],
    [
      'with bearer',
      { auth: { type: 'bearer', token: '{{ config.password }}' } },
      { headers: { authorization: 'Bearer pa55 w&rd' } },
    ],
    [
      'with an API key in the form',
      {
        form: { a: '1' },
        auth: { type: 'api_key', value: '{{ config.password }}', placement: { in: 'form', name: 'key' } },
      },
      { body: 'a=1&key=pa55+w%26rd' },
    ],
    [
      'with an API key in the query',
      { auth: { type: 'api_key', value: '{{ config.password }}', placement: { in: 'query', name: 'key' } } },
      { url: '/login?key=pa55%20w%26rd' },
    ],
    [
      'with a signature',
      {
        json: { a: 1 },
        auth: {
          type: 'signature',
          method: 'hmac',
          fields: [],
          key: 'k',
          hash: 'sha256',
          message: '{{ body }}{{ timestamp }}',
          encoding: 'hex',
          placement: { in: 'header', name: 'X-Sign' },
        },
      },
      { body: '{"a":1}', headers: { 'x-sign': expect.stringMatching(/^[0-9a-f]{64}$/) } },
    ],
  ])('%s', async (_name, login, wire) => {
    const { requests, renewal } = await logIn({ auth: session(login) })
    expect(renewal?.stored).toMatchObject({ type: 'session_token', fields, token: 'sess-1' })
    expect(requests).toHaveLength(1)
    const [seen] = requests
    if (wire.method !== undefined) expect(seen?.method).toBe(wire.method)
    if (wire.url !== undefined) expect(seen?.url).toBe(wire.url)
    if (wire.body !== undefined) expect(seen?.body.toString()).toBe(wire.body)
    for (const [name, value] of Object.entries(wire.headers ?? {})) expect(seen?.headers[name]).toEqual(value)
  })

  it('of a GitHub App authenticates with a JWT and reads the expiry from the response', async () => {
    const auth: SessionInput = {
      type: 'session_token',
      fields: [
        { name: 'app_id', required: true },
        { name: 'private_key', secret: true, required: true },
        { name: 'installation_id', required: true },
      ],
      login: {
        url: 'http://{{ input.host }}/app/installations/{{ config.installation_id }}/access_tokens',
        auth: {
          type: 'jwt',
          algorithm: 'RS256',
          key: '{{ config.private_key }}',
          lifetime: 'PT9M',
          claims: { iss: '{{ config.app_id }}' },
          fields: [],
        },
        headers: { Accept: 'application/vnd.github+json' },
      },
      tokenPath: 'token',
      expiry: { path: 'expires_at' },
      placement: { in: 'header', name: 'Authorization', prefix: 'token' },
    }
    const values = { app_id: '7', private_key: rsaPem, installation_id: '99' }
    const answers = [{ status: 201, body: { token: 'ghs_1', expires_at: '2026-01-02T04:04:05Z' } }]
    const { requests, renewal } = await logIn({ auth, fields: values, answers })
    expect(requests[0]?.url).toBe('/app/installations/99/access_tokens')
    const token = String(requests[0]?.headers.authorization).replace('Bearer ', '')
    expect((await jwtVerify(token, rsa.publicKey, { currentDate: now })).payload).toMatchObject({ iss: '7' })
    expect(renewal?.expiresAt).toEqual(new Date('2026-01-02T04:04:05Z'))
    const draft = emptyDraft()
    await strategyOf(authOf(auth)).open(renewal?.stored, noContext).apply(draft)
    expect(draft.headers.get('authorization')).toBe('token ghs_1')
  })
})

describe('a session token', () => {
  it.each<[string, Partial<SessionInput>, unknown, string]>([
    ['P14D', { lifetime: 'P14D' }, {}, '2026-01-16T03:04:05.000Z'],
    ['P2W', { lifetime: 'P2W' }, {}, '2026-01-16T03:04:05.000Z'],
    ['PT1H', { lifetime: 'PT1H' }, {}, '2026-01-02T04:04:05.000Z'],
    ['PT1.5H', { lifetime: 'PT1.5H' }, {}, '2026-01-02T04:34:05.000Z'],
    ['P1M', { lifetime: 'P1M' }, {}, '2026-02-02T03:04:05.000Z'],
    ['P1Y', { lifetime: 'P1Y' }, {}, '2027-01-02T03:04:05.000Z'],
    ['P1Y2M3DT4H5M6S', { lifetime: 'P1Y2M3DT4H5M6S' }, {}, '2027-03-05T07:09:11.000Z'],
    ['an expiry in ISO 8601', { expiry: { path: 'end' } }, { end: '2026-01-03T00:00:00Z' }, '2026-01-03T00:00:00.000Z'],
    ['an expiry in seconds', { expiry: { path: 'end', format: 'seconds' } }, { end: '60' }, '2026-01-02T03:05:05.000Z'],
    ['an expiry since 1970', { expiry: { path: 'end' } }, { end: 1767326645 }, '2026-01-02T04:04:05.000Z'],
    [
      'an expiry by a pattern',
      { expiry: { path: 'end', format: '%d.%m.%Y' } },
      { end: '01.02.2026' },
      '2026-02-01T00:00:00.000Z',
    ],
    [
      'an expiry before a lifetime',
      { expiry: { path: 'end' }, lifetime: 'P1Y' },
      { end: 60 },
      '2026-01-02T03:05:05.000Z',
    ],
    [
      'a lifetime where the expiry is not told',
      { expiry: { path: 'end' }, lifetime: 'PT1H' },
      {},
      '2026-01-02T04:04:05.000Z',
    ],
    ['neither', {}, {}, '2026-01-02T03:04:05.000Z'],
  ])('expires by %s', async (_name, more, body, end) => {
    const auth = session({ json }, { ...more, tokenPath: 'token' })
    const { renewal } = await logIn({ auth, answers: [{ body: { token: 'sess-1', ...(body as object) } }] })
    expect(renewal?.expiresAt?.toISOString()).toBe(end)
    expect(renewal?.stored).toMatchObject({ token: 'sess-1', expiresAt: end })
    const opened = strategyOf(authOf(auth)).open(renewal?.stored, fixedContext)
    expect(opened.expiresAt?.toISOString()).toBe(end)
    expect(opened.singleUse ?? false).toBe(more.lifetime === undefined && more.expiry === undefined)
  })

  it.each<[unknown, SessionInput['tokenPath'], string]>([
    [{ data: { token: 'a' } }, 'data.token', 'a'],
    [{ data: [{ token: 'a' }] }, ['data', 0, 'token'], 'a'],
    [{ 'a.b': 'x' }, ['a.b'], 'x'],
    [{ token: 12345 }, 'token', '12345'],
    ['{"token":12345678901234567890}', 'token', '12345678901234567890'],
    ['token=abc&x=y', 'token', 'abc'],
  ])('is read from %j at %j', async (body, tokenPath, token) => {
    const headers: Record<string, string> = typeof body === 'string' ? { 'content-type': 'text/plain' } : {}
    const { renewal } = await logIn({ auth: session({ json }, { tokenPath }), answers: [{ body, headers }] })
    expect(renewal?.stored).toMatchObject({ token })
  })

  it('is not ready before the first login', () => {
    const auth = authOf(session({ json }))
    const opened = strategyOf(auth).open(
      checkCredential(auth, { basic: { username: 'a', password: 'b' } }, now),
      noContext,
    )
    expect(opened).toMatchObject({ ready: false, refreshable: true, secrets: ['b'] })
    expect(() => opened.apply(emptyDraft())).toThrow('A login must come first')
  })
})

describe('a login that fails', () => {
  const deadGrant = { reason: 'INVALID_GRANT', retryable: false }
  const malformed = { reason: 'MALFORMED_RESPONSE', retryable: true }
  const away = { reason: 'PROVIDER_UNAVAILABLE', retryable: true }
  const rules = [
    { path: ['code'], equals: 'LOCKED', as: 'auth', message: ['why'] },
    { path: ['code'], equals: 'BUSY', as: 'rate_limit' },
    { path: ['code'], equals: 'ODD', as: 'fail' },
  ] as const

  it.each<[string, Answer, Record<string, unknown>]>([
    [
      'status 401',
      { status: 401, body: { message: 'bad password' } },
      { ...deadGrant, words: { providerStatus: 401, providerErrorDescription: 'bad password' } },
    ],
    ['status 400', { status: 400, body: {} }, deadGrant],
    ['status 403', { status: 403, body: {} }, deadGrant],
    ['status 404', { status: 404, body: {} }, malformed],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' }, body: '' }, malformed],
    ['no token', { body: { data: {} } }, malformed],
    ['a token that is null', { body: { data: { token: null } } }, malformed],
    ['a token that is empty', { body: { data: { token: '' } } }, malformed],
    ['a token that no header can hold', { body: { data: { token: 'a\nb' } } }, malformed],
    ['HTML', { headers: { 'content-type': 'text/html' }, body: '<p>' }, malformed],
    [
      'a rule that says auth',
      { body: { code: 'LOCKED', why: 'too often' } },
      { ...deadGrant, words: { providerStatus: 200, providerErrorDescription: 'too often' } },
    ],
    ['a rule that says fail', { body: { code: 'ODD' } }, malformed],
    [
      'a Retry-After that is too long to wait for',
      { status: 503, headers: { 'retry-after': '60' }, body: {} },
      { ...away, isLogin: true, retryAfterMs: 60_000 },
    ],
    [
      'a rule that says wait',
      { headers: { 'retry-after': '9' }, body: { code: 'BUSY' } },
      { ...away, retryAfterMs: 9000 },
    ],
  ])('by %s', async (_name, answer, expected) => {
    const { error, requests } = await logIn({
      answers: [answer],
      context: { responseErrors: [...rules.map((rule) => ({ ...rule, path: [...rule.path] }))] },
    })
    expect(error).toMatchObject({ code: 'CREDENTIAL_REFRESH', ...expected })
    expect(requests).toHaveLength(1)
  })

  it.each<[string, Answer]>([
    ...[429, 500, 502, 503, 408, 418].map((status): [string, Answer] => [`status ${status}`, { status, body: {} }]),
    ['no answer', { instead: (response) => response.destroy() }],
    ['a rule that says wait', { body: { code: 'BUSY' } }],
  ])('by %s is tried once and may be repeated at once, because it consumes nothing', async (_name, answer) => {
    const { error, requests } = await logIn({
      auth: session({ json, retryStatuses: [418] }),
      answers: [answer],
      context: { responseErrors: [{ path: ['code'], equals: 'BUSY', as: 'rate_limit' }] },
    })
    expect(error).toMatchObject({ ...away, unavailable: true, indeterminate: false })
    expect(requests).toHaveLength(1)
  })

  it('for good is not marked as one that may be repeated', async () => {
    for (const answer of [{ status: 401, body: {} }, { status: 404, body: {} }, { body: {} }]) {
      expect((await logIn({ answers: [answer] })).error).toMatchObject({ unavailable: false })
    }
  })

  it('reports none of the values that were sent', async () => {
    const auth = session({ json, headers: { 'X-Key': 'k-{{ config.password }}' }, auth: { type: 'basic' } })
    const echo: Answer = {
      instead(response) {
        const seen = server.seen.at(-1)
        const said = `${seen?.body} ${JSON.stringify(seen?.headers)} ${encodeURIComponent(fields.password)}`
        response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ message: said }))
      },
    }
    const { error } = await logIn({ auth, answers: [echo] })
    const text = `${JSON.stringify(error)} ${error}`
    for (const secret of [fields.password, encodeURIComponent(fields.password), basic.slice(6), 'ada"']) {
      expect(text).not.toContain(secret)
    }
    expect(text).toContain('[redacted]')
  })

  it('does not report the token, wherever it is', async () => {
    const { error } = await logIn({
      auth: session({ json }, { tokenPath: 'id' }),
      answers: [{ body: { id: 'session-0123456789' } }],
      context: { responseErrors: [{ status: 200, as: 'fail', message: ['id'] }] },
    })
    expect(error).toMatchObject({ words: { providerErrorDescription: '[redacted]' } })
  })

  it('does not read secret fields as inputs in its own auth, whose usual fields are not those that are stored', async () => {
    const secrets = [
      { name: 'username', secret: true },
      { name: 'password', secret: true },
    ]
    for (const auth of [
      { type: 'basic' as const, username: "{{ input.zz if input.username >= 'b' else 'a' }}" },
      { type: 'bearer' as const, token: "{{ input.zz if input.username >= 'b' else 'a' }}" },
    ]) {
      const { error, requests } = await logIn({ auth: session({ auth }, { fields: secrets }) })
      expect(String(error)).toContain("input['username'] is missing")
      expect(requests).toEqual([])
    }
  })

  it('without a required input is not sent', async () => {
    const { error, requests } = await logIn({ auth: session({ query: { a: '{{ input.absent }}' } }) })
    expect(String(error)).toContain("input['absent'] is missing")
    expect(requests).toEqual([])
  })
})
