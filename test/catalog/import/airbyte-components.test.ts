import { describe, expect, it } from 'vitest'
import { compileCondition, renderJson, renderTemplate, templateValue } from '../../../src/catalog/template/template.ts'
import { imported, importedStream, type Json, manifest, option, selector, stream } from './airbyte-manifest.ts'

describe('a manifest', () => {
  it('has references that are texts, and keys beside one to something else than an object are ignored', () => {
    const { report, streams } = imported({
      ...manifest([
        stream({
          authenticator: {
            type: 'SelectiveAuthenticator',
            authenticators: { token: '#/definitions/token', none: { $ref: '#/definitions/none', type: 'NoAuth' } },
          },
          path: { $ref: '#/definitions/linked/HttpRequester/path', more: 1 },
          request_parameters: { color: '#/ff0000', base: '#/definitions/linked/HttpRequester/path' },
        }),
      ]),
      definitions: {
        token: { type: 'BearerAuthenticator', api_token: "{{ config['api_token'] }}" },
        none: { type: 'NoAuth' },
        linked: { HttpRequester: { path: '/linked' } },
      },
    })
    expect(report.auth).toEqual({ result: 'imported', notes: [] })
    expect(streams[0]).toMatchObject({ path: '/linked', query: { color: '#/ff0000', base: '/linked' } })
  })

  it('does not read schemas, whose references are those of JSON Schema', () => {
    const schema = { properties: { self: { $ref: '#/properties/nowhere' } } }
    const { report } = imported(manifest([stream({}, {}, { schema_loader: { type: 'InlineSchemaLoader', schema } })]))
    expect(report.streams[0]?.result).toBe('imported')
  })

  it('hands parameters down to components without a value, or with an empty one', () => {
    const { streams } = imported(
      manifest([
        stream(
          { path: '', request_parameters: { kind: '{{ parameters.kind }}' } },
          {},
          { primary_key: [], $parameters: { path: '/below', primary_key: 'key', kind: 'x' } },
        ),
      ]),
    )
    expect(streams[0]).toMatchObject({ path: '/below', primaryKey: ['key'], query: { kind: 'x' } })
  })

  it('of an old version is read as a present one', () => {
    const { report, streams } = imported({
      ...manifest([
        {
          $options: { name: 'items' },
          retriever: {
            record_selector: { extractor: { field_pointer: ['data'] } },
            requester: {
              ...{ url_base: 'https://api.acme.example', path: '/items' },
              request_options_provider: { request_parameters: { kind: '{{ options.name }}' } },
              authenticator: { type: 'BearerAuthenticator', api_token: "{{ config['api_token'] }}" },
            },
            paginator: {
              ...{ type: 'LimitPaginator', limit_option: option('limit'), page_token_option: { inject_into: 'path' } },
              pagination_strategy: { type: 'CursorPagination', page_size: 10, cursor_value: '{{ response.next }}' },
            },
            stream_slicer: {
              type: 'CartesianProductStreamSlicer',
              stream_slicers: [
                { type: 'ListStreamSlicer', cursor_field: 'y', slice_values: ['a'], request_option: option('y') },
                {
                  ...{ type: 'DatetimeStreamSlicer', cursor_field: 'at', datetime_format: '%Y-%m-%d', step: '30d' },
                  ...{ start_datetime: '2020-01-01', end_datetime: '{{ now_utc() }}' },
                  ...{ start_time_option: option('since'), stream_slice_field_start: 'from' },
                },
              ],
            },
          },
        },
      ]),
      version: '0.20.0',
    })
    expect(report.streams).toEqual([{ name: 'items', result: 'imported', notes: [] }])
    expect(streams[0]).toMatchObject({
      each: [{ as: 'y', values: ['a'] }],
      query: { kind: 'items', y: '{{ item.y }}', limit: '10' },
      pagination: { type: 'next_url', path: 'next' },
      incremental: { cursorField: 'at', param: 'since', window: 'P30D' },
    })
  })

  it('has streams on a condition, which are always read', () => {
    const { report } = imported(
      manifest([
        { type: 'ConditionalStreams', condition: "{{ config['flag'] }}", streams: [stream()] },
        { type: 'ConditionalStreams', condition: '{{ false }}', streams: [stream({}, {}, { name: 'never' })] },
        { type: 'ConditionalStreams', condition: '{{ true }}', streams: [stream({ path: '/b' }, {}, { name: 'b' })] },
      ]),
    )
    expect(report.streams).toEqual([
      {
        ...{ name: 'items', result: 'partly' },
        notes: [`It is always read. The manifest has it only where "{{ config['flag'] }}".`],
      },
      { name: 'b', result: 'imported', notes: [] },
    ])
  })

  it('has a stream that depends on the state, which is read as at first', () => {
    const { report, streams } = imported(
      manifest([
        {
          ...{ type: 'StateDelegatingStream', name: 'both' },
          full_refresh_stream: stream({ path: '/all' }),
          incremental_stream: stream({ path: '/changes' }),
        },
      ]),
    )
    expect(streams[0]).toMatchObject({ name: 'both', path: '/all' })
    expect(report.streams[0]).toMatchObject({ result: 'partly', notes: [expect.stringMatching(/^Later syncs read/)] })
  })

  it('makes streams of a template and a list in it, and refuses those that are made of a response', () => {
    const template = stream({ path: '/{{ parameters.id }}' })
    const mapping = (path: string[], value: string, more: Json = {}) => ({
      ...{ type: 'ComponentMappingDefinition', field_path: path, value: `{{ components_values['${value}'] }}` },
      ...more,
    })
    const { report, streams } = imported({
      ...manifest([]),
      dynamic_streams: [
        {
          type: 'DynamicDeclarativeStream',
          stream_template: template,
          components_resolver: {
            type: 'ParametrizedComponentsResolver',
            stream_parameters: {
              type: 'StreamParametersDefinition',
              list_of_parameters_for_stream: [
                { name: 'one', params: { id: '1' }, key: ['a', 'b'] },
                { name: 'two', params: { id: '2' }, key: ['c'] },
              ],
            },
            components_mapping: [
              mapping(['name'], 'name'),
              mapping(['primary_key'], 'key'),
              mapping(['**', 'url_base'], 'name', { value: 'https://{{ components_values.name }}.acme.example' }),
              mapping(['absent', 'key'], 'name'),
              mapping(['$parameters'], 'params', { create_or_update: true }),
            ],
          },
        },
        {
          name: 'tables',
          stream_template: template,
          components_resolver: { type: 'HttpComponentsResolver', retriever: {}, components_mapping: [] },
        },
      ],
    })
    expect(streams).toMatchObject([
      { name: 'one', primaryKey: ['a', 'b'], path: '/1' },
      { name: 'two', primaryKey: ['c'], path: '/2', baseUrl: 'https://two.acme.example' },
    ])
    expect(report.streams.map(({ name, result }) => [name, result])).toEqual([
      ['one', 'imported'],
      ['two', 'imported'],
      ['tables', 'refused'],
    ])
  })
})

