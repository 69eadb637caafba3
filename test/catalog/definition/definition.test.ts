import { describe, expect, it } from 'vitest'
import { type DefinitionInput, parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { problemsOf } from './problems-of.ts'

const choice = (value: string) => ({ value, label: value.toUpperCase() })

const base = { displayName: 'Acme', baseUrl: 'https://api.example.com', auth: { type: 'bearer' } } as const
const apiKey = (placement: object, more: object = {}) => ({ auth: { type: 'api_key', placement, ...more } })
const oauth2 = { type: 'oauth2', grant: 'refresh_token', tokenUrl: 'https://auth.example.com/token' }
const stream = { name: 'items', path: '/items', primaryKey: ['id'] }

const everything: DefinitionInput = {
  displayName: 'Everything',
  docsUrl: 'https://docs.example.com',
  categories: ['crm'],
  baseUrl: 'https://{{ input.subdomain }}.example.com/api',
  inputFields: [{ name: 'subdomain', label: 'Subdomain', required: true, pattern: '[a-z]+', example: 'acme' }],
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://auth.example.com/authorize',
    authorizationParams: { access_type: 'offline', tenant: '{{ input.subdomain }}' },
    authorizationNames: { client_id: 'client_key' },
    tokenUrl: 'https://{{ input.subdomain }}.example.com/token',
    revocation: { url: 'https://auth.example.com/revoke', form: { token: '{{ token }}' } },
    callbackKeep: { realmId: 'realm_id' },
    scopes: ['read', 'offline_access'],
    scopeSeparator: ',',
    pkce: 'S256',
    clientAuth: 'client_secret_basic',
    tokenRequest: { format: 'json', params: { a: 'b' }, headers: { 'X-A': 'b' }, names: { client_id: 'client_key' } },
    tokenResponse: {
      accessToken: 'data.access_token',
      refreshToken: ['data', 'refresh_token'],
      expiry: { path: 'data.expires_at', format: 'epoch' },
      errorWhen: { path: ['ok'], equals: false },
      keep: { team_id: 'team.id' },
    },
    tokenLifetime: 'PT1H',
    rotation: 'strict',
    graceSeconds: 30,
  },
  headers: { 'X-Version': '1', 'X-Team': "{{ kept['team_id'] }}" },
  afterConnect: [{ path: '/tenants', keep: { tenant_id: '0.id' } }],
  responseErrors: [{ status: 200, path: 'ok', equals: false, as: 'auth', message: 'error' }],
  testRequest: { path: '/me' },
  rateLimit: { requestsPerSecond: 0.5 },
  streams: [
    {
      name: 'items',
      path: '/teams/{{ kept.team_id }}/items',
      method: 'POST',
      query: { expand: 'all' },
      json: { filter: { team: '{{ kept.team_id }}', n: 1 } },
      recordsPath: 'data.items',
      primaryKey: ['id', ['meta', 'key']],
      pagination: { type: 'cursor', path: 'next', param: 'cursor', in: 'json', hasMore: 'has_more' },
      incremental: { cursorField: 'updated_at', param: 'since', format: 'iso8601', lookback: 'P2W' },
    },
    { name: 'pages', path: '/pages', primaryKey: ['id'], recordsPath: [], pagination: { type: 'link_header' } },
  ],
}

