import { describe, expect, it } from 'vitest'
import { problemsOf } from '../../catalog/definition/problems-of.ts'
import { sendJson, startProvider } from '../../support/provider-server.ts'
import { failureOf, readStream } from './read-fixture.ts'

const TOKEN = 'good-token-0123456789'

/** A second host of the provider, with two pages. */
async function withOther(run: (host: { origin: string; host: string }) => ReturnType<typeof readStream>) {
  const other = await startProvider(({ url }, response) => {
    const next = url.searchParams.has('page') ? null : `${url.origin}${url.pathname}?page=2`
    sendJson(response, { data: [{ id: url.search || 'first' }], next })
  })
  try {
    const read = await run({ origin: other.origin, host: new URL(other.origin).host })
    return { read, requests: other.requests }
  } finally {
    await other.close()
  }
}

const paged = { recordsPath: 'data', pagination: { type: 'next_url', path: 'next' } } as const
const refusing = () => {
  throw new Error('This host gets no request.')
}

describe('the base URL of a stream', () => {
  it('may be at another host that the definition names, which gets the credential', async () => {
    const { read, requests } = await withOther(({ origin, host }) =>
      readStream(
        refusing,
        { baseUrl: `${origin}/v2`, ...paged },
        { definition: { hosts: [host], headers: { 'X-A': 'a' } } },
      ),
    )
    expect(read.error).toBeUndefined()
    expect(read.data).toHaveLength(2)
    expect(requests.map(({ url, headers }) => [url.pathname, headers.authorization, headers['x-a']])).toEqual([
      ['/v2/items', `Bearer ${TOKEN}`, 'a'],
      ['/v2/items', `Bearer ${TOKEN}`, 'a'],
    ])
    expect(read.server.requests).toEqual([])
  })

  it('may be at any host when the definition has no credential', async () => {
    const { read, requests } = await withOther(({ origin }) =>
      readStream(refusing, { baseUrl: origin, ...paged }, { definition: { auth: { type: 'none' } } }),
    )
    expect(read.error).toBeUndefined()
    expect(requests).toHaveLength(2)
  })

  it('that a value of the connection leads to another host fails the stream before it sends a request', async () => {
    const { read, requests } = await withOther(({ host }) =>
      readStream(
        refusing,
        { baseUrl: 'http://{{ input.place }}', ...paged },
        { input: { place: host }, definition: { hosts: ['api.example.com'] } },
      ),
    )
    expect(failureOf(read).message).toMatch(
      /The baseUrl of this request is at a host that gets no credential\. Allowed are the host of the base URL of the integration and api\.example\.com\./,
    )
    expect(requests).toEqual([])
  })
})

describe('the auth of a stream', () => {
  const answer = { data: [{ id: 1 }], next: null }
  const auths = {
    key: { type: 'api_key', value: '{{ config.token }}', placement: { in: 'query', name: 'key' } },
    basic: { type: 'basic', username: 'u', password: '{{ config.token }}' },
    other: { type: 'bearer', token: 'x-{{ config.token }}' },
    none: { type: 'none' },
  } as const
  const basic = Buffer.from(`u:${TOKEN}`).toString('base64')

  it.each([
    ['key', undefined, TOKEN],
    ['basic', `Basic ${basic}`, null],
    ['other', `Bearer x-${TOKEN}`, null],
    ['none', undefined, null],
  ])('sends the fields of the connection in another way: %s', async (auth, authorization, key) => {
    const read = await readStream(
      (_request, response) => sendJson(response, answer),
      { auth, ...paged },
      {
        definition: { auths },
      },
    )
    expect(read.error).toBeUndefined()
    const [request] = read.server.requests
    expect(request?.headers.authorization).toBe(authorization)
    expect(request?.url.searchParams.get('key')).toBe(key)
  })

  it('is in no record, and in no link that is stored', async () => {
    const read = await readStream(
      ({ url }, response) => {
        const next = new URL(url)
        next.searchParams.set('page', '2')
        const data = [{ id: url.searchParams.get('page') ?? '1', echo: url.searchParams.get('key') }]
        sendJson(response, { data, next: url.searchParams.has('page') ? null : next })
      },
      { auth: 'key', ...paged },
      { definition: { auths } },
    )
    expect(read.data).toEqual(['1', '2'].map((id) => ({ id, echo: '[redacted]' })))
    expect(read.server.requests.map(({ url }) => url.searchParams.getAll('key'))).toEqual([[TOKEN], [TOKEN]])
    expect(JSON.stringify(read.pages)).not.toContain(TOKEN)
  })
})

describe('a definition with several hosts and auths', () => {
  const base = { displayName: 'X', baseUrl: 'https://x.example.com', auth: { type: 'bearer' } }
  const stream = { name: 'items', path: '/' }

  it.each([
    [
      { streams: [{ ...stream, baseUrl: 'https://y.example.com' }] },
      'streams.0.baseUrl: is at another host than the baseUrl of the definition: add y.example.com to hosts',
    ],
    [{ streams: [{ ...stream, baseUrl: 'https://{{ parent.host }}.example.com' }] }, 'streams.0.baseUrl: reads parent'],
    [{ streams: [{ ...stream, auth: 'other' }] }, 'streams.0.auth: other is not a key of auths'],
    [{ hosts: ['{{ input.host }}'] }, 'hosts.0: '],
    [
      { auths: { a: { type: 'oauth2', grant: 'authorization_code', tokenUrl: 'https://x.example.com/token' } } },
      'auths.a.grant: must be one of client_credentials',
    ],
    [{ auths: { a: { type: 'bearer' } } }, 'auths.a.token: '],
    [
      {
        auths: { a: { type: 'api_key', value: 'x', placement: { in: 'query', name: 'k' } } },
        streams: [{ ...stream, auth: 'a', query: { k: '1' } }],
      },
      'streams.0.query.k: k is set by auth',
    ],
  ])('is refused: %j', (more, problem) => {
    expect(problemsOf({ ...base, ...more })).toEqual([expect.stringContaining(problem)])
  })

  it('is accepted with a base URL at the same host, at a named host, and without a credential', () => {
    const streams = ['https://x.example.com/v2', 'https://a.y.example.com', 'https://{{ input.a }}.y.example.com'].map(
      (baseUrl, index) => ({ ...stream, name: `s${index}`, baseUrl }),
    )
    const inputFields = [{ name: 'a' }]
    expect(problemsOf({ ...base, inputFields, hosts: ['*.y.example.com'], streams })).toEqual([])
    const open = { ...base, auth: { type: 'none' }, streams: [{ ...stream, baseUrl: 'https://z.example.com' }] }
    expect(problemsOf(open)).toEqual([])
  })
})
