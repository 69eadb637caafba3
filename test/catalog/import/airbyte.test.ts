import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { importAirbyte } from '../../../src/catalog/import/airbyte/import-manifest.ts'
import { renderTemplate } from '../../../src/catalog/template/template.ts'

type Json = Record<string, unknown>

const selector = (...path: string[]) => ({
  type: 'RecordSelector',
  extractor: { type: 'DpathExtractor', field_path: path },
})
const apiToken = { type: 'BearerAuthenticator', api_token: "{{ config['api_token'] }}" }

function stream(name: string, requester: Json = {}, retriever: Json = {}, more: Json = {}): Json {
  return {
    type: 'DeclarativeStream',
    name,
    primary_key: ['id'],
    retriever: {
      type: 'SimpleRetriever',
      requester: {
        type: 'HttpRequester',
        url_base: 'https://api.acme.example/v1',
        path: `/${name}`,
        http_method: 'GET',
        authenticator: apiToken,
        ...requester,
      },
      record_selector: selector('data'),
      ...retriever,
    },
    ...more,
  }
}

function manifest(streams: readonly Json[], properties: Json = {}, required: readonly string[] = []): Json {
  return {
    version: '6.0.0',
    type: 'DeclarativeSource',
    check: { type: 'CheckStream', stream_names: [streams[0]?.['name']] },
    streams,
    spec: {
      type: 'Spec',
      connection_specification: {
        type: 'object',
        required: ['api_token', ...required],
        properties: { api_token: { type: 'string', title: 'API token', airbyte_secret: true }, ...properties },
      },
    },
  }
}

/** The report about a manifest, and its definition. */
function imported(given: Json, name = 'Acme') {
  const report = importAirbyte(stringify(given), { name })
  const streams = (report.definition?.['streams'] ?? []) as Json[]
  return { report, definition: report.definition ?? {}, streams, auth: (report.definition?.['auth'] ?? {}) as Json }
}

/** What one stream becomes. */
function importedStream(...parts: Parameters<typeof stream>) {
  const { report, streams } = imported(manifest([stream(...parts)]))
  return { stream: streams[0] ?? {}, part: report.streams[0] }
}

const paginated = (strategy: Json, token: Json | string = 'cursor', more: Json = {}) =>
  importedStream(
    'items',
    {},
    {
      paginator: {
        type: 'DefaultPaginator',
        page_token_option:
          typeof token === 'string'
            ? { type: 'RequestOption', inject_into: 'request_parameter', field_name: token }
            : token,
        pagination_strategy: strategy,
        ...more,
      },
    },
  )

const byTime = (cursor: Json, requester: Json = {}) =>
  importedStream(
    'items',
    requester,
    {},
    {
      incremental_sync: {
        type: 'DatetimeBasedCursor',
        cursor_field: 'updated_at',
        datetime_format: '%Y-%m-%dT%H:%M:%SZ',
        start_datetime: { type: 'MinMaxDatetime', datetime: '2020-01-01T00:00:00Z' },
        ...cursor,
      },
    },
  )

const option = (name: string, place = 'request_parameter') => ({
  type: 'RequestOption',
  inject_into: place,
  field_name: name,
})

