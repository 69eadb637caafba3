import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const account = '67179a9e-0a1e-4fb2-bfa1-7bd9c742af8c'
const envelope = '67179a9e-209e-428f-a17f-09eac742f749'
const base = `https://na4.docusign.net/restapi/v2.1/accounts/${account}`

const actions: ActionExample[] = [
  {
    action: 'send_template',
    arguments: {
      template_id: 'template-1',
      role: 'Signer',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      subject: 'Please sign',
      status: 'created',
    },
    request: `POST ${base}/envelopes`,
    body: {
      templateId: 'template-1',
      templateRoles: [{ roleName: 'Signer', name: 'Ada Lovelace', email: 'ada@example.com' }],
      emailSubject: 'Please sign',
      status: 'created',
    },
    answer: { status: 201, body: { envelopeId: envelope, status: 'created', uri: `/envelopes/${envelope}` } },
    output: { envelopeId: envelope, status: 'created', uri: `/envelopes/${envelope}` },
  },
  {
    action: 'list_envelopes',
    arguments: { from_day: '2026-06-01', status: 'sent,completed', limit: 5 },
    request: `GET ${base}/envelopes?from_date=2026-06-01&status=sent%2Ccompleted&count=5`,
    answer: { body: { resultSetSize: '1', totalSetSize: '1', envelopes: [{ envelopeId: envelope }] } },
    output: { resultSetSize: '1', totalSetSize: '1', envelopes: [{ envelopeId: envelope }] },
  },
  {
    action: 'get_envelope',
    arguments: { envelope_id: envelope },
    request: `GET ${base}/envelopes/${envelope}?include=recipients`,
    answer: { body: { envelopeId: envelope, status: 'completed' } },
    output: { envelopeId: envelope, status: 'completed' },
  },
]

export const trial: ProviderTrial = {
  input: { environment: 'production' },
  exchange: {
    answer: {
      body: {
        access_token: 'eyJ0eXAi.first',
        token_type: 'Bearer',
        refresh_token: 'eyJ0eXAi.refresh-first',
        expires_in: 28800,
      },
    },
    accessToken: 'eyJ0eXAi.first',
    refreshToken: 'eyJ0eXAi.refresh-first',
    lifetimeSeconds: 28800,
    refreshLifetimeSeconds: 30 * 86_400,
  },
  renewal: {
    answer: {
      body: {
        access_token: 'eyJ0eXAi.second',
        token_type: 'Bearer',
        refresh_token: 'eyJ0eXAi.refresh-second',
        expires_in: 28800,
      },
    },
    accessToken: 'eyJ0eXAi.second',
    refreshToken: 'eyJ0eXAi.refresh-second',
    lifetimeSeconds: 28800,
    refreshLifetimeSeconds: 30 * 86_400,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'expired_client_token' } },
      reason: 'INVALID_GRANT',
      says: 'expired_client_token',
    },
  ],
  hints: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'expired_client_token' } },
      says: 'expired_client_token',
      cause: 'older than 30 days',
    },
  ],
  afterConnect: {
    answers: [
      {
        body: {
          sub: 'ad957f67-7573-4110-a63c-f3999cdda889',
          name: 'Ada Lovelace',
          email: 'ada@example.com',
          accounts: [
            {
              account_id: account,
              is_default: true,
              account_name: 'Acme',
              base_uri: 'https://na4.docusign.net',
            },
          ],
        },
      },
    ],
    kept: { instance_url: 'https://na4.docusign.net', account_id: account, account_name: 'Acme' },
  },
  test: {
    asks: `GET na4.docusign.net/restapi/v2.1/accounts/${account}/users?count=1`,
    headers: { authorization: 'Bearer eyJ0eXAi.first' },
    good: { body: { users: [{ userId: 'ad957f67-7573-4110-a63c-f3999cdda889' }], totalSetSize: '1' } },
    refused: {
      answer: {
        status: 401,
        body: {
          errorCode: 'USER_AUTHENTICATION_FAILED',
          message: 'One or both of Username and Password are invalid. Invalid access token',
        },
      },
      says: 'USER_AUTHENTICATION_FAILED: One or both of Username and Password are invalid. Invalid access token',
    },
  },
  streams: [
    {
      name: 'envelopes',
      pages: [
        {
          body: {
            resultSetSize: '1000',
            totalSetSize: '1001',
            startPosition: '0',
            envelopes: Array.from({ length: 1_000 }, (_, index) => ({
              envelopeId: `envelope-${index + 1}`,
              status: 'completed',
              statusChangedDateTime: '2026-06-01T10:00:00.0000000Z',
            })),
          },
        },
        {
          body: {
            resultSetSize: '1',
            totalSetSize: '1001',
            startPosition: '1000',
            envelopes: [{ envelopeId: 'envelope-1001', statusChangedDateTime: '2026-06-02T10:00:00.0000000Z' }],
          },
        },
      ],
      keys: Array.from({ length: 1_001 }, (_, index) => `envelope-${index + 1}`),
      asksFor: 'start_position=1000',
      since: { cursor: '2026-06-01T10:00:00.0000000Z', value: '2026-06-01T10:00:00.000Z' },
      limited: {
        status: 400,
        headers: { 'retry-after': '60' },
        body: {
          errorCode: 'HOURLY_APIINVOCATION_LIMIT_EXCEEDED',
          message: 'The maximum number of hourly API invocations has been exceeded.',
        },
      },
    },
    {
      name: 'templates',
      pages: [{ body: { resultSetSize: '1', totalSetSize: '1', envelopeTemplates: [{ templateId: 'template-1' }] } }],
      keys: ['template-1'],
      asksFor: '/templates',
    },
  ],
  // developers.docusign.com/docs/platform/webhooks/connect/validate
  webhook: {
    sign: ({ secret, body }) => ({
      'X-Authorization-Digest': 'HMACSHA256',
      'X-DocuSign-Signature-1': hmac('sha256', secret, body, 'base64'),
    }),
    connection: { kept: { account_id: account } },
    requests: [
      {
        body: {
          event: 'envelope-completed',
          apiVersion: 'v2.1',
          uri: `/restapi/v2.1/accounts/${account}/envelopes/${envelope}`,
          retryCount: 0,
          configurationId: 10430604,
          generatedDateTime: '2023-07-06T18:05:48.4147743Z',
          data: { accountId: account, userId: 'ad957f67-7573-4110-a63c-f3999cdda889', envelopeId: envelope },
        },
        events: [
          {
            id: `envelope-completed ${envelope} 2023-07-06T18:05:48.4147743Z`,
            type: 'envelope-completed',
            account,
            streams: ['envelopes'],
          },
        ],
      },
    ],
  },
  actions,
}
