import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { imported, type Json, manifest, stream } from './airbyte-manifest.ts'

/** One of these values, or any value where a component of another kind stands. */
const oneOf = (...values: unknown[]) => fc.constantFrom(...values)

const template = oneOf(
  ...[
    'plain',
    '',
    '5',
    "{{ config['kind'] }}",
    "{{ config['opt'] }}",
    "{{ config['tags'] }}",
    "{{ config.get('limit', 3) }}",
  ],
  ...["{{ now_utc() - duration('P1D') }}", "{{ day_delta(-1, '%Y-%m-%d') }}", "{{ stream_slice['start_time'] }}"],
  ...["{{ stream_partition['year'] }}", '{{ stream_partition.parent_id }}', '{{ parameters.name }}', '{{ record.id }}'],
  ...[
    "{{ response['next'] }}",
    "{{ next_page_token['next_page_token'] }}",
    "{{ 'a' if config.flag else 'b' }}",
    '{{ broken',
  ],
  ...[
    '{% if config.opt %}x{% endif %}',
    "{{ config['kind'] | hash('md5') | upper }}",
    '{{ last_page_size + 1 }}',
    '{{ none }}',
  ],
  ...[
    "{{ ['a', config['kind']] }}",
    "{{ {'a': 'b'}[config.kind] }}",
    '{"a": "{{ config.kind }}"}',
    'a=1&b={{ config.day }}',
  ],
)
const name = oneOf('id', 'page', 'since', 'X-Key', 'a.b', 'a b', '', 'Content-Length')
const place = oneOf('request_parameter', 'header', 'body_data', 'body_json', 'path', 'nowhere')
const option = fc.oneof(
  fc.record({ type: oneOf('RequestOption'), inject_into: place, field_name: name }, { requiredKeys: ['inject_into'] }),
  fc.record({ type: oneOf('RequestOption'), inject_into: place, field_path: oneOf(['variables', 'after'], ['a'], []) }),
  fc.constant({ type: 'RequestPath' }),
)
const pairs = fc.dictionary(fc.constantFrom('id', 'page', 'since', 'a[b]', 'Accept'), template, { maxKeys: 3 })
const duration = oneOf('P1D', 'PT1H', '30d', 'P0D', 'soon', "P{{ config['size'] }}D", '{{ config.day }}')
const format = oneOf(
  '%Y-%m-%d',
  '%Y-%m-%dT%H:%M:%SZ',
  '%s',
  '%ms',
  '%s_as_float',
  '%c',
  '%Y-%m-%dT%H:%M:%S.%_msZ',
  '%Q',
  '',
)
const optional = { requiredKeys: [] }

