import { googleHeaders, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, Answer, ProviderTrial } from '../providers/trial.ts'

const exhausted: Answer = {
  status: 429,
  body: {
    error: { code: 429, message: 'Resource has been exhausted (e.g. check quota).', status: 'RESOURCE_EXHAUSTED' },
  },
}

const campaign = (id: string) => ({
  campaign: { resourceName: `customers/1234567890/campaigns/${id}`, id, name: 'Shoes', status: 'PAUSED' },
})

const adGroup = (id: string) => ({
  adGroup: { resourceName: `customers/1234567890/adGroups/${id}`, id, campaign: 'customers/1234567890/campaigns/1' },
})

const day = (id: string, date: string) => ({ ...campaign(id), segments: { date }, metrics: { clicks: '12' } })

const actions: ActionExample[] = [
  {
    action: 'search',
    arguments: { query: 'SELECT campaign.name FROM campaign', cursor: 'CKDo' },
    request: 'POST https://googleads.googleapis.com/v26/customers/1234567890/googleAds:search',
    body: { query: 'SELECT campaign.name FROM campaign', pageToken: 'CKDo' },
    answer: { body: { results: [campaign('1')], fieldMask: 'campaign.name' } },
    output: { results: [campaign('1')], fieldMask: 'campaign.name' },
    readsWithPost: true,
  },
  {
    action: 'set_campaign_status',
    arguments: { campaign_id: '1', status: 'PAUSED' },
    request: 'POST https://googleads.googleapis.com/v26/customers/1234567890/campaigns:mutate',
    body: {
      operations: [
        { updateMask: 'status', update: { resourceName: 'customers/1234567890/campaigns/1', status: 'PAUSED' } },
      ],
    },
    answer: { body: { results: [{ resourceName: 'customers/1234567890/campaigns/1' }] } },
    output: { results: [{ resourceName: 'customers/1234567890/campaigns/1' }] },
    overwrites: true,
  },
]

const DENIED =
  "User doesn't have permission to access customer. Note: If you're accessing a client customer, the manager's customer id must be set in the 'login-customer-id' header."

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/adwords'),
  input: { login_customer_id: '9876543210' },
  hints: [
    {
      what: 'request',
      answer: {
        status: 403,
        body: {
          error: {
            code: 403,
            message: 'The caller does not have permission',
            status: 'PERMISSION_DENIED',
            details: [{ errors: [{ errorCode: { authorizationError: 'USER_PERMISSION_DENIED' }, message: DENIED }] }],
          },
        },
      },
      says: `USER_PERMISSION_DENIED: ${DENIED}`,
      cause: 'through a manager account',
    },
  ],
  test: {
    asks: 'POST googleads.googleapis.com/v26/customers/1234567890/googleAds:search',
    headers: { ...googleHeaders, 'login-customer-id': '9876543210' },
    good: { body: { results: [{ customer: { resourceName: 'customers/1234567890', id: '1234567890' } }] } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'campaigns',
      pages: [{ body: { results: [campaign('1')], nextPageToken: 'CKDo' } }, { body: { results: [campaign('2')] } }],
      keys: ['1', '2'],
      asksFor: '"pageToken":"CKDo"',
      limited: exhausted,
    },
    {
      name: 'ad_groups',
      pages: [{ body: { results: [adGroup('7')], nextPageToken: 'CKDo' } }, { body: { results: [adGroup('8')] } }],
      keys: ['7', '8'],
      asksFor: '"pageToken":"CKDo"',
      limited: exhausted,
    },
    {
      name: 'campaign_days',
      pages: [
        { body: { results: [day('1', '2026-06-01')], nextPageToken: 'CKDo' } },
        { body: { results: [day('1', '2026-06-02')] } },
      ],
      keys: ['1/2026-06-01', '1/2026-06-02'],
      asksFor: '"pageToken":"CKDo"',
      limited: exhausted,
    },
  ],
  actions,
}
