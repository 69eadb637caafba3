import { email, input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developer.infusionsoft.com/docs/rest/'

const SCOPE = 'full'

const actions: ActionDefinition[] = [
  {
    name: 'find_contacts',
    title: 'Find contacts by email address',
    description: 'Returns the contacts with this email address, with count.',
    docsUrl: docs,
    scopes: [SCOPE],
    readOnly: true,
    input: input({ email: email('Email address of the contact.') }, { limit: limit(200, 20) }),
    request: {
      method: 'GET',
      path: '/contacts',
      query: { email: '{{ args.email }}', limit: '{{ args.limit | default(20) }}' },
    },
  },
  {
    name: 'upsert_contact',
    title: 'Create or update a contact',
    description: 'Updates the contact with this email address, or creates one. Returns it with its id.',
    docsUrl: docs,
    scopes: [SCOPE],
    destructive: true,
    input: input(
      { email: email('Email address.') },
      { first_name: text('First name.'), last_name: text('Last name.'), job_title: text('Job title.') },
    ),
    request: {
      method: 'PUT',
      path: '/contacts',
      json: {
        duplicate_option: 'Email',
        email_addresses: [{ email: '{{ args.email }}', field: 'EMAIL1' }],
        given_name: '{{ args.first_name }}',
        family_name: '{{ args.last_name }}',
        job_title: '{{ args.job_title }}',
      },
    },
  },
  {
    name: 'add_note',
    title: 'Add a note to a contact',
    description: 'Adds a note to a contact and returns it.',
    docsUrl: docs,
    scopes: [SCOPE],
    input: input({
      contact_id: integer('Id of the contact.', { minimum: 1 }),
      title: text('Title.'),
      body: text('Text of the note.'),
    }),
    request: {
      method: 'POST',
      path: '/notes',
      json: { contact_id: '{{ args.contact_id }}', title: '{{ args.title }}', body: '{{ args.body }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['infusionsoft', 'keap pro', 'keap max'],
  logo: null,
  color: '#36a635',
  sources: [
    { url: 'https://developer.infusionsoft.com/getting-started-oauth-keys', read: '2026-11-29' },
    { url: 'https://community.keap.com/t/how-to-get-access-token/86529', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://www.npmjs.com/package/n8n-nodes-base',
      read: '2026-11-29',
      second: true,
      differs:
        'It opens the consent page at signin.infusionsoft.com. The documentation names accounts.infusionsoft.com.',
    },
    {
      url: 'https://github.com/api-evangelist/keap/blob/main/conventions/keap-conventions.yml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The lifetimes of tokens were read in the forum of Keap, and how to list contacts in clients made from its OpenAPI document. The other
  // lists and the bodies of the actions were read only in clients of others.
  unverified: ['rateLimit', 'hints', 'tokens', 'streams', 'actions'],
  definition: {
    displayName: 'Keap',
    docsUrl: 'https://developer.infusionsoft.com/getting-started-oauth-keys',
    categories: ['crm', 'marketing', 'sales'],
    baseUrl: 'https://api.infusionsoft.com/crm/rest/v1',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://accounts.infusionsoft.com/app/oauth/authorize',
      tokenUrl: 'https://api.infusionsoft.com/token',
      scopes: [SCOPE],
      // Each renewal returns a new refresh token.
      rotation: 'strict',
      refreshTokenLifetime: 'P45D',
    },
    responseErrors: [
      {
        status: 401,
        path: ['fault', 'faultstring'],
        as: 'auth',
        message: ['fault', 'faultstring'],
        code: ['fault', 'detail', 'errorcode'],
      },
      ...[400, 403, 404].map((status) => ({ status, path: ['message'], as: 'fail' as const, message: ['message'] })),
    ],
    testRequest: { path: '/users?limit=1' },
    streams: [
      {
        ...objects('contacts'),
        incremental: { cursorField: ['last_updated'], param: 'since', format: 'iso8601' },
      },
      objects('companies'),
      objects('tags'),
      objects('users'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://keys.developer.keap.com/my-apps',
      steps: [
        {
          en: 'Sign in to the developer portal of Keap and create an app.',
          de: 'Melden Sie sich im Entwicklerportal von Keap an und legen Sie eine App an.',
        },
        {
          en: 'Keap takes the callback URL from the request of the integration. It has to begin with https.',
          de: 'Keap nimmt die Callback-URL aus der Anfrage der Integration. Sie muss mit https beginnen.',
        },
        {
          en: 'Copy the client ID and the client secret of the app.',
          de: 'Kopieren Sie die Client-ID und das Client-Secret der App.',
        },
      ],
    },
    tokens: {
      en: 'An access token lives for 24 hours. A refresh token works once and ends after 45 days.',
      de: 'Ein Access-Token gilt 24 Stunden. Ein Refresh-Token funktioniert einmal und endet nach 45 Tagen.',
    },
    traps: [
      {
        en: 'The only scope is full. A token may do everything that the person may do.',
        de: 'Der einzige Scope ist full. Ein Token darf alles, was die Person darf.',
      },
    ],
    scopes: {
      full: {
        en: 'read, change and delete everything that you can in Keap',
        de: 'in Keap alles lesen, ändern und löschen, was Sie selbst können',
      },
    },
    rateLimit: null,
    hints: [],
  },
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 200, total: ['count'] },
  }
}
