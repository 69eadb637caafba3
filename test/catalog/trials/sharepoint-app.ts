import { microsoftWebhook } from '../providers/microsoft-answers.ts'
import type { ProviderTrial } from '../providers/trial.ts'
import { webhookSecret } from '../providers/webhook-trial.ts'
import { sharepointActions, sharepointStreams } from './sharepoint.ts'

const graph = 'https://graph.microsoft.com/v1.0'

export const trial: ProviderTrial = {
  credential: { fields: { client_id: 'client-id', client_secret: 'cl1ent-s3cret' } },
  renewal: {
    answer: {
      body: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: 'eyJ0eXAiOiJKV1QiLCJhbGci' },
    },
    accessToken: 'eyJ0eXAiOiJKV1QiLCJhbGci',
    lifetimeSeconds: 3599,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 401,
        body: {
          error: 'invalid_client',
          error_description: 'AADSTS7000215: Invalid client secret provided.',
          error_codes: [7000215],
        },
      },
      reason: 'INVALID_CLIENT',
      says: 'AADSTS7000215',
    },
  ],
  hints: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: {
          error: 'unauthorized_client',
          error_description: "AADSTS700016: Application with identifier 'client-id' was not found in the directory.",
          error_codes: [700016],
        },
      },
      says: "AADSTS700016: Application with identifier 'client-id' was not found in the directory.",
      cause: 'The directory does not know the app',
    },
    {
      what: 'renewal',
      answer: {
        status: 401,
        body: {
          error: 'invalid_client',
          error_description: 'AADSTS7000222: The provided client secret keys are expired.',
        },
      },
      says: 'AADSTS7000222: The provided client secret keys are expired.',
      cause: 'The client secret has expired',
    },
  ],
  test: {
    asks: 'GET graph.microsoft.com/v1.0/sites?search=*&$top=1',
    headers: { authorization: 'Bearer eyJ0eXAiOiJKV1QiLCJhbGci' },
    good: { body: { value: [{ id: 'contoso.sharepoint.com,bf6fb551,65a04b8b', name: 'Root Site' }] } },
    refused: {
      answer: {
        status: 401,
        body: {
          error: { code: 'InvalidAuthenticationToken', message: 'Access token has expired or is not yet valid.' },
        },
      },
      says: 'Access token has expired or is not yet valid.',
    },
  },
  streams: [
    {
      name: 'sites',
      pages: [
        {
          body: {
            value: [
              {
                id: 'contoso.sharepoint.com,bf6fb551-d508-4946-a439-b2a6154fc1d9,65a04b8b-1f44-442b-a1fc-9e5852fb946c',
                name: 'Root Site',
                root: {},
              },
            ],
            '@odata.nextLink': `${graph}/sites/oneDrive.getAllSites?$skiptoken=U1BHZW9EYXRhTG9jYXRpb25Db2RlYU5BTQ`,
          },
        },
        {
          body: {
            value: [
              {
                id: 'contoso.sharepoint.com,d9ecf079-9b13-4376-ac5d-f242dda55626,746dbcc1-fa2b-4120-b657-2670bae5bb6f',
                name: 'Site A',
              },
            ],
          },
        },
      ],
      keys: [
        'contoso.sharepoint.com,bf6fb551-d508-4946-a439-b2a6154fc1d9,65a04b8b-1f44-442b-a1fc-9e5852fb946c',
        'contoso.sharepoint.com,d9ecf079-9b13-4376-ac5d-f242dda55626,746dbcc1-fa2b-4120-b657-2670bae5bb6f',
      ],
      asksFor: '$skiptoken=U1BHZW9EYXRhTG9jYXRpb25Db2RlYU5BTQ',
    },
    ...sharepointStreams,
  ],
  webhook: microsoftWebhook([
    {
      query: 'external_id=crm-1',
      body: {
        value: [
          {
            subscriptionId: 'aa269f87-2a92-4cff-a43e-2771878c3727',
            clientState: webhookSecret,
            changeType: 'updated',
            resource: 'sites/contoso.sharepoint.com,bf6fb551,65a04b8b/lists/1234abcd',
            subscriptionExpirationDateTime: '2026-07-20T23:23:00.000Z',
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
          },
        ],
      },
      events: [{ type: 'updated', account: 'crm-1', streams: ['list_items'] }],
    },
  ]),
  actions: sharepointActions,
}
