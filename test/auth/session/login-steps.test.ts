import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCredential } from '../../../src/auth/check-credential.ts'
import { movedPlaces } from '../../../src/auth/credential-origins.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import type { Renewal } from '../../../src/auth/strategy.ts'
import { type DefinitionInput, parseDefinition } from '../../../src/catalog/definition/definition.ts'
import type { RenewalError } from '../../../src/wire/renewal-error.ts'
import { authOf, emptyDraft, fieldErrorsOf, noContext, now } from '../contract.ts'
import { contextOf } from '../oauth2/renew-oauth2.ts'
import { type Answer, startTokenServer, type TokenServer } from '../oauth2/token-server.ts'

let server: TokenServer
beforeAll(async () => {
  server = await startTokenServer()
})
afterAll(() => server[Symbol.asyncDispose]())

type SessionInput = Extract<DefinitionInput['auth'], { type: 'session_token' }>
type Step = Extract<SessionInput['login'], unknown[]>[number]

const credential = { fields: { username: 'ada', password: 'pa55-w0rd' } }
const first: Step = {
  url: 'http://{{ input.host }}/challenge',
  json: { user: '{{ config.username }}' },
  keep: { challenge: 'data.challenge', tries: 'tries' },
}
const second: Step = {
  url: 'http://{{ input.host }}/login/{{ kept.tries }}',
  headers: { 'X-Challenge': '{{ kept.challenge }}' },
  json: { pass: '{{ config.password }}', tenant: '{{ kept.tenant }}' },
}

function session(login: SessionInput['login'], more: Partial<SessionInput> = {}): SessionInput {
  return {
    type: 'session_token',
    login,
    fields: [{ name: 'username' }, { name: 'password', secret: true }],
    tokenPath: 'token',
    lifetime: 'PT1H',
    placement: { in: 'header', name: 'X-Session' },
    ...more,
  }
}