describe('an authenticator', () => {
  const secret = "{{ config['api_token'] }}"
  const login = (more: Json = {}, request: Json = {}) => ({
    ...{ type: 'SessionTokenAuthenticator', session_token_path: ['token'], expiration_duration: 'PT1H' },
    login_requester: {
      ...{ type: 'HttpRequester', url: 'https://api.acme.example/login', http_method: 'POST' },
      request_body_json: '{"key": "{{ config[\'api_token\'] }}", "days": 3}',
      ...request,
    },
    request_authentication: { type: 'Bearer' },
    ...more,
  })

  it.each<[string, Json, Json]>([
    [
      'a JWT with a passphrase at a place of its own, with an algorithm that an input may name',
      {
        ...{ type: 'JwtAuthenticator', secret_key: secret, passphrase: "{{ config['opt'] }}" },
        ...{ algorithm: "{{ config.get('algorithm', 'RS256') }}", request_option: option('X-JWT', 'header') },
        ...{ token_duration: 60, jwt_payload: { iss: 'me' }, additional_jwt_payload: { admin: true } },
      },
      {
        ...{
          type: 'jwt',
          algorithm: 'RS256',
          key: '{{ config.api_token }}',
          passphrase: "{{ config.opt | default('') }}",
        },
        ...{ lifetime: 'PT60S', claims: { iss: 'me', admin: true, nbf: '{{ now }}' } },
        placement: { in: 'header', name: 'X-JWT' },
      },
    ],
    [
      'a login with JSON in a text',
      login(),
      {
        type: 'session_token',
        login: {
          url: 'https://api.acme.example/login',
          method: 'POST',
          json: { key: '{{ config.api_token }}', days: 3 },
        },
        placement: { in: 'header', name: 'Authorization', prefix: 'Bearer ' },
      },
    ],
    [
      'a login with a form in a text, whose token has words before it',
      login(
        {
          request_authentication: {
            type: 'ApiKey',
            inject_into: option('X-S', 'header'),
            api_token: 'T {{ session_token }}',
          },
        },
        { request_body_json: undefined, request_body_data: "key={{ config['api_token'] }}&a=b" },
      ),
      {
        login: { form: { key: '{{ config.api_token }}', a: 'b' } },
        placement: { in: 'header', name: 'X-S', prefix: 'T ' },
      },
    ],
    [
      'an old session token, with one that exists already',
      {
        ...{
          type: 'LegacySessionTokenAuthenticator',
          header: 'X-S',
          login_url: 'session',
          api_url: 'https://a.example/api',
        },
        ...{ session_token: "{{ config['opt'] }}", session_token_response_key: 'id', username: 'me', password: secret },
        validate_session_url: 'user/current',
      },
      { type: 'session_token', token: "{{ config.opt | default('') }}", tokenPath: ['id'] },
    ],
    [
      'OAuth with several scopes, and errors that are permanent',
      {
        ...{ type: 'OAuthAuthenticator', token_refresh_endpoint: 'https://a.example/token', scopes: ['a', 'b'] },
        ...{ client_id: "{{ config['opt'] }}", client_secret: secret, refresh_token: "{{ config['day'] }}" },
        refresh_token_updater: { refresh_token_error_values: ['invalid_grant', 'revoked'] },
        profile_assertion: { type: 'JwtAuthenticator', secret_key: 'unused' },
      },
      {
        ...{ type: 'oauth2', grant: 'refresh_token', scopes: ['a', 'b'], scopeSeparator: null },
        ...{ permanentErrors: ['revoked'], tokenRequest: { names: { scope: 'scopes' } } },
      },
    ],
    [
      'OAuth with an assertion',
      {
        ...{
          type: 'OAuthAuthenticator',
          token_refresh_endpoint: 'https://a.example/token',
          use_profile_assertion: true,
        },
        profile_assertion: { type: 'JwtAuthenticator', secret_key: secret, algorithm: 'RS256' },
      },
      { type: 'oauth2', grant: 'jwt_bearer', assertion: { algorithm: 'RS256', key: '{{ config.api_token }}' } },
    ],
  ])('is %s', (_name, authenticator, wanted) => {
    const { auth, report } = imported(manifest([stream({ authenticator })]))
    expect(report.auth.result).toBe('imported')
    expect(auth).toMatchObject(wanted)
  })

  it.each<[string, Json, RegExp]>([
    ['a login whose response is XML', login({ decoder: { type: 'XmlDecoder' } }), /needs XmlDecoder/],
    [
      'a token in the middle of a text',
      login({
        request_authentication: { type: 'ApiKey', inject_into: option('a'), api_token: 'a{{ session_token }}b' },
      }),
      /The session token is sent as/,
    ],
    [
      'a JWT whose algorithm is not known',
      { type: 'JwtAuthenticator', secret_key: secret, algorithm: "{{ config['kind'] }}" },
      /depends on a connection/,
    ],
  ])('is refused: %s', (_name, authenticator, note) => {
    const { report } = imported(manifest([stream({ authenticator })]))
    expect(report.auth).toMatchObject({ result: 'refused', notes: [expect.stringMatching(note)] })
  })

  it('keeps a value secret whose name says that it is one', () => {
    const specification = {
      type: 'object',
      properties: { password: { type: 'string' }, token_url: { type: 'string' } },
    }
    const { auth } = imported({
      ...manifest([
        stream({
          authenticator: undefined,
          request_headers: { 'X-Login': "{{ config['password'] }}" },
          request_parameters: { from: "{{ config['token_url'] }}" },
        }),
      ]),
      spec: { type: 'Spec', connection_specification: specification },
    })
    expect(auth['fields']).toEqual([{ name: 'password', secret: true }])
  })

  it('has no usual value for what each of its options fixes', () => {
    const specification = {
      properties: {
        api_token: { type: 'string', airbyte_secret: true },
        way: {
          oneOf: ['a', 'b', 'c'].map((name) => ({ properties: { kind: { type: 'string', const: name } } })),
        },
      },
    }
    const { streams } = imported({
      ...manifest([stream({ request_parameters: { x: "{{ 1 if config['way']['kind'] == 'a' else 2 }}" } })]),
      spec: { type: 'Spec', connection_specification: specification },
    })
    expect(streams[0]?.['query']).toEqual({ x: "{{ 1 if input.kind == 'a' else 2 }}" })
  })
})

