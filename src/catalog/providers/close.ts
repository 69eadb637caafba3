import { email, input, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developer.close.com/api/resources'

const SCOPE = 'all.full_access'

const lead = { lead_id: text('Id of the lead, such as lead_….', { pattern: '^lead_[A-Za-z0-9]+$' }) }

const actions: ActionDefinition[] = [
  {
    name: 'create_lead',
    title: 'Create a lead',
    description: 'Creates a lead, which is a company in Close, with its first contact. Returns it with its id.',
    docsUrl: `${reference}/leads`,
    scopes: [SCOPE],
    input: input(
      { name: text('Name of the company.') },
      {
        url: text('Web site.', { format: 'uri' }),
        description: text('Description.'),
        contacts: list('Contact persons.', {
          type: 'object',
          properties: {
            name: { type: 'string', description: 'Name.' },
            emails: {
              type: 'array',
              description: 'Email addresses, each with a type such as office.',
              items: {
                type: 'object',
                properties: {
                  email: email('Email address.'),
                  type: { type: 'string', description: 'Such as office.' },
                },
                required: ['email', 'type'],
                additionalProperties: false,
              },
            },
          },
          required: ['name'],
          additionalProperties: false,
        }),
      },
    ),
    request: {
      method: 'POST',
      path: '/lead/',
      json: {
        name: '{{ args.name }}',
        url: '{{ args.url }}',
        description: '{{ args.description }}',
        contacts: '{{ args.contacts }}',
      },
    },
  },
  {
    name: 'get_lead',
    title: 'Get a lead',
    description: 'Returns one lead with its contacts and opportunities.',
    docsUrl: `${reference}/leads`,
    scopes: [SCOPE],
    readOnly: true,
    input: input(lead),
    request: { method: 'GET', path: '/lead/{{ args.lead_id }}/' },
  },
  {
    name: 'add_note',
    title: 'Add a note to a lead',
    description: 'Adds a note to a lead and returns it.',
    docsUrl: `${reference}/activities/notes`,
    scopes: [SCOPE],
    input: input({ ...lead, note: text('Text of the note.') }),
    request: {
      method: 'POST',
      path: '/activity/note/',
      json: { lead_id: '{{ args.lead_id }}', note: '{{ args.note }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['close crm', 'close.com', 'closeio', 'close io', 'elastic sales'],
  logo: null,
  color: '#4364d7',
  sources: [
    { url: 'https://developer.close.com/api/overview/oauth-authentication', read: '2026-11-29' },
    { url: 'https://developer.close.com/integrations/create-an-oauth-app', read: '2026-11-29' },
    { url: 'https://developer.close.com/topics/authentication-oauth2', read: '2026-11-29' },
    { url: 'https://developer.close.com/topics/pagination', read: '2026-11-29' },
    { url: 'https://developer.close.com/api/resources/events', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-close-com/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // Not read: the bodies of the actions, how the event log is paged, and where the key is.
  unverified: ['key', 'rateLimit', 'hints', 'streams', 'actions'],
  definition: {
    displayName: 'Close',
    docsUrl: 'https://developer.close.com/api/overview/oauth-authentication',
    categories: ['crm', 'sales'],
    baseUrl: 'https://api.close.com/api/v1',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Close',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            // All apps have the scopes all.full_access and offline_access; the request names none.
            authorizationUrl: 'https://app.close.com/oauth2/authorize/',
            tokenUrl: 'https://api.close.com/oauth2/token/',
            tokenResponse: { keep: { organization_id: ['organization_id'], user_id: ['user_id'] } },
            rotation: 'strict',
          },
        },
        {
          key: 'api_key',
          label: 'API key',
          auth: {
            type: 'basic',
            fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
            username: '{{ config.api_key }}',
            password: '',
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['error'], as: 'auth', message: ['error'] },
      ...[400, 403, 404].map((status) => ({ status, path: ['error'], as: 'fail' as const, message: ['error'] })),
    ],
    testRequest: { path: '/me/' },
    streams: [
      objects('leads', 'lead'),
      objects('contacts', 'contact'),
      objects('opportunities', 'opportunity'),
      {
        // What changed in the last 30 days. `date_updated` of an event can change later.
        name: 'events',
        path: '/event/',
        query: { _limit: '50' },
        recordsPath: ['data'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['cursor_next'], param: '_cursor' },
        incremental: { cursorField: ['date_updated'], param: 'date_updated__gte' },
        deletes: 'never',
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://app.close.com/settings/developer/oauth-apps/',
      steps: [
        {
          en: 'Sign in to Close, open **Settings**, then **Developer** and **OAuth Apps**, and select **Create App**.',
          de: 'Melden Sie sich bei Close an, öffnen Sie **Settings**, dann **Developer** und **OAuth Apps**, und wählen Sie **Create App**.',
        },
        {
          en: 'Enter **App Name** and **App Description**, and paste the callback URL into **Redirect URL**. It has to begin with https.',
          de: 'Geben Sie **App Name** und **App Description** ein und fügen Sie die Callback-URL bei **Redirect URL** ein. Sie muss mit https beginnen.',
        },
        {
          en: 'Select **Create**, and copy **Client ID** and **Client Secret**.',
          de: 'Wählen Sie **Create** und kopieren Sie **Client ID** und **Client Secret**.',
        },
        {
          en: 'A new app is private: only members of your own organization can connect. Ask Close to make it public.',
          de: 'Eine neue App ist privat: Nur Mitglieder Ihrer eigenen Organisation können sich verbinden. Bitten Sie Close, sie öffentlich zu machen.',
        },
      ],
    },
    key: {
      url: 'https://app.close.com/settings/developer/api-keys/',
      steps: [
        {
          en: 'Open **Settings**, then **Developer** and **API Keys**, create a key, and copy it.',
          de: 'Öffnen Sie **Settings**, dann **Developer** und **API Keys**, legen Sie einen Schlüssel an und kopieren Sie ihn.',
        },
      ],
    },
    fields: { api_key: { label: 'API-Schlüssel' } },
    options: { oauth: 'Mit Close anmelden', api_key: 'API-Schlüssel' },
    tokens: {
      en: 'An access token lives for an hour. Each renewal returns a new refresh token, and the old one has to be discarded.',
      de: 'Ein Access-Token gilt eine Stunde. Jede Erneuerung liefert einen neuen Refresh-Token, und der alte muss verworfen werden.',
    },
    traps: [
      {
        en: 'The stream events contains the last 30 days. To people who are not admins, Close shows some fields of an event for one hour only.',
        de: 'Der Stream events enthält die letzten 30 Tage. Personen, die keine Admins sind, zeigt Close manche Felder eines Events nur eine Stunde lang.',
      },
      {
        en: 'A list refuses pages beyond a maximum, which differs for each resource. Very large accounts cannot be read to the end.',
        de: 'Eine Liste verweigert Seiten hinter einem Höchstwert, der bei jeder Ressource anders ist. Sehr große Konten lassen sich nicht bis zum Ende lesen.',
      },
    ],
    scopes: {
      'all.full_access': {
        en: 'read, change and delete everything that you can in Close',
        de: 'in Close alles lesen, ändern und löschen, was Sie selbst können',
      },
    },
    rateLimit: null,
    hints: [],
  },
}

function objects(name: string, resource: string): StreamDefinition {
  return {
    name,
    path: `/${resource}/`,
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'offset', param: '_skip', limitParam: '_limit', size: 100, hasMore: ['has_more'] },
  }
}