describe('a valid definition', () => {
  it('keeps every value, with paths as lists', () => {
    const parsed = parseDefinition(everything)
    expect(parsed.auth).toMatchObject({ tokenResponse: { accessToken: ['data', 'access_token'] } })
    expect(parsed.streams?.[0]).toMatchObject({ recordsPath: ['data', 'items'], primaryKey: [['id'], ['meta', 'key']] })
    expect(parsed.baseUrl).toBe(everything.baseUrl)
  })

  it('is unchanged when it is stored and parsed again', () => {
    const parsed = parseDefinition(everything)
    expect(parseDefinition(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed)
  })

  it.each([
    ['none', { type: 'none' }],
    ['basic', { type: 'basic' }],
    [
      'basic with a key as the user name',
      { type: 'basic', fields: [{ name: 'key', secret: true }], username: '{{ config.key }}' },
    ],
    ['bearer', { type: 'bearer' }],
    ['bearer with its one field', { type: 'bearer', fields: [{ name: 'integration_token', secret: true }] }],
    ['client credentials', { ...oauth2, grant: 'client_credentials' }],
    [
      'a custom grant',
      { ...oauth2, grant: 'custom', grantType: 'account_credentials', fields: [{ name: 'account_id' }] },
    ],
    ['a JWT grant', { ...oauth2, grant: 'jwt_bearer', assertion: { algorithm: 'RS256', key: '{{ config.key }}' } }],
    ['a private key', { ...oauth2, clientAuth: 'private_key_jwt', clientKey: { alg: 'ES256' } }],
  ])('may authenticate by %s', (_name, auth) => {
    expect(problemsOf({ ...base, auth })).toEqual([])
  })

  it.each([
    [{ in: 'header', name: 'X-Key' }, 'X-Key'],
    [{ in: 'query', name: 'api.key' }, 'api.key'],
    [{ in: 'cookie', name: 'sid' }, 'sid'],
    [{ in: 'form', name: 'a.b' }, 'a.b'],
    [{ in: 'form', name: ['auth', 'key'] }, 'auth[key]'],
    [{ in: 'json', name: 'auth.key' }, ['auth', 'key']],
    [{ in: 'json', name: ['auth', 0, 'a.b'] }, ['auth', 0, 'a.b']],
    [{ in: 'header', name: ['X-Key'], prefix: 'Token token=' }, 'X-Key'],
  ])('reads the placement %j', (placement, name) => {
    const parsed = parseDefinition({ ...base, ...apiKey(placement) })
    expect(parsed.auth).toMatchObject({ placement: { ...placement, name } })
    expect(parseDefinition(parsed)).toEqual(parsed)
  })
})

describe('an invalid definition', () => {
  it.each<[string, unknown, string[]]>([
    ['no object', 'x', [': must be an object']],
    ['null', null, [': must be an object']],
    ['an unknown key', { ...base, zip: 1 }, ['zip: zip is not a known key']],
    ['a misspelt key', { ...base, heeders: {} }, ['heeders: heeders is not a known key. Did you mean headers?']],
    [
      'a key in another style',
      { ...base, base_url: 'x' },
      ['base_url: base_url is not a known key. Did you mean baseUrl?'],
    ],
    [
      'an unknown key deep inside',
      { ...base, streams: [{ ...stream, pagination: { type: 'link_header', x: 1 } }] },
      ['streams.0.pagination.x: x is not a known key'],
    ],
    [
      'an unknown auth type',
      { ...base, auth: { type: 'magic' } },
      [
        'auth.type: must be one of none, basic, bearer, api_key, oauth2, session_token, jwt, signature, oauth1, selective, custom',
      ],
    ],
    [
      'no auth type',
      { ...base, auth: {} },
      [
        'auth.type: must be one of none, basic, bearer, api_key, oauth2, session_token, jwt, signature, oauth1, selective, custom',
      ],
    ],
    [
      'a key of another auth type',
      { ...base, auth: { type: 'bearer', placement: {} } },
      ['auth.placement: placement is not a known key'],
    ],
    ['a number for text', { ...base, displayName: 5 }, ['displayName: must be text']],
    ['everything missing', {}, ['displayName: is missing', 'baseUrl: is missing', 'auth: is missing']],
    [
      'an unknown placement',
      { ...base, ...apiKey({ in: 'body', name: 'x' }) },
      ['auth.placement.in: must be one of header, query, form, json, cookie'],
    ],
    ['a placement without a name', { ...base, ...apiKey({ in: 'header' }) }, ['auth.placement.name: is missing']],
    [
      'a nested header',
      { ...base, ...apiKey({ in: 'header', name: ['a', 'b'] }) },
      ['auth.placement.name: must be one name, because a header has no nested values'],
    ],
    [
      'a bad header name',
      { ...base, ...apiKey({ in: 'header', name: 'X Key' }) },
      ['auth.placement.name: must be a header name'],
    ],
    [
      'a header that is not ours to set',
      { ...base, ...apiKey({ in: 'header', name: 'Host' }) },
      ['auth.placement.name: is a header that the HTTP client sets itself'],
    ],
    [
      'a bad cookie name',
      { ...base, ...apiKey({ in: 'cookie', name: 'a;b' }) },
      ['auth.placement.name: must be a cookie name'],
    ],
    [
      'a line break in a prefix',
      { ...base, ...apiKey({ in: 'header', name: 'X', prefix: 'a\r\nb' }) },
      ['auth.placement.prefix: must contain only printable ASCII'],
    ],
    [
      'an empty JSON path',
      { ...base, ...apiKey({ in: 'json', name: [] }) },
      ['auth.placement.name: must name at least one key'],
    ],
    [
      'a negative index',
      { ...base, streams: [{ ...stream, recordsPath: ['a', -1] }] },
      ['streams.0.recordsPath: must contain only whole indexes from 0'],
    ],
    [
      'an empty key',
      { ...base, streams: [{ ...stream, recordsPath: 'a.' }] },
      ['streams.0.recordsPath: must not contain an empty key'],
    ],
    [
      'no primary key',
      { ...base, streams: [{ ...stream, primaryKey: [] }] },
      ['streams.0.primaryKey: must hold at least 1 item'],
    ],
    [
      'two streams with one name',
      { ...base, streams: [stream, stream] },
      ['streams.1.name: items is the name of an earlier stream'],
    ],
    [
      'two fields with one name',
      { ...base, auth: { type: 'bearer', fields: [{ name: 'a' }, { name: 'a' }], token: 'x' } },
      ['auth.fields.1.name: a is the name of an earlier field'],
    ],
    [
      'an input named as a credential field',
      { ...base, inputFields: [{ name: 'token' }] },
      ['auth.fields: token is also the name of an input field'],
    ],
    [
      'a secret input',
      { ...base, inputFields: [{ name: 'a', secret: true }] },
      [
        'inputFields.0.secret: must not be true, because inputs are visible to everyone who sees the connection; put the field into auth.fields',
      ],
    ],
    [
      'a field named constructor',
      { ...base, inputFields: [{ name: 'constructor' }] },
      ['inputFields.0.name: is not allowed as a name'],
    ],
    [
      'a pattern that is none',
      { ...base, inputFields: [{ name: 'a', pattern: '(' }] },
      ['inputFields.0.pattern: must be a regular expression that RE2 supports'],
    ],
    [
      'a pattern with an unbalanced group',
      { ...base, inputFields: [{ name: 'a', pattern: 'a)|(b' }] },
      ['inputFields.0.pattern: must be a regular expression: a ) has no ('],
    ],
    [
      'a pattern of 201 characters',
      { ...base, inputFields: [{ name: 'a', pattern: 'a'.repeat(201) }] },
      ['inputFields.0.pattern: must have at most 200 characters'],
    ],
    [
      'a value that two choices have',
      { ...base, inputFields: [{ name: 'a', choices: [choice('x'), choice('x')] }] },
      ['inputFields.0.choices.1.value: is the value of an earlier choice'],
    ],
    [
      'a pattern beside choices',
      { ...base, inputFields: [{ name: 'a', pattern: 'x', choices: [choice('x')] }] },
      ['inputFields.0.pattern: must be left out, because choices say what the value may be'],
    ],
    [
      'an example that is no choice',
      { ...base, inputFields: [{ name: 'a', example: 'y', choices: [choice('x')] }] },
      ['inputFields.0.example: must be the value of a choice'],
    ],
    [
      'choices of a secret',
      { ...base, auth: { type: 'bearer', fields: [{ name: 'token', secret: true, choices: [choice('x')] }] } },
      ['auth.fields.0.choices: must be left out, because a secret is not chosen from a list'],
    ],
    [
      'an example that does not match',
      { ...base, inputFields: [{ name: 'a', pattern: '[a-z]+', example: 'A' }] },
      ['inputFields.0.example: must match the pattern of its field'],
    ],
    [
      'fields without a template for the value',
      { ...base, auth: { type: 'bearer', fields: [{ name: 'a' }, { name: 'b' }] } },
      ['auth.token: is missing: nothing says how the fields of this definition make the token'],
    ],
    [
      'a base URL that is no URL',
      { ...base, baseUrl: 'api.example.com' },
      ['baseUrl: must be an http or https URL without user name and fragment'],
    ],
    [
      'a base URL of another scheme',
      { ...base, baseUrl: 'file:///etc/passwd' },
      ['baseUrl: must be an http or https URL without user name and fragment'],
    ],
    [
      'a base URL with a user',
      { ...base, baseUrl: 'https://a:b@example.com' },
      ['baseUrl: must be an http or https URL without user name and fragment'],
    ],
    ['a base URL with a query', { ...base, baseUrl: 'https://example.com?a=b' }, ['baseUrl: must not contain a query']],
    [
      'a base URL template with a user',
      { ...base, baseUrl: 'https://{{ input.a }}@example.com' },
      ['baseUrl: must not hold a user name'],
    ],
    [
      'a base URL template of another scheme',
      { ...base, baseUrl: 'ftp://{{ input.a }}' },
      ['baseUrl: must begin with http:// or https://'],
    ],
    ...[
      'https:{# #}/a.example',
      ' https://a.example',
      'https:/a.example',
      'https:///a/{{ input.a }}',
      'ht\ntps://a.example',
    ].map((baseUrl): [string, object, string[]] => [
      `a base URL in an unusual form: ${JSON.stringify(baseUrl)}`,
      { ...base, baseUrl },
      ['baseUrl: must begin with http:// or https:// and a host, without spaces, backslashes and further slashes'],
    ]),
    [
      'a base URL template without a scheme',
      { ...base, baseUrl: '{{ input.a }}.example.com' },
      ['baseUrl: must continue with / after an expression at its beginning'],
    ],
    [
      'a template that does not parse',
      { ...base, headers: { 'X-A': '{{ config.a' } },
      ['headers.X-A: The template does not parse: Unexpected end of input'],
    ],
    [
      'a statement',
      { ...base, headers: { 'X-A': '{% if a %}b{% endif %}' } },
      ['headers.X-A: Statements ({% … %}) are not allowed. Use {{ expressions }} only.'],
    ],
    [
      'a name that does not exist',
      { ...base, headers: { 'X-A': '{{ secrets.a }}' } },
      ['headers.X-A: reads secrets, which does not exist here. Known: config, input, kept'],
    ],
    [
      'a bad template in a JSON body',
      { ...base, streams: [{ ...stream, json: { a: [{ b: '{{ x }}' }] } }] },
      ['streams.0.json.a.0.b: reads x, which does not exist here. Known: config, input, kept, parent, window, item'],
    ],
    [
      'a template that is too long',
      { ...base, headers: { 'X-A': `{{ config.a }}${'a'.repeat(4083)}` } },
      ['headers.X-A: A template is at most 4096 bytes.'],
    ],
    [
      'a header set by auth',
      { ...base, headers: { authorization: 'x' } },
      ['headers.authorization: authorization is set by auth'],
    ],
    [
      'a header of a stream set by auth',
      { ...base, ...apiKey({ in: 'header', name: 'X-Key' }), streams: [{ ...stream, headers: { 'x-key': 'a' } }] },
      ['streams.0.headers.x-key: x-key is set by auth'],
    ],
    [
      'a header that stands twice',
      { ...base, headers: { 'X-A': 'a', 'x-a': 'b' } },
      ['headers.x-a: x-a is given twice'],
    ],
    [
      'a header that is not ours',
      { ...base, headers: { 'Content-Length': '3' } },
      ['headers.Content-Length: as a name is a header that the HTTP client sets itself'],
    ],
    [
      'a query name set by auth',
      { ...base, ...apiKey({ in: 'query', name: 'key' }), streams: [{ ...stream, query: { key: 'a' } }] },
      ['streams.0.query.key: key is set by auth'],
    ],
    [
      'a paging parameter set by auth',
      {
        ...base,
        ...apiKey({ in: 'query', name: 'page' }),
        streams: [{ ...stream, pagination: { type: 'page', param: 'page', size: 10 } }],
      },
      ['streams.0.pagination.param: page is set by auth'],
    ],
    [
      'a paging parameter in the query',
      {
        ...base,
        streams: [
          {
            ...stream,
            query: { limit: '5' },
            pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 10 },
          },
        ],
      },
      ['streams.0.pagination.limitParam: limit is already set by this stream'],
    ],
    [
      'an incremental parameter that pages too',
      {
        ...base,
        streams: [
          {
            ...stream,
            pagination: { type: 'cursor', path: 'n', param: 'after' },
            incremental: { cursorField: 'u', param: 'after' },
          },
        ],
      },
      ['streams.0.incremental.param: after is already set by this stream'],
    ],
    [
      'a body property set by auth',
      { ...base, ...apiKey({ in: 'json', name: 'auth.key' }), streams: [{ ...stream, json: { auth: { key: 'x' } } }] },
      ['streams.0.json: auth.key is set by auth'],
    ],
    [
      'a stream with a URL for a path',
      { ...base, streams: [{ ...stream, path: 'https://example.com/a' }] },
      ['streams.0.path: must be a path under the base URL, not a URL'],
    ],
    [
      'a stream that climbs',
      { ...base, streams: [{ ...stream, path: '/a/../b' }] },
      ['streams.0.path: must not contain the path segments . and ..'],
    ],
    [
      'an unknown pagination',
      { ...base, streams: [{ ...stream, pagination: { type: 'magic' } }] },
      ['streams.0.pagination.type: must be one of link_header, next_url, cursor, page, offset, next'],
    ],
    [
      'a duration that is none',
      { ...base, auth: { ...oauth2, tokenLifetime: '1h' } },
      [
        'auth.tokenLifetime: is not a duration. Expected an ISO 8601 duration longer than zero, such as PT1H, P14D, P2W, P1M or P1Y.',
      ],
    ],
    [
      'a code grant without its URL',
      { ...base, auth: { ...oauth2, grant: 'authorization_code' } },
      [
        'auth.authorizationUrl: is missing: the grant authorization_code needs it. Without it, name the issuer whose metadata has it.',
      ],
    ],
    [
      'a custom grant without its type',
      { ...base, auth: { ...oauth2, grant: 'custom' } },
      ['auth.grantType: is missing: the grant custom sends it'],
    ],
    [
      'an error rule that always holds',
      { ...base, responseErrors: [{ as: 'fail' }] },
      ['responseErrors.0: needs a status or a path'],
    ],
    [
      'a rate of zero',
      { ...base, rateLimit: { requestsPerSecond: 0 } },
      ['rateLimit.requestsPerSecond: must be more than 0'],
    ],
    ['NUL in a text', { ...base, displayName: 'a\0b' }, ['displayName: contains a NUL character']],
    ['half a surrogate pair', { ...base, categories: ['\ud800'] }, ['categories.0: contains half of a surrogate pair']],
    [
      '__proto__',
      JSON.parse('{"displayName":"A","streams":[{"__proto__":{"a":1}}]}'),
      ['streams.0: has a key that is "__proto__"'],
    ],
    [
      '201 streams',
      { ...base, streams: Array.from({ length: 201 }, (_, index) => ({ ...stream, name: `s${index}` })) },
      ['streams: must hold at most 200 items'],
    ],
  ])('because of %s, says so at its place', (_name, definition, problems) => {
    expect(problemsOf(definition)).toEqual(problems)
  })

  it('reports all invalid fields at once', () => {
    const problems = problemsOf({
      ...base,
      baseUrl: 3,
      zip: 1,
      auth: { type: 'basic', usrname: 'x' },
      streams: [{ name: '' }],
    })
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual(
      ['auth.usrname', 'baseUrl', 'streams.0.name', 'streams.0.path', 'zip'].sort(),
    )
  })

  it('is refused above 256 KiB', () => {
    const definition = {
      ...base,
      streams: [{ ...stream, json: { a: Array.from({ length: 90 }, () => 'x'.repeat(3_000)) } }],
    }
    expect(problemsOf(definition)).toEqual([': must be at most 262144 bytes of JSON'])
  })

  it('is refused without a crash when it is nested very deeply', () => {
    let auth: unknown = { type: 'bearer' }
    for (let level = 0; level < 2_000; level++) auth = { type: 'selective', options: [{ key: 'a', label: 'A', auth }] }
    expect(problemsOf({ ...base, auth })).toHaveLength(1)
  })

  it('is refused without a crash when a value refers to itself', () => {
    const loop: Record<string, unknown> = { ...base }
    loop['categories'] = [loop]
    expect(problemsOf(loop)).toHaveLength(1)
  })
})