describe('importAirbyte', () => {
  it('makes a definition that is readable', () => {
    const { report, definition } = imported(manifest([stream('users'), stream('teams')]))
    expect(report.auth).toEqual({ result: 'imported', notes: [] })
    expect(report.streams).toEqual([
      { name: 'users', result: 'imported', notes: [] },
      { name: 'teams', result: 'imported', notes: [] },
    ])
    expect(definition).toEqual({
      displayName: 'Acme',
      baseUrl: 'https://api.acme.example/v1',
      auth: {
        type: 'bearer',
        token: '{{ config.api_token }}',
        fields: [{ name: 'api_token', label: 'API token', secret: true, required: true }],
      },
      testRequest: { path: '/users' },
      streams: ['users', 'teams'].map((name) => ({
        name,
        path: `/${name}`,
        primaryKey: ['id'],
        records: { path: 'data', one: 'maybe' },
        omitsEmptyList: true,
      })),
    })
  })

  it('resolves references, with the keys beside them, and hands parameters down', () => {
    const given = {
      ...manifest([]),
      definitions: {
        base: { type: 'HttpRequester', url_base: 'https://api.acme.example', authenticator: apiToken },
        retriever: {
          type: 'SimpleRetriever',
          requester: { $ref: '#/definitions/base', path: '/{{ parameters.path }}' },
          record_selector: selector('{{ parameters.key }}'),
        },
      },
      streams: [
        {
          type: 'DeclarativeStream',
          retriever: { $ref: '#/definitions/retriever' },
          $parameters: { name: 'users', path: 'u', key: 'all' },
        },
      ],
    }
    const { streams, report } = imported(given)
    expect(report.streams).toEqual([{ name: 'users', result: 'imported', notes: [] }])
    expect(streams[0]).toMatchObject({ name: 'users', path: '/u', records: { path: 'all' } })
  })

  it.each([
    ['is not YAML', 'a: [', /is not YAML/],
    ['is not a manifest', 'a: 1', /has no streams/],
    ['is a list', '[]', /is not an object/],
    ['has a reference that leads nowhere', 'streams: [{ $ref: "#/definitions/x" }]', /leads nowhere/],
    [
      'has a reference that contains itself',
      'definitions: { a: { b: { $ref: "#/definitions/a" } } }\nstreams: [{ $ref: "#/definitions/a" }]',
      /contains itself/,
    ],
    [
      'multiplies itself by aliases',
      `a: &a [1,1,1,1,1,1,1,1,1,1]\n${[...'bcdefgh'].map((name, at) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[at]}`)}]`).join('\n')}\nstreams: *h`,
      /cannot be read/,
    ],
    [
      'multiplies itself by references',
      `definitions: { a0: [1,1,1,1,1,1,1,1], ${[1, 2, 3, 4, 5, 6, 7, 8].map((at) => `a${at}: [${Array(8).fill(`{ $ref: "#/definitions/a${at - 1}" }`)}]`).join(', ')} }\nstreams: [{ $ref: "#/definitions/a8" }]`,
      /too many components/,
    ],
  ])('refuses a text that %s, and says so', (_name, source, message) => {
    const report = importAirbyte(source)
    expect(report).toMatchObject({ definition: null, auth: { result: 'refused' }, streams: [] })
    expect(report.auth.notes.join()).toMatch(message)
  })

  it('imports a stream whose name a refused one has, too', () => {
    const broken = stream('items', {}, {}, { incremental_sync: { type: 'DatetimeBasedCursor' } })
    for (const streams of [
      [broken, stream('items')],
      [stream('items'), broken],
    ]) {
      const { report, definition } = imported(manifest(streams))
      expect(report.streams.map(({ result }) => result).sort()).toEqual(['imported', 'refused'])
      expect(definition?.['streams']).toMatchObject([{ name: 'items' }])
    }
  })

  it('refuses a stream that is code of the connector, and imports the others', () => {
    const custom = { type: 'CustomRetriever', class_name: 'source_acme.components.Reader' }
    const { report, streams } = imported(manifest([stream('users'), { ...stream('odd'), retriever: custom }]))
    expect(report.streams[1]).toEqual({
      ...{ name: 'odd', result: 'refused' },
      notes: ['It is read by code of the connector (source_acme.components.Reader).'],
    })
    expect(streams.map(({ name }) => name)).toEqual(['users'])
  })
})

