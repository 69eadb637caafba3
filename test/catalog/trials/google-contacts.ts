import { googleHeaders, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, Answer, ProviderTrial } from '../providers/trial.ts'

const fields =
  'names%2Cnicknames%2CemailAddresses%2CphoneNumbers%2Caddresses%2Corganizations%2Cbirthdays%2Cbiographies%2Curls%2Cmemberships%2CuserDefined%2Cmetadata'

const exhausted: Answer = {
  status: 429,
  body: { error: { code: 429, message: 'Quota exceeded for quota metric.', status: 'RESOURCE_EXHAUSTED' } },
}

const person = { resourceName: 'people/c1845', etag: '%EgUBAi43PRo=', names: [{ displayName: 'Ada Lovelace' }] }

const actions: ActionExample[] = [
  {
    action: 'create_contact',
    arguments: {
      given_name: 'Ada',
      family_name: 'Lovelace',
      email: 'ada@example.com',
      phone: '+49 30 123',
      company: 'Engines',
      job_title: 'Programmer',
      notes: 'Met in London.',
    },
    request: `POST https://people.googleapis.com/v1/people:createContact?personFields=${fields}`,
    body: {
      names: [{ givenName: 'Ada', familyName: 'Lovelace' }],
      emailAddresses: [{ value: 'ada@example.com' }],
      phoneNumbers: [{ value: '+49 30 123' }],
      organizations: [{ name: 'Engines', title: 'Programmer' }],
      biographies: [{ value: 'Met in London.' }],
    },
    answer: { body: person },
    output: person,
  },
  {
    action: 'search_contacts',
    arguments: { query: 'ada love', limit: 5 },
    request: `GET https://people.googleapis.com/v1/people:searchContacts?query=ada%20love&readMask=${fields}&pageSize=5`,
    answer: { body: { results: [{ person }] } },
    output: { results: [{ person }] },
  },
  {
    action: 'list_contacts',
    arguments: { limit: 20, cursor: 'GgoKBQ' },
    request: `GET https://people.googleapis.com/v1/people/me/connections?personFields=${fields}&sortOrder=LAST_MODIFIED_DESCENDING&pageSize=20&pageToken=GgoKBQ`,
    answer: { body: { connections: [person], totalItems: 21 } },
    output: { connections: [person], totalItems: 21 },
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/contacts.readonly'),
  test: {
    asks: 'GET people.googleapis.com/v1/contactGroups?pageSize=1',
    headers: googleHeaders,
    good: { body: { contactGroups: [{ resourceName: 'contactGroups/myContacts' }], totalItems: 8 } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'contacts',
      pages: [
        { body: { connections: [person], nextPageToken: 'GgoKBQ', totalItems: 2 } },
        { body: { connections: [{ resourceName: 'people/c1846', etag: '%Eg' }], totalItems: 2 } },
      ],
      keys: ['people/c1845', 'people/c1846'],
      asksFor: 'pageToken=GgoKBQ',
      limited: exhausted,
    },
    {
      name: 'other_contacts',
      pages: [
        { body: { otherContacts: [{ resourceName: 'otherContacts/c1' }], nextPageToken: 'Gg', totalSize: 2 } },
        { body: { otherContacts: [{ resourceName: 'otherContacts/c2' }], totalSize: 2 } },
      ],
      keys: ['otherContacts/c1', 'otherContacts/c2'],
      asksFor: 'pageToken=Gg',
      limited: exhausted,
    },
    {
      name: 'contact_groups',
      pages: [
        {
          body: {
            contactGroups: [{ resourceName: 'contactGroups/myContacts', groupType: 'SYSTEM_CONTACT_GROUP' }],
            nextPageToken: 'Gc',
          },
        },
        { body: { contactGroups: [{ resourceName: 'contactGroups/5b1', name: 'Club' }] } },
      ],
      keys: ['contactGroups/myContacts', 'contactGroups/5b1'],
      asksFor: 'pageToken=Gc',
      limited: exhausted,
    },
  ],
  actions,
}
