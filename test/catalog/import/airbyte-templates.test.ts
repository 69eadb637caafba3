import { describe, expect, it, vi } from 'vitest'
import { compileCondition, templateValue } from '../../../src/catalog/template/template.ts'
import { filled, importedStream, type Json } from './airbyte-manifest.ts'

const INPUT = { kind: 'eu', day: '2024-03-31', start_date: '2024-01-01', limit: '20' }

/** The value of a query parameter with this template, as it is sent. Undefined: it is not sent. */
function sent(template: string, input: Json = {}): string | undefined {
  const { read, notes, part } = importedStream({ request_parameters: { value: template } })
  if (part?.result !== 'imported') throw new Error(notes.join(' '))
  const values = filled(read['query'], { ...INPUT, ...input }).map(([, value]) => value)
  return values.length === 0 ? undefined : values.join('&')
}

describe('a template of a manifest', () => {
  it.each<[string, string | undefined, Json?]>([
    ["{{ config['day'][:7] }}", '2024-03'],
    ["{{ config['kind'].upper() }}", 'EU'],
    ["{{ config['day'].split('-')[0] }}", '2024'],
    ["{{ 'https://a.example/'.rstrip('/') }}", 'https://a.example'],
    ["{{ config['opt'].strip() }}", 'x', { opt: ' x ' }],
    ["{{ 'yes' if config['day'].startswith('2024') else 'no' }}", 'yes'],
    ["{{ 'yes' if config['opt'].endswith('z') else 'no' }}", 'no'],
    ["{{ 'yes' if config['opt'].endswith('z') else 'no' }}", 'yes', { opt: 'xyz' }],
    ["{{ {'eu': 'Europe', 'us': 'America'}[config['kind']] }}", 'Europe'],
    ["{{ {'us': 'America'}[config['kind']] }}", undefined],
    ["{{ {'us': 'America'}.get(config['kind'], 'Earth') }}", 'Earth'],
    ["{{ '{}:{}'.format(config['kind'], config['limit']) }}", 'eu:20'],
    ["{{ '{1}{0}'.format('a', 'b') }}", 'ba'],
    ["{{ config['kind'] + '-' + config['day'] }}", 'eu-2024-03-31'],
    ["{{ config['kind'] + config['day'] }}", 'eu2024-03-31'],
    ["{{ config['limit'] + 1 }}", '21'],
    ["{{ min(config['limit'], 10) }}", '10'],
    ["{{ max(config['day'], '2025-01-01', '2023-01-01') }}", '2025-01-01'],
    ["{{ max(['a', 'b']) }}", 'b'],
    ["{{ config['opt'] | lower }}", undefined],
    ["{{ config['opt'] | lower }}", 'x', { opt: 'X' }],
    ["{{ config['opt'] | default('d') }}", 'd'],
    ["{{ config['size'] }}", '5'],
    ["{{ config['size'] }}", '7', { size: '7' }],
    ["{{ config['flag'] is string }}", 'false'],
    ["{{ 'on' if config['flag'] else 'off' }}", 'off', { flag: 'false' }],
    ["{{ config['tags'] }}", 'a&b', { tags: 'a,b' }],
    ["{{ config['tags'] }}", undefined],
    ["{{ config['tags'][1] }}", 'b', { tags: 'a,b' }],
    ["{{ config['tags'] | tojson }}", '["a","b"]', { tags: 'a,b' }],
    ["{{ config['tags'] | length }}", '0'],
    ["{{ config.get('tags', ['x', 'y']) | join('|') }}", 'x|y'],
    ["{{ (config['tags'] or ['x']) | join('|') }}", 'a|b', { tags: 'a,b' }],
    ["['a', 'b']", 'a&b'],
    ['100', '100'],
    ["{{ config['kind'] | hash }}", '4829322d03d1606fb09ae9af59a271d3'],
    ["{{ 'a' | hash('md5', 'b') }}", '187ef4436122d1cc2f40dc2b92f0eba0'],
    ["{{ 'a' | base64encode | base64decode }}", 'a'],
    ["{{ 'a' | base64binascii_decode }}", 'YQ=='],
    ["{{ 'next=12&x' | regex_search('next=(\\d+)') }}", '12'],
    ["{{ 'next' | regex_search('next') }}", undefined],
    ["{{ timestamp('2024-03-31') | int }}", '1711843200'],
    ["{{ format_datetime(config['day'], '%d.%m.%Y') }}", '31.03.2024'],
    ["{{ format_datetime('31/03/2024 10:05', '%Y-%m-%dT%H:%M:%SZ', '%d/%m/%Y %H:%M') }}", '2024-03-31T10:05:00Z'],
    ["{{ format_datetime('20240331', '%s', '%Y%m%d') }}", '1711843200'],
    ["{{ format_datetime('1711843200000', '%Y-%m-%d', '%ms') }}", '2024-03-31'],
    ["{{ str_to_datetime(config['day']).strftime('%x') }}", '03/31/24'],
    ["{{ str_to_datetime(config['day']).year }}", '2024'],
    [
      "{{ (str_to_datetime(config['day']) - duration('P1D') - duration('PT1H')).strftime('%Y-%m-%dT%H') }}",
      '2024-03-29T23',
    ],
    ["{{ 'past' if str_to_datetime(config['day']) < now_utc() else 'future' }}", 'past'],
    ['{{ today_utc() }}', '2026-02-03'],
    ["{{ today_utc() - duration('P3D') }}", '2026-01-31'],
    ["{{ today_utc().strftime('%Y/%m') }}", '2026/02'],
    ["{{ today_with_timezone('UTC') }}", '2026-02-03'],
    ['{{ now_utc().date() }}', '2026-02-03'],
    ["{{ now_utc() if config['opt'] else config['day'] }}", '2024-03-31'],
    ["{{ config.get('opt', day_delta(-2, '%Y-%m-%d')) }}", '2026-02-01'],
    ['{% if config.opt %}{{ config.opt }}{% else %}none of {{ config.kind }}{% endif %}', 'none of eu'],
    ["{% set a = config['kind'] %}{{ a }}!", 'eu!'],
    ['{{ none }}', undefined],
    ["{{ parameters['absent'] }}", undefined],
    ["{{ config['kind'] | safe }}", 'eu'],
  ])('%s is sent as %j', (template, expected, input) => {
    vi.useFakeTimers({ now: Date.UTC(2026, 1, 3, 4, 5, 6), toFake: ['Date'] })
    try {
      expect(sent(template, input)).toBe(expected)
    } finally {
      vi.useRealTimers()
    }
  })

  it.each([
    ["{{ duration('P1D') }}", /A duration stands where no date is/],
    ["{{ now_utc() - config['day'] }}", /adds something else than a duration/],
    ["{{ today_with_timezone('Asia/Tokyo') }}", /the present in the time zone Asia\/Tokyo/],
    ["{{ format_datetime(config['day'], '%Y', '%d %B %Y') }}", /dates cannot be read in the format/],
    ["{{ config['day'] | regex_search('(?=a)') }}", /its regular expression must be/],
    ["{{ config['kind'] | hash('blake2b') }}", /the filter hash does not exist/],
    ["{{ config['day'][::2] }}", /slice with a step/],
    ["{{ '{0:>5}'.format(config['kind']) }}", /a text that is not plain/],
    ["{{ '{}{}'.format('a') }}", /too few values/],
  ])('refuses its stream: %s', (template, message) => {
    expect(() => sent(template)).toThrow(message)
  })
})