describe('how a stream is read incrementally', () => {
  const problems = (incremental: unknown, more: object = {}) =>
    problemsOf({ ...base, streams: [{ ...stream, incremental, ...more }] }).map((each) =>
      each.replace('streams.0.', ''),
    )
  const field = { cursorField: 'at', param: 'since' }
  const feed = { path: 'last_seq', param: 'since' }

  it.each<[string, object, object]>([
    ['by a parameter', { ...field, fieldFormat: '%Y%m%d', lookback: 'P1D', start: '{{ config.from }}' }, {}],
    ['by one of several formats', { ...field, fieldFormat: ['rfc1123', 'dotnet', 'epoch', '%d/%m/%Y'] }, {}],
    ['with its end', { ...field, until: { param: 'before' } }, {}],
    ['in windows', { cursorField: 'at', start: '2020-01-01', window: 'P30D' }, { path: '/items/{{ window.from }}' }],
    ['from the newest record on', { cursorField: 'at', by: 'newest_first' }, {}],
    ['by comparing', { cursorField: 'at', by: 'compare' }, {}],
    ['as a change feed', { feed: { ...feed, in: 'json', hasMore: 'pending', start: '0' } }, { deletes: 'never' }],
    ['with tombstones', { feed }, { deletes: { path: 'deleted', equals: true } }],
  ])('may be %s', (_name, incremental, more) => {
    expect(problems(incremental, more)).toEqual([])
  })

  it.each<[string, unknown, object, string[]]>([
    ['nothing', {}, {}, ['incremental.cursorField: is missing', 'incremental.param: is missing']],
    ['an unknown key', { ...field, zip: 1 }, {}, ['incremental.zip: zip is not a known key']],
    [
      'an unknown format',
      { ...field, fieldFormat: ['epoch', 'soon'] },
      {},
      [
        'incremental.fieldFormat.1: must be one of seconds, milliseconds, epoch, epoch_ms, iso8601, rfc1123, dotnet, or a strftime pattern such as %Y-%m-%dT%H:%M:%SZ',
      ],
    ],
    [
      'a window that is not sent',
      { cursorField: 'at', window: 'P30D', start: '2020-01-01' },
      {},
      ['incremental.window: is not sent: set param or until, or read window.from and window.to in a template'],
    ],
    [
      'a template of a window without one',
      field,
      { query: { to: '{{ window.to }}' } },
      ['query.to: reads window, but this stream has no incremental.window'],
    ],
    [
      'a window of a list that is read from its newest record',
      { ...field, by: 'newest_first', window: 'P30D', start: '2020-01-01' },
      {},
      ['incremental.by: must not be newest_first, because a window is read'],
    ],
    ['a cursor per parent', { ...field, per: 'parent' }, {}, ['incremental.per: needs a stream with a parent']],
    [
      'a first value of a parent',
      { ...field, start: '{{ parent.at }}' },
      {},
      ['incremental.start: reads parent, but this stream has no parent'],
    ],
    [
      'a parameter twice',
      { ...field, until: { param: 'since' } },
      {},
      ['incremental.until.param: since is already set by this stream'],
    ],
    [
      'a feed by a field',
      { ...field, feed: { ...feed, param: 'after' } },
      {},
      [
        'incremental.cursorField: must be left out, because feed has a cursor of its own',
        'incremental.param: must be left out, because feed has a cursor of its own',
      ],
    ],
    ['a feed without a path', { feed: { param: 'since' } }, {}, ['incremental.feed.path: is missing']],
    [
      'a feed with pages',
      { feed },
      { pagination: { type: 'link_header' } },
      ['pagination: must be left out, because the cursor of the feed also leads to the next page'],
    ],
    [
      'a feed of lines that deletes what is missing',
      { feed },
      { format: 'csv', deletes: 'missing' },
      [
        'format: must be json, because the cursor of the feed is in the response',
        'deletes: must not be missing, because a feed does not contain what has not changed',
      ],
    ],
    [
      'tombstones of records without a key',
      field,
      { deletes: { path: 'gone', equals: true }, primaryKey: undefined },
      ['deletes: needs a primaryKey, by which the deleted record is found'],
    ],
    ['tombstones without a value', field, { deletes: { path: 'gone' } }, ['deletes.equals: is missing']],
    ['another word', field, { deletes: 'always' }, ['deletes: must be one of missing, never, or an object']],
  ])('must not be %s', (_name, incremental, more, expected) => {
    expect(problems(incremental, more)).toEqual(expected)
  })
})
