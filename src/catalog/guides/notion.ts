import type { ProviderGuide } from '../guide.ts'

export const notionGuide: ProviderGuide = {
  readOn: '2026-11-29',
  sources: [
    'https://developers.notion.com/guides/get-started/authorization',
    'https://developers.notion.com/guides/connections-and-tokens/public-integrations/overview',
    'https://developers.notion.com/reference/capabilities',
    'https://developers.notion.com/reference/webhooks',
    'https://developers.notion.com/reference/request-limits',
    'https://developers.notion.com/reference/status-codes',
  ],
  logo: 'notion',
  color: '#000000',
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
}
