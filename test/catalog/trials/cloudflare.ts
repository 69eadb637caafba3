import type { Answer, ProviderTrial } from '../providers/trial.ts'

const zoneId = '023e105f4ecef8ad9ca31a8372d0c353'

const record = { id: '372e67954025e0ba6aaa6d586b9e0b59', type: 'A', name: 'www.example.com', content: '198.51.100.4' }

const accountId = '9035f53656c0e0e0b9e0e0e0e0e0e0e0'

export const trial: ProviderTrial = {
  credential: { secretText: 'YQSn-xWAQiiEh9qM58wZNnyQS7FUdoqGIUAbrh7T' },
  test: {
    asks: 'GET api.cloudflare.com/client/v4/zones?per_page=5',
    headers: { authorization: 'Bearer YQSn-xWAQiiEh9qM58wZNnyQS7FUdoqGIUAbrh7T' },
    good: listed([{ id: zoneId, name: 'example.com', status: 'active' }], 1, 1),
    refused: {
      answer: {
        status: 401,
        body: { success: false, errors: [{ code: 1000, message: 'Invalid API Token' }], messages: [], result: null },
      },
      says: '1000: Invalid API Token',
    },
  },
  hints: [
    {
      what: 'request',
      answer: {
        status: 403,
        body: {
          success: false,
          errors: [{ code: 10000, message: 'Authentication error' }],
          messages: [],
          result: null,
        },
      },
      says: '10000: Authentication error',
      cause: 'lacks a permission or a zone',
    },
  ],
  streams: [
    {
      name: 'accounts',
      pages: [listed([{ id: accountId, name: 'Acme' }], 1, 1)],
      keys: [accountId],
      asksFor: '/client/v4/accounts?page=1&per_page=50',
    },
    {
      name: 'zones',
      pages: [listed([{ id: zoneId, name: 'example.com' }], 1, 2), listed([{ id: 'z2', name: 'example.org' }], 2, 2)],
      keys: [zoneId, 'z2'],
      asksFor: 'page=2',
      limited: {
        status: 429,
        headers: { 'retry-after': '20' },
        body: { success: false, errors: [{ code: 10429, message: 'Rate limited' }], messages: [], result: null },
      },
    },
    {
      name: 'dns_records',
      parent: { id: zoneId },
      pages: [listed([record], 1, 2), listed([{ ...record, id: 'r2' }], 2, 2)],
      keys: ['parent/372e67954025e0ba6aaa6d586b9e0b59', 'parent/r2'],
      asksFor: `/zones/${zoneId}/dns_records?page=2`,
    },
  ],
  // developers.cloudflare.com/notifications/reference/webhook-payload-schema
  webhook: {
    sign: ({ secret }) => ({ 'cf-webhook-auth': secret }),
    signsBody: false,
    connection: { externalId: accountId },
    requests: [
      {
        body: {
          name: 'Origin errors',
          text: 'Origin error rate is above the threshold.',
          data: {},
          ts: 1136214245,
          account_id: accountId,
          policy_id: '57a8a9f8c0a14d1ba1e0c0a14d1ba1e0',
          policy_name: 'Origin errors',
          alert_type: 'http_alert_origin_error',
          alert_correlation_id: '5f1f6f7c8d9e4a4b8c9d0e1f2a3b4c5d',
          alert_event: 'ALERT_STATE_EVENT_START',
        },
        events: [{ type: 'http_alert_origin_error', account: accountId, streams: ['zones'] }],
      },
      {
        body: {
          text: 'Hello World! This is a test message sent from https://cloudflare.com. If you can see this, your webhook is configured properly.',
        },
        events: [{ type: 'test', streams: [] }],
      },
    ],
  },
  actions: [
    {
      action: 'list_dns_records',
      arguments: { zone_id: zoneId, type: 'A', limit: 10, page: 2 },
      request: `GET https://api.cloudflare.com/client/v4/zones/${zoneId}/dns_records?type=A&per_page=10&page=2`,
      answer: listed([record], 2, 2),
      output: listed([record], 2, 2).body,
    },
    {
      action: 'create_dns_record',
      arguments: {
        zone_id: zoneId,
        type: 'A',
        name: 'www.example.com',
        content: '198.51.100.4',
        ttl: 3600,
        proxied: false,
        comment: 'Domain verification record',
      },
      request: `POST https://api.cloudflare.com/client/v4/zones/${zoneId}/dns_records`,
      body: {
        type: 'A',
        name: 'www.example.com',
        content: '198.51.100.4',
        ttl: 3600,
        proxied: false,
        comment: 'Domain verification record',
      },
      answer: { body: { success: true, errors: [], messages: [], result: record } },
      output: record,
    },
  ],
  failureWith200: {
    success: false,
    errors: [{ code: 1004, message: 'DNS Validation Error' }],
    messages: [],
    result: null,
  },
}

function listed(result: unknown[], page: number, pages: number): Answer {
  return {
    body: {
      success: true,
      errors: [],
      messages: [],
      result,
      result_info: { page, per_page: 50, count: result.length, total_count: pages, total_pages: pages },
    },
  }
}
