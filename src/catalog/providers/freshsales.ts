import { email, input, integer, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developers.freshworks.com/crm/api/'

const actions: ActionDefinition[] = [
  {
    name: 'create_contact',
    title: 'Create a contact',
    description: 'Creates a contact and returns it with its id.',
    docsUrl: docs,
    input: input(
      { email: email('Email address.') },
      {
        first_name: text('First name.'),
        last_name: text('Last name.'),
        job_title: text('Job title.'),
        mobile_number: text('Number of the mobile phone.'),
        owner_id: integer('Id of the user who owns the contact.', { minimum: 1 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/contacts',
      json: {
        email: '{{ args.email }}',
        first_name: '{{ args.first_name }}',
        last_name: '{{ args.last_name }}',
        job_title: '{{ args.job_title }}',
        mobile_number: '{{ args.mobile_number }}',
        owner_id: '{{ args.owner_id }}',
      },
    },
    output: ['contact'],
  },
  {
    name: 'get_contact',
    title: 'Get a contact',
    description: 'Returns one contact.',
    docsUrl: docs,
    readOnly: true,
    input: input({ contact_id: integer('Id of the contact.', { minimum: 1 }) }),
    request: { method: 'GET', path: '/contacts/{{ args.contact_id }}' },
    output: ['contact'],
  },
]

export const provider: ProviderFile = {
  aliases: ['freshworks crm', 'freshsales suite', 'freshworks sales', 'fresh sales'],
  logo: null,
  color: '#f7a81a',
  sources: [
    { url: 'https://developers.freshworks.com/crm/api/', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://www.npmjs.com/package/n8n-nodes-base', read: '2026-11-29', second: true },
    {
      url: 'https://www.npmjs.com/package/@pipedream/freshsales',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://bollardai.com/resources/freshsales', read: '2026-11-29', second: true },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-freshsales/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The lists were read only in clients of others.
  unverified: ['rateLimit', 'hints', 'tokens', 'streams', 'actions'],
  definition: {
    displayName: 'Freshsales',
    docsUrl: docs,
    categories: ['crm', 'sales'],
    baseUrl: 'https://{{ input.domain }}.myfreshworks.com/crm/sales/api',
    inputFields: [
      {
        name: 'domain',
        label: 'Domain',
        description: 'What stands before .myfreshworks.com in the bundle alias.',
        required: true,
        pattern: '[A-Za-z0-9-]+',
        example: 'widgetz',
      },
    ],
    auth: { type: 'api_key', placement: { in: 'header', name: 'Authorization', prefix: 'Token token=' } },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['errors', 'message', 0],
        as: 'fail' as const,
        message: ['errors', 'message', 0],
      })),
    ],
    testRequest: { path: '/settings/contacts/fields' },
    streams: [...records('contacts', 'All Contacts'), ...records('sales_accounts', 'All Accounts')],
    actions,
  },
  guide: {
    key: {
      url: 'https://developers.freshworks.com/crm/api/',
      steps: [
        {
          en: 'Sign in to Freshsales, select your picture and then **Profile Settings**, and open the tab **API Settings**.',
          de: 'Melden Sie sich bei Freshsales an, wählen Sie Ihr Bild und dann **Profile Settings**, und öffnen Sie die Registerkarte **API Settings**.',
        },
        {
          en: 'Copy **Your API key**. The bundle alias is below it: enter as the domain what stands there before .myfreshworks.com.',
          de: 'Kopieren Sie **Your API key**. Darunter steht der Bundle Alias: Geben Sie als Domain ein, was dort vor .myfreshworks.com steht.',
        },
      ],
    },
    fields: { domain: { label: 'Domain', description: 'Was im Bundle Alias vor .myfreshworks.com steht.' } },
    traps: [
      {
        en: 'The key has the rights of its user, so it sees only the records that the user sees.',
        de: 'Der Schlüssel hat die Rechte seines Benutzers und sieht daher nur die Datensätze, die dieser sieht.',
      },
      {
        en: 'Records are listed by views. The streams read the views All Contacts and All Accounts, so these must not be renamed.',
        de: 'Datensätze werden über Ansichten aufgelistet. Die Streams lesen die Ansichten All Contacts und All Accounts, diese dürfen also nicht umbenannt werden.',
      },
      {
        en: 'An organization can have several accounts. Each has a bundle alias of its own.',
        de: 'Eine Organisation kann mehrere Konten haben. Jedes hat einen eigenen Bundle Alias.',
      },
    ],
    scopes: {},
    rateLimit: null,
    hints: [],
  },
}

/** The view that contains all records, and its records. */
function records(name: string, view: string): StreamDefinition[] {
  return [
    {
      name: `${name}_views`,
      path: `/${name}/filters`,
      records: { path: ['filters'], where: `record.name == '${view}'` },
      primaryKey: [['id']],
    },
    {
      name,
      parent: { stream: `${name}_views` },
      path: `/${name}/view/{{ parent.id }}`,
      recordsPath: [name],
      primaryKey: [['id']],
      pagination: { type: 'page', param: 'page', totalPages: ['meta', 'total_pages'] },
    },
  ]
}
