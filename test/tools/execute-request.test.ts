import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendJson } from '../support/provider-server.ts'
import { bearerOf, type RequestFixture, rowId, startRequestFixture } from './request-fixture.ts'

let fixture: RequestFixture
beforeAll(async () => {
  fixture = await startRequestFixture()
})
afterAll(() => fixture.close())

const execute = (connectionId: string, more: Record<string, unknown> = {}, key?: string) =>
  fixture.run('executeRequest', { connectionId, method: 'GET', path: '/things', ...more }, key)

describe('executeRequest', () => {
  it('sends the credential, and returns status, headers and JSON with every digit', async () => {
    fixture.answer((_seen, response) =>
      sendJson(response, '{"big":9007199254740993,"list":[1,null]}', { 'x-total': '7' }),
    )
    const connection = await fixture.connect()
    const answer = await fetch(`${fixture.app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${fixture.workspace.key}` },
      body: JSON.stringify({
        query: `mutation ($input: ExecuteRequestInput!) { executeRequest(input: $input) {
          ... on ExecuteRequestPayload { refreshed response { status headers body text } connection { id } } } }`,
        variables: {
          input: { connectionId: connection, method: 'GET', path: 'things', query: { a: [1, 'x y'], b: true } },
        },
      }),
    })
    const text = await answer.text()
    expect(text).toContain('"big":9007199254740993')
    expect(JSON.parse(text).data.executeRequest).toMatchObject({
      refreshed: false,
      response: { status: 200, headers: { 'x-total': '7', 'content-type': 'application/json' }, text: null },
      connection: { id: connection },
    })
    const [seen] = fixture.provider.requests
    expect(seen).toMatchObject({ method: 'GET', headers: { accept: 'application/json' } })
    expect(seen?.url.pathname + (seen?.url.search ?? '')).toBe('/api/things?a=1&a=x%20y&b=true')
    expect(bearerOf(seen?.headers ?? {})).toBe('good-token-0123456789')
  })

  it('passes on the caller’s headers except those that authenticate or belong to the connection', async () => {
    fixture.answer((_seen, response) =>
      sendJson(
        response,
        {},
        { 'set-cookie': 'a=b', 'keep-alive': 'timeout=9', 'x-kept': 'yes', 'strict-transport-security': 'max-age=1' },
      ),
    )
    const connection = await fixture.connect()
    const headers = {
      authorization: 'Bearer mine',
      Cookie: 'mine=1',
      'Proxy-Authorization': 'Basic mine',
      Host: 'evil.example',
      'Content-Length': '3',
      Connection: 'close, X-Hop',
      'X-Hop': '1',
      TE: 'trailers',
      'X-Mine': 'stays',
      Accept: 'text/csv',
    }
    const { response } = await execute(connection, { headers })
    const [seen] = fixture.provider.requests
    expect(seen?.headers).toMatchObject({
      'x-mine': 'stays',
      accept: 'text/csv',
      authorization: 'Bearer good-token-0123456789',
    })
    for (const name of ['cookie', 'proxy-authorization', 'x-hop', 'te']) expect(seen?.headers).not.toHaveProperty(name)
    expect(seen?.headers.host).toBe(new URL(fixture.provider.origin).host)
    expect(response.headers).toMatchObject({ 'x-kept': 'yes' })
    for (const name of ['set-cookie', 'keep-alive', 'connection', 'strict-transport-security']) {
      expect(response.headers).not.toHaveProperty(name)
    }
  })

  describe('with a value at the place of the credential', () => {
    const json = { 'content-type': 'application/json' }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const placed = (placement: Record<string, unknown>) =>
      fixture.connect({
        auth: { type: 'api_key', placement },
        credential: { secretText: 'the-real-key-01' },
      })

    it.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
      ['a query parameter', { in: 'query', name: 'api_key' }, { query: { api_key: 'mine', c: 'd' } }, 'query.api_key'],
      [
        'a parameter of the path',
        { in: 'query', name: 'api_key' },
        { path: '/things?api%5Fkey=mine' },
        'query.api_key',
      ],
      [
        'a form field',
        { in: 'form', name: 'key' },
        { method: 'POST', headers: form, body: 'a=1&key=mine' },
        'body.key',
      ],
      [
        'JSON',
        { in: 'json', name: ['auth', 'key'] },
        { method: 'POST', body: { auth: { key: 'mine' } } },
        'body.auth.key',
      ],
      [
        'JSON that stands in the way',
        { in: 'json', name: ['auth', 'key'] },
        { method: 'POST', headers: json, body: '{"auth":"mine"}' },
        'body.auth.key',
      ],
    ])('refuses %s and sends nothing', async (_name, placement, request, path) => {
      fixture.answer((_seen, response) => sendJson(response, {}))
      const refused = await execute(await placed(placement), request)
      expect(refused).toMatchObject({ __typename: 'InvalidInputError' })
      expect(refused.fields).toEqual([
        {
          path: ['input', ...path.split('.')],
          message: expect.stringMatching(/reserved for the credential. Leave it out/),
        },
      ])
      expect(JSON.stringify(refused)).not.toMatch(/mine|the-real-key/)
      expect(fixture.provider.requests).toEqual([])
    })

    it('replaces a header and a cookie, which clients of the API may set themselves', async () => {
      fixture.answer((_seen, response) => sendJson(response, {}))
      await execute(await placed({ in: 'header', name: 'X-Api-Key' }), { headers: { 'x-api-KEY': 'mine' } })
      await execute(await placed({ in: 'cookie', name: 'sid' }), { headers: { Cookie: 'sid=mine; a=b' } })
      const [one, two] = fixture.provider.requests
      expect(one?.headers['x-api-key']).toBe('the-real-key-01')
      expect(two?.headers.cookie).toBe('sid=the-real-key-01')
    })

    it('sends everything beside it unchanged', async () => {
      fixture.answer((_seen, response) => sendJson(response, {}))
      await execute(await placed({ in: 'query', name: 'k' }), { path: '/things?a=1&b=%20', query: { c: 'd' } })
      const inJson = await placed({ in: 'json', name: ['auth', 'key'] })
      await execute(inJson, { method: 'POST', headers: json, body: '{"n":12345678901234567890,"auth":{"a":1}}' })
      const [one, two] = fixture.provider.requests
      expect(one?.url.search).toBe('?a=1&b=%20&c=d&k=the-real-key-01')
      expect(two?.body).toBe('{"n":12345678901234567890,"auth":{"a":1,"key":"the-real-key-01"}}')
    })
  })

  it('does not follow a redirect to another path of the host', async () => {
    const connection = await fixture.connect()
    for (const location of ['/admin', '/api/..%2fadmin', `${fixture.provider.origin}/apiary/things`]) {
      fixture.answer((_seen, response) => void response.writeHead(302, { location }).end())
      expect(await execute(connection), location).toMatchObject({
        __typename: 'ProviderError',
        details: { kind: 'redirect' },
        message: expect.stringContaining('outside the base URL'),
      })
      expect(fixture.provider.requests.map(({ url }) => url.pathname)).toEqual(['/api/things'])
    }
    fixture.answer((seen, response) =>
      seen.url.pathname === '/api/things'
        ? void response.writeHead(302, { location: 'v2/things' }).end()
        : sendJson(response, { moved: true }),
    )
    expect((await execute(connection)).response.body).toEqual({ moved: true })
  })

  it('rejects every path that leads away from the base URL', async () => {
    fixture.answer((_seen, response) => sendJson(response, {}))
    const connection = await fixture.connect()
    const paths = [
      '//evil.example/',
      '/\\evil.example/',
      '\\\\evil.example',
      'https://evil.example/',
      '@evil.example/..',
      '/../admin',
    ]
    paths.push(
      '/%2e%2e/admin',
      '/.%2e/admin',
      '/a/..%2f..%2fadmin',
      '\t//evil.example',
      ' /things',
      '/a\r\nb',
      '/things#x',
      '/..;/admin',
    )
    paths.push(`${fixture.provider.origin}/elsewhere`, `${fixture.provider.origin}/apiary`, 'javascript:alert(1)/..')
    for (const path of paths) {
      const result = await execute(connection, { path })
      expect(result, path).toMatchObject({ __typename: 'InvalidInputError', status: 422 })
      expect(result.fields[0].path, path).toEqual(['input', 'path'])
    }
    expect(fixture.provider.requests).toEqual([])
    const next = await execute(connection, { path: `${fixture.provider.origin}/api/things?page=2` })
    expect(next.response.status).toBe(200)
    const harmless = [':80@evil.example/', '.evil.example/', 'https:evil.example', '/a//b']
    for (const path of harmless) await execute(connection, { path })
    expect(fixture.provider.requests.map(({ url }) => url.pathname)).toEqual([
      '/api/things',
      '/api/:80@evil.example/',
      '/api/.evil.example/',
      '/api/https:evil.example',
      '/api/a//b',
    ])
  })

  it('rejects a path and query of more than 64 Ki characters, which signatures would sort', async () => {
    fixture.answer((_seen, response) => sendJson(response, {}))
    const connection = await fixture.connect()
    const path = { path: `/things?${'a&'.repeat(240_000)}` }
    const query = { query: { a: Array.from({ length: 40_000 }, () => '') } }
    for (const [field, request] of [
      ['path', path],
      ['query', query],
    ] as const) {
      expect(await execute(connection, request)).toMatchObject({
        __typename: 'InvalidInputError',
        fields: [{ path: ['input', field], message: expect.stringContaining('at most 65536 characters') }],
      })
    }
    expect(fixture.provider.requests).toEqual([])
  })

  it('sends JSON as JSON and a string unchanged', async () => {
    fixture.answer((_seen, response) => sendJson(response, {}))
    const connection = await fixture.connect()
    await execute(connection, { method: 'POST', body: { a: [1, 'é'] } })
    await execute(connection, { method: 'PUT', body: ['x'] })
    await execute(connection, { method: 'PATCH', body: 'plain é' })
    await execute(connection, { method: 'POST', body: '<a/>', headers: { 'Content-Type': 'application/xml' } })
    await execute(connection, { method: 'DELETE' })
    await execute(connection, { method: 'POST', body: 7 })
    expect(
      fixture.provider.requests.map(({ method, body, headers }) => [method, headers['content-type'], body]),
    ).toEqual([
      ['POST', 'application/json', '{"a":[1,"é"]}'],
      ['PUT', 'application/json', '["x"]'],
      ['PATCH', 'text/plain; charset=utf-8', 'plain é'],
      ['POST', 'application/xml', '<a/>'],
      ['DELETE', undefined, ''],
      ['POST', 'application/json', '7'],
    ])
  })

  it('reports every invalid field at once', async () => {
    fixture.answer((_seen, response) => sendJson(response, {}))
    const connection = await fixture.connect()
    const resolve = { workspaceId: fixture.workspace.id, integration: 'any' }
    const wrong = { resolve, body: {}, query: { a: { b: 1 }, c: [null] }, headers: { 'x-a': 1 } }
    const result = await execute(connection, wrong)
    expect(result.fields.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
      'input.connectionId',
      'input.body',
      'input.query.a',
      'input.query.c',
      'input.headers.x-a',
    ])
    const headers = await execute(connection, { headers: { 'x-a': 'line\r\nbreak' } })
    expect(headers.fields[0].path).toEqual(['input', 'headers'])
    expect(fixture.provider.requests).toEqual([])
  })
})

