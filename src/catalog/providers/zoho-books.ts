import { email, input, limit, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import { zohoApis, zohoProduct } from '../families/zoho.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://www.zoho.com/books/api/v3'

const organization = {
  organization_id: text('Id of the organization. list_organizations has it.', { pattern: '^[0-9]+$' }),
}

const actions: ActionDefinition[] = [
  {
    name: 'list_organizations',
    title: 'List organizations',
    description: 'Lists the organizations of the account. The other actions need the id of one.',
    docsUrl: `${reference}/organizations/`,
    scopes: ['ZohoBooks.settings.READ'],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/organizations' },
    output: ['organizations'],
  },
  {
    name: 'list_invoices',
    title: 'List invoices',
    description:
      'Lists the invoices of an organization. Returns invoices; page_context.has_more_page says if there are more.',
    docsUrl: `${reference}/invoices/`,
    scopes: ['ZohoBooks.invoices.READ'],
    readOnly: true,
    input: input(organization, {
      customer_id: text('Id of a customer.', { pattern: '^[0-9]+$' }),
      status: text('Status of the invoices, such as sent, draft, overdue, paid or void.'),
      limit: limit(200, 50),
      page: page(),
    }),
    request: {
      method: 'GET',
      path: '/invoices',
      query: {
        organization_id: '{{ args.organization_id }}',
        customer_id: '{{ args.customer_id }}',
        status: '{{ args.status }}',
        per_page: '{{ args.limit | default(50) }}',
        page: '{{ args.page | default(1) }}',
      },
    },
  },
  {
    name: 'create_contact',
    title: 'Create a contact',
    description: 'Creates a customer with a contact person. Returns the contact with its contact_id.',
    docsUrl: `${reference}/contacts/`,
    scopes: ['ZohoBooks.contacts.CREATE'],
    input: input(
      { ...organization, name: text('Name of the contact.'), email: email('Email address of the contact person.') },
      {
        company_name: text('Name of the company.'),
        first_name: text('First name of the contact person.'),
        last_name: text('Last name of the contact person.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/contacts',
      query: { organization_id: '{{ args.organization_id }}' },
      json: {
        contact_name: '{{ args.name }}',
        company_name: '{{ args.company_name }}',
        contact_persons: [
          { first_name: '{{ args.first_name }}', last_name: '{{ args.last_name }}', email: '{{ args.email }}' },
        ],
      },
    },
    output: ['contact'],
  },
]

export const provider: ProviderFile = zohoProduct({
  aliases: ['zohobooks', 'zoho accounting', 'zoho invoices'],
  logo: 'zoho',
  color: '#226db4',
  sources: [
    { url: 'https://zoho.com/books/api', read: '2026-11-29' },
    { url: 'https://zoho.com/books/api/v3/pagination/', read: '2026-11-29' },
    {
      url: 'https://learn.microsoft.com/en-us/Azure/databricks/ingestion/lakeflow-connect/zoho-books-reference',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The steps were read in an older guide of another product; the fields of contacts and the limits were not found.
  unverified: ['app', 'actions', 'rateLimit', 'hints'],
  requested: [
    'ZohoBooks.settings.READ',
    ...['contacts', 'invoices', 'customerpayments'].map((module) => `ZohoBooks.${module}.READ`),
  ],
  definition: {
    displayName: 'Zoho Books',
    docsUrl: `${reference}/introduction/`,
    categories: ['accounting', 'billing'],
    baseUrl: `${zohoApis}/books/v3`,
    testRequest: { path: '/organizations' },
    streams: [
      {
        name: 'organizations',
        path: '/organizations',
        recordsPath: ['organizations'],
        primaryKey: [['organization_id']],
      },
      records('contacts', 'contact_id'),
      records('items', 'item_id'),
      records('invoices', 'invoice_id'),
      records('customerpayments', 'payment_id'),
    ],
    actions,
  },
  guide: {
    scopes: {
      'ZohoBooks.settings.READ': {
        en: 'see your organizations, items and settings',
        de: 'Ihre Organisationen, Artikel und Einstellungen sehen',
      },
      'ZohoBooks.contacts.READ': { en: 'read your customers and vendors', de: 'Ihre Kunden und Lieferanten lesen' },
      'ZohoBooks.contacts.CREATE': { en: 'create customers and vendors', de: 'Kunden und Lieferanten anlegen' },
      'ZohoBooks.invoices.READ': { en: 'read your invoices', de: 'Ihre Rechnungen lesen' },
      'ZohoBooks.customerpayments.READ': {
        en: 'read the payments of your customers',
        de: 'die Zahlungen Ihrer Kunden lesen',
      },
    },
    rateLimit: null,
  },
})

/** Every request has to name the organization; an account may have several. */
function records(name: string, id: string): StreamDefinition {
  return {
    name,
    parent: { stream: 'organizations' },
    path: `/${name}`,
    query: { organization_id: '{{ parent.organization_id }}' },
    recordsPath: [name],
    primaryKey: [[id]],
    pagination: {
      type: 'page',
      param: 'page',
      sizeParam: 'per_page',
      size: 200,
      hasMore: ['page_context', 'has_more_page'],
    },
  }
}