describe('a request', () => {
  it('has typed values in JSON, as Python reads them, and nothing where there is none', () => {
    const body = {
      ...{ number: '100', price: '1.50', code: '007', yes: 'True', no: 'false', list: "['a', 2]", text: 'a, b' },
      ...{ none: null, gone: '{{ none }}', quoted: "'5'", nested: { limit: "{{ config['limit'] }}" } },
    }
    const { read } = importedStream({ http_method: 'POST', request_body_json: body })
    expect(renderJson(read['json'], { input: { limit: '20' } }, templateValue)).toEqual({
      ...{ number: 100, price: 1.5, code: '007', yes: true, no: 'false', list: ['a', 2], text: 'a, b', quoted: '5' },
      nested: { limit: 20 },
    })
  })

  it.each<[string, Json, Json]>([
    ['a typed form', { type: 'RequestBodyUrlEncodedForm', value: { a: 'b' } }, { form: { a: 'b' } }],
    ['a plain text that is JSON', { type: 'RequestBodyPlainText', value: '{"a": 1}' }, { json: { a: 1 } }],
    ['a plain text that is a form', { type: 'RequestBodyPlainText', value: 'a=1&b=2' }, { form: { a: '1', b: '2' } }],
    ['an object', { type: 'RequestBodyJsonObject', value: { a: ['x'] } }, { json: { a: ['x'] } }],
    [
      'a long query of GraphQL',
      { type: 'RequestBodyGraphQL', value: { query: `query { ${'field '.repeat(1_000)} }` } },
      { json: { query: `query { ${'field '.repeat(1_000)} }` } },
    ],
  ])('has as its body %s', (_name, body, wanted) => {
    const { read, part } = importedStream({ http_method: 'POST', request_body: body })
    expect(part?.result).toBe('imported')
    expect(read).toMatchObject({ method: 'POST', ...wanted })
  })

  it.each<[string, Json, unknown]>([
    ['that stand in the manifest', { property_list: ['a', 'b'] }, 'a,b'],
    [
      'that fit into one request, with those that are always there',
      {
        ...{ property_list: ['a', 'b'], always_include_properties: ['id'] },
        property_chunking: { property_limit_type: 'property_count', property_limit: 2 },
      },
      'id,a,b',
    ],
  ])('names properties %s', (_name, properties, wanted) => {
    const { read } = importedStream({ request_parameters: { fields: { type: 'QueryProperties', ...properties } } })
    expect(read['query']).toEqual({ fields: wanted })
    const template = { joined: "{{ stream_partition.extra_fields['query_properties'] | join(',') }}" }
    const { read: other } = importedStream({
      ...{ query_properties: { type: 'QueryProperties', ...properties }, request_parameters: template },
    })
    expect(renderTemplate((other['query'] as { joined: string }).joined, {})).toBe(wanted)
  })

  it.each<[string, Json, RegExp]>([
    [
      'of an endpoint',
      { property_list: { type: 'PropertiesFromEndpoint' } },
      /read from the source first, or chosen by a connection/,
    ],
    [
      'that need several requests',
      { property_list: ['a', 'b'], property_chunking: { property_limit_type: 'characters', property_limit: 2 } },
      /requested in several parts/,
    ],
  ])('is refused with properties %s', (_name, properties, note) => {
    const { part } = importedStream({ request_parameters: { fields: { type: 'QueryProperties', ...properties } } })
    expect(part).toMatchObject({ result: 'refused', notes: [expect.stringMatching(note)] })
  })
})