describe('the auth of an imported manifest', () => {
  const authOf = (authenticator: Json, properties: Json = {}, required: string[] = []) =>
    imported(manifest([stream('users', { authenticator })], properties, required))

  it.each([
    [
      'a basic authenticator',
      { type: 'BasicHttpAuthenticator', username: "{{ config['user'] }}", password: "{{ config['api_token'] }}" },
      { type: 'basic', username: '{{ input.user }}', password: '{{ config.api_token }}' },
    ],
    [
      'an API key in a header',
      { type: 'ApiKeyAuthenticator', header: 'X-Key', api_token: "Token {{ config['api_token'] }}" },
      { type: 'api_key', value: 'Token {{ config.api_token }}', placement: { in: 'header', name: 'X-Key' } },
    ],
    [
      'an API key in the query',
      { type: 'ApiKeyAuthenticator', api_token: "{{ config['api_token'] }}", inject_into: option('key') },
      { type: 'api_key', value: '{{ config.api_token }}', placement: { in: 'query', name: 'key' } },
    ],
    [
      'a login',
      {
        type: 'SessionTokenAuthenticator',
        login_requester: {
          type: 'HttpRequester',
          url_base: 'https://login.acme.example',
          path: 'session',
          http_method: 'POST',
          request_body_json: { user: "{{ config['user'] }}", password: "{{ config['api_token'] }}" },
        },
        session_token_path: ['session', 'id'],
        expiration_duration: 'PT8H',
        request_authentication: { type: 'ApiKey', inject_into: option('X-Session', 'header') },
      },
      {
        type: 'session_token',
        login: {
          url: 'https://login.acme.example/session',
          method: 'POST',
          json: { user: '{{ input.user }}', password: '{{ config.api_token }}' },
        },
        tokenPath: 'session.id',
        lifetime: 'PT8H',
        placement: { in: 'header', name: 'X-Session' },
      },
    ],
  ])('is that of %s', (_name, authenticator, wanted) => {
    const { auth, report } = authOf(authenticator, { user: { type: 'string' } }, ['user'])
    expect(report.auth).toEqual({ result: 'imported', notes: [] })
    expect(auth).toMatchObject(wanted)
    expect(auth['fields']).toContainEqual({ name: 'api_token', label: 'API token', secret: true, required: true })
  })

  it('takes a value of a basic authenticator for a secret, although the specification does not say so', () => {
    const authenticator = { type: 'BasicHttpAuthenticator', username: "{{ config['key'] }}", password: '' }
    expect(authOf(authenticator, { key: { type: 'string' } }).auth['fields']).toEqual([{ name: 'key', secret: true }])
  })

  it('is OAuth with the usual names of the client, which an OAuth client of the integration can replace', () => {
    const at = (key: string) => `{{ config["credentials"]["${key}"] }}`
    const authenticator = {
      type: 'OAuthAuthenticator',
      token_refresh_endpoint: 'https://acme.example/token',
      client_id: at('id'),
      client_secret: at('secret'),
      refresh_token: at('token'),
      expires_in_name: 'lifetime',
      refresh_request_body: { audience: 'api' },
      refresh_token_updater: {},
    }
    const properties = Object.fromEntries(
      ['id', 'secret', 'token'].map((key) => [key, { type: 'string', airbyte_secret: true }]),
    )
    const { auth } = authOf(authenticator, {
      credentials: { type: 'object', properties, required: Object.keys(properties) },
    })
    expect(auth).toMatchObject({
      type: 'oauth2',
      grant: 'refresh_token',
      tokenUrl: 'https://acme.example/token',
      rotation: 'rotating',
      tokenRequest: { params: { audience: 'api' } },
      tokenResponse: { expiry: { path: 'lifetime' } },
    })
    expect(auth).not.toHaveProperty('clientId')
    expect((auth['fields'] as Json[]).map(({ name }) => name).sort()).toEqual([
      'client_id',
      'client_secret',
      'refresh_token',
    ])
  })

  it('is a choice, each with the fields that it reads', () => {
    const authenticator = {
      type: 'SelectiveAuthenticator',
      authenticator_selection_path: ['credentials', 'kind'],
      authenticators: {
        key: { type: 'ApiKeyAuthenticator', header: 'X-Key', api_token: "{{ config['credentials']['key'] }}" },
        login: {
          type: 'BasicHttpAuthenticator',
          username: "{{ config['credentials']['user'] }}",
          password: "{{ config['credentials']['pass'] }}",
        },
      },
    }
    const secret = { type: 'string', airbyte_secret: true }
    const credentials = {
      type: 'object',
      oneOf: [
        { properties: { kind: { const: 'key' }, key: secret }, required: ['key'] },
        {
          properties: { kind: { const: 'login' }, user: { type: 'string' }, pass: secret },
          required: ['user', 'pass'],
        },
      ],
    }
    const { auth } = authOf(authenticator, { credentials })
    const options = auth['options'] as { key: string; auth: { fields: Json[] } }[]
    expect(options.map((each) => [each.key, each.auth.fields.map(({ name }) => name)])).toEqual([
      ['key', ['key']],
      ['login', ['user', 'pass']],
    ])
  })

  it('is the secret that streams send in a header or in the query, if the manifest has no authenticator', () => {
    const requester = (name: string) => ({
      authenticator: undefined,
      request_parameters: { [name]: "{{ config['api_token'] }}", page: '1' },
    })
    const { auth, streams } = imported(manifest([stream('users', requester('key')), stream('teams', requester('key'))]))
    expect(auth).toMatchObject({
      type: 'api_key',
      value: '{{ config.api_token }}',
      placement: { in: 'query', name: 'key' },
    })
    expect(streams.map(({ query }) => query)).toEqual([{ page: '1' }, { page: '1' }])
    const undeclared = imported(
      manifest(
        [stream('users', { authenticator: undefined, request_headers: { 'X-API-Key': "{{ config['id'] }}" } })],
        { id: { type: 'string' } },
      ),
    )
    expect(undeclared.auth['fields']).toEqual([{ name: 'id', secret: true }])
    expect(undeclared.definition).not.toHaveProperty('inputFields')
  })

  it('is none in a manifest without secrets', () => {
    expect(imported(manifest([stream('users', { authenticator: { type: 'NoAuth' } })])).auth).toEqual({ type: 'none' })
  })

  it('is refused with the whole definition where it is code of the connector', () => {
    const { report } = authOf({ type: 'CustomAuthenticator', class_name: 'components.Signer', seed: '1' })
    expect(report.definition).toBeNull()
    expect(report.auth).toEqual({
      result: 'refused',
      notes: ['The manifest authenticates by code of the connector (components.Signer).'],
    })
    expect(report.streams).toEqual([{ name: 'users', result: 'imported', notes: [] }])
  })

  it('is partly imported where code of the connector has the values of a usual one', () => {
    const authenticator = {
      type: 'CustomAuthenticator',
      class_name: 'components.Own',
      username: "{{ config['user'] }}",
      password: "{{ config['api_token'] }}",
    }
    const { report, auth } = authOf(authenticator, { user: { type: 'string' } })
    expect(auth).toMatchObject({ type: 'basic' })
    expect(report.auth.result).toBe('partly')
    expect(report.auth.notes.join()).toMatch(/compare it with the documentation/)
  })
})