describe('a condition of a manifest', () => {
  it.each<[string, Json, boolean]>([
    ["{{ record['n'] | int > 5 }}", { n: '7' }, true],
    ["{{ record['n'] | int > 5 }}", { n: 'many' }, false],
    ["{{ record['n'] | float >= 1.5 }}", { n: '1.5' }, true],
    ["{{ record.get('a', {}).get('b') is none }}", { a: {} }, true],
    ['{{ record.tags is iterable and record.tags is not string }}', { tags: ['x'] }, true],
    ['{{ record.tags is mapping }}', { tags: ['x'] }, false],
    ["{{ record['name'][:2] == 'ab' }}", { name: 'abc' }, true],
    ["{{ record['kind'] in ['a', 'b'] }}", { kind: 'b' }, true],
    ["{{ record['hidden'] is false }}", { hidden: false }, true],
    ["{{ record['hidden'] is false }}", {}, false],
    ["{{ record['at'] >= config['start_date'] }}", { at: '2024-02-01' }, true],
  ])('%s over %j is %s', (condition, record, expected) => {
    const { read } = importedStream(
      {},
      {
        record_selector: { type: 'RecordSelector', extractor: { field_path: ['data'] }, record_filter: { condition } },
      },
    )
    const { where } = read['records'] as { where: string }
    expect(compileCondition(where).test({ record, input: INPUT })).toBe(expected)
  })
})

describe('a field that a manifest adds', () => {
  it.each<[Json, unknown, Json?]>([
    [{ value: '5' }, 5],
    [{ value: '5', value_type: 'string' }, '5'],
    [{ value: 'True' }, true],
    [{ value: "['a', 1]" }, ['a', 1]],
    [{ value: 'None' }, null],
    [{ value: 'acme' }, 'acme'],
    [{ value: "{{ record['id'] }}" }, 7],
    [{ value: "{{ record['id'] }}", value_type: 'string' }, '7'],
    [{ value: "{{ record['amount'] }}", value_type: 'number' }, 1.5],
    [{ value: "{{ record['count'] }}", value_type: 'integer' }, 3],
    [{ value: "no {{ record['id'] }}" }, 'no 7'],
    [{ value: "{{ record['a']['b'] }}", path: ['a', 'c'] }, 'deep'],
  ])('%j is %j', (field, expected) => {
    const added = { type: 'AddedFieldDefinition', path: ['x'], ...field }
    const { read, part } = importedStream({}, {}, { transformations: [{ type: 'AddFields', fields: [added] }] })
    expect(part?.result).toBe('imported')
    const [[name, template] = ['', '']] = Object.entries((read['records'] as { set: Record<string, string> }).set)
    expect(name).toBe(added.path.join('.'))
    const record = { id: 7, amount: '1.5', count: '3', a: { b: 'deep' } }
    expect(templateValue(template, { record })).toEqual(expected)
  })
})
