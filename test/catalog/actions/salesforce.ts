import type { ActionExample } from './example.ts'

const rest = 'https://acme.my.salesforce.com/services/data/v62.0'
const person = {
  first_name: 'John',
  email: 'john@example.com',
  phone: '(555) 555-5555',
  title: 'Director',
  description: 'Met at the fair.',
}
const fields = {
  FirstName: 'John',
  Email: 'john@example.com',
  Phone: '(555) 555-5555',
  Title: 'Director',
  Description: 'Met at the fair.',
}

export const examples: ActionExample[] = [
  {
    action: 'create_lead',
    arguments: {
      last_name: 'Doe',
      company: 'Acme',
      ...person,
      status: 'Open - Not Contacted',
      lead_source: 'Web',
    },
    request: `POST ${rest}/sobjects/Lead`,
    body: { LastName: 'Doe', ...fields, Company: 'Acme', Status: 'Open - Not Contacted', LeadSource: 'Web' },
    answer: { status: 201, body: { id: '00Q5e00001A1b2cEAB', success: true, errors: [] } },
    output: { id: '00Q5e00001A1b2cEAB', success: true, errors: [] },
  },
  {
    action: 'create_contact',
    arguments: { last_name: 'Doe', ...person, account_id: '001D000000INjVeIAL' },
    request: `POST ${rest}/sobjects/Contact`,
    body: { LastName: 'Doe', ...fields, AccountId: '001D000000INjVeIAL' },
    answer: { status: 201, body: { id: '003D000000QYAgHIAX', success: true, errors: [] } },
    output: { id: '003D000000QYAgHIAX', success: true, errors: [] },
  },
  {
    action: 'get_lead',
    arguments: { lead_id: '00Q5e00001A1b2cEAB' },
    request: `GET ${rest}/sobjects/Lead/00Q5e00001A1b2cEAB`,
    answer: { body: { Id: '00Q5e00001A1b2cEAB', LastName: 'Doe' } },
    output: { Id: '00Q5e00001A1b2cEAB', LastName: 'Doe' },
  },
  {
    action: 'get_contact',
    arguments: { contact_id: '003D000000QYAgH' },
    request: `GET ${rest}/sobjects/Contact/003D000000QYAgH`,
    answer: { body: { Id: '003D000000QYAgHIAX', LastName: 'Doe' } },
    output: { Id: '003D000000QYAgHIAX', LastName: 'Doe' },
  },
  {
    action: 'list_leads',
    arguments: { limit: 5 },
    request: `GET ${rest}/query?q=SELECT%20Id%2C%20FirstName%2C%20LastName%2C%20Company%2C%20Email%2C%20Phone%2C%20Status%2C%20LeadSource%2C%20OwnerId%2C%20CreatedDate%20FROM%20Lead%20WHERE%20IsConverted%20%3D%20false%20ORDER%20BY%20CreatedDate%20DESC%20LIMIT%205`,
    answer: { body: { totalSize: 1, done: true, records: [{ Id: '00Q5e00001A1b2cEAB' }] } },
    output: [{ Id: '00Q5e00001A1b2cEAB' }],
  },
  {
    action: 'search',
    arguments: { query: 'Acme', object: 'Account', limit: 5 },
    request: `GET ${rest}/parameterizedSearch?q=Acme&sobject=Account&fields=Id%2CName&overallLimit=5`,
    answer: { body: { searchRecords: [{ Id: '001D000000INjVeIAL', Name: 'Acme' }] } },
    output: [{ Id: '001D000000INjVeIAL', Name: 'Acme' }],
  },
]