describe('a stream of a manifest that is authenticated in another way', () => {
  const secret = { type: 'string', airbyte_secret: true }
  const jwt = { type: 'JwtAuthenticator', algorithm: 'HS256', secret_key: "{{ config['key'] }}" }
  const session = {
    type: 'SessionTokenAuthenticator',
    login_requester: {
      type: 'HttpRequester',
      url_base: 'https://api.acme.example',
      path: '/login',
      http_method: 'POST',
      request_body_json: { password: "{{ config['key'] }}" },
    },
    session_token_path: ['token'],
    expiration_duration: 'PT1H',
    request_authentication: { type: 'Bearer' },
  }
  const oauth = {
    type: 'OAuthAuthenticator',
    token_refresh_endpoint: 'https://api.acme.example/token',
    grant_type: 'client_credentials',
    client_id: 'reports',
    client_secret: "{{ config['key'] }}",
  }

  it.each([
    [jwt, { type: 'jwt', algorithm: 'HS256', key: expect.stringMatching(/config\b.*key/) }],
    [session, { type: 'session_token', lifetime: 'PT1H', tokenPath: 'token' }],
    [oauth, { type: 'oauth2', grant: 'client_credentials', clientId: 'reports' }],
  ])('has an auth of its own: $type', (authenticator, own) => {
    const given = [stream('users'), stream('teams'), stream('reports', { authenticator })]
    const { report, definition, streams } = imported(manifest(given, { key: secret }))
    expect(definition['auths']).toEqual({ [own.type]: expect.objectContaining(own) })
    expect(streams.map(({ auth }) => auth)).toEqual([undefined, undefined, own.type])
    expect(report.streams.map(({ result }) => result)).toEqual(['imported', 'imported', 'imported'])
    // The secret belongs to the credential, whatever reads it.
    const field = own.type === 'oauth2' ? 'client_secret' : 'key'
    expect(JSON.stringify(definition['auth'])).toContain(`"name":"${field}"`)
  })

  it('is refused when it needs a refresh token of its own', () => {
    const authenticator = { ...oauth, grant_type: 'refresh_token', refresh_token: "{{ config['key'] }}" }
    const { report, streams } = imported(
      manifest([stream('users'), stream('teams'), stream('reports', { authenticator })], { key: secret }),
    )
    expect(streams.map(({ name }) => name)).toEqual(['users', 'teams'])
    expect(report.streams.at(-1)).toMatchObject({ result: 'refused' })
  })
})

describe('the fields of an imported manifest', () => {
  it('are inputs, with labels, hints and the value that counts where none is given', () => {
    const properties = {
      region: { type: 'string', title: 'Region', enum: ['eu', 'us'], default: 'eu' },
      tags: { type: 'array', description: 'Tags.' },
      unused: { type: 'string' },
    }
    const requester = {
      url_base: "https://{{ config['region'] }}.acme.example",
      request_parameters: { tag: "{{ ','.join(config.get('tags', [])) }}" },
    }
    const { definition, streams } = imported(manifest([stream('users', requester)], properties))
    expect(definition['inputFields']).toEqual([
      { name: 'region', label: 'Region', description: 'One of eu, us.' },
      { name: 'tags', description: 'Tags. Several values are separated by commas.' },
    ])
    expect(definition['baseUrl']).toBe("https://{{ input.region | default('eu') }}.acme.example")
    expect(streams[0]?.['query']).toEqual({ tag: { value: "{{ input.tags | default('') }}", whenEmpty: 'omit' } })
  })
})

