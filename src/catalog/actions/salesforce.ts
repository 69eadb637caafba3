import type { ActionDefinition } from '../definition/action.ts'
import { choice, email, input, limit, text } from './input.ts'

const reference = 'https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest'
const recordId = (object: string) =>
  text(`Id of the ${object}: 15 or 18 letters and digits.`, { pattern: '^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$' })
const person = {
  first_name: text('First name.', { maxLength: 40 }),
  email: email('Email address.'),
  phone: text('Phone number.', { maxLength: 40 }),
  title: text('Job title.', { maxLength: 128 }),
  description: text('Description.', { maxLength: 32_000 }),
}
const fields = {
  FirstName: '{{ args.first_name }}',
  LastName: '{{ args.last_name }}',
  Email: '{{ args.email }}',
  Phone: '{{ args.phone }}',
  Title: '{{ args.title }}',
  Description: '{{ args.description }}',
}
const lastName = text('Last name.', { maxLength: 80 })

export const salesforceActions: ActionDefinition[] = [
  {
    name: 'create_lead',
    title: 'Create a lead',
    description:
      'Creates a lead and returns its id. An organization may require further fields, which Salesforce then names in its response.',
    docsUrl: `${reference}/dome_sobject_create.htm`,
    scopes: ['api'],
    input: input(
      { last_name: lastName, company: text('Name of the company.', { maxLength: 255 }) },
      { ...person, status: text('Status, such as Open - Not Contacted.'), lead_source: text('Source, such as Web.') },
    ),
    request: {
      method: 'POST',
      path: '/sobjects/Lead',
      json: {
        ...fields,
        Company: '{{ args.company }}',
        Status: '{{ args.status }}',
        LeadSource: '{{ args.lead_source }}',
      },
    },
  },
  {
    name: 'create_contact',
    title: 'Create a contact',
    description: 'Creates a contact, in an account if you give one, and returns its id.',
    docsUrl: `${reference}/dome_sobject_create.htm`,
    scopes: ['api'],
    input: input({ last_name: lastName }, { ...person, account_id: recordId('account') }),
    request: {
      method: 'POST',
      path: '/sobjects/Contact',
      json: { ...fields, AccountId: '{{ args.account_id }}' },
    },
  },
  {
    name: 'get_lead',
    title: 'Get a lead',
    description: 'Returns one lead with all fields that the user can see.',
    docsUrl: `${reference}/dome_get_field_values.htm`,
    scopes: ['api'],
    readOnly: true,
    input: input({ lead_id: recordId('lead') }),
    request: { method: 'GET', path: '/sobjects/Lead/{{ args.lead_id }}' },
  },
  {
    name: 'get_contact',
    title: 'Get a contact',
    description: 'Returns one contact with all fields that the user can see.',
    docsUrl: `${reference}/dome_get_field_values.htm`,
    scopes: ['api'],
    readOnly: true,
    input: input({ contact_id: recordId('contact') }),
    request: { method: 'GET', path: '/sobjects/Contact/{{ args.contact_id }}' },
  },
  {
    name: 'list_leads',
    title: 'List leads',
    description: 'Lists leads that are not converted, the newest first.',
    docsUrl: `${reference}/dome_query.htm`,
    scopes: ['api'],
    readOnly: true,
    input: input({}, { limit: limit(2000, 50) }),
    request: {
      method: 'GET',
      path: '/query',
      query: {
        q: 'SELECT Id, FirstName, LastName, Company, Email, Phone, Status, LeadSource, OwnerId, CreatedDate FROM Lead WHERE IsConverted = false ORDER BY CreatedDate DESC LIMIT {{ args.limit | default(50) }}',
      },
    },
    output: ['records'],
  },
  {
    name: 'search',
    title: 'Search records',
    description:
      'Searches records of one object by words in any of their fields. Returns Id and Name, or for cases CaseNumber and Subject.',
    docsUrl: `${reference}/resources_search_parameterized.htm`,
    scopes: ['api'],
    readOnly: true,
    input: input(
      {
        query: text('Words to search for, at least two characters.', { minLength: 2 }),
        object: choice('Which records to search.', ['Account', 'Contact', 'Lead', 'Opportunity', 'Case']),
      },
      { limit: limit(2000, 20) },
    ),
    request: {
      method: 'GET',
      path: '/parameterizedSearch',
      query: {
        q: '{{ args.query }}',
        sobject: '{{ args.object }}',
        fields: "{{ 'Id,CaseNumber,Subject' if args.object == 'Case' else 'Id,Name' }}",
        overallLimit: '{{ args.limit | default(20) }}',
      },
    },
    output: ['searchRecords'],
  },
]
