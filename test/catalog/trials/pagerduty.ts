import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const token = 'pdus+_0XBPWQQ_b2b2060b-e7af-44a1-8ddf-9c56fedd8d4f'

const actions: ActionExample[] = [
  {
    action: 'create_incident',
    arguments: {
      from: 'ada@example.com',
      service_id: 'PWIXJZS',
      title: 'The server is on fire.',
      details: 'A disk is getting full on this machine.',
      incident_key: 'baf7cf21b1da41b4b0221008339ff357',
      escalation_policy_id: 'PT20YPA',
    },
    request: 'POST https://api.pagerduty.com/incidents',
    headers: { from: 'ada@example.com' },
    body: {
      incident: {
        type: 'incident',
        title: 'The server is on fire.',
        service: { id: 'PWIXJZS', type: 'service_reference' },
        incident_key: 'baf7cf21b1da41b4b0221008339ff357',
        body: { type: 'incident_body', details: 'A disk is getting full on this machine.' },
        escalation_policy: { id: 'PT20YPA', type: 'escalation_policy_reference' },
      },
    },
    answer: { status: 201, body: { incident: { id: 'PT4KHLK', type: 'incident', status: 'triggered' } } },
    output: { id: 'PT4KHLK', type: 'incident', status: 'triggered' },
  },
  {
    action: 'list_incidents',
    arguments: {
      statuses: ['triggered', 'acknowledged'],
      since: '2026-06-01T00:00:00Z',
      until: '2026-07-01T00:00:00Z',
      limit: 50,
      offset: 50,
    },
    request:
      'GET https://api.pagerduty.com/incidents?statuses%5B%5D=triggered&statuses%5B%5D=acknowledged&since=2026-06-01T00%3A00%3A00Z&until=2026-07-01T00%3A00%3A00Z&limit=50&offset=50',
    answer: { body: { incidents: [{ id: 'PT4KHLK' }], limit: 50, offset: 50, more: false, total: null } },
    output: { incidents: [{ id: 'PT4KHLK' }], limit: 50, offset: 50, more: false, total: null },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        client_info: 'prefix_legacy_app',
        token_type: 'bearer',
        access_token: token,
        refresh_token: 'pdus+_1XBPWQQ_f85dd2f1-b906-478a-a9e6-678952529e4e',
        scope: 'openid read',
        expires_in: 864000,
      },
    },
    accessToken: token,
    refreshToken: 'pdus+_1XBPWQQ_f85dd2f1-b906-478a-a9e6-678952529e4e',
    lifetimeSeconds: 864000,
    refreshLifetimeSeconds: 210 * 24 * 60 * 60,
    scopes: ['openid', 'read'],
  },
  renewal: {
    answer: {
      body: {
        token_type: 'bearer',
        access_token: 'pdus+_0XBPWQQ_39435d07-9232-4bc2-9dc9-c4a8fccc94ad',
        refresh_token: 'pdus+_1XBPWQQ_4f0dd763-8665-4fd7-aab7-d9f98e0c151b',
        scope: 'openid read',
        expires_in: 864000,
      },
    },
    accessToken: 'pdus+_0XBPWQQ_39435d07-9232-4bc2-9dc9-c4a8fccc94ad',
    refreshToken: 'pdus+_1XBPWQQ_4f0dd763-8665-4fd7-aab7-d9f98e0c151b',
    lifetimeSeconds: 864000,
    refreshLifetimeSeconds: 210 * 24 * 60 * 60,
  },
  refusals: [
    { what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  test: {
    asks: 'GET api.pagerduty.com/users?limit=1',
    headers: { authorization: `Bearer ${token}`, accept: 'application/vnd.pagerduty+json;version=2' },
    good: { body: { users: [{ id: 'PIYKDBN', type: 'user' }], limit: 1, offset: 0, more: true, total: null } },
    refused: {
      answer: { status: 401, body: { error: { message: 'Authentication failed', code: 2006 } } },
      says: '2006: Authentication failed',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_key: 'y_NbAkKc66ryYTWUXYEu' } },
      asks: 'GET api.pagerduty.com/users?limit=1',
      headers: { authorization: 'Token token=y_NbAkKc66ryYTWUXYEu' },
    },
  ],
  hints: [
    {
      what: 'request',
      answer: { status: 401, body: { error: { message: 'Authentication failed', code: 2006 } } },
      says: '2006: Authentication failed',
      cause: 'belongs to the other service region',
    },
    {
      what: 'request',
      answer: { status: 403, body: { error: { message: 'Access Denied', code: 2010 } } },
      says: '2010: Access Denied',
      cause: 'does not allow this request',
    },
  ],
  streams: [
    {
      name: 'incidents',
      pages: [
        {
          body: {
            incidents: [{ id: 'PGR0VU2', created_at: '2026-04-09T15:16:27Z', status: 'triggered' }],
            limit: 100,
            offset: 0,
            more: true,
            total: null,
          },
        },
        {
          body: {
            incidents: [{ id: 'PGR0VU3', created_at: '2026-04-10T15:16:27Z', status: 'resolved' }],
            limit: 100,
            offset: 1,
            more: false,
            total: null,
          },
        },
      ],
      keys: ['PGR0VU2', 'PGR0VU3'],
      asksFor: 'offset=1',
      since: { cursor: '2026-06-10T15:16:27Z', value: '2026-05-11T15:16:27.000Z' },
    },
    {
      name: 'services',
      pages: [
        { body: { services: [{ id: 'PF9KMXH', summary: 'API Service' }], limit: 100, offset: 0, more: true } },
        { body: { services: [{ id: 'PF9KMXI', summary: 'Web Service' }], limit: 100, offset: 1, more: false } },
      ],
      keys: ['PF9KMXH', 'PF9KMXI'],
      asksFor: 'offset=1',
      limited: {
        status: 429,
        headers: { 'ratelimit-limit': '960', 'ratelimit-remaining': '0', 'ratelimit-reset': '20' },
        body: { error: { message: 'Rate Limit Exceeded', code: 2020 } },
      },
    },
  ],
  // PagerDuty/developer-docs, docs/webhooks
  webhook: {
    sign: ({ secret, body }) => ({
      'X-PagerDuty-Signature': `v1=130dcacb53a94d983a37cf2acba98e805a1c37185309ba56fdcccbcf00d6dd8b,v1=${hmac('sha256', secret, body, 'hex')}`,
    }),
    connection: { externalId: 'acme' },
    requests: [
      {
        body: {
          event: {
            id: '5ac64822-4adc-4fda-ade0-410becf0de4f',
            event_type: 'incident.priority_updated',
            resource_type: 'incident',
            occurred_at: '2020-10-02T18:45:22.169Z',
            agent: null,
            data: { id: 'PGR0VU2', type: 'incident', html_url: 'https://acme.pagerduty.com/incidents/PGR0VU2' },
          },
        },
        events: [
          {
            id: '5ac64822-4adc-4fda-ade0-410becf0de4f',
            type: 'incident.priority_updated',
            account: 'acme',
            streams: ['incidents'],
          },
        ],
      },
      {
        body: {
          event: {
            id: '01BRB6ZP4M6T8ZG4X6BP63ZB9P',
            event_type: 'incident.annotated',
            resource_type: 'incident',
            data: {
              id: 'P2LA89X',
              type: 'incident_note',
              incident: { id: 'PGR0VU2', html_url: 'https://acme.pagerduty.com/incidents/PGR0VU2' },
            },
          },
        },
        events: [
          {
            id: '01BRB6ZP4M6T8ZG4X6BP63ZB9P',
            type: 'incident.annotated',
            account: 'acme',
            streams: ['incidents'],
          },
        ],
      },
      {
        body: {
          event: {
            id: '01BRB6ZP4M6T8ZG4X6BP63ZB9O',
            event_type: 'service.updated',
            resource_type: 'service',
            agent: null,
            client: null,
            data: { id: 'PF9KMXH', type: 'service', html_url: 'https://acme.pagerduty.com/services/PF9KMXH' },
          },
        },
        events: [{ id: '01BRB6ZP4M6T8ZG4X6BP63ZB9O', type: 'service.updated', account: 'acme', streams: ['services'] }],
      },
    ],
  },
  actions,
}