describe('the pages of an imported stream', () => {
  it.each([
    [
      'by number',
      { type: 'PageIncrement', page_size: 50, start_from_page: 1 },
      { type: 'page', param: 'cursor', sizeParam: 'limit', size: 50 },
    ],
    [
      'by number from 0',
      { type: 'PageIncrement', page_size: 50, inject_on_first_request: true },
      { type: 'page', param: 'cursor', start: 0, sizeParam: 'limit', size: 50 },
    ],
    [
      'by offset',
      { type: 'OffsetIncrement', page_size: 50, inject_on_first_request: true },
      { type: 'offset', param: 'cursor', limitParam: 'limit', size: 50 },
    ],
    [
      'by a cursor',
      { type: 'CursorPagination', cursor_value: "{{ response.get('meta', {}).get('next') }}" },
      { type: 'cursor', path: 'meta.next', param: 'cursor' },
    ],
    [
      'by a cursor whose absence is the end',
      { type: 'CursorPagination', cursor_value: '{{ response.next }}', stop_condition: '{{ response.next is none }}' },
      { type: 'cursor', path: 'next', param: 'cursor' },
    ],
    [
      'by the last record',
      {
        type: 'CursorPagination',
        cursor_value: "{{ last_record['id'] }}",
        stop_condition: "{{ not response.get('has_more', False) }}",
      },
      { type: 'cursor', from: 'last_record', path: 'id', param: 'cursor', hasMore: 'has_more' },
    ],
  ])('are read %s', (_name, strategy, wanted) => {
    const { stream: read, part } = paginated(strategy, 'cursor', { page_size_option: option('limit') })
    expect(part?.result).toBe('imported')
    expect(read['pagination']).toEqual(wanted)
  })

  it.each([
    ['a link header', "{{ headers.get('link', {}).get('next', {}).get('url') }}", { type: 'link_header' }],
    ['a URL', "{{ response['paging']['next'] }}", { type: 'next_url', path: 'paging.next' }],
  ])('are read by %s', (_name, value, wanted) => {
    const strategy = { type: 'CursorPagination', cursor_value: value, page_size: 20 }
    expect(paginated(strategy, { type: 'RequestPath' }).stream['pagination']).toEqual(wanted)
  })

  it('are refused where the connector computes them', () => {
    const { part } = paginated({ type: 'CustomPaginationStrategy', class_name: 'components.Pages' })
    expect(part).toEqual({
      name: 'items',
      result: 'refused',
      notes: ['Its pagination is code of the connector (components.Pages).'],
    })
  })
})

it.each([
  ['page=(\\d+)', '/items?page=2&per_page=50', '2'],
  ['.*page=(\\d+)', '/items?per_page=50&page=2', '2'],
  ['page=(\\d+)', '/items?other=2', ''],
])('the pattern %s of an imported stream finds in %s what the connector finds', (pattern, next, found) => {
  const value = `{{ response.next | regex_search("${pattern}") }}`
  const { stream: read } = paginated({ type: 'CursorPagination', cursor_value: value })
  const { value: expression } = read['pagination'] as { value: string }
  expect(renderTemplate(`{{ ${expression} }}`, { answer: { next } })).toBe(found)
})

describe('an imported stream that is read incrementally', () => {
  it('sends the beginning and the end, in steps', () => {
    const { stream: read } = byTime({
      ...{
        start_time_option: option('since'),
        end_time_option: option('until'),
        step: 'P30D',
        cursor_granularity: 'PT1S',
      },
      ...{ lookback_window: 'P1D', cursor_datetime_formats: ['%ms'] },
    })
    expect(read['incremental']).toEqual({
      ...{
        cursorField: 'updated_at',
        fieldFormat: 'epoch_ms',
        format: '%Y-%m-%dT%H:%M:%SZ',
        start: '2020-01-01T00:00:00Z',
      },
      ...{ lookback: 'P1D', param: 'since', until: { param: 'until' }, window: 'P30D' },
    })
  })

  it('reads the window in its templates', () => {
    const { stream: read } = byTime(
      {},
      { path: '/items/{{ stream_interval.start_time }}', request_parameters: { to: "{{ stream_slice['end_time'] }}" } },
    )
    expect(read).toMatchObject({
      path: '/{{ window.from }}',
      query: { to: '{{ window.to }}' },
      incremental: { window: 'P1000Y' },
    })
  })

  it('reads everything where nothing is sent, and says so', () => {
    const { stream: read, part } = byTime({})
    expect(read).not.toHaveProperty('incremental')
    expect(part).toMatchObject({ result: 'imported', notes: [expect.stringMatching(/Each sync reads everything/)] })
  })

  it('reads a list by time up to the start', () => {
    const { stream: read, part } = byTime({ is_data_feed: true })
    expect(read['incremental']).toMatchObject({ by: 'newest_first', start: '2020-01-01T00:00:00Z' })
    expect(part).toMatchObject({ result: 'imported', notes: [] })
  })
})

