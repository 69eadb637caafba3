import type { ProviderFile } from '../provider-file.ts'

/** No streams and actions: tools are called in the Model Context Protocol, whose answers may be streams of events. */
export const provider: ProviderFile = {
  aliases: ['notion tools', 'model context protocol notion'],
  logo: 'notion',
  color: '#000000',
  sources: [
    { url: 'https://developers.notion.com/guides/mcp/build-mcp-client', read: '2026-11-29' },
    { url: 'https://developers.notion.com/guides/mcp/build-mcp-client.md', read: '2026-11-29' },
    { url: 'https://kriasoft.com/oauth-callback/examples/notion', read: '2026-11-29', second: true },
  ],
  unverified: ['tokens', 'rateLimit', 'hints'],
  definition: {
    displayName: 'Notion (MCP)',
    docsUrl: 'https://developers.notion.com/guides/mcp/build-mcp-client',
    categories: ['mcp', 'knowledge base'],
    baseUrl: 'https://mcp.notion.com',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      issuer: 'https://mcp.notion.com',
      authorizationUrl: 'https://mcp.notion.com/authorize',
      tokenUrl: 'https://mcp.notion.com/token',
      registration: { url: 'https://mcp.notion.com/register' },
    },
    headers: { Accept: 'application/json, text/event-stream' },
    responseErrors: [{ status: 401, path: ['error'], as: 'auth', message: ['error_description'], code: ['error'] }],
    testRequest: {
      path: '/mcp',
      json: {
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-03-26',
          capabilities: {},
          clientInfo: { name: 'latchkey', version: '1' },
        },
      },
    },
  },
  guide: {
    app: {
      url: 'https://developers.notion.com/guides/mcp/build-mcp-client',
      steps: [
        {
          en: 'Nothing has to be set up at Notion. When the first person connects, Latchkey registers a client of its own there, with the callback URL and the name of the workspace.',
          de: 'Bei Notion ist nichts einzurichten. Wenn sich die erste Person verbindet, registriert Latchkey dort einen eigenen Client mit der Callback-URL und dem Namen des Workspace.',
        },
        {
          en: 'Leave the client ID and the client secret empty.',
          de: 'Lassen Sie die Client-ID und das Client-Secret leer.',
        },
        {
          en: 'If the address of Latchkey changes, it registers another client, and the accounts have to be connected again.',
          de: 'Ändert sich die Adresse von Latchkey, registriert es einen anderen Client, und die Konten müssen neu verbunden werden.',
        },
      ],
    },
    traps: [
      {
        en: 'Send requests of the Model Context Protocol with POST to /mcp. Begin with initialize, and repeat the header Mcp-Session-Id of its answer.',
        de: 'Senden Sie Anfragen des Model Context Protocol mit POST an /mcp. Beginnen Sie mit initialize und wiederholen Sie den Header Mcp-Session-Id der Antwort.',
      },
      {
        en: 'A token of this server works only here, and one of the API of Notion is of another kind. For streams and actions, use the provider Notion.',
        de: 'Ein Token dieses Servers gilt nur hier, und eines der API von Notion ist von anderer Art. Verwenden Sie für Streams und Aktionen den Anbieter Notion.',
      },
    ],
    scopes: {},
    rateLimit: null,
    hints: [
      {
        at: 'request',
        statuses: [401],
        messages: ['invalid_token'],
        cause: {
          en: 'The token is missing, expired, or was revoked in Notion.',
          de: 'Das Token fehlt, ist abgelaufen oder wurde in Notion widerrufen.',
        },
        operator: { en: 'Let the account be connected again.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect your Notion account again.', de: 'Verbinden Sie Ihr Notion-Konto neu.' },
      },
    ],
  },
}
