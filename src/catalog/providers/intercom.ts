import { choice, cursor, email, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const error = { path: ['errors', 0, 'code'], message: ['errors', 0, 'message'], code: ['errors', 0, 'code'] }

const reference = 'https://developers.intercom.com/docs/references/2.13/rest-api/api.intercom.io/contacts'

const contactId = text('Id of the contact, as Intercom gives it.', { pattern: '^[0-9a-f]+$' })

/** `scopes` are permissions that are configured in the app. */
const actions: ActionDefinition[] = [
  {
    name: 'create_contact',
    title: 'Create a contact',
    description:
      'Creates a user or a lead and returns it with its id. Intercom refuses a second user with the same email address or external_id (409).',
    docsUrl: `${reference}/createcontact`,
    scopes: ['Write users and companies'],
    input: input(
      { email: email('Email address.') },
      {
        role: choice('Default: user.', ['user', 'lead']),
        external_id: text('Id of the person in your own system.'),
        name: text('Name.'),
        phone: text('Phone number, such as +353871234567.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/contacts',
      json: {
        role: "{{ args.role | default('user') }}",
        email: '{{ args.email }}',
        external_id: '{{ args.external_id }}',
        name: '{{ args.name }}',
        phone: '{{ args.phone }}',
      },
    },
  },
  {
    name: 'get_contact',
    title: 'Get a contact',
    description: 'Returns one contact with its attributes, tags and companies.',
    docsUrl: `${reference}/showcontact`,
    scopes: ['Read and list users and companies'],
    readOnly: true,
    input: input({ contact_id: contactId }),
    request: { method: 'GET', path: '/contacts/{{ args.contact_id }}' },
  },
  {
    name: 'list_contacts',
    title: 'List contacts',
    description:
      'Lists contacts. Returns data and total_count; pages.next.starting_after is the cursor of the next page.',
    docsUrl: `${reference}/listcontacts`,
    scopes: ['Read and list users and companies'],
    readOnly: true,
    input: input({}, { limit: limit(150, 50), cursor: cursor('pages.next.starting_after') }),
    request: {
      method: 'GET',
      path: '/contacts',
      query: { per_page: '{{ args.limit | default(50) }}', starting_after: '{{ args.cursor }}' },
    },
  },
  {
    name: 'find_contacts',
    title: 'Find contacts by email address',
    description: 'Returns the contacts with this email address. A new contact is found after some seconds.',
    docsUrl: `${reference}/searchcontacts`,
    scopes: ['Read and list users and companies'],
    readOnly: true,
    input: input({ email: email('Email address of the contact.') }),
    request: {
      method: 'POST',
      path: '/contacts/search',
      json: { query: { field: 'email', operator: '=', value: '{{ args.email }}' } },
    },
    output: ['data'],
  },
  {
    name: 'reply_to_conversation',
    title: 'Reply to a conversation',
    description: 'Sends a reply to the contact, or adds a note that only teammates see. Returns the conversation.',
    docsUrl:
      'https://developers.intercom.com/docs/references/2.13/rest-api/api.intercom.io/conversations/replyconversation',
    scopes: ['Write conversations'],
    input: input(
      {
        conversation_id: text('Id of the conversation.', { pattern: '^[0-9]+$' }),
        admin_id: text('Id of the teammate who replies.', { pattern: '^[0-9]+$' }),
        body: text('Text of the reply, as plain text or HTML.'),
      },
      {
        message_type: choice('comment is sent to the contact, note is internal. Default: comment.', [
          'comment',
          'note',
        ]),
      },
    ),
    request: {
      method: 'POST',
      path: '/conversations/{{ args.conversation_id }}/reply',
      json: {
        message_type: "{{ args.message_type | default('comment') }}",
        type: 'admin',
        admin_id: '{{ args.admin_id }}',
        body: '{{ args.body }}',
      },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['intercom messenger', 'fin'],
  logo: 'intercom',
  color: '#6afdef',
  sources: [
    {
      url: 'https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth',
      read: '2026-11-29',
    },
    {
      url: 'https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/oauth-scopes',
      read: '2026-11-29',
    },
    {
      url: 'https://developers.intercom.com/docs/publish-to-the-app-store/review-publish-your-app',
      read: '2026-11-29',
    },
    { url: 'https://developers.intercom.com/docs/webhooks/setting-up-webhooks', read: '2026-11-29' },
    { url: 'https://developers.intercom.com/docs/references/rest-api/errors/error-codes', read: '2026-11-29' },
    { url: 'https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Nango can also use the hosts of the EU and Australia. The file has those of the documentation of OAuth, as Airweave does.',
    },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
  ],
  // The codes are documented. Their messages, which the hints match, are those in reports about Intercom's clients.
  unverified: ['hints'],
  definition: {
    displayName: 'Intercom',
    docsUrl: 'https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth',
    categories: ['support'],
    baseUrl: 'https://api.intercom.io',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://app.intercom.com/oauth',
      // Permissions are configured in the app. Tokens do not expire.
      tokenUrl: 'https://api.intercom.io/auth/eagle/token',
    },
    headers: { 'Intercom-Version': '2.13' },
    afterConnect: [{ path: '/me', keep: { app_id: ['app', 'id_code'], region: ['app', 'region'] } }],
    // developers.intercom.com/docs/references/rest-api/errors/error-codes
    responseErrors: [
      // The token is good, but lacks a permission.
      { status: 401, ...error, equals: 'token_unauthorized', as: 'fail' },
      ...['token_revoked', 'token_not_found', 'token_blocked', 'token_expired'].map((code) => ({
        status: 401,
        ...error,
        equals: code,
        as: 'auth' as const,
      })),
      ...[400, 403, 404, 422].map((status) => ({ status, ...error, as: 'fail' as const })),
    ],
    // 10,000 calls per minute and app (developers.intercom.com/docs/references/rest-api/errors/rate-limiting).
    rateLimit: { requestsPerSecond: 160 },
    // developers.intercom.com/docs/references/webhooks/webhook-models
    webhook: {
      verify: {
        method: 'hmac',
        header: 'X-Hub-Signature',
        hash: 'sha1',
        encoding: 'hex',
        prefix: 'sha1=',
        secret: 'client',
      },
      id: 'body.id',
      type: 'body.topic',
      connection: { value: 'body.app_id', equals: 'kept.app_id' },
      sync: [
        { where: "'contact.' in body.topic", streams: ['contacts'] },
        { where: "'conversation.' in body.topic", streams: ['conversations'] },
      ],
    },
    testRequest: { path: '/me' },
    streams: [objects('contacts', 'data'), objects('conversations', 'conversations')],
    actions,
  },
  guide: {
    app: {
      url: 'https://app.intercom.com/a/apps/_/developer-hub',
      steps: [
        {
          en: 'Select **New app**, enter a name, choose a workspace of your own, and select **Create app**.',
          de: 'Wählen Sie **New app**, geben Sie einen Namen ein, wählen Sie einen eigenen Workspace und dann **Create app**.',
        },
        {
          en: 'Open **Configure** and **Authentication**, select **Edit**, tick **Use OAuth**, and paste the callback URL under **Redirect URLs**. It has to begin with https.',
          de: 'Öffnen Sie **Configure** und **Authentication**, wählen Sie **Edit**, setzen Sie das Häkchen bei **Use OAuth** und fügen Sie die Callback-URL unter **Redirect URLs** ein. Sie muss mit https beginnen.',
        },
        {
          en: 'On the same page, tick the permissions: **Read admins**, **Read and list users and companies**, **Read conversations**, and those of the actions that you use. Select **Save**.',
          de: 'Setzen Sie auf derselben Seite die Häkchen der Berechtigungen: **Read admins**, **Read and list users and companies**, **Read conversations** und die der Aktionen, die Sie verwenden. Wählen Sie **Save**.',
        },
        {
          en: 'Open **Basic information** and copy **Client ID** and **Client secret**.',
          de: 'Öffnen Sie **Basic information** und kopieren Sie **Client ID** und **Client secret**.',
        },
        {
          en: 'Submit the app for review. Until Intercom has approved it, only your own workspaces can connect. Intercom reviews the permissions, so tick no more than you need; a later change needs a new review.',
          de: 'Reichen Sie die App zur Prüfung ein. Bis Intercom sie freigegeben hat, können sich nur Ihre eigenen Workspaces verbinden. Intercom prüft die Berechtigungen, wählen Sie also nur die nötigen aus; eine spätere Änderung braucht eine neue Prüfung.',
        },
      ],
    },
    webhook: {
      url: 'https://app.intercom.com/a/apps/_/developer-hub',
      steps: [
        {
          en: 'Open your app, then **Configure** and **Webhooks**. Intercom signs with the client secret, so no other secret has to be saved.',
          de: 'Öffnen Sie Ihre App und darin **Configure** und **Webhooks**. Intercom signiert mit dem Client-Secret, daher ist kein weiteres Secret zu speichern.',
        },
        {
          en: 'Paste the webhook URL as the endpoint URL, choose the topics, and save. A topic can be chosen only if the app has its permission.',
          de: 'Fügen Sie die Webhook-URL als Endpoint-URL ein, wählen Sie die Topics und speichern Sie. Ein Topic lässt sich nur wählen, wenn die App dessen Berechtigung hat.',
        },
      ],
    },
    events: ['contact.*', 'conversation.*'],
    scopes: {
      'Read admins': { en: 'see the teammates of the workspace', de: 'die Teammitglieder des Workspace sehen' },
      'Read and list users and companies': {
        en: 'read your contacts and companies',
        de: 'Ihre Kontakte und Unternehmen lesen',
      },
      'Write users and companies': {
        en: 'create and change contacts and companies',
        de: 'Kontakte und Unternehmen anlegen und ändern',
      },
      'Read conversations': { en: 'read your conversations', de: 'Ihre Konversationen lesen' },
      'Write conversations': {
        en: 'reply to conversations and change them',
        de: 'Konversationen beantworten und ändern',
      },
    },
    rateLimit: {
      words: {
        en: '10,000 requests a minute for each app and 25,000 for each workspace, spread over windows of 10 seconds.',
        de: '10.000 Anfragen pro Minute je App und 25.000 je Workspace, verteilt auf Fenster von 10 Sekunden.',
      },
      url: 'https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting',
    },
    hints: [
      {
        at: 'provider_page',
        cause: {
          en: 'The callback URL is not registered in the Intercom app, or does not begin with https.',
          de: 'Die Callback-URL ist in der Intercom-App nicht eingetragen oder beginnt nicht mit https.',
        },
        operator: {
          en: 'Add the callback URL under **Authentication** and **Redirect URLs**, to the character.',
          de: 'Tragen Sie die Callback-URL unter **Authentication** bei **Redirect URLs** zeichengenau ein.',
        },
        url: 'https://developers.intercom.com/docs/build-an-integration/learn-more/authentication/setting-up-oauth',
      },
      {
        at: 'token',
        messages: ['Client authentication failed'],
        cause: {
          en: 'The client id or the client secret is wrong.',
          de: 'Die Client-ID oder das Client-Secret ist falsch.',
        },
        operator: {
          en: 'Copy both again from **Basic information**.',
          de: 'Kopieren Sie beide erneut aus **Basic information**.',
        },
      },
      {
        at: 'request',
        errors: ['token_unauthorized'],
        cause: {
          en: 'The app lacks a permission that this request needs.',
          de: 'Der App fehlt eine Berechtigung, die diese Anfrage braucht.',
        },
        operator: {
          en: 'Tick the permission under **Authentication** in the Intercom app, then let the workspace be reconnected.',
          de: 'Setzen Sie in der Intercom-App unter **Authentication** das Häkchen der Berechtigung und lassen Sie den Workspace dann neu verbinden.',
        },
        url: 'https://developers.intercom.com/docs/references/rest-api/errors/error-codes',
      },
      {
        at: 'request',
        errors: ['api_plan_restricted'],
        cause: {
          en: 'The Intercom workspace has no plan that contains the API.',
          de: 'Der Intercom-Workspace hat keinen Tarif, der die API enthält.',
        },
        operator: {
          en: 'Ask the person to change the plan of the workspace.',
          de: 'Bitten Sie die Person, den Tarif des Workspace zu wechseln.',
        },
        url: 'https://developers.intercom.com/docs/references/rest-api/errors/error-codes',
      },
      {
        at: 'request',
        errors: ['token_revoked', 'token_not_found', 'token_blocked', 'token_expired', 'unauthorized'],
        cause: {
          en: 'Intercom no longer accepts the token, usually because the app was removed from the workspace.',
          de: 'Intercom akzeptiert das Token nicht mehr, meist weil die App aus dem Workspace entfernt wurde.',
        },
        operator: {
          en: 'Let the workspace be reconnected.',
          de: 'Lassen Sie den Workspace neu verbinden.',
        },
        person: { en: 'Connect your Intercom workspace again.', de: 'Verbinden Sie Ihren Intercom-Workspace neu.' },
        url: 'https://developers.intercom.com/docs/references/rest-api/errors/error-codes',
      },
    ],
  },
}

function objects(name: string, records: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { per_page: '150' },
    recordsPath: [records],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['pages', 'next', 'starting_after'], param: 'starting_after' },
  }
}