describe('the sub-streams of an imported manifest', () => {
  const below = (parent: Json, field: string, more: Json = {}) => ({
    partition_router: {
      type: 'SubstreamPartitionRouter',
      parent_stream_configs: [
        { type: 'ParentStreamConfig', parent_key: 'id', partition_field: field, stream: parent, ...more },
      ],
    },
  })
  const teams = stream('teams')
  const members = stream('members', { path: '/teams/{{ stream_partition.team }}/members' }, below(teams, 'team'))

  it('read their parent, which stands before them', () => {
    const { streams } = imported(manifest([members, teams]))
    expect(streams.map(({ name }) => name)).toEqual(['teams', 'members'])
    expect(streams[1]).toMatchObject({ parent: { stream: 'teams' }, path: '/teams/{{ parent.id }}/members' })
  })

  it('read the parent of their parent', () => {
    const path = '/teams/{{ stream_slice.parent_slice.team }}/members/{{ stream_slice.member }}/tasks'
    const { streams, report } = imported(
      manifest([teams, members, stream('tasks', { path }, below(members, 'member'))]),
    )
    expect(report.streams[2]).toEqual({ name: 'tasks', result: 'imported', notes: [] })
    expect(streams[2]?.['path']).toBe('/teams/{{ parent.parent.id }}/members/{{ parent.id }}/tasks')
  })

  it('bring a parent with them that the manifest does not list', () => {
    const { streams, report } = imported(manifest([members]))
    expect(streams.map(({ name }) => name)).toEqual(['teams', 'members'])
    expect(report.streams.map(({ name }) => name)).toEqual(['members'])
  })

  it('send the value of their parent as a parameter', () => {
    const given = stream('members', {}, below(teams, 'team', { request_option: option('team_id') }))
    expect(imported(manifest([teams, given])).streams[1]?.['query']).toEqual({ team_id: '{{ parent.id }}' })
  })

  const config = (name: string, field: string, key = 'id') => ({
    type: 'ParentStreamConfig',
    stream: stream(name),
    parent_key: key,
    partition_field: field,
  })
  const router = (...configs: Json[]) => ({ type: 'SubstreamPartitionRouter', parent_stream_configs: configs })
  const crossing = (path: string, ...routers: Json[]) =>
    stream('items', { path }, { partition_router: routers.length === 1 ? routers[0] : routers })

  it('of several routers have a parent of each, which are crossed', () => {
    const path = '/{{ stream_partition.account_id }}/{{ stream_slice.inbox }}'
    const items = crossing(path, router(config('accounts', 'account_id')), router(config('in boxes', 'inbox', 'a/b')))
    const { report, streams } = imported(manifest([stream('accounts'), items]))
    expect(report.streams.map(({ result }) => result)).toEqual(['imported', 'imported'])
    expect(streams.map(({ name }) => name)).toEqual(['accounts', 'in_boxes', 'items'])
    expect(streams[2]).toMatchObject({
      parent: [
        { stream: 'accounts', as: 'accounts' },
        { stream: 'in_boxes', as: 'in_boxes' },
      ],
      path: '/{{ parent.accounts.id }}/{{ parent.in_boxes.a.b }}',
    })
  })

  it('of a stream with several parents read each by its name', () => {
    const both = [router(config('accounts', 'account_id')), router(config('boxes', 'inbox'))]
    const items = crossing('/{{ stream_partition.account_id }}/{{ stream_slice.inbox }}', ...both)
    const parts = stream(
      'parts',
      { path: '/{{ stream_partition.parent_slice.account_id }}/{{ stream_partition.item }}' },
      { partition_router: router({ ...config('items', 'item'), stream: items }) },
    )
    const { streams } = imported(manifest([parts]))
    expect(streams.at(-1)).toMatchObject({
      parent: { stream: 'items' },
      path: '/{{ parent.parent.accounts.id }}/{{ parent.id }}',
    })
  })

  it('of one router with several parents are read for one after another', () => {
    const union = router(config('users', 'owner'), config('teams', 'owner'))
    const { report, streams } = imported(manifest([crossing('/{{ stream_partition.owner }}', union)]))
    expect(report.streams).toMatchObject([{ result: 'imported' }])
    expect(streams.at(-1)).toMatchObject({
      parent: [
        { stream: 'users', as: 'owner' },
        { stream: 'teams', as: 'owner' },
      ],
      path: '/{{ parent.owner.id }}',
    })
  })

  it.each([
    [
      'different names in one router',
      [router(config('users', 'user'), config('teams', 'team'))],
      /different names or keys/,
    ],
    ['one stream twice', [router(config('users', 'user')), router(config('users', 'team'))], /one stream as two/],
  ])('are refused with %s', (_name, routers, problem) => {
    const { report } = imported(
      manifest([stream('users'), crossing('/{{ stream_partition.user }}/{{ stream_partition.team }}', ...routers)]),
    )
    expect(report.streams[1]).toMatchObject({ result: 'refused', notes: [expect.stringMatching(problem)] })
  })

  it('are refused with the reason of their parent', () => {
    const odd = { ...teams, retriever: { type: 'AsyncRetriever' } }
    const { report } = imported(
      manifest([stream('users'), stream('members', { path: '/{{ stream_partition.team }}' }, below(odd, 'team'))]),
    )
    expect(report.streams[1]).toMatchObject({
      result: 'refused',
      notes: [expect.stringMatching(/^Its parent teams cannot be imported\. It is a report/)],
    })
  })
})

