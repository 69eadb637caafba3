import { microsoftHeaders, microsoftTokens } from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const api = 'https://contoso.crm4.dynamics.com/api/data/v9.2'

const actions: ActionExample[] = [
  {
    action: 'create_contact',
    arguments: {
      last_name: 'McKay',
      first_name: 'Yvonne',
      email: 'yvonne@contoso.com',
      phone: '555-0100',
      job_title: 'Purchasing Manager',
    },
    request: `POST ${api}/contacts`,
    headers: { prefer: 'return=representation' },
    body: {
      lastname: 'McKay',
      firstname: 'Yvonne',
      emailaddress1: 'yvonne@contoso.com',
      telephone1: '555-0100',
      jobtitle: 'Purchasing Manager',
    },
    answer: { status: 201, body: { contactid: '49b0be2e-d01c-ed11-b83e-000d3a572421', fullname: 'Yvonne McKay' } },
    output: { contactid: '49b0be2e-d01c-ed11-b83e-000d3a572421', fullname: 'Yvonne McKay' },
  },
  {
    action: 'create_account',
    arguments: {
      name: 'Sample Account',
      description: 'This is the description of the sample account',
      phone: '555-0101',
    },
    request: `POST ${api}/accounts`,
    headers: { prefer: 'return=representation' },
    body: {
      name: 'Sample Account',
      description: 'This is the description of the sample account',
      telephone1: '555-0101',
    },
    answer: { status: 201, body: { accountid: 'd6f193fc-ce85-e611-80d8-00155d2a68de', name: 'Sample Account' } },
    output: { accountid: 'd6f193fc-ce85-e611-80d8-00155d2a68de', name: 'Sample Account' },
  },
  {
    action: 'find_contacts',
    arguments: { email: "o'brian@contoso.com", limit: 5 },
    request: `GET ${api}/contacts?%24filter=emailaddress1%20eq%20%27o%27%27brian%40contoso.com%27&%24top=5`,
    answer: { body: { value: [{ contactid: '70bf4d48-34cb-ed11-b596-0022481d68cd', lastname: "O'Brian" }] } },
    output: [{ contactid: '70bf4d48-34cb-ed11-b596-0022481d68cd', lastname: "O'Brian" }],
  },
]

function rows(name: string, id: string): StreamTrial {
  return {
    name,
    pages: [
      {
        body: {
          '@odata.context': `${api}/$metadata#${name}`,
          value: [{ [id]: '49b0be2e-d01c-ed11-b83e-000d3a572421', modifiedon: '2026-06-01T10:00:00Z' }],
          '@odata.nextLink': `${api}/${name}?$skiptoken=%3Ccookie%20pagenumber=%222%22%20/%3E`,
        },
      },
      { body: { value: [{ [id]: '70bf4d48-34cb-ed11-b596-0022481d68cd', modifiedon: '2026-06-02T10:00:00Z' }] } },
    ],
    keys: ['49b0be2e-d01c-ed11-b83e-000d3a572421', '70bf4d48-34cb-ed11-b596-0022481d68cd'],
    asksFor: '$skiptoken=<cookie pagenumber="2" />',
    since: { cursor: '2026-06-02T10:00:00Z', value: 'modifiedon ge 2026-06-02T10:00:00Z' },
    limited: {
      status: 429,
      headers: { 'retry-after': '10' },
      body: {
        error: {
          code: '0x80072322',
          message: 'Number of requests exceeded the limit of 6000 over time window of 300 seconds.',
        },
      },
    },
  }
}

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET contoso.crm4.dynamics.com/api/data/v9.2/WhoAmI',
    headers: { ...microsoftHeaders, 'odata-version': '4.0', 'odata-maxversion': '4.0' },
    good: { body: { UserId: '8061643d-ebf7-e811-a974-000d3a1e1c9a' } },
    refused: {
      answer: {
        status: 401,
        body: { error: { code: '0x80040220', message: 'The authentication ticket has expired.' } },
      },
      says: 'The authentication ticket has expired.',
    },
  },
  streams: [
    rows('accounts', 'accountid'),
    rows('contacts', 'contactid'),
    rows('leads', 'leadid'),
    rows('opportunities', 'opportunityid'),
  ],
  actions,
}