const requester = fc.record(
  {
    url_base: oneOf(
      ...Array(6).fill('https://api.acme.example'),
      'https://api.acme.example/v1',
      "https://{{ config['kind'] }}.example",
      "{{ config['kind'] }}",
      'nothing',
    ),
    path: fc.oneof(template, oneOf('/items', '/{{ stream_partition.year }}/x', 'a b', 'https://other.example/x')),
    url: oneOf('https://api.acme.example/all', '{{ config.kind }}/x'),
    http_method: oneOf('GET', 'POST', 'get', 'PATCH'),
    request_parameters: fc.oneof(
      pairs,
      template,
      fc.constant({ f: { type: 'QueryProperties', property_list: ['a'] } }),
    ),
    request_headers: fc.oneof(pairs, template),
    request_body_json: fc.oneof(pairs, template, fc.constant({ a: { b: ['1', '{{ config.kind }}'] } })),
    request_body_data: fc.oneof(pairs, template),
    request_body: fc.record({
      type: oneOf(
        'RequestBodyPlainText',
        'RequestBodyUrlEncodedForm',
        'RequestBodyJsonObject',
        'RequestBodyGraphQL',
        'Other',
      ),
      value: fc.oneof(pairs, template),
    }),
    authenticator: fc.oneof(
      oneOf(undefined, { type: 'NoAuth' }, { type: 'CustomAuthenticator', class_name: 'a.B', api_token: 'x' }),
      fc.record({
        type: oneOf('BearerAuthenticator', 'ApiKeyAuthenticator'),
        api_token: template,
        inject_into: option,
      }),
      fc.record({ type: oneOf('BasicHttpAuthenticator'), username: template, password: template }),
      fc.record(
        {
          ...{ type: oneOf('OAuthAuthenticator'), token_refresh_endpoint: oneOf('https://a.example/t', '') },
          ...{ client_id: template, client_secret: template, refresh_token: template, grant_type: template },
          ...{ scopes: oneOf(['a', 'b'], ['c d']), refresh_request_body: pairs, refresh_request_headers: pairs },
          ...{
            refresh_token_updater: oneOf({}, { refresh_token_error_values: ['x'] }),
            token_expiry_date_format: format,
          },
        },
        { requiredKeys: ['type'] },
      ),
      fc.record(
        {
          ...{
            type: oneOf('JwtAuthenticator'),
            secret_key: template,
            algorithm: oneOf('HS256', 'ES256K', '{{ config.kind }}'),
          },
          ...{ jwt_payload: pairs, jwt_headers: pairs, token_duration: oneOf(60, 'x'), request_option: option },
        },
        { requiredKeys: ['type'] },
      ),
      fc.record(
        {
          ...{
            type: oneOf('SessionTokenAuthenticator'),
            session_token_path: oneOf(['token'], []),
            expiration_duration: duration,
          },
          login_requester: fc.record(
            {
              url: oneOf('https://a.example/login'),
              request_body_json: pairs,
              request_body_data: template,
              http_method: oneOf('POST'),
            },
            { requiredKeys: ['url'] },
          ),
          request_authentication: fc.record({ type: oneOf('ApiKey'), inject_into: option }, optional),
        },
        { requiredKeys: ['type', 'login_requester'] },
      ),
      fc.record({
        type: oneOf('SelectiveAuthenticator'),
        authenticators: oneOf({}, { a: { type: 'NoAuth' }, 'b c': { type: 'BearerAuthenticator', api_token: 'x' } }),
      }),
    ),
    error_handler: fc.record(
      {
        type: oneOf('DefaultErrorHandler', 'CompositeErrorHandler', 'CustomErrorHandler'),
        error_handlers: fc.constant([
          { type: 'DefaultErrorHandler', response_filters: [{ action: 'IGNORE', http_codes: [404] }] },
        ]),
        response_filters: fc.array(
          fc.record(
            {
              ...{ action: oneOf('IGNORE', 'RETRY', 'FAIL', 'SUCCESS', 'RATE_LIMITED', 'RESET_PAGINATION', 'x') },
              ...{
                http_codes: oneOf([404], [429, 500], ['x'], 7),
                predicate: template,
                error_message_contains: template,
              },
            },
            optional,
          ),
          { maxLength: 3 },
        ),
        backoff_strategies: oneOf(
          [{ type: 'WaitTimeFromHeader', header: 'X-Wait', regex: '(\\d+)' }],
          [{ type: 'Odd' }],
          7,
        ),
      },
      optional,
    ),
  },
  optional,
)

const paginator = fc.record(
  {
    ...{
      type: oneOf('DefaultPaginator', 'NoPagination', 'CustomPaginator'),
      page_token_option: option,
      page_size_option: option,
    },
    pagination_strategy: fc.record(
      {
        type: oneOf('CursorPagination', 'PageIncrement', 'OffsetIncrement', 'CustomPaginationStrategy', 'Odd'),
        ...{ cursor_value: template, stop_condition: template, page_size: fc.oneof(template, oneOf(10, 0, -1)) },
        ...{ start_from_page: fc.oneof(template, oneOf(0, 1, 2)), inject_on_first_request: oneOf(true, false, 'true') },
      },
      { requiredKeys: ['type'] },
    ),
  },
  { requiredKeys: ['type'] },
)

