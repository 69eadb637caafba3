import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const shipment = 'adcfdddf8ec64b84ad22772bce3ea37a'

const rate = 'cf6fea899f1848b494d9568e8266e076'

const actions: ActionExample[] = [
  {
    action: 'get_tracking',
    arguments: { carrier: 'shippo', tracking_number: 'SHIPPO_TRANSIT' },
    request: 'GET https://api.goshippo.com/tracks/shippo/SHIPPO_TRANSIT',
    answer: { body: { carrier: 'shippo', tracking_number: 'SHIPPO_TRANSIT', tracking_status: { status: 'TRANSIT' } } },
    output: { carrier: 'shippo', tracking_number: 'SHIPPO_TRANSIT', tracking_status: { status: 'TRANSIT' } },
  },
  {
    action: 'get_shipment',
    arguments: { shipment_id: shipment },
    request: `GET https://api.goshippo.com/shipments/${shipment}`,
    answer: { body: { object_id: shipment, status: 'SUCCESS', rates: [{ object_id: rate }] } },
    output: { object_id: shipment, status: 'SUCCESS', rates: [{ object_id: rate }] },
  },
  {
    action: 'buy_label',
    arguments: { rate_id: rate, label_file_type: 'PDF' },
    request: 'POST https://api.goshippo.com/transactions',
    body: { rate, label_file_type: 'PDF', async: false },
    answer: { status: 201, body: { object_id: '70ae8117ee1749e393f249d5b77c45e0', status: 'SUCCESS' } },
    output: { object_id: '70ae8117ee1749e393f249d5b77c45e0', status: 'SUCCESS' },
  },
]

const list = (name: string): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        next: `https://api.goshippo.com/${name}?page=2&results=100`,
        previous: null,
        results: [{ object_id: 'adcfdddf8ec64b84ad22772bce3ea37a' }],
      },
    },
    { body: { next: null, previous: null, results: [{ object_id: 'cf6fea899f1848b494d9568e8266e076' }] } },
  ],
  keys: ['adcfdddf8ec64b84ad22772bce3ea37a', 'cf6fea899f1848b494d9568e8266e076'],
  asksFor: 'page=2',
})

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'oauth' } },
  exchange: {
    answer: {
      body: {
        access_token: 'oauth.612BUDkTaTuJP3ll5-VkebURXUIJ5Zefxwda1tpd.U_akmGaXVQl80CWPXSbueSG7',
        token_type: 'bearer',
        scope: '*',
      },
    },
    accessToken: 'oauth.612BUDkTaTuJP3ll5-VkebURXUIJ5Zefxwda1tpd.U_akmGaXVQl80CWPXSbueSG7',
    scopes: ['*'],
  },
  refusals: [
    {
      what: 'code',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'The code is not valid.' } },
      reason: 'INVALID_GRANT',
      says: 'The code is not valid.',
    },
  ],
  test: {
    asks: 'GET api.goshippo.com/carrier_accounts?results=1',
    headers: { authorization: 'Bearer oauth.612BUDkTaTuJP3ll5-VkebURXUIJ5Zefxwda1tpd.U_akmGaXVQl80CWPXSbueSG7' },
    good: { body: { next: null, previous: null, results: [] } },
    refused: {
      answer: { status: 401, body: { detail: 'Token does not exist' } },
      says: 'Token does not exist',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'token', api_key: 'shippo_test_0123' } },
      asks: 'GET api.goshippo.com/carrier_accounts?results=1',
      headers: { authorization: 'ShippoToken shippo_test_0123' },
    },
  ],
  streams: [
    {
      ...list('shipments'),
      limited: { status: 429, headers: { 'retry-after': '20' }, body: { detail: 'Request was throttled.' } },
    },
    list('transactions'),
    list('parcels'),
    list('carrier_accounts'),
  ],
  actions,
}