describe('The response of executeRequest', () => {
  it('is the result with any status', async () => {
    const connection = await fixture.connect()
    for (const status of [201, 400, 403, 404, 409, 422, 500, 501]) {
      fixture.answer((_seen, response) => sendJson(response, { said: status }, {}, status))
      expect((await execute(connection)).response).toMatchObject({ status, body: { said: status } })
      expect(fixture.provider.requests).toHaveLength(1)
    }
  })

  it('is text if it is not JSON, and neither if it is binary', async () => {
    const connection = await fixture.connect()
    const answers: [string | undefined, Buffer, Record<string, unknown>][] = [
      ['text/html', Buffer.from('<p>é</p>'), { body: null, text: '<p>é</p>', details: null }],
      ['application/json', Buffer.from('{"not": json'), { body: null, text: '{"not": json', details: null }],
      ['application/problem+json', Buffer.from('[1]'), { body: [1], text: null }],
      [undefined, Buffer.from('{"a":1}'), { body: { a: 1 }, text: null }],
      ['text/plain', Buffer.from('12'), { body: null, text: '12' }],
      ['image/png', Buffer.from([0x89, 0x50, 0xff]), { body: null, text: null, details: { binary: true, bytes: 3 } }],
      ['application/json', Buffer.alloc(0), { body: null, text: null, details: null }],
    ]
    for (const [type, bytes, expected] of answers) {
      fixture.answer((_seen, response) => {
        response.writeHead(200, type === undefined ? {} : { 'content-type': type })
        response.end(bytes)
      })
      expect((await execute(connection)).response, String(type)).toMatchObject(expected)
    }
    fixture.answer((_seen, response) => void response.writeHead(204).end())
    expect((await execute(connection, { method: 'HEAD' })).response).toMatchObject({
      status: 204,
      body: null,
      text: null,
    })
  })

  it('is an error if it is too large, with a hint how to read it', async () => {
    const connection = await fixture.connect()
    fixture.answer((_seen, response) => void response.writeHead(200).end(Buffer.alloc(10 * 1024 * 1024 + 1, 97)))
    const result = await execute(connection)
    expect(result).toMatchObject({ __typename: 'ProviderError', status: 502, details: { kind: 'too_large' } })
    expect(result.message).toContain('/proxy/')
  })

  it('does not show a credential that the provider echoes in a header, and neither does the log', async () => {
    const connection = await fixture.connect({ credential: { secretText: 'canary-4f9a7b21c3d8' } })
    fixture.answer((seen, response) => {
      const basic = Buffer.from(`x:${bearerOf(seen.headers)}`).toString('base64')
      sendJson(
        response,
        {},
        {
          'x-echo': `${seen.headers.authorization}`,
          location: `/next?token=${bearerOf(seen.headers)}`,
          'x-basic': basic,
        },
      )
    })
    const { response } = await execute(connection)
    expect(response.headers).toMatchObject({
      'x-echo': 'Bearer [redacted]',
      location: '/next?token=[redacted]',
      'x-basic': '[redacted]',
    })
    expect(fixture.app.log.join('')).not.toContain('canary-4f9a7b21c3d8')
  })

  it('does not show the secrets of the connection that the provider echoes in a body', async () => {
    const secret = 'canary"4f9a/7b21+c3d8é'
    const connection = await fixture.connect({
      auth: { type: 'basic' },
      credential: { basic: { username: 'user', password: secret } },
    })
    const echo = (type: string | undefined, text: string, headers: Record<string, string> = {}) => {
      fixture.answer(
        (_seen, response) =>
          void response
            .writeHead(200, { ...(type === undefined ? {} : { 'content-type': type }), ...headers })
            .end(text),
      )
      return execute(connection).then(({ response }) => response)
    }
    const authorization = `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`
    const everyLetterEscaped = Array.from(
      secret,
      (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ).join('')
    const json = `{"${everyLetterEscaped}":1,"a":[{"p":${JSON.stringify(secret)}},"${everyLetterEscaped}"],"n":12345678901234567890,"h":${JSON.stringify(authorization)}}`
    expect((await echo('application/json', json)).body).toEqual({
      '[redacted]': 1,
      a: [{ p: '[redacted]' }, '[redacted]'],
      n: expect.anything(),
      h: 'Basic [redacted]',
    })
    expect((await echo(undefined, `{"url":"/next?p=${encodeURIComponent(secret)}"}`)).body).toEqual({
      url: '/next?p=[redacted]',
    })
    const html = 'canary&quot;4f9a&#x2F;7b21&#43;c3d8é'
    const escaped = await echo('application/json', JSON.stringify({ html }), { 'x-html': html.replace('é', '&#233;') })
    expect([escaped.body, escaped.headers['x-html']]).toEqual([{ html: '[redacted]' }, '[redacted]'])
    expect((await echo('text/html', `<p>${html}</p>`)).text).toBe('<p>[redacted]</p>')
    expect((await echo('text/plain', `<${secret}> ${authorization}`)).text).toBe('<[redacted]> Basic [redacted]')
    expect((await echo('application/octet-stream', `<${secret}>`)).text).toBe('<[redacted]>')
    expect((await echo('application/json', `{"broken": "${secret}`)).text).toBe('{"broken": "[redacted]')
    const unrelated = { a: 'user', b: ['c\n', 1.5, null], c: '[redacted' }
    expect((await echo('application/json', JSON.stringify(unrelated))).body).toEqual(unrelated)
  })

  it('does not show a secret of digits that the provider echoes as a number', async () => {
    const connection = await fixture.connect({ credential: { secretText: '1234567890123' } })
    fixture.answer((_seen, response) => sendJson(response, '{"n":1234567890123,"m":991234567890123111111111,"o":12}'))
    expect((await execute(connection)).response.body).toEqual({ n: '[redacted]', m: '99[redacted]111111111', o: 12 })
  })

  it('shows neither the old token nor the new one when the credential was renewed in between', async () => {
    fixture.answer((seen, response) => {
      if (seen.url.pathname === '/token')
        sendJson(response, {
          access_token: 'new-access-token',
          token_type: 'bearer',
          refresh_token: 'next-refresh-token',
        })
      else if (bearerOf(seen.headers) === 'old-access-token') sendJson(response, {}, {}, 401)
      else
        sendJson(
          response,
          {
            old: 'old-access-token',
            now: bearerOf(seen.headers),
            refresh: 'next-refresh-token',
            s: 'the-client-secret',
          },
          { 'x-old': 'old-access-token' },
        )
    })
    const { refreshed, response } = await execute(await fixture.connectOAuth())
    expect(refreshed).toBe(true)
    expect(response.body).toEqual({ old: '[redacted]', now: '[redacted]', refresh: '[redacted]', s: '[redacted]' })
    expect(response.headers['x-old']).toBe('[redacted]')
  })

  it('does not show what was derived from the secrets and sent: a JWT, a signature, a header of the definition', async () => {
    const echo = async (connection: string) => {
      let sent = ''
      fixture.answer((seen, response) => {
        sent = `${seen.headers.authorization ?? seen.headers['x-token']}`
        sendJson(response, { echo: sent })
      })
      const { response } = await execute(connection)
      expect(sent.length).toBeGreaterThan(20)
      expect(response.body.echo).toMatch(/^(?:[\w-]+ )?\[redacted\]$/)
    }
    const field = (name: string, secret: boolean) => ({ name, label: name, secret })
    await echo(
      await fixture.connect({
        auth: {
          type: 'jwt',
          algorithm: 'HS256',
          key: '{{ config.key }}',
          claims: { iss: 'me' },
          fields: [field('key', true)],
        },
        credential: { fields: { key: 'a-shared-key-of-thirty-two-bytes-and-more' } },
      }),
    )
    await echo(
      await fixture.connect({
        auth: {
          type: 'signature',
          method: 'aws_sigv4',
          service: 'execute-api',
          region: 'eu-west-1',
          accessKeyId: '{{ config.id }}',
          secretAccessKey: '{{ config.key }}',
          fields: [field('id', false), field('key', true)],
        },
        credential: { fields: { id: 'AKIDEXAMPLE', key: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } },
      }),
    )
    await echo(
      await fixture.connect({
        auth: { type: 'api_key', placement: { in: 'query', name: 'key' } },
        credential: { secretText: 'short' },
        definition: {
          headers: { 'X-Token': '{{ config.api_key }}-{{ config.api_key }}-{{ config.api_key }}-{{ config.api_key }}' },
        },
      }),
    )
  })

  it('cannot be read in parts that are shorter than a secret (Range)', async () => {
    const connection = await fixture.connect()
    fixture.answer((_seen, response) => sendJson(response, {}))
    await execute(connection, { headers: { Range: 'bytes=0-4', 'If-Range': '"a"', 'X-A': '1' } })
    await execute(connection, { headers: { Range: 'items=0-24' } })
    const [bytes, items] = fixture.provider.requests
    expect(bytes?.headers).toMatchObject({ 'x-a': '1' })
    for (const name of ['range', 'if-range']) expect(bytes?.headers).not.toHaveProperty(name)
    expect(items?.headers.range).toBe('items=0-24')
  })

  it('is an error with a reason if there is none', async () => {
    const closed = await fixture.connect({ definition: { baseUrl: 'http://127.0.0.1:9' } })
    expect(await execute(closed, { method: 'POST' })).toMatchObject({
      __typename: 'ProviderError',
      details: { kind: 'connect' },
      message: expect.stringContaining('could not be reached'),
    })
    fixture.answer((_seen, response) => void response.destroy())
    const broken = await fixture.connect()
    expect(await execute(broken, { method: 'POST' })).toMatchObject({
      __typename: 'ProviderError',
      details: { kind: 'reset' },
    })
    expect(fixture.provider.requests).toHaveLength(1)
  })
})

describe('The credential of executeRequest', () => {
  it('is renewed before the request if it has expired', async () => {
    fixture.answer((seen, response) => {
      if (seen.url.pathname === '/token')
        sendJson(response, { access_token: 'new-access-token', token_type: 'bearer', expires_in: 3600 })
      else sendJson(response, { renewed: bearerOf(seen.headers) === 'new-access-token' })
    })
    const connection = await fixture.connectOAuth({ expiresAt: '2020-01-01T00:00:00.000Z' })
    const first = await execute(connection)
    expect(first).toMatchObject({ refreshed: true, response: { body: { renewed: true } } })
    expect((await execute(connection)).refreshed).toBe(false)
    expect(fixture.provider.requests.map(({ url }) => url.pathname)).toEqual(['/token', '/api/things', '/api/things'])
  })

  it('is renewed once, and the request repeated once, if the API refuses it', async () => {
    fixture.answer((seen, response) => {
      if (seen.url.pathname === '/token')
        sendJson(response, { access_token: 'new-access-token', token_type: 'bearer', expires_in: 3600 })
      else if (bearerOf(seen.headers) === 'old-access-token') sendJson(response, { error: 'expired' }, {}, 401)
      else sendJson(response, { got: seen.body })
    })
    const connection = await fixture.connectOAuth()
    const result = await execute(connection, { method: 'POST', body: { a: 1 } })
    expect(result).toMatchObject({ refreshed: true, response: { status: 200, body: { got: '{"a":1}' } } })
    expect(fixture.provider.requests.map(({ url }) => url.pathname)).toEqual(['/api/things', '/token', '/api/things'])
  })

  it('is not renewed repeatedly for an API that refuses every token', async () => {
    let tokens = 0
    fixture.answer((seen, response) => {
      if (seen.url.pathname !== '/token') return sendJson(response, { error: 'never' }, {}, 401)
      tokens += 1
      return sendJson(response, { access_token: `token-number-${tokens}`, token_type: 'bearer', expires_in: 3600 })
    })
    const connection = await fixture.connectOAuth()
    expect((await execute(connection)).response.status).toBe(401)
    const others = await Promise.all([execute(connection), execute(connection), execute(connection)])
    expect(others.map(({ response }) => response.status)).toEqual([401, 401, 401])
    expect(tokens).toBe(1)
  })

  it('counts as refused if the definition’s rules say so, also in a response with status 200', async () => {
    const rules = { responseErrors: [{ path: ['error'], equals: 'token_expired', as: 'auth' }] }
    fixture.answer((seen, response) => {
      if (seen.url.pathname === '/token') sendJson(response, { access_token: 'new-access-token', token_type: 'bearer' })
      else if (bearerOf(seen.headers) === 'old-access-token') sendJson(response, { ok: false, error: 'token_expired' })
      else sendJson(response, { ok: true })
    })
    const connection = await fixture.connectOAuth({ definition: rules })
    expect(await execute(connection)).toMatchObject({ refreshed: true, response: { body: { ok: true } } })
  })

  it('is not refused by a 403, which executeRequest and testConnection report without a renewal', async () => {
    fixture.answer((_seen, response) => sendJson(response, { message: 'Your plan has no API.' }, {}, 403))
    const connection = await fixture.connectOAuth({ definition: { testRequest: { path: '/me' } } })
    expect(await execute(connection)).toMatchObject({
      refreshed: false,
      response: { status: 403, body: { message: 'Your plan has no API.' } },
    })
    expect(await fixture.run('testConnection', { connectionId: connection })).toMatchObject({
      connection: { status: 'ACTIVE' },
      result: { ok: false, checked: true, providerStatus: 403, message: 'Your plan has no API.' },
    })
    expect(fixture.provider.requests.map(({ url }) => url.pathname)).toEqual(['/api/things', '/api/me'])
  })

  it('leads to NEEDS_REAUTH if it is refused and cannot be renewed', async () => {
    fixture.answer((seen, response) =>
      seen.url.pathname === '/token'
        ? sendJson(response, { error: 'invalid_grant', error_description: 'Token has been revoked.' }, {}, 400)
        : sendJson(response, {}, {}, 401),
    )
    const connection = await fixture.connectOAuth()
    expect(await execute(connection)).toMatchObject({
      __typename: 'ReconnectRequiredError',
      status: 400,
      connection: { id: connection },
    })
    expect(await execute(connection)).toMatchObject({ __typename: 'ReconnectRequiredError' })
  })

  it('is not sent if it has expired and cannot be renewed', async () => {
    fixture.answer((_seen, response) => sendJson(response, { ok: true }))
    const connection = await fixture.connect({
      auth: { type: 'oauth2', grant: 'refresh_token', tokenUrl: `${fixture.provider.origin}/token` },
      credential: { oauthToken: { accessToken: 'old-access-token', expiresAt: '2020-01-01T00:00:00.000Z' } },
    })
    const message =
      'This connection must be connected again. Its access token has expired, and there is no refresh token to renew it with.'
    const refusals = [await execute(connection), await execute(connection)]
    for (const refusal of refusals) expect(refusal).toMatchObject({ __typename: 'ReconnectRequiredError', message })
    expect(fixture.provider.requests).toEqual([])
    const { database } = fixture.app
    const told = await database.prisma.event.findMany({
      where: { connectionId: rowId(connection), type: 'CONNECTION_NEEDS_REAUTH' },
    })
    expect(told.map(({ payload }) => payload)).toEqual([{ reason: 'EXPIRED' }])
    const stored = await database.prisma.connection.findUniqueOrThrow({ where: { id: rowId(connection) } })
    expect(stored.status).toBe('NEEDS_REAUTH')
  })

  it('fails with the time of the next try if it cannot be renewed now', async () => {
    fixture.answer((seen, response) => sendJson(response, {}, {}, seen.url.pathname === '/token' ? 503 : 200))
    const connection = await fixture.connectOAuth({ expiresAt: '2020-01-01T00:00:00.000Z' })
    expect(await execute(connection)).toMatchObject({
      __typename: 'CredentialRefreshError',
      retryable: true,
      reason: 'PROVIDER_UNAVAILABLE',
      providerStatus: 503,
    })
    // Otherwise it would be retried during other tests.
    await fixture.app.database.prisma.connection.delete({ where: { id: rowId(connection) } })
  })
})

describe('The connection of executeRequest', () => {
  it('is found by id or by other properties', async () => {
    fixture.answer((_seen, response) => sendJson(response, {}))
    const slug = 'resolved'
    const first = await fixture.connect({ slug, more: { externalId: 'ext-1', endUserExternalId: 'ada' } })
    const second = await fixture.connect({ slug, more: { externalId: 'ext-2', endUserExternalId: 'ada' } })
    const by = (resolve: Record<string, unknown>) =>
      fixture.run('executeRequest', {
        resolve: { workspaceId: fixture.workspace.id, integration: slug, ...resolve },
        method: 'GET',
        path: '/x',
      })
    expect((await by({ externalId: 'ext-2' })).connection.id).toBe(second)
    const ambiguous = await by({ endUserExternalId: 'ada' })
    expect(ambiguous).toMatchObject({ __typename: 'AmbiguousError', status: 409 })
    expect(ambiguous.candidates.map((each: { connection: { id: string } }) => each.connection.id).sort()).toEqual(
      [first, second].sort(),
    )
    await fixture.connect({ slug, more: { endUserExternalId: 'bob' } })
    expect(await by({ externalId: 'ext-1', endUserExternalId: 'bob' })).toMatchObject({
      __typename: 'ScopeMismatchError',
      status: 403,
    })
  })

  it('is not found in another workspace, and allows a reader only to read', async () => {
    fixture.answer((_seen, response) => sendJson(response, {}))
    const connection = await fixture.connect()
    const other = await fixture.app.createWorkspace('Other')
    const stranger = await execute(connection, {}, other.key)
    const absent = await execute(
      Buffer.from('Connection:01900000-0000-7000-8000-000000000009').toString('base64url'),
      {},
      other.key,
    )
    expect(stranger).toMatchObject({ __typename: 'NotFoundError', status: 404 })
    expect({ ...stranger, traceId: '' }).toEqual({ ...absent, traceId: '' })
    const reader = await fixture.createKey('READER')
    expect((await execute(connection, {}, reader)).response.status).toBe(200)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(await execute(connection, { method }, reader)).toMatchObject({ __typename: 'ForbiddenError', status: 403 })
    }
    expect(fixture.provider.requests).toHaveLength(1)
  })

  it('must be active', async () => {
    fixture.answer((_seen, response) => sendJson(response, {}))
    const connection = await fixture.connect()
    const set = (status: string) =>
      fixture.app.database.sql.query(`UPDATE connection SET status = '${status}' WHERE id = $1::uuid`, [
        rowId(connection),
      ])
    await set('DISABLED')
    expect(await execute(connection)).toMatchObject({ __typename: 'ConflictError' })
    await set('PENDING')
    expect(await execute(connection)).toMatchObject({
      __typename: 'ReconnectRequiredError',
      connection: { id: connection },
    })
    expect(fixture.provider.requests).toEqual([])
  })
})