describe('the records of an imported stream', () => {
  it('are filtered, and fields are added and dropped', () => {
    const { stream: read, part } = importedStream(
      'items',
      {},
      {
        record_selector: {
          ...selector('data', '*', 'rows'),
          record_filter: { condition: "{{ record['state'] == 'open' and not record.get('a', {}).get('hidden') }}" },
        },
      },
      {
        transformations: [
          {
            type: 'AddFields',
            fields: [
              { path: ['city'], value: "{{ record['address']['city'] }}" },
              { path: ['source'], value: 'acme' },
            ],
          },
          { type: 'RemoveFields', field_pointers: [['address'], ['meta', 'raw']] },
        ],
      },
    )
    expect(part).toMatchObject({ result: 'imported', notes: [] })
    expect(read['records']).toEqual({
      path: 'data.*.rows',
      where: "record.state == 'open' and not (record.a and record.a.hidden)",
      set: { city: '{{ record.address.city }}', source: 'acme' },
      drop: ['address', 'meta.raw'],
    })
  })

  it('are changed by one transformation after another', () => {
    const add = (path: string, value: string) => ({ type: 'AddFields', fields: [{ path: [path], value }] })
    const transformations = [
      add('whole', "{{ record['a'] }}-{{ record['b'] }}"),
      { type: 'RemoveFields', field_pointers: [['a'], ['kept']] },
      add('first', "{{ record['whole'].split('-')[0] }}"),
      add('kept', 'x'),
    ]
    const { stream: read } = importedStream('items', {}, {}, { transformations })
    expect(read['records']).toMatchObject({
      set: { whole: '{{ record.a }}-{{ record.b }}', kept: 'x' },
      drop: ['a'],
    })
    const { set } = read['records'] as { set: Record<string, string> }
    const record = { a: 'one', b: 'two', whole: 'of the source' }
    expect(renderTemplate(set['first'] ?? '', { record })).toBe('one')
  })

  it('have no primary key where it is the time at which they are read', () => {
    const transformations = [{ type: 'AddFields', fields: [{ path: ['uuid'], value: '{{ now_utc() }}' }] }]
    const { stream: read, part } = importedStream('items', {}, {}, { primary_key: ['uuid'], transformations })
    expect(read).not.toHaveProperty('primaryKey')
    expect(part?.notes).toEqual([expect.stringMatching(/identified by their content/)])
    const other = importedStream('items', {}, {}, { primary_key: ['id'], transformations }).stream
    expect(other).toMatchObject({ primaryKey: ['id'] })
  })

  it('are partly the same where the manifest changes them in another way', () => {
    const { part } = importedStream(
      'items',
      {},
      {},
      { transformations: [{ type: 'KeysToSnakeCase' }, { type: 'CustomTransformation', class_name: 'c.T' }] },
    )
    expect(part?.result).toBe('partly')
    expect(part?.notes).toEqual([
      'The names of fields stay as the source writes them (KeysToSnakeCase).',
      'Records are not changed by the code of the connector (c.T).',
    ])
  })
})