describe('a paginator', () => {
  const paged = (strategy: Json, requester: Json = {}, more: Json = {}) =>
    importedStream(requester, {
      paginator: { type: 'DefaultPaginator', pagination_strategy: strategy, ...more },
    })
  const next = { type: 'CursorPagination', cursor_value: '{{ response.next }}' }
  const token = "{{ next_page_token['next_page_token'] }}"

  it.each<[string, Json, Json, Json]>([
    ['in the query', next, { request_parameters: { after: token } }, { type: 'cursor', path: 'next', param: 'after' }],
    [
      'in JSON',
      next,
      { http_method: 'POST', request_body_json: { query: 'query { a }', variables: { after: token } } },
      { type: 'cursor', path: 'next', param: 'variables.after', in: 'json' },
    ],
    [
      'in a header',
      next,
      { request_headers: { 'X-After': "{{ next_page_token.get('next_page_token', '') }}" } },
      { type: 'next', value: 'answer.next', place: { in: 'header', name: 'X-After' } },
    ],
    [
      'as the path',
      next,
      { path: "{{ next_page_token['next_page_token'] if next_page_token else 'first' }}" },
      { type: 'next_url', path: 'next' },
    ],
    [
      'as a number, which the first request has',
      { type: 'PageIncrement', start_from_page: 1, page_size: 10 },
      { request_parameters: { page: "{{ next_page_token['next_page_token'] if next_page_token else 1 }}" } },
      { type: 'page', param: 'page', size: 10 },
    ],
  ])('finds the page that the request writes %s', (_name, strategy, requester, wanted) => {
    const { read, part } = paged(strategy, requester)
    expect(part).toMatchObject({ result: 'imported', notes: [] })
    expect(read['pagination']).toEqual(wanted)
    expect(JSON.stringify(read)).not.toContain('next_page_token')
  })

  it.each<[string, Json, RegExp]>([
    ['a part of a value', { request_parameters: { q: `after:${token}` } }, /a part of the value/],
    ['in two places', { request_parameters: { a: token, b: token } }, /in several places/],
    ['a part of the path', { path: `/items/${token}` }, /a part of the URL/],
    [
      'another one in the first request',
      { request_parameters: { a: "{{ next_page_token['next_page_token'] if next_page_token else '*' }}" } },
      /another value in the place of the next page/,
    ],
  ])('is refused where the page is %s', (_name, requester, note) => {
    const { part } = paged(next, requester)
    expect(part?.result).toBe('refused')
    expect(part?.notes[0]).toMatch(note)
  })

  it.each<[string, Json, string, Json]>([
    ['by offset without a page size', { type: 'OffsetIncrement' }, 'request_parameter', { type: 'offset', size: 100 }],
    ['by offset in a form', { type: 'OffsetIncrement', page_size: 5 }, 'body_data', { in: 'form', limitParam: 'size' }],
    [
      'by number with a page size that an input may name',
      { type: 'PageIncrement', start_from_page: '1', page_size: "{{ config['size'] }}" },
      'request_parameter',
      { type: 'page', size: 5 },
    ],
    [
      'by a header',
      { type: 'CursorPagination', cursor_value: "{{ headers['X-Next'] }}" },
      'request_parameter',
      { type: 'next', value: "headers['x-next']" },
    ],
  ])('reads %s', (_name, strategy, place, wanted) => {
    const { read } = paged(strategy, place === 'body_data' ? { http_method: 'POST' } : {}, {
      ...{ page_token_option: option('p', place), page_size_option: option('size', place) },
    })
    expect(read['pagination']).toMatchObject(wanted)
  })

  it.each<[string, string, Json, string | undefined]>([
    ["{{ response['next'].split('c=')[1] }}", '', { next: 'https://a.example/?c=12' }, '12'],
    ["{{ response.get('next') | regex_search('c=([^&]+)') }}", '', { next: 'https://a.example/?c=1%202&d' }, '1%202'],
    ['{{ response.page + 1 }}', '{{ response.page >= response.pages }}', { page: 1, pages: 2 }, '2'],
    ['{{ response.page + 1 }}', '{{ response.page >= response.pages }}', { page: 2, pages: 2 }, undefined],
    ["{{ response['data'][-1]['id'] }}", '{{ response.data | length < 2 }}', { data: [{ id: 'x' }, { id: 'y' }] }, 'y'],
    ["{{ response['data'][-1]['id'] }}", '{{ response.data | length < 2 }}', { data: [{ id: 'x' }] }, undefined],
  ])('computes the next page by %s until %s', (value, stop, answer, wanted) => {
    const { read } = paged(
      { type: 'CursorPagination', cursor_value: value, ...(stop === '' ? {} : { stop_condition: stop }) },
      {},
      {
        page_token_option: option('p'),
      },
    )
    const pages = read['pagination'] as { value: string; stop?: string }
    const ends = pages.stop !== undefined && compileCondition(pages.stop).test({ answer })
    expect(ends ? undefined : String(compileCondition(pages.value).value({ answer }))).toBe(wanted)
  })
})

