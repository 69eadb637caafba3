import { choice, cursor, input, limit, onlyWith, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const version = '2025-09-03'

const reference = 'https://developers.notion.com/reference'

const id = (description: string) =>
  text(description, { pattern: '^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$' })

const content = text('Text, as one paragraph.', { maxLength: 2000 })

const paragraph = {
  object: 'block',
  type: 'paragraph',
  paragraph: { rich_text: [{ type: 'text', text: { content: '{{ args.content }}' } }] },
}

const title = { title: { title: [{ type: 'text', text: { content: '{{ args.title }}' } }] } }

/** `scopes` are capabilities of the integration, which are set in Notion. */
const actions: ActionDefinition[] = [
  {
    name: 'create_page',
    title: 'Create a page',
    description:
      'Creates a page below another page that is shared with the integration. Returns the page with its id and url.',
    docsUrl: `${reference}/post-page`,
    scopes: ['Insert content'],
    input: input(
      { parent_page_id: id('Id of the page below which it is created.'), title: text('Title.', { maxLength: 2000 }) },
      { content },
    ),
    request: {
      method: 'POST',
      path: '/pages',
      json: {
        parent: { type: 'page_id', page_id: '{{ args.parent_page_id }}' },
        properties: title,
        children: [onlyWith('content', paragraph)],
      },
    },
  },
  {
    name: 'create_database_page',
    title: 'Add a page to a database',
    description:
      'Adds a page to a data source of a database. properties has Notion’s property values by the names of the columns, the title among them. Returns the page.',
    docsUrl: `${reference}/post-page`,
    scopes: ['Insert content'],
    input: input(
      {
        data_source_id: id('Id of the data source. search returns it.'),
        properties: {
          type: 'object',
          minProperties: 1,
          description:
            'Property values by name, such as {"Name": {"title": [{"text": {"content": "Tuscan kale"}}]}, "Done": {"checkbox": true}}.',
        },
      },
      { content },
    ),
    request: {
      method: 'POST',
      path: '/pages',
      json: {
        parent: { type: 'data_source_id', data_source_id: '{{ args.data_source_id }}' },
        properties: '{{ args.properties }}',
        children: [onlyWith('content', paragraph)],
      },
    },
  },
  {
    name: 'get_page',
    title: 'Get a page',
    description: 'Returns one page with its properties. get_page_content returns its text.',
    docsUrl: `${reference}/retrieve-a-page`,
    scopes: ['Read content'],
    readOnly: true,
    input: input({ page_id: id('Id of the page. search returns it.') }),
    request: { method: 'GET', path: '/pages/{{ args.page_id }}' },
  },
  {
    name: 'get_page_content',
    title: 'Get the text of a page',
    description:
      'Lists the blocks of a page or of a block, without what is nested in them (has_children). Returns results; next_cursor is the cursor of the next page.',
    docsUrl: `${reference}/get-block-children`,
    scopes: ['Read content'],
    readOnly: true,
    input: input(
      { page_id: id('Id of the page or of the block.') },
      { limit: limit(100, 100), cursor: cursor('next_cursor') },
    ),
    request: {
      method: 'GET',
      path: '/blocks/{{ args.page_id }}/children',
      query: { page_size: '{{ args.limit | default(100) }}', start_cursor: '{{ args.cursor }}' },
    },
  },
  {
    name: 'append_to_page',
    title: 'Append text to a page',
    description: 'Adds a paragraph at the end of a page. Returns the new blocks.',
    docsUrl: `${reference}/patch-block-children`,
    scopes: ['Insert content'],
    input: input({ page_id: id('Id of the page.'), content }),
    request: {
      method: 'PATCH',
      path: '/blocks/{{ args.page_id }}/children',
      json: { children: [paragraph] },
    },
    output: ['results'],
  },
  {
    name: 'search',
    title: 'Search pages and data sources',
    description:
      'Searches the titles of pages and data sources that are shared with the integration, the last edited first. Returns results; next_cursor is the cursor of the next page.',
    docsUrl: `${reference}/post-search`,
    scopes: ['Read content'],
    readOnly: true,
    input: input(
      {},
      {
        query: text('Words in the title. Default: everything.'),
        object: choice('Only pages, or only data sources.', ['page', 'data_source']),
        limit: limit(100, 25),
        cursor: cursor('next_cursor'),
      },
    ),
    request: {
      method: 'POST',
      path: '/search',
      json: {
        query: '{{ args.query }}',
        filter: onlyWith('object', { property: 'object', value: '{{ args.object }}' }),
        sort: { timestamp: 'last_edited_time', direction: 'descending' },
        page_size: '{{ args.limit | default(25) }}',
        start_cursor: '{{ args.cursor }}',
      },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['notion wiki', 'notion docs'],
  logo: 'notion',
  color: '#000000',
  sources: [
    { url: 'https://developers.notion.com/guides/get-started/authorization', read: '2026-11-29' },
    {
      url: 'https://developers.notion.com/guides/connections-and-tokens/public-integrations/overview',
      read: '2026-11-29',
    },
    { url: 'https://developers.notion.com/reference/capabilities', read: '2026-11-29' },
    { url: 'https://developers.notion.com/reference/webhooks', read: '2026-11-29' },
    { url: 'https://developers.notion.com/reference/request-limits', read: '2026-11-29' },
    { url: 'https://developers.notion.com/reference/status-codes', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Nango sends the version 2022-06-28. The SDK of Notion sends 2025-09-03, as the file does.',
    },
    { url: 'https://github.com/makenotion/notion-sdk-js', read: '2026-11-29', second: true },
  ],
  definition: {
    displayName: 'Notion',
    docsUrl: 'https://developers.notion.com/guides/get-started/authorization',
    categories: ['knowledge base'],
    baseUrl: 'https://api.notion.com/v1',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://api.notion.com/v1/oauth/authorize',
      authorizationParams: { owner: 'user' },
      tokenUrl: 'https://api.notion.com/v1/oauth/token',
      revocation: { url: 'https://api.notion.com/v1/oauth/revoke', json: { token: '{{ config.access_token }}' } },
      clientAuth: 'client_secret_basic',
      tokenRequest: { format: 'json', headers: { 'Notion-Version': version } },
      tokenResponse: {
        keep: {
          workspace_id: ['workspace_id'],
          workspace_name: ['workspace_name'],
          bot_id: ['bot_id'],
          duplicated_template_id: ['duplicated_template_id'],
        },
      },
    },
    headers: { 'Notion-Version': version },
    // developers.notion.com/reference/webhooks, developers.notion.com/reference/webhooks-events-delivery
    webhook: {
      verify: { method: 'hmac', header: 'X-Notion-Signature', hash: 'sha256', encoding: 'hex', prefix: 'sha256=' },
      // The first request has the key of all signatures. An administrator confirms it in Notion.
      handshake: [{ where: 'body.verification_token', answer: '', secret: 'body.verification_token' }],
      id: 'body.id',
      type: 'body.type',
      connection: { value: 'body.workspace_id', equals: 'kept.workspace_id' },
      sync: [
        { where: "body.entity.type == 'page'", streams: ['pages'] },
        { where: "body.entity.type in ['database', 'data_source']", streams: ['data_sources'] },
      ],
    },
    testRequest: { path: '/users/me' },
    streams: [
      {
        name: 'users',
        path: '/users',
        query: { page_size: '100' },
        recordsPath: ['results'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['next_cursor'], param: 'start_cursor', hasMore: ['has_more'] },
      },
      {
        name: 'pages',
        path: '/search',
        json: { filter: { property: 'object', value: 'page' }, page_size: 100 },
        recordsPath: ['results'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['next_cursor'], param: 'start_cursor', in: 'json', hasMore: ['has_more'] },
      },
      {
        name: 'data_sources',
        path: '/search',
        json: { filter: { property: 'object', value: 'data_source' }, page_size: 100 },
        recordsPath: ['results'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['next_cursor'], param: 'start_cursor', in: 'json', hasMore: ['has_more'] },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://www.notion.so/developers/connections',
      steps: [
        {
          en: 'Under **Build** and **Connections**, select **Create new connection**. Make one with OAuth, which Notion calls public connection or public integration: an internal connection has no OAuth, and the kind cannot be changed later.',
          de: 'Wählen Sie unter **Build** bei **Connections** die Schaltfläche **Create new connection**. Legen Sie eine mit OAuth an, die bei Notion Public Connection oder Public Integration heißt: Eine interne Connection hat kein OAuth, und die Art lässt sich später nicht ändern.',
        },
        {
          en: 'Enter a name, choose a workspace of your own for development, and paste the callback URL into **Redirect URIs**.',
          de: 'Geben Sie einen Namen ein, wählen Sie einen eigenen Workspace für die Entwicklung und fügen Sie die Callback-URL bei **Redirect URIs** ein.',
        },
        {
          en: 'Choose **Any workspace** as the installation scope, and create the connection. This choice is final too.',
          de: 'Wählen Sie als Installationsbereich **Any workspace** und legen Sie die Connection an. Auch diese Wahl ist endgültig.',
        },
        {
          en: 'Under **Capabilities**, select **Read content** and the access to user information, for actions that write also **Insert content**. Notion has capabilities in place of scopes.',
          de: 'Wählen Sie unter **Capabilities** die Option **Read content** und den Zugriff auf Benutzerinformationen, für schreibende Aktionen auch **Insert content**. Notion hat Capabilities anstelle von Scopes.',
        },
        {
          en: 'In the settings of the connection, copy the **OAuth client ID** and the **OAuth client secret**.',
          de: 'Kopieren Sie in den Einstellungen der Connection die **OAuth client ID** und das **OAuth client secret**.',
        },
      ],
    },
    webhook: {
      url: 'https://www.notion.so/developers/connections',
      steps: [
        {
          en: 'Open your connection and its tab **Webhooks**, and select **Create a subscription**.',
          de: 'Öffnen Sie Ihre Connection und darin den Tab **Webhooks** und wählen Sie **Create a subscription**.',
        },
        {
          en: 'Paste the webhook URL as **Webhook URL**, choose the events of pages, databases and data sources, and select **Create subscription**.',
          de: 'Fügen Sie die Webhook-URL als **Webhook URL** ein, wählen Sie die Events von Seiten, Datenbanken und Datenquellen und dann **Create subscription**.',
        },
        {
          en: 'Notion sends a verification token to the webhook URL. Copy it from here, where it appears as the pending webhook secret.',
          de: 'Notion sendet ein Verification-Token an die Webhook-URL. Kopieren Sie es von hier, wo es als noch nicht bestätigtes Webhook-Secret erscheint.',
        },
        {
          en: 'In Notion, select **Verify**, paste the token, and select **Verify subscription**. Save the same token here as the webhook secret.',
          de: 'Wählen Sie in Notion **Verify**, fügen Sie das Token ein und wählen Sie **Verify subscription**. Speichern Sie dasselbe Token hier als Webhook-Secret.',
        },
      ],
    },
    events: ['page.*', 'database.*', 'data_source.*'],
    scopes: {
      'Read content': {
        en: 'read the pages and databases that you select, with their content',
        de: 'die von Ihnen ausgewählten Seiten und Datenbanken mit ihrem Inhalt lesen',
      },
      'Insert content': {
        en: 'add pages and content to the pages and databases that you select',
        de: 'in den von Ihnen ausgewählten Seiten und Datenbanken Seiten und Inhalte hinzufügen',
      },
    },
    rateLimit: {
      words: {
        en: 'An average of 3 requests a second for each connection, with some bursts above it.',
        de: 'Durchschnittlich 3 Anfragen pro Sekunde je Verbindung, kurzzeitig auch mehr.',
      },
      url: 'https://developers.notion.com/reference/request-limits',
    },
    hints: [
      {
        at: 'provider_page',
        messages: ['Missing or invalid redirect_uri'],
        cause: {
          en: 'The callback URL is not registered in the Notion connection.',
          de: 'Die Callback-URL ist in der Notion-Connection nicht eingetragen.',
        },
        operator: {
          en: 'Paste the callback URL exactly into **Redirect URIs** of the connection.',
          de: 'Fügen Sie die Callback-URL genau so bei **Redirect URIs** der Connection ein.',
        },
        url: 'https://developers.notion.com/guides/get-started/authorization',
      },
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client ID or the client secret is wrong.',
          de: 'Die Client-ID oder das Client-Secret ist falsch.',
        },
        operator: {
          en: 'Copy **OAuth client ID** and **OAuth client secret** again from the public connection. The token of an internal connection is a different value.',
          de: 'Kopieren Sie **OAuth client ID** und **OAuth client secret** noch einmal aus der Public Connection. Das Token einer internen Connection ist ein anderer Wert.',
        },
      },
      {
        at: 'request',
        messages: ['are shared with your'],
        cause: {
          en: 'The page or database does not exist, or it was not selected when the account was connected.',
          de: 'Die Seite oder Datenbank existiert nicht oder wurde beim Verbinden nicht ausgewählt.',
        },
        operator: {
          en: 'Ask the person to share the page with the connection in Notion.',
          de: 'Bitten Sie die Person, die Seite in Notion für die Connection freizugeben.',
        },
        person: {
          en: 'Open the page in Notion, select **•••** and **Connections**, and add the app. Or connect again and select the page.',
          de: 'Öffnen Sie die Seite in Notion, wählen Sie **•••** und **Connections** und fügen Sie die App hinzu. Oder verbinden Sie das Konto erneut und wählen Sie die Seite aus.',
        },
        url: 'https://developers.notion.com/reference/status-codes',
      },
      {
        at: 'request',
        messages: ['Insufficient permissions for this endpoint'],
        cause: {
          en: 'The connection lacks a capability that this request needs.',
          de: 'Der Connection fehlt eine Capability, die diese Anfrage braucht.',
        },
        operator: {
          en: 'Select it under **Capabilities** of the connection in Notion, then have the account reconnected.',
          de: 'Wählen Sie sie in Notion unter **Capabilities** der Connection aus und lassen Sie das Konto dann neu verbinden.',
        },
        url: 'https://developers.notion.com/reference/capabilities',
      },
      {
        at: 'request',
        messages: ['API token is invalid'],
        cause: {
          en: 'The token is no longer valid, usually because the connection was removed in Notion.',
          de: 'Das Token gilt nicht mehr, meist weil die Connection in Notion entfernt wurde.',
        },
        operator: {
          en: 'Have the account reconnected.',
          de: 'Lassen Sie das Konto neu verbinden.',
        },
        person: {
          en: 'Connect the account again.',
          de: 'Verbinden Sie das Konto erneut.',
        },
        url: 'https://developers.notion.com/reference/status-codes',
      },
    ],
  },
}