describe('the requests of an imported stream', () => {
  it.each([
    ["{{ now_utc().strftime('%Y-%m-%d') }}", "{{ date(now, '%Y-%m-%d') }}"],
    ["{{ day_delta(-30, format='%Y-%m-%d') }}", "{{ date(now, '%Y-%m-%d', '-P30D') }}"],
    ["{{ (now_utc() - duration('PT1H')).strftime('%s') }}", "{{ date(now, 'epoch', '-PT1H') }}"],
    ["{{ format_datetime(config['day'], '%d/%m/%Y') }}", "{{ date(input.day, '%d/%m/%Y') }}"],
    ["{{ 'a' if config['kind'] == 'x' else 'b' }}", "{{ 'a' if input.kind == 'x' else 'b' }}"],
    [
      "{% if config['kind'] == 'x' %}a{% elif config['kind'] in ['y', 'z'] %}b{% else %}c{% endif %}",
      "{{ 'a' if input.kind == 'x' else ('b' if input.kind in ['y', 'z'] else 'c') }}",
    ],
    ["{{ config['kind'] ~ '-' ~ config['day'] }}", "{{ input.kind ~ '-' ~ input.day }}"],
    ["{{ config['kind'] | lower }}/{{ config['limit'] + 1 }}", '{{ input.kind | lower }}/{{ input.limit | int + 1 }}'],
    ["{{ (config['kind'] ~ ':x') | base64encode }}", "{{ (input.kind ~ ':x') | b64encode }}"],
    ["{{ max(config['day'], '2020-01-01') }}", "{{ input.day if input.day >= '2020-01-01' else '2020-01-01' }}"],
  ])('have the template %s translated', (template, wanted) => {
    const properties = { kind: { type: 'string' }, day: { type: 'string' }, limit: { type: 'integer' } }
    const { streams, report } = imported(
      manifest([stream('users', { request_parameters: { value: template } })], properties, Object.keys(properties)),
    )
    expect(report.streams[0]).toEqual({ name: 'users', result: 'imported', notes: [] })
    expect(streams[0]?.['query']).toEqual({ value: wanted })
  })

  it.each([
    ['{{ range(3) }}', /the function range does not exist/],
    ['{% for x in [1] %}{{ x }}{% endfor %}', /it has For/],
    ["{{ stream_state['at'] }}", /stream_state\.at does not exist/],
    ['{{ broken', /does not parse/],
  ])('are refused with the template %s', (template, message) => {
    const { part } = importedStream('users', { request_parameters: { value: template } })
    expect(part).toMatchObject({ result: 'refused', notes: [expect.stringMatching(message)] })
  })

  it('may be a GET with a form, which the connector sends too', () => {
    const { stream: read, part } = importedStream('items', { request_body_data: { a: '1' } })
    expect(read).toMatchObject({ method: 'GET', form: { a: '1' } })
    expect(part).toEqual({
      name: 'items',
      result: 'imported',
      notes: ['Its requests have a body although they are GET.'],
    })
  })

  it('may be a POST with JSON or a form', () => {
    const json = importedStream('a', {
      http_method: 'POST',
      request_body_json: { filter: { kind: "{{ config['kind'] }}" }, size: 5 },
    })
    expect(json.stream).toMatchObject({
      method: 'POST',
      json: { filter: { kind: "{{ input.kind | default('') }}" }, size: 5 },
    })
    const form = importedStream('a', { http_method: 'POST', request_body_data: { kind: 'x' } })
    expect(form.stream).toMatchObject({ method: 'POST', form: { kind: 'x' } })
  })

  it('have rules for their errors', () => {
    const filters = [
      { type: 'HttpResponseFilter', action: 'IGNORE', http_codes: [403, 404] },
      { type: 'HttpResponseFilter', action: 'RETRY', http_codes: [429, 503] },
      { type: 'HttpResponseFilter', action: 'FAIL', error_message_contains: 'no access' },
      {
        type: 'HttpResponseFilter',
        action: 'RETRY',
        predicate: "{{ response.status_code == 418 and headers['X-Busy'] }}",
      },
    ]
    const backoff = [{ type: 'WaitTimeFromHeader', header: 'X-Wait' }]
    const { stream: read } = importedStream('a', {
      error_handler: { type: 'DefaultErrorHandler', response_filters: filters, backoff_strategies: backoff },
    })
    expect(read['responses']).toEqual([
      { status: 403, as: 'empty' },
      { status: 404, as: 'empty' },
      { status: 429, as: 'retry', waitFrom: 'header:X-Wait' },
      { status: 503, as: 'retry', waitFrom: 'header:X-Wait' },
      { where: "'no access' in (answer | tojson)", as: 'fail' },
      { where: "status == 418 and headers['x-busy']", as: 'retry', waitFrom: 'header:X-Wait' },
    ])
  })
})

describe('the lists of an imported stream', () => {
  const router = (values: unknown) => ({
    partition_router: { type: 'ListPartitionRouter', cursor_field: 'year', values, request_option: option('year') },
  })

  it('are read once for each value', () => {
    const { streams, report } = imported(manifest([stream('items', {}, router(['2024', '2025']))]))
    expect(report.streams).toEqual([{ name: 'items', result: 'imported', notes: [] }])
    expect(streams[0]).toMatchObject({
      each: [{ as: 'year', values: ['2024', '2025'] }],
      query: { year: '{{ item.year }}' },
    })
  })

  it('may come from an input', () => {
    const given = manifest([stream('items', {}, router("{{ config['years'] }}"))], { years: { type: 'array' } }, [
      'years',
    ])
    expect(imported(given).streams[0]).toMatchObject({
      each: [{ as: 'year', values: "{{ split(input.years, ',') }}" }],
    })
  })
})