describe('a cursor', () => {
  const byTime = (cursor: Json, requester: Json = {}) =>
    importedStream(
      requester,
      {},
      {
        incremental_sync: {
          ...{ type: 'DatetimeBasedCursor', cursor_field: 'at', datetime_format: '%Y-%m-%dT%H:%M:%SZ' },
          start_datetime: {
            type: 'MinMaxDatetime',
            datetime: "{{ config['start_date'] }}",
            datetime_format: '%Y-%m-%d',
          },
          ...cursor,
        },
      },
    )
  const [from, to] = [{ start_time_option: option('from') }, { end_time_option: option('to') }]

  it.each<[string, Json, Json]>([
    [
      'filters from the start on',
      { is_client_side_incremental: true },
      { start: '{{ input.start_date }}', by: 'compare' },
    ],
    ['reads a feed up to the start', { is_data_feed: true }, { start: '{{ input.start_date }}', by: 'newest_first' }],
    [
      'ends at an input, in steps',
      { ...from, ...to, step: 'P30D', end_datetime: "{{ config.get('opt') or now_utc() }}" },
      { until: { param: 'to' }, window: 'P30D', end: expect.stringMatching(/^\{\{ input\.opt or date\(now/) },
    ],
    [
      'ends yesterday',
      { ...from, ...to, step: 'P1D', end_datetime: "{{ day_delta(-1, '%Y-%m-%d') }}" },
      { end: "{{ date(now, '%Y-%m-%d', '-P1D') }}" },
    ],
    [
      'has a step and a lookback that an input may name',
      { ...from, ...to, step: "P{{ config['size'] }}D", lookback_window: "P{{ config.get('back', 3) }}D" },
      { window: 'P5D', lookback: 'P3D' },
    ],
    [
      'begins at a date in another format',
      { ...from, start_datetime: { type: 'MinMaxDatetime', datetime: '31/12/2020', datetime_format: '%d/%m/%Y' } },
      { start: '2020-12-31T00:00:00.000Z' },
    ],
    ['is sent in a form', { start_time_option: option('from', 'body_data') }, { param: 'from', in: 'form' }],
    ['has no lookback of length zero', { ...from, lookback_window: 'P0D' }, { param: 'from' }],
  ])('%s', (_name, cursor, wanted) => {
    const place = JSON.stringify(cursor).includes('body_data') ? { http_method: 'POST' } : {}
    const { read, part } = byTime(cursor, place)
    expect(part?.result).toBe('imported')
    expect(read['incremental']).toMatchObject(wanted)
    expect(read['incremental']).not.toHaveProperty('lookback', 'P0D')
  })

  it.each([
    ['2019-01-01', '2020-01-01'],
    ['2022-01-01', '2022-01-01'],
    ['2030-01-01', '2025-01-01'],
  ])('has a start with bounds: of %s, %s', (given, wanted) => {
    const { read } = byTime({
      ...from,
      start_datetime: {
        ...{ type: 'MinMaxDatetime', datetime: "{{ config['start_date'] }}" },
        ...{ min_datetime: '2020-01-01', max_datetime: "{{ '2025-01-01' }}" },
      },
    })
    const { start } = read['incremental'] as { start: string }
    expect(renderTemplate(start, { input: { start_date: given } })).toBe(wanted)
  })

  it('puts times that are numbers into JSON as numbers', () => {
    const { read } = byTime(
      { datetime_format: '%s', start_datetime: '2020-01-01' },
      {
        http_method: 'POST',
        request_body_json: { from: '{{ stream_interval.start_time }}', ms: '{{ stream_slice.end_time | int * 1000 }}' },
      },
    )
    const window = { from: '1577836800', to: '1577836900' }
    expect(renderJson(read['json'], { window }, templateValue)).toEqual({ from: 1577836800, ms: 1577836900000 })
  })

  it('counts', () => {
    const { read, part } = importedStream(
      {},
      {},
      {
        incremental_sync: {
          ...{ type: 'IncrementingCountCursor', cursor_field: 'n', start_value: 0, start_value_option: option('min') },
        },
      },
    )
    expect(part?.result).toBe('imported')
    expect(read['incremental']).toEqual({ cursorField: 'n', param: 'min', start: '0' })
  })

  it.each<[string, Json, RegExp]>([
    [
      'an input in a format that is not ISO 8601',
      { ...from, start_datetime: { datetime: "{{ config['day'] }}", datetime_format: '%d/%m/%Y' } },
      /has the format %d\/%m\/%Y/,
    ],
  ])('is refused with %s', (_name, cursor, note) => {
    expect(byTime(cursor).part).toMatchObject({ result: 'refused', notes: [expect.stringMatching(note)] })
  })

  it('says that it has no lookback where only an input knows it', () => {
    const { part } = byTime({ ...from, lookback_window: "P{{ config['limit'] }}D" })
    expect(part).toMatchObject({ result: 'partly', notes: [expect.stringMatching(/^No lookback is subtracted/)] })
  })
})

describe('records', () => {
  it('are changed in the order of the manifest', () => {
    const { read, part } = importedStream(
      {},
      {},
      {
        transformations: [
          { type: 'RemoveFields', field_pointers: [['a'], ['b', '*', 'c'], ['d']] },
          {
            type: 'AddFields',
            fields: [
              { path: ['a'], value: 'x' },
              { path: ['e'], value: 'y' },
            ],
          },
          {
            type: 'AddFields',
            condition: "{{ record['n'] is defined }}",
            fields: [{ path: ['f', 'g'], value: "{{ record['n'] }}" }],
          },
          { type: 'RemoveFields', field_pointers: [['e'], ['x', '**']] },
        ],
      },
    )
    expect(part).toMatchObject({ result: 'partly', notes: ['The fields x.** stay, because they are a pattern.'] })
    expect(read['records']).toMatchObject({
      drop: ['b.*.c', 'd', 'e'],
      set: { a: 'x', 'f.g': '{{ (record.n) if record.n is defined else record.f.g }}' },
    })
  })

  it('are filtered by what is added to them', () => {
    const { read } = importedStream(
      {},
      {
        record_selector: selector(['data'], {
          record_filter: { condition: "{{ record.z == 'a' }}" },
          transform_before_filtering: true,
        }),
      },
      { transformations: [{ type: 'AddFields', fields: [{ path: ['z'], value: "{{ record['x'] }}" }] }] },
    )
    expect(read['records']).toMatchObject({ where: "record.x == 'a'" })
  })

  it('with files are read without them', () => {
    const { part } = importedStream({}, {}, { file_uploader: { type: 'FileUploader' } })
    expect(part).toMatchObject({ result: 'partly', notes: [expect.stringMatching(/^Files are not downloaded/)] })
  })

  it.each<[Json, string | undefined]>([
    [{ type: 'JsonDecoder' }, undefined],
    [{ type: 'JsonlDecoder' }, 'ndjson'],
    [{ type: 'CsvDecoder' }, 'csv'],
    [{ type: 'GzipDecoder', decoder: { type: 'JsonlDecoder' } }, 'ndjson'],
    [{ type: 'CompositeRawDecoder', parser: { type: 'GzipParser', inner_parser: { type: 'CsvParser' } } }, 'csv'],
  ])('are decoded by %j', (decoder, format) => {
    const { read, part } = importedStream({}, { decoder, record_selector: selector([]) })
    expect(part?.result).toBe('imported')
    expect(read['format']).toBe(format)
  })

  it.each(['XmlDecoder', 'IterableDecoder', 'ZipfileDecoder', 'CustomDecoder'])('are not decoded by %s', (type) => {
    const { part } = importedStream({}, { decoder: { type, decoder: { type: 'JsonDecoder' } } })
    expect(part).toMatchObject({ result: 'refused', notes: [expect.stringContaining(`need ${type}`)] })
  })
})

describe('an error handler', () => {
  const filters = (...response_filters: Json[]) => ({ type: 'DefaultErrorHandler', response_filters })

  it('has rules that count where one of their criteria is met, also inside of others', () => {
    const inner = filters({
      ...{ type: 'HttpResponseFilter', action: 'IGNORE', http_codes: [404, 410] },
      ...{ predicate: "{{ response.get('error') == 'none' }}", error_message_contains: 'is "gone"' },
    })
    const { read } = importedStream({
      error_handler: {
        type: 'CompositeErrorHandler',
        error_handlers: [
          { type: 'CompositeErrorHandler', error_handlers: [inner] },
          filters({ http_codes: [500], failure_type: 'config_error' }),
        ],
      },
    })
    expect(read['responses']).toEqual([
      { status: 404, as: 'empty' },
      { status: 410, as: 'empty' },
      { where: `'is \\\\"gone\\\\"' in (answer | tojson)`, as: 'empty' },
      { where: "answer.error == 'none'", as: 'empty' },
      { status: 500, as: 'fail' },
    ])
    const [, , { where = '' } = {}] = read['responses'] as { where?: string }[]
    expect(compileCondition(where).test({ answer: { message: 'It is "gone".' } })).toBe(true)
  })

  it('says what it does not do', () => {
    const { read, notes } = importedStream({
      error_handler: filters(
        { action: 'SUCCESS', http_codes: [404] },
        { action: 'RESET_PAGINATION', http_codes: [410] },
        { action: 'FAIL', http_codes: [401, 403] },
      ),
    })
    expect(read['responses']).toEqual([{ status: 404, as: 'empty' }])
    expect(notes).toEqual([
      'A response with status 404 has no records. The manifest reads it.',
      'A rule for errors is left out, because its action is RESET_PAGINATION.',
    ])
  })
})

describe('a router', () => {
  const listed = (values: unknown) =>
    importedStream(
      { request_parameters: { y: "{{ stream_partition['y'] }}" } },
      { partition_router: { type: 'ListPartitionRouter', cursor_field: 'y', values } },
    )

  it.each<[unknown, Json, unknown]>([
    [[1, 'b'], {}, ['1', 'b']],
    ["['x', 'y']", {}, ['x', 'y']],
    ["{{ config['tags'] }}", { tags: 'a,b' }, ['a', 'b']],
    ["{{ config.get('tags', ['a', 'b']) }}", {}, ['a', 'b']],
    ["{{ config['kind'].split(';') }}", { kind: 'e;u' }, ['e', 'u']],
    ["{{ ['a'] if config['flag'] else ['b', 'c'] }}", { flag: 'false' }, ['b', 'c']],
  ])('reads once for each of %j', (values, input, wanted) => {
    const { read, part } = listed(values)
    expect(part?.result).toBe('imported')
    const [{ values: list } = { values: [] as unknown }] = read['each'] as { values: unknown }[]
    expect(typeof list === 'string' ? templateValue(list, { input }) : list).toEqual(wanted)
  })

  it('reads further fields of its parent by their path', () => {
    const parent = stream({}, {}, { name: 'parents' })
    const { streams } = imported(
      manifest([
        parent,
        stream(
          { path: '/{{ stream_partition.id }}', request_parameters: { a: "{{ stream_slice.extra_fields['a.b'] }}" } },
          {
            partition_router: {
              type: 'SubstreamPartitionRouter',
              parent_stream_configs: [
                { stream: parent, parent_key: 'id', partition_field: 'id', extra_fields: [['a', 'b']] },
              ],
            },
          },
        ),
      ]),
    )
    expect(streams[1]).toMatchObject({
      query: { a: { value: "{{ parent.a.b | default('') }}", whenEmpty: 'omit' } },
      path: '/{{ parent.id }}',
    })
  })

  it.each<[string, Json, RegExp]>([
    ['objects in a list', { type: 'ListPartitionRouter', cursor_field: 'y', values: [{ a: 1 }] }, /are objects/],
    ['groups', { type: 'GroupingPartitionRouter', group_size: 5 }, /several parents or values at once/],
  ])('is refused with %s', (_name, partition_router, note) => {
    const { part } = importedStream({}, { partition_router })
    expect(part).toMatchObject({ result: 'refused', notes: [expect.stringMatching(note)] })
  })
})