async function logIn(auth: SessionInput, answers: Answer[], timeoutMs?: number) {
  server.answers.splice(0, server.answers.length, ...answers)
  const before = server.seen.length
  const parsed = authOf(auth)
  const context = contextOf(server, { kept: { tenant: 'acme' }, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
  const outcome = await strategyOf(parsed)
    .renew(checkCredential(parsed, credential, now), context)
    .then(
      (renewal): { renewal?: Renewal; error?: RenewalError } => ({ renewal }),
      (error: RenewalError): { renewal?: Renewal; error?: RenewalError } => ({ error }),
    )
  return { ...outcome, requests: server.seen.slice(before) }
}

const challenge: Answer = { body: { data: { challenge: 'chal-0123456789' }, tries: 3 } }
const done: Answer = { body: { token: 'sess-1' } }

describe('a login of several requests', () => {
  it('reads in each request what the earlier ones kept', async () => {
    const { renewal, requests } = await logIn(session([first, second]), [challenge, done])
    expect(requests.map(({ method, url, body }) => [method, url, String(body)])).toEqual([
      ['POST', '/challenge', '{"user":"ada"}'],
      ['POST', '/login/3', '{"pass":"pa55-w0rd","tenant":"acme"}'],
    ])
    expect(requests[1]?.headers['x-challenge']).toBe('chal-0123456789')
    expect(renewal?.stored).toEqual({
      type: 'session_token',
      fields: credential.fields,
      token: 'sess-1',
      expiresAt: '2026-01-02T04:04:05.000Z',
    })
    // What the requests keep is not kept with the connection, which everybody sees.
    expect(renewal?.kept).toBeUndefined()
  })

  it('of one request is a list too', async () => {
    const { renewal } = await logIn(session([{ ...first, keep: undefined }]), [done])
    expect(renewal?.stored).toMatchObject({ token: 'sess-1' })
  })

  it('authenticates each request by itself', async () => {
    const auth = { type: 'basic' } as const
    const bearer = { type: 'bearer', token: '{{ kept.challenge }}' } as const
    const { requests } = await logIn(
      session([
        { ...first, auth },
        { ...second, auth: bearer },
      ]),
      [challenge, done],
    )
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from('ada:pa55-w0rd').toString('base64')}`,
      'Bearer chal-0123456789',
    ])
  })

  it.each<[string, Answer[], object, number]>([
    ['by the status of the first', [{ status: 401, body: {} }], { reason: 'INVALID_GRANT', retryable: false }, 1],
    ['by the status of the second', [challenge, { status: 403, body: {} }], { reason: 'INVALID_GRANT' }, 2],
    [
      'by a first that may pass',
      [{ status: 429, headers: { 'retry-after': '3' }, body: {} }],
      { reason: 'PROVIDER_UNAVAILABLE', unavailable: true, retryAfterMs: 3_000 },
      1,
    ],
    [
      'by a value that is missing',
      [{ body: { tries: 3 } }],
      {
        reason: 'MALFORMED_RESPONSE',
        message:
          "The login could not be completed: the response to an earlier request has no value for kept['challenge'].",
      },
      1,
    ],
    [
      'by too many values',
      [{ body: { data: { challenge: Array.from({ length: 101 }, (_, index) => `value-${index}`) } } }],
      { reason: 'MALFORMED_RESPONSE' },
      1,
    ],
  ])('fails %s', async (_name, answers, expected, sent) => {
    const { error, requests } = await logIn(session([first, second]), answers)
    expect(error).toMatchObject(expected)
    expect(requests).toHaveLength(sent)
  })

  it('shows nothing of what it kept in an error', async () => {
    const refused = { status: 401, body: { message: 'no chal-0123456789, no pa55-w0rd' } }
    const { error } = await logIn(session([first, second]), [challenge, refused])
    expect(error).toMatchObject({ words: { providerErrorDescription: 'no [redacted], no [redacted]' } })
  })

  it('has one time limit for all requests', async () => {
    const silent: Answer = { instead: () => {} }
    const { error } = await logIn(session([first, second]), [challenge, silent], 300)
    expect(error).toMatchObject({ reason: 'PROVIDER_UNAVAILABLE', retryable: true })
  })

  it('must not keep what no request reads, and has one body for each request', () => {
    const [keep, form] = [{ a: 'b' }, { a: 'b' }]
    expect(fieldErrorsOf(() => authOf(session([first, { ...second, keep }])))[0]).toContain(
      'auth.login.1.keep: must be left out',
    )
    expect(fieldErrorsOf(() => authOf(session([{ ...first, form }, second])))[0]).toContain(
      'auth.login.0.json: must not be',
    )
    expect(fieldErrorsOf(() => authOf(session([])))).toHaveLength(1)
    expect(fieldErrorsOf(() => authOf(session({ url: second.url, keep } as Step)))[0]).toContain('auth.login')
  })

  it('counts as another place of the credential when one of its requests moves', () => {
    const parse = (...steps: Step[]) =>
      parseDefinition({ displayName: 'T', baseUrl: 'https://api.example.com', auth: session(steps) })
    const [one, two] = [
      { ...first, url: 'https://login.example.com/1' },
      { ...second, url: 'https://login.example.com/2' },
    ]
    const before = parse(one, two)
    expect(movedPlaces(before, parse(one, two, two))).toEqual([])
    expect(movedPlaces(before, parse(one, { ...two, url: 'https://other.example.com/2' }))).toContain(
      'auth.login.1.url',
    )
    const reading = { ...two, url: 'https://{{ kept.challenge }}/2' }
    const other = { ...one, keep: { challenge: 'elsewhere' } }
    expect(movedPlaces(parse(one, reading), parse(other, reading))).toContain('keep')
  })
})

describe('a session token that is found by search', () => {
  it.each<[unknown, string[], string]>([
    [{ data: [{ id: 1 }, { token: 'a-token' }, { token: 'b' }] }, ['data', '*', 'token'], 'a-token'],
    [{ data: { x: { token: '' }, y: { token: 'a-token' } } }, ['data', '*', 'token'], 'a-token'],
    [[[{ t: 17 }]], ['*', '*', 't'], '17'],
    [{ data: { '*': 'literal', a: 'other' } }, ['data', '*'], 'literal'],
  ])('in %j at %j', async (body, tokenPath, token) => {
    const { renewal } = await logIn(session({ url: second.url.replace('{{ kept.tries }}', '') }, { tokenPath }), [
      { body },
    ])
    expect(renewal?.stored).toMatchObject({ token })
  })

  it('is reported as missing when nothing matches', async () => {
    const auth = session({ url: 'http://{{ input.host }}/' }, { tokenPath: ['data', '*', 'token'] })
    const { error } = await logIn(auth, [{ body: { data: [] } }])
    expect(error).toMatchObject({ message: 'The response to the login has no usable token at data.*.token.' })
  })

  it('is removed from an error, with all that match', async () => {
    const auth = session({ url: 'http://{{ input.host }}/' }, { tokenPath: ['ids', '*'] })
    const body = { ids: ['session-one-1', 'session-two-2'], message: 'session-one-1 session-two-2' }
    const { error } = await logIn(auth, [{ status: 401, body }])
    expect(error).toMatchObject({ words: { providerErrorDescription: '[redacted] [redacted]' } })
  })

  it('must not be where the expiry may be', () => {
    const auth = session({ url: second.url }, { tokenPath: ['data', '*', 'x'], expiry: { path: ['data', 0, 'x'] } })
    expect(fieldErrorsOf(() => authOf(auth))).toEqual([
      expect.stringContaining('auth.expiry.path: must not be the place'),
    ])
  })
})

describe('a session token that the person has already', () => {
  const fields = [{ name: 'username' }, { name: 'password', secret: true }, { name: 'session', secret: true }]
  const login = {
    url: 'http://{{ input.host }}/login',
    json: { u: '{{ config.username }}', p: '{{ config.password }}' },
  }
  const auth = session(login, { fields, token: "{{ config.session | default('') }}", lifetime: undefined })

  function open(values: Record<string, string>) {
    const parsed = authOf(auth)
    return strategyOf(parsed).open(checkCredential(parsed, { fields: values }, now), {
      ...noContext,
      input: { host: 'h' },
    })
  }

  it.each<[string, Record<string, string>, object]>([
    [
      'is used without a login',
      { session: 'mine', username: 'u', password: 'p' },
      { ready: true, refreshable: true, singleUse: false },
    ],
    [
      'cannot be renewed without what the login needs',
      { session: 'mine' },
      { ready: true, refreshable: false, singleUse: false },
    ],
    [
      'that is absent leads to a login',
      { username: 'u', password: 'p' },
      { ready: false, refreshable: true, singleUse: true },
    ],
    [
      'that is empty leads to a login',
      { session: '', username: 'u', password: 'p' },
      { ready: false, refreshable: true, singleUse: true },
    ],
  ])('%s', async (_name, values, expected) => {
    const opened = open(values)
    expect(opened).toMatchObject(expected)
    expect(opened.expiresAt).toBeUndefined()
    const draft = emptyDraft()
    if (opened.ready) await opened.apply(draft)
    expect(draft.headers.get('x-session')).toBe(opened.ready ? 'mine' : null)
    expect(opened.secrets).toEqual(expect.arrayContaining(opened.ready ? ['mine'] : ['p']))
  })

  it('is replaced by the token of a login', async () => {
    const parsed = authOf(auth)
    const stored = checkCredential(parsed, { fields: { session: 'mine', username: 'u', password: 'p' } }, now)
    server.answers.splice(0, server.answers.length, done)
    const renewal = await strategyOf(parsed).renew(stored, contextOf(server))
    const draft = emptyDraft()
    await strategyOf(parsed).open(renewal.stored, noContext).apply(draft)
    expect(draft.headers.get('x-session')).toBe('sess-1')
  })

  it('is refused if it cannot be sent', () => {
    const check = () => checkCredential(authOf(auth), { fields: { session: 'schlüssel' } }, now)
    expect(fieldErrorsOf(check)).toEqual([
      expect.stringMatching(/^input\.credential\.fields\.session: goes into a header/),
    ])
  })
})