const parent = { ...stream({ path: '/parents' }), name: 'parents' }
const router = fc.oneof(
  fc.record({
    type: oneOf('ListPartitionRouter'),
    cursor_field: oneOf('year', '9', ''),
    values: fc.oneof(template, oneOf(['a'], [])),
  }),
  fc.record(
    {
      type: oneOf('SubstreamPartitionRouter'),
      parent_stream_configs: fc.array(
        fc.record(
          {
            ...{ stream: oneOf(parent), parent_key: oneOf('id', 'a/b', '*', '', '{{ config.kind }}') },
            ...{
              partition_field: oneOf('parent_id', ''),
              request_option: option,
              extra_fields: oneOf([['a', 'b']], ['c']),
            },
            lazy_read_pointer: oneOf([], ['a']),
          },
          { requiredKeys: ['stream'] },
        ),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: ['type'] },
  ),
  oneOf({ type: 'GroupingPartitionRouter' }, { type: 'CustomPartitionRouter', class_name: 'a.B' }, { type: 'Odd' }),
)

const cursor = fc.record(
  {
    type: oneOf('DatetimeBasedCursor', 'IncrementingCountCursor', 'CustomIncrementalSync', 'Odd'),
    ...{
      cursor_field: fc.oneof(name, template),
      datetime_format: format,
      cursor_datetime_formats: fc.array(format, { maxLength: 2 }),
    },
    start_datetime: fc.oneof(
      template,
      fc.record(
        { datetime: template, datetime_format: format, min_datetime: template, max_datetime: template },
        optional,
      ),
    ),
    ...{ end_datetime: template, start_time_option: option, end_time_option: option, start_value_option: option },
    ...{
      step: duration,
      lookback_window: duration,
      is_data_feed: oneOf(true, false),
      clamping: oneOf({ target: 'DAY' }),
    },
    ...{
      is_client_side_incremental: oneOf(true, false),
      global_substream_cursor: oneOf(true, false),
      start_value: template,
    },
  },
  { requiredKeys: ['type'] },
)

const path = oneOf(['data'], [], ['data', '*', 'x'], ['**'], ['a.b'], [''], ['{{ config.kind }}'], 'data')
const transformation = fc.oneof(
  fc.record(
    {
      ...{ type: oneOf('AddFields'), condition: template },
      fields: fc.array(
        fc.record(
          { path, value: template, value_type: oneOf('string', 'integer', 'number', 'boolean', 'odd') },
          optional,
        ),
        {
          maxLength: 2,
        },
      ),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    { type: oneOf('RemoveFields'), field_pointers: fc.array(path, { maxLength: 2 }), condition: template },
    { requiredKeys: ['type'] },
  ),
  fc.record({
    type: oneOf(
      'KeysToLower',
      'KeysToSnakeCase',
      'KeysReplace',
      'FlattenFields',
      'DpathFlattenFields',
      'CustomTransformation',
      'Odd',
    ),
    field_path: path,
  }),
)

const retriever = fc.record(
  {
    type: oneOf(...Array(8).fill('SimpleRetriever'), 'AsyncRetriever', 'CustomRetriever'),
    ...{ paginator, partition_router: fc.oneof(router, fc.array(router, { maxLength: 2 })) },
    decoder: oneOf(
      { type: 'JsonDecoder' },
      { type: 'CsvDecoder' },
      { type: 'GzipDecoder', decoder: { type: 'JsonlDecoder' } },
      { type: 'XmlDecoder' },
    ),
    record_selector: fc.record(
      {
        extractor: fc.record({ type: oneOf('DpathExtractor', 'CustomRecordExtractor'), field_path: path }, optional),
        record_filter: fc.record({ condition: template }, optional),
        schema_normalization: oneOf('Default', 'None'),
        transform_before_filtering: oneOf(true, false),
      },
      optional,
    ),
  },
  optional,
)

const declared = fc.record({
  requester,
  retriever,
  more: fc.record(
    {
      ...{
        name: oneOf('items', 'ä/ö', '', 'parents'),
        primary_key: oneOf('id', ['a', 'b'], [['a', 'b']], null, ''),
        incremental_sync: cursor,
      },
      transformations: fc.array(transformation, { maxLength: 3 }),
    },
    optional,
  ),
})

describe('importAirbyte with any combination of components', () => {
  it('makes a definition that is accepted, or says why not, and never fails', () => {
    fc.assert(
      fc.property(fc.array(declared, { minLength: 1, maxLength: 2 }), (given) => {
        const streams = given.map(({ requester, retriever, more }) =>
          stream(requester as Json, retriever, more as Json),
        )
        const { report, definition } = imported(manifest(streams))
        if (definition !== null) parseDefinition(definition)
        expect(report.streams.length).toBeGreaterThanOrEqual(streams.length)
        for (const part of [report.auth, ...report.streams]) {
          expect(['imported', 'partly', 'refused']).toContain(part.result)
          if (part.result !== 'imported' && definition !== null) expect(part.notes.join('')).not.toBe('')
        }
        const names = ((definition?.['streams'] ?? []) as Json[]).map((each) => each['name'])
        for (const { name, result } of report.streams)
          if (definition !== null)
            expect([name, names.includes(name)]).toEqual([name, result !== 'refused' || names.includes(name)])
        expect(JSON.stringify(definition ?? {})).not.toMatch(
          /\{\{[^}]*\b(?:stream_slice|next_page_token|stream_partition)\b/,
        )
      }),
      { numRuns: 50 },
    )
  })
})
