import { choice, cursor, email, flag, input, integer, limit, list, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const host = 'https://{{ input.subdomain }}.zendesk.com'

const reference = 'https://developer.zendesk.com/api-reference/ticketing'

const ticket = { ticket_id: integer('Number of the ticket.', { minimum: 1 }) }

const priority = choice('Default: none.', ['urgent', 'high', 'normal', 'low'])

const actions: ActionDefinition[] = [
  {
    name: 'create_ticket',
    title: 'Create a ticket',
    description:
      'Creates a ticket and returns it with its id. With requester_email the ticket is from this person; give requester_name too, because Zendesk needs it to create a new one.',
    docsUrl: `${reference}/tickets/tickets/#create-ticket`,
    scopes: ['write'],
    input: {
      ...input(
        {
          subject: text('Subject.', { maxLength: 255 }),
          body: text('First comment, as plain text.', { maxLength: 65_536 }),
        },
        {
          requester_email: email('Email address of the person whose ticket it is. Default: the connected user.'),
          requester_name: text('Name of the person whose ticket it is.'),
          public: flag('Whether the requester sees the comment. Default: true.'),
          priority,
          type: choice('Default: none.', ['problem', 'incident', 'question', 'task']),
          tags: list('Tags, each without spaces.', { type: 'string', pattern: '^\\S+$' }),
        },
      ),
      dependentRequired: { requester_name: ['requester_email'] },
    },
    request: {
      method: 'POST',
      path: '/tickets.json',
      json: {
        ticket: {
          subject: '{{ args.subject }}',
          comment: { body: '{{ args.body }}', public: '{{ args.public }}' },
          requester: { email: '{{ args.requester_email }}', name: '{{ args.requester_name }}' },
          priority: '{{ args.priority }}',
          type: '{{ args.type }}',
          tags: '{{ args.tags }}',
        },
      },
    },
    // https://developer.zendesk.com/api-reference/introduction/requests/#idempotency
    idempotencyKey: { in: 'header', name: 'Idempotency-Key' },
    output: ['ticket'],
  },
  {
    name: 'get_ticket',
    title: 'Get a ticket',
    description: 'Returns one ticket: subject, description, status, priority, requester, assignee and tags.',
    docsUrl: `${reference}/tickets/tickets/#show-ticket`,
    scopes: ['read'],
    readOnly: true,
    input: input(ticket),
    request: { method: 'GET', path: '/tickets/{{ args.ticket_id }}.json' },
    output: ['ticket'],
  },
  {
    name: 'list_tickets',
    title: 'List tickets',
    description:
      'Lists tickets that are not archived. Returns tickets and meta; meta.after_cursor is the cursor of the next page while meta.has_more is true.',
    docsUrl: `${reference}/tickets/tickets/#list-tickets`,
    scopes: ['read'],
    readOnly: true,
    input: input({}, { limit: limit(100, 50), cursor: cursor('meta.after_cursor') }),
    request: {
      method: 'GET',
      path: '/tickets.json',
      query: { 'page[size]': '{{ args.limit | default(50) }}', 'page[after]': '{{ args.cursor }}' },
    },
  },
  {
    name: 'search_tickets',
    title: 'Search tickets',
    description:
      'Searches tickets with Zendesk’s search syntax, the newest first. Returns results, count and next_page. Zendesk returns at most 1,000 results.',
    docsUrl: `${reference}/ticket-management/search/#list-search-results`,
    scopes: ['read'],
    readOnly: true,
    input: input(
      { query: text('Search query, such as: status<solved requester:ada@example.com printer.') },
      { limit: limit(100, 50), page: page() },
    ),
    request: {
      method: 'GET',
      path: '/search.json',
      query: {
        query: 'type:ticket {{ args.query }}',
        sort_by: 'created_at',
        sort_order: 'desc',
        per_page: '{{ args.limit | default(50) }}',
        page: '{{ args.page }}',
      },
    },
  },
  {
    name: 'add_comment',
    title: 'Comment on a ticket',
    description:
      'Adds a comment to a ticket, as a reply that the requester sees or as an internal note, and can change the status with it. Returns the ticket.',
    docsUrl: `${reference}/tickets/tickets/#update-ticket`,
    scopes: ['write'],
    input: input(
      { ...ticket, body: text('Text of the comment, as plain text.', { maxLength: 65_536 }) },
      {
        public: flag('Whether the requester sees the comment. Default: true.'),
        status: choice('New status of the ticket. Default: unchanged.', ['open', 'pending', 'hold', 'solved']),
      },
    ),
    request: {
      method: 'PUT',
      path: '/tickets/{{ args.ticket_id }}.json',
      json: {
        ticket: {
          comment: { body: '{{ args.body }}', public: '{{ args.public }}' },
          status: '{{ args.status }}',
        },
      },
    },
    output: ['ticket'],
  },
]

export const provider: ProviderFile = {
  aliases: ['zen desk', 'zendesk support', 'zendesk tickets'],
  logo: 'zendesk',
  color: '#03363d',
  sources: [
    {
      url: 'https://support.zendesk.com/hc/en-us/articles/4408845965210-Using-OAuth-authentication-with-your-application',
      read: '2026-11-29',
    },
    {
      url: 'https://developer.zendesk.com/documentation/apps/publish-your-app-or-theme/global_oauth_intro/',
      read: '2026-11-29',
    },
    {
      url: 'https://developer.zendesk.com/documentation/api-basics/authentication/oauth-migration/',
      read: '2026-11-29',
    },
    {
      url: 'https://support.zendesk.com/hc/en-us/articles/4408839108378-Creating-webhooks-to-interact-with-third-party-systems',
      read: '2026-11-29',
    },
    { url: 'https://developer.zendesk.com/documentation/webhooks/verifying/', read: '2026-11-29' },
    { url: 'https://developer.zendesk.com/api-reference/introduction/rate-limits/', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Nango asks for tokens of 30 minutes and follows next_page. The file asks for the longest tokens and pages by cursor, as the documentation has it.',
    },
  ],
  definition: {
    displayName: 'Zendesk',
    docsUrl: 'https://developer.zendesk.com/api-reference/introduction/security-and-auth/',
    categories: ['support', 'ticketing'],
    baseUrl: `${host}/api/v2`,
    inputFields: [
      {
        name: 'subdomain',
        label: 'Subdomain',
        description: 'What stands before .zendesk.com.',
        required: true,
        pattern: '[A-Za-z0-9-]+',
        example: 'acme',
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Zendesk',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: `${host}/oauth/authorizations/new`,
            tokenUrl: `${host}/oauth/tokens`,
            revocation: { url: `${host}/api/v2/oauth/tokens/current.json`, method: 'DELETE', auth: 'token' },
            scopes: ['read'],
            // Tokens of a client from before 2026 do not expire, and have no refresh token, unless the request asks for an expiry. These
            // are the longest ones: 48 hours and 90 days. A refresh deletes the previous access token and refresh token
            // (support.zendesk.com/hc/articles/9182123625370, support.zendesk.com/hc/articles/10212201463962).
            tokenRequest: { format: 'json', params: { expires_in: '172800', refresh_token_expires_in: '7776000' } },
            tokenResponse: { refreshTokenExpiry: { path: ['refresh_token_expires_in'], format: 'seconds' } },
            rotation: 'strict',
          },
        },
        {
          // API tokens cannot be created since 27 October 2026, and existing ones end on 30 April 2027
          // (developer.zendesk.com/documentation/api-basics/authentication/oauth-migration/).
          key: 'api_token',
          label: 'API token',
          auth: {
            type: 'basic',
            fields: [
              { name: 'email', label: 'Email address', required: true, example: 'ada@example.com' },
              { name: 'api_token', label: 'API token', secret: true, required: true },
            ],
            username: '{{ config.email }}/token',
            password: '{{ config.api_token }}',
          },
        },
      ],
    },
    // developer.zendesk.com/api-reference/introduction/requests/#error-responses. A missing scope is reported like this too.
    responseErrors: [400, 403, 404, 422].map((status) => ({
      status,
      path: ['description'],
      as: 'fail',
      message: ['description'],
    })),
    // developer.zendesk.com/documentation/webhooks/verifying, developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types
    webhook: {
      verify: {
        method: 'hmac',
        header: 'X-Zendesk-Webhook-Signature',
        hash: 'sha256',
        encoding: 'base64',
        message: '{{ timestamp }}{{ body }}',
        timestamp: { header: 'X-Zendesk-Webhook-Signature-Timestamp', format: 'iso8601', tolerance: 'PT5M' },
      },
      // The body of a webhook that a trigger calls is written in Zendesk, so its id may be that of a ticket.
      id: "body.id if body.zendesk_event_version else headers['x-zendesk-webhook-invocation-id']",
      type: 'body.type',
      // The API does not tell the id of the account, so the externalId of the connection has to.
      connection: { value: 'body.account_id', equals: 'externalId' },
      sync: ['ticket', 'user', 'organization'].map((kind) => ({
        where: `'zen:event-type:${kind}.' in body.type`,
        streams: [`${kind}s`],
      })),
    },
    testRequest: { path: '/users/me.json' },
    streams: ['tickets', 'users', 'organizations'].map(objects),
    actions,
  },
  guide: {
    app: {
      url: 'https://www.zendesk.com/login/',
      steps: [
        {
          en: 'In **Admin Center**, open **Apps and integrations**, **APIs** and **OAuth clients**, and select **Add OAuth client**.',
          de: 'Öffnen Sie im **Admin Center** **Apps and integrations**, **APIs** und **OAuth clients** und wählen Sie **Add OAuth client**.',
        },
        {
          en: 'Enter a name, choose the client kind **Confidential**, paste the callback URL under **Redirect URLs**, and select **Save**. If customers with their own Zendesk are to connect, fill in all fields and let the **Identifier** begin with zdg-.',
          de: 'Geben Sie einen Namen ein, wählen Sie die Client-Art **Confidential**, fügen Sie die Callback-URL unter **Redirect URLs** ein und wählen Sie **Save**. Sollen sich Kunden mit eigenem Zendesk verbinden, füllen Sie alle Felder aus und lassen Sie den **Identifier** mit zdg- beginnen.',
        },
        {
          en: 'Copy the **Identifier**, which is the client id, and the **Secret**, which is the client secret. Zendesk shows the whole secret only now.',
          de: 'Kopieren Sie den **Identifier**, er ist die Client-ID, und das **Secret**, es ist das Client-Secret. Zendesk zeigt das vollständige Secret nur jetzt.',
        },
        {
          en: 'So far the client works in your own Zendesk account only. For those of your customers, request a global OAuth client in the Zendesk Marketplace portal under **Organization**. Keep the identifier and the secret, because you cannot open the client after that.',
          de: 'Bisher funktioniert der Client nur in Ihrem eigenen Zendesk-Konto. Für die Ihrer Kunden beantragen Sie im Zendesk-Marketplace-Portal unter **Organization** einen globalen OAuth-Client. Bewahren Sie Identifier und Secret auf, denn danach können Sie den Client nicht mehr öffnen.',
        },
      ],
    },
    webhook: {
      url: 'https://www.zendesk.com/login/',
      steps: [
        {
          en: 'In **Admin Center**, open **Apps and integrations**, **Actions and webhooks** and **Webhooks**, and select **Create webhook**.',
          de: 'Öffnen Sie im **Admin Center** **Apps and integrations**, **Actions and webhooks** und **Webhooks** und wählen Sie **Create webhook**.',
        },
        {
          en: 'Choose **Zendesk events** and the events, continue, enter a name, paste the webhook URL as the **Endpoint URL**, and create the webhook.',
          de: 'Wählen Sie **Zendesk events** und die Events, gehen Sie weiter, geben Sie einen Namen ein, fügen Sie die Webhook-URL als **Endpoint URL** ein und legen Sie den Webhook an.',
        },
        {
          en: 'Open the webhook, select **Reveal secret**, and save the secret here as the webhook secret. Zendesk makes one for each webhook, so each Zendesk account needs an integration of its own.',
          de: 'Öffnen Sie den Webhook, wählen Sie **Reveal secret** und speichern Sie das Secret hier als Webhook-Secret. Zendesk erzeugt für jeden Webhook ein eigenes, daher braucht jedes Zendesk-Konto eine eigene Integration.',
        },
        {
          en: 'With an API key of the workspace, give the connection the number of the Zendesk account as its external id. It is **account_id** in every event.',
          de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace die Nummer des Zendesk-Kontos als externe ID. Sie steht in jedem Event als **account_id**.',
        },
      ],
    },
    key: {
      url: 'https://www.zendesk.com/login/',
      steps: [
        {
          en: 'Use an API token that exists already. Zendesk creates none since 27 October 2026, and the existing ones end on 30 April 2027: better sign in with Zendesk.',
          de: 'Verwenden Sie ein API-Token, das es schon gibt. Zendesk erstellt seit dem 27. Oktober 2026 keine mehr, und die vorhandenen enden am 30. April 2027: Melden Sie sich besser mit Zendesk an.',
        },
        {
          en: 'Enter it together with the email address of a Zendesk user, whose rights the connection then has. **Admin Center**, **Apps and integrations**, **APIs** and **API tokens** lists the tokens, but does not show them again.',
          de: 'Geben Sie es zusammen mit der E-Mail-Adresse eines Zendesk-Nutzers ein, dessen Rechte die Verbindung dann hat. **Admin Center**, **Apps and integrations**, **APIs** und **API tokens** führt die Token auf, zeigt sie aber nicht noch einmal.',
        },
      ],
    },
    fields: {
      subdomain: { label: 'Subdomain', description: 'Der Teil vor .zendesk.com.' },
      email: { label: 'E-Mail-Adresse' },
      api_token: { label: 'API-Token' },
    },
    options: { oauth: 'Mit Zendesk anmelden', api_token: 'API-Token' },
    events: ['zen:event-type:ticket.*', 'zen:event-type:user.*', 'zen:event-type:organization.*'],
    traps: [
      {
        en: 'Zendesk makes a secret for each webhook, so each account needs an integration of its own.',
        de: 'Zendesk erzeugt für jeden Webhook ein eigenes Secret, deshalb braucht jedes Konto eine eigene Integration.',
      },
    ],
    scopes: {
      read: {
        en: 'read tickets, users, organizations and all else that you can see in Zendesk',
        de: 'Tickets, Nutzer, Organisationen und alles andere lesen, was Sie in Zendesk sehen können',
      },
      write: {
        en: 'create, change and delete tickets and other data that you can change in Zendesk',
        de: 'Tickets und andere Daten anlegen, ändern und löschen, die Sie in Zendesk ändern können',
      },
    },
    rateLimit: {
      words: {
        en: 'Requests a minute for the whole Zendesk account: 200 in Team, 400 in Growth and Professional, 700 in Enterprise, and 2,500 in Enterprise Plus or with the High Volume API add-on.',
        de: 'Anfragen pro Minute für das ganze Zendesk-Konto: 200 in Team, 400 in Growth und Professional, 700 in Enterprise und 2.500 in Enterprise Plus oder mit dem Zusatz High Volume API.',
      },
      url: 'https://developer.zendesk.com/api-reference/introduction/rate-limits/',
    },
    hints: [
      {
        at: 'provider_page',
        cause: {
          en: 'The OAuth client does not exist in this Zendesk account: it belongs to another account and is not global, or the subdomain is wrong.',
          de: 'Den OAuth-Client gibt es in diesem Zendesk-Konto nicht: Er gehört zu einem anderen Konto und ist nicht global, oder die Subdomain ist falsch.',
        },
        operator: {
          en: 'Request a global OAuth client in the Zendesk Marketplace portal, or create a client in this account.',
          de: 'Beantragen Sie im Zendesk-Marketplace-Portal einen globalen OAuth-Client oder legen Sie in diesem Konto einen Client an.',
        },
        person: {
          en: 'Check the subdomain that you entered.',
          de: 'Prüfen Sie die Subdomain, die Sie eingegeben haben.',
        },
        url: 'https://developer.zendesk.com/documentation/apps/publish-your-app-or-theme/global_oauth_intro/',
      },
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client id or the client secret is wrong. The client id is the Identifier of the client, not its number.',
          de: 'Die Client-ID oder das Client-Secret ist falsch. Die Client-ID ist der Identifier des Clients, nicht seine Nummer.',
        },
        operator: {
          en: 'Open the client under **OAuth clients**, make a new secret, and enter it together with the **Identifier**.',
          de: 'Öffnen Sie den Client unter **OAuth clients**, erzeugen Sie ein neues Secret und tragen Sie es zusammen mit dem **Identifier** ein.',
        },
        url: 'https://support.zendesk.com/hc/en-us/articles/4408845965210-Using-OAuth-authentication-with-your-application',
      },
      {
        at: 'token',
        errors: ['invalid_grant'],
        messages: ['expired or revoked', 'expired, revoked', 'expired, or revoked'],
        cause: {
          en: 'The access was revoked in Zendesk, or was not used for 90 days.',
          de: 'Der Zugriff wurde in Zendesk widerrufen oder 90 Tage nicht genutzt.',
        },
        operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect your Zendesk account again.', de: 'Verbinden Sie Ihr Zendesk-Konto neu.' },
      },
      {
        at: 'request',
        statuses: [401],
        messages: ["Couldn't authenticate you"],
        cause: {
          en: 'The email address or the API token is wrong, or the token was deactivated; Zendesk deactivates a token that was not used for 30 days.',
          de: 'Die E-Mail-Adresse oder das API-Token ist falsch, oder das Token wurde deaktiviert; Zendesk deaktiviert Token, die 30 Tage nicht benutzt wurden.',
        },
        operator: {
          en: 'Let the account be connected with **Sign in with Zendesk**, because Zendesk creates no new API tokens.',
          de: 'Lassen Sie das Konto über **Mit Zendesk anmelden** verbinden, da Zendesk keine neuen API-Token erstellt.',
        },
        person: {
          en: 'Check the email address and the token, or sign in with Zendesk.',
          de: 'Prüfen Sie E-Mail-Adresse und Token oder melden Sie sich mit Zendesk an.',
        },
        url: 'https://developer.zendesk.com/documentation/api-basics/authentication/oauth-migration/',
      },
      {
        at: 'request',
        statuses: [403],
        messages: ['missing the following required scopes'],
        cause: {
          en: 'The account was connected without a scope that this request needs.',
          de: 'Das Konto wurde ohne einen Scope verbunden, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the scope to the integration, then let the account be reconnected.',
          de: 'Ergänzen Sie den Scope in der Integration und lassen Sie das Konto dann neu verbinden.',
        },
        url: 'https://support.zendesk.com/hc/en-us/community/posts/4485954843162-OAuth-with-specific-scopes-not-work',
      },
    ],
  },
}

/** Cursor pagination (developer.zendesk.com/api-reference/introduction/pagination). `links.next` is null on the last page. */
function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}.json`,
    query: { 'page[size]': '100' },
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['links', 'next'] },
  }
}
