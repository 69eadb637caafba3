import { expect, it } from 'vitest'
import { problemsOf } from './problems-of.ts'

const of = (webhook: unknown, more: object = {}) =>
  problemsOf({
    displayName: 'Acme',
    baseUrl: 'https://api.example.com',
    auth: { type: 'bearer' },
    inputFields: [{ name: 'shop' }],
    streams: [{ name: 'orders', path: '/orders' }],
    webhook,
    ...more,
  })

const hmac = { method: 'hmac', header: 'X-Signature', hash: 'sha256', encoding: 'hex' }

it.each([
  ['no verification', { verify: { method: 'none' } }],
  [
    'a signature with a timestamp in the same header',
    {
      verify: {
        ...hmac,
        prefix: 'v1=',
        message: '{{ timestamp }}.{{ body }}',
        timestamp: { header: 'X-Signature', prefix: 't=', tolerance: 'PT5M' },
      },
    },
  ],
  [
    'a timestamp in the body',
    { verify: { ...hmac, timestamp: { path: 'webhookTimestamp', format: 'epoch_ms', tolerance: 'PT1M' } } },
  ],
  ['a token in each item', { verify: { method: 'token', place: { in: 'json', name: ['value', '*', 'clientState'] } } }],
  ['Standard Webhooks', { verify: { method: 'standard_webhooks' } }],
  ['a JWT', { verify: { method: 'jwt', jwksUrl: 'https://keys.example.com/jwks', audience: '{{ url }}' } }],
  [
    'a handshake that signs',
    {
      verify: { ...hmac, message: 'v0:{{ body }}' },
      handshake: [{ where: 'body.plain', sign: 'body.plain', answer: '{{ signature }}' }],
    },
  ],
  [
    'all parts',
    {
      verify: hmac,
      handshake: [{ where: "body.type == 'url_verification'", answer: '{{ body.challenge }}' }],
      events: [],
      id: 'item.id',
      type: "headers['x-topic']",
      connection: { value: 'item.shop', equals: 'input.shop' },
      sync: [{ where: "item.type == 'order'", streams: ['orders'] }, {}],
    },
  ],
])('webhook: %s is accepted', (_, webhook) => {
  expect(of(webhook)).toEqual([])
})

it.each([
  ...[hmac, { ...hmac, message: 'v0{{ body }}' }, { method: 'none' }].map((verify): [string, object, string[]] => [
    `a handshake that signs what ${JSON.stringify(verify)} may accept as a request`,
    { verify, handshake: [{ where: 'body.plain', sign: 'body.plain', answer: '{{ signature }}' }] },
    [
      'webhook.handshake.0.sign: needs the method hmac with a message that has other fixed text than letters, digits, - and _',
    ],
  ]),
  [
    'an answer with a signature of nothing',
    { verify: hmac, handshake: [{ where: 'body.plain', answer: '{{ signature }}' }] },
    ['webhook.handshake.0.answer: reads signature, which needs sign'],
  ],
  ['an unknown key', { verify: hmac, ids: 'body.id' }, ['webhook.ids: ids is not a known key']],
  [
    'an expression that does not parse',
    { verify: hmac, id: 'body.' },
    ['webhook.id: The template does not parse: Unexpected token: CloseExpression'],
  ],
  [
    'an expression that reads the credential',
    { verify: hmac, type: 'config.token' },
    ['webhook.type: reads config, which does not exist here. Known: body, headers, query, item'],
  ],
  [
    'an answer that reads what is supplied',
    { verify: hmac, handshake: [{ where: 'body.a', answer: '{{ config.token }}' }] },
    ['webhook.handshake.0.answer: reads config, which does not exist here. Known: body, headers, query, signature'],
  ],
  [
    'an item without events',
    { verify: hmac, id: 'item.id' },
    ['webhook.id: reads item, but the webhook has no events'],
  ],
  [
    'a property that is not compared',
    { verify: hmac, connection: { value: 'body.a', equals: 'metadata.a' } },
    ['webhook.connection.equals: must be externalId, input.<name of an input field> or kept.<name of a kept value>'],
  ],
  [
    'an input field that there is not',
    { verify: hmac, connection: { value: 'body.a', equals: 'input.region' } },
    ['webhook.connection.equals: region is not the name of an input field'],
  ],
  [
    'a stream that there is not',
    { verify: hmac, sync: [{ streams: ['orders', 'items'] }] },
    ['webhook.sync.0.streams.1: items is not the name of a stream'],
  ],
  [
    'the secret of a client that there is not',
    { verify: { ...hmac, secret: 'client' } },
    ['webhook.verify.secret: must be webhook, because this auth has no OAuth client'],
  ],
  [
    'two places of a timestamp',
    { verify: { ...hmac, timestamp: { header: 'X-Time', path: ['time'], tolerance: 'PT5M' } } },
    ['webhook.verify.timestamp.header: is needed, or path; exactly one of them'],
  ],
  [
    'a signed timestamp in the body',
    {
      verify: { ...hmac, message: '{{ timestamp }}{{ body }}', timestamp: { path: ['time'], tolerance: 'PT5M' } },
    },
    ['webhook.verify.message: reads timestamp, which needs timestamp.header'],
  ],
  [
    'a token in a cookie',
    { verify: { method: 'token', place: { in: 'cookie', name: 'a' } } },
    ['webhook.verify.place.in: must be header, query, form or json'],
  ],
])('webhook: %s is refused, and the error names the place', (_, webhook, problems) => {
  expect(of(webhook)).toEqual(problems)
})
