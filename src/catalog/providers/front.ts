import { choice, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://dev.frontapp.com/reference'

const actions: ActionDefinition[] = [
  {
    name: 'create_contact',
    title: 'Create a contact',
    description: 'Creates a contact with one handle, such as an email address. Returns the contact.',
    docsUrl: `${reference}/create-contact`,
    input: input(
      {
        handle: text('Email address, phone number or other handle of the contact.'),
        source: choice('Kind of the handle.', ['email', 'phone', 'twitter', 'facebook', 'intercom', 'custom']),
      },
      { name: text('Name.'), description: text('Description.') },
    ),
    request: {
      method: 'POST',
      path: '/contacts',
      json: {
        name: '{{ args.name }}',
        description: '{{ args.description }}',
        handles: [{ handle: '{{ args.handle }}', source: '{{ args.source }}' }],
      },
    },
  },
  {
    name: 'add_comment',
    title: 'Comment on a conversation',
    description: 'Adds a comment to a conversation, which teammates see and the contact does not. Returns the comment.',
    docsUrl: `${reference}/create-comment`,
    input: input(
      {
        conversation_id: text('Id of the conversation, such as cnv_123.'),
        body: text('Text of the comment, as Markdown.'),
      },
      { author_id: text('Id of the teammate who comments, such as tea_123. Default: the app or the token.') },
    ),
    request: {
      method: 'POST',
      path: '/conversations/{{ args.conversation_id }}/comments',
      json: { body: '{{ args.body }}', author_id: '{{ args.author_id }}' },
    },
  },
  {
    name: 'list_contact_conversations',
    title: 'List the conversations of a contact',
    description:
      'Lists the conversations of a contact, the newest first. Returns _results and _pagination; _pagination.next has the page_token of the next page.',
    docsUrl: `${reference}/list-contact-conversations`,
    readOnly: true,
    input: input(
      { contact_id: text('Id of the contact, such as crd_123, or an alias such as alt:email:ada@example.com.') },
      {
        page_token: text('The page_token in _pagination.next of the previous result. Leave it out for the first page.'),
      },
    ),
    request: {
      method: 'GET',
      path: '/contacts/{{ args.contact_id }}/conversations',
      query: { limit: '50', page_token: '{{ args.page_token }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['frontapp', 'front app', 'shared inbox', 'front inbox'],
  logo: null,
  color: '#a857f1',
  sources: [
    { url: 'https://dev.frontapp.com/docs/oauth', read: '2026-11-29' },
    { url: 'https://dev.frontapp.com/docs/pagination', read: '2026-11-29' },
    { url: 'https://dev.frontapp.com/docs/application-webhooks', read: '2026-11-29' },
    { url: 'https://dev.frontapp.com/docs/rate-limiting', read: '2026-11-29' },
    {
      url: 'https://github.com/frontapp/front-api-specs/blob/main/core-api/core-api.json',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-front/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://www.skills.sh/hookdeck/webhook-skills/frontapp-webhooks', read: '2026-11-29', second: true },
    { url: 'https://github.com/dugjason/front-webhook-application', read: '2026-11-29', second: true },
    {
      url: 'https://www.ibm.com/docs/en/app-connect/saas?topic=front-obtaining-connection-values',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The lifetimes of tokens were read in public code only.
  unverified: ['hints', 'tokens'],
  definition: {
    displayName: 'Front',
    docsUrl: 'https://dev.frontapp.com/reference/introduction',
    categories: ['support', 'communication', 'email'],
    baseUrl: 'https://api2.frontapp.com',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Front',
          // What the app may do is set in the app: there are no scopes in the request.
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://app.frontapp.com/oauth/authorize',
            tokenUrl: 'https://app.frontapp.com/oauth/token',
            clientAuth: 'client_secret_basic',
            tokenResponse: { expiry: { path: ['expires_at'], format: 'epoch' } },
          },
        },
        { key: 'token', label: 'API token', auth: { type: 'bearer' } },
      ],
    },
    afterConnect: [{ path: '/me', keep: { company_id: ['id'] } }],
    responseErrors: [
      { status: 401, path: ['_error', 'message'], as: 'auth', message: ['_error', 'message'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['_error', 'message'],
        as: 'fail' as const,
        message: ['_error', 'message'],
      })),
    ],
    webhook: {
      verify: {
        method: 'hmac',
        header: 'X-Front-Signature',
        hash: 'sha256',
        encoding: 'base64',
        message: '{{ timestamp }}:{{ body }}',
        // It is milliseconds, as receivers of it report, although some pages say seconds.
        timestamp: { header: 'X-Front-Request-Timestamp', format: 'epoch_ms', tolerance: 'PT5M' },
      },
      handshake: [{ where: "headers['x-front-challenge']", answer: "{{ headers['x-front-challenge'] }}" }],
      id: 'body.payload.id',
      type: 'body.type',
      connection: { value: 'body.authorization.id', equals: 'kept.company_id' },
      sync: [{ where: 'body.payload.conversation', streams: ['conversations'] }],
    },
    testRequest: { path: '/me' },
    streams: [records('conversations'), records('contacts'), records('inboxes'), records('teammates')],
    actions,
  },
  guide: {
    app: {
      url: 'https://app.frontapp.com/settings/developers',
      steps: [
        {
          en: 'Open **Settings** and **Developers**, select **Create app**, and enter a name and a description.',
          de: 'Öffnen Sie **Settings** und **Developers**, wählen Sie **Create app** und geben Sie einen Namen und eine Beschreibung ein.',
        },
        {
          en: 'Add the feature **OAuth** to the app, paste the callback URL as the redirect URL, and select the permissions that the app needs.',
          de: 'Fügen Sie der App die Funktion **OAuth** hinzu, tragen Sie die Callback-URL als Redirect-URL ein und wählen Sie die Berechtigungen, die die App braucht.',
        },
        {
          en: 'On the tab **OAuth**, copy **Client ID** and **Client secret**.',
          de: 'Kopieren Sie auf der Registerkarte **OAuth** die **Client ID** und das **Client secret**.',
        },
        {
          en: 'Only admins of Front can authorize the app. So that all customers of Front can, publish it in the App Store of Front.',
          de: 'Nur Admins von Front können die App autorisieren. Damit alle Kunden von Front sie verwenden können, veröffentlichen Sie sie im App Store von Front.',
        },
      ],
    },
    key: {
      url: 'https://app.frontapp.com/settings/developers',
      steps: [
        {
          en: 'Open **Settings**, **Developers** and the tab **API Tokens**, and select **Create API token**.',
          de: 'Öffnen Sie **Settings**, **Developers** und die Registerkarte **API Tokens** und wählen Sie **Create API token**.',
        },
        {
          en: 'Enter a name, select the scopes, select **Create**, and copy the token.',
          de: 'Geben Sie einen Namen ein, wählen Sie die Scopes und dann **Create** und kopieren Sie das Token.',
        },
      ],
    },
    webhook: {
      url: 'https://dev.frontapp.com/docs/application-webhooks',
      steps: [
        {
          en: 'Open the app under **Settings** and **Developers**, copy its signing key, and save it here as the webhook secret.',
          de: 'Öffnen Sie die App unter **Settings** und **Developers**, kopieren Sie ihren Signaturschlüssel und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'Add the feature **Webhook** to the app, paste the webhook URL, choose the events, and save. Front then checks the URL.',
          de: 'Fügen Sie der App die Funktion **Webhook** hinzu, tragen Sie die Webhook-URL ein, wählen Sie die Events und speichern Sie. Front prüft dann die URL.',
        },
      ],
    },
    options: { oauth: 'Mit Front anmelden', token: 'API-Token' },
    events: [
      'inbound_received',
      'outbound_sent',
      'conversation_moved',
      'assignee_changed',
      'tag_added',
      'new_comment_added',
    ],
    scopes: {},
    tokens: {
      en: 'An access token lives for an hour, and a refresh token for six months. Front replaces the refresh token shortly before it ends.',
      de: 'Ein Access-Token gilt eine Stunde, ein Refresh-Token sechs Monate. Front ersetzt das Refresh-Token kurz vor seinem Ende.',
    },
    traps: [
      {
        en: 'What the app may read and write is set in the app, not in the request. Private inboxes need a permission of their own.',
        de: 'Was die App lesen und schreiben darf, wird in der App festgelegt und nicht in der Anfrage. Private Postfächer brauchen eine eigene Berechtigung.',
      },
      {
        en: 'The person who authorizes the app has to be an admin of Front.',
        de: 'Die Person, die die App autorisiert, muss Admin von Front sein.',
      },
    ],
    rateLimit: {
      words: {
        en: 'A company has 50 requests a minute with the plan Starter, 100 with Professional and 200 with Enterprise. Apps of partners that use OAuth have 120 a minute apart from these.',
        de: 'Ein Unternehmen hat mit dem Tarif Starter 50 Anfragen pro Minute, mit Professional 100 und mit Enterprise 200. Apps von Partnern, die OAuth verwenden, haben davon getrennt 120 pro Minute.',
      },
      url: 'https://dev.frontapp.com/docs/rate-limiting',
    },
    hints: [],
  },
}

/** The next page is a URL at the host of the company. Only its page_token is taken, so that the token is sent to one host. */
function records(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '100' },
    recordsPath: ['_results'],
    primaryKey: [['id']],
    pagination: {
      type: 'next',
      value: "regex_search(answer._pagination.next, 'page_token=([^&]+)') if answer._pagination.next else none",
      place: { in: 'query', name: 'page_token' },
    },
  }
}
