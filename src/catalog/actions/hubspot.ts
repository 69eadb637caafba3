import type { ActionDefinition } from '../definition/action.ts'
import { cursor, EMAIL, email, input, limit, list, text } from './input.ts'

/** The definition in providers/hubspot.ts says why this version. */
const contacts = '/crm/objects/2026-03/contacts'
const reference = 'https://developers.hubspot.com/docs/api-reference/2026-03/crm/objects/contacts'

const details = {
  firstname: text('First name.'),
  lastname: text('Last name.'),
  phone: text('Phone number.'),
  company: text('Name of the company.'),
  jobtitle: text('Job title.'),
  website: text('Website.'),
  lifecyclestage: text('Internal name of the lifecycle stage, such as lead, opportunity or customer.'),
}
const properties = {
  email: '{{ args.email }}',
  ...Object.fromEntries(Object.keys(details).map((name) => [name, `{{ args.${name} }}`])),
}
const contactId = text('Id of the contact.', { pattern: '^[0-9]+$' })
const read = list('Names of the properties to return. Default: those that HubSpot chooses.', { type: 'string' })

export const hubspotActions: ActionDefinition[] = [
  {
    name: 'create_contact',
    title: 'Create a contact',
    description:
      'Creates a contact and returns it with its id. HubSpot refuses a second contact with the same email address (409).',
    docsUrl: `${reference}/create-contact`,
    scopes: ['crm.objects.contacts.write'],
    input: input({ email: email('Email address.') }, details),
    request: { method: 'POST', path: contacts, json: { properties } },
  },
  {
    name: 'update_contact',
    title: 'Update a contact',
    description: 'Changes the given properties of a contact and leaves the others. Returns the contact.',
    docsUrl: `${reference}/update-contact`,
    scopes: ['crm.objects.contacts.write'],
    destructive: true,
    input: {
      ...input({ contact_id: contactId }, { email: email('New email address.'), ...details }),
      minProperties: 2,
    },
    request: { method: 'PATCH', path: `${contacts}/{{ args.contact_id }}`, json: { properties } },
  },
  {
    name: 'get_contact',
    title: 'Get a contact',
    description: 'Returns one contact with its properties.',
    docsUrl: `${reference}/get-contact`,
    scopes: ['crm.objects.contacts.read'],
    readOnly: true,
    input: input({ contact_id: contactId }, { properties: read }),
    request: {
      method: 'GET',
      path: `${contacts}/{{ args.contact_id }}`,
      query: { properties: "{{ args.properties | join(',') }}" },
    },
  },
  {
    name: 'list_contacts',
    title: 'List contacts',
    description: 'Lists contacts. Returns results; paging.next.after is the cursor of the next page.',
    docsUrl: `${reference}/get-contacts`,
    scopes: ['crm.objects.contacts.read'],
    readOnly: true,
    input: input({}, { properties: read, limit: limit(100, 10), cursor: cursor('paging.next.after') }),
    request: {
      method: 'GET',
      path: contacts,
      query: {
        properties: "{{ args.properties | join(',') }}",
        limit: '{{ args.limit | default(10) }}',
        after: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'search_contacts',
    title: 'Search contacts',
    description:
      'Searches contacts by words in name, email address, phone number and company. Returns total and results; paging.next.after is the cursor of the next page. A new contact is found after some seconds.',
    docsUrl: `${reference}/search-contacts`,
    scopes: ['crm.objects.contacts.read'],
    readOnly: true,
    input: input(
      { query: text('Words to search for.', { maxLength: 3000 }) },
      { properties: read, limit: limit(200, 10), cursor: cursor('paging.next.after') },
    ),
    request: {
      method: 'POST',
      path: `${contacts}/search`,
      json: {
        query: '{{ args.query }}',
        properties: '{{ args.properties }}',
        limit: '{{ args.limit | default(10) }}',
        after: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'find_contacts',
    title: 'Find contacts by email address',
    description: 'Returns the contacts with one of these email addresses, as results.',
    docsUrl: `${reference}/search-contacts`,
    scopes: ['crm.objects.contacts.read'],
    readOnly: true,
    input: input({ emails: list('Email addresses.', EMAIL, { maxItems: 100 }) }, { properties: read }),
    request: {
      method: 'POST',
      path: `${contacts}/search`,
      json: {
        filterGroups: [{ filters: [{ propertyName: 'email', operator: 'IN', values: '{{ args.emails }}' }] }],
        properties: '{{ args.properties }}',
        limit: 100,
      },
    },
    output: ['results'],
  },
]
