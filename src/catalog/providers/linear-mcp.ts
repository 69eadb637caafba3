import type { ProviderFile } from '../provider-file.ts'

/** No streams and actions: tools are called in the Model Context Protocol, whose answers may be streams of events. */
export const provider: ProviderFile = {
  aliases: ['linear tools', 'model context protocol linear'],
  logo: 'linear',
  color: '#5e6ad2',
  sources: [
    // A copy of the page linear.app/docs/mcp.
    { url: 'https://hk.jiaoweilu.com/PCWProps/linear/blob/master/mcp-server', read: '2026-11-29' },
    { url: 'https://docs.litellm.ai/docs/mcp_servers/linear', read: '2026-11-29', second: true },
    { url: 'https://integrations.sh/linear.app/linear/', read: '2026-11-29', second: true },
    { url: 'https://schlussel.me/formulas/linear', read: '2026-11-29', second: true },
    { url: 'https://www.scalekit.com/blog/linear-mcp-vs-api', read: '2026-11-29', second: true },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  unverified: ['tokens', 'rateLimit', 'hints'],
  definition: {
    displayName: 'Linear (MCP)',
    docsUrl: 'https://linear.app/docs/mcp',
    categories: ['mcp', 'project management'],
    baseUrl: 'https://mcp.linear.app',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://mcp.linear.app/authorize',
      tokenUrl: 'https://mcp.linear.app/token',
      registration: { url: 'https://mcp.linear.app/register' },
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
      url: 'https://linear.app/docs/mcp',
      steps: [
        {
          en: 'Nothing has to be set up at Linear. When the first person connects, Latchkey registers a client of its own there, with the callback URL and the name of the workspace.',
          de: 'Bei Linear ist nichts einzurichten. Wenn sich die erste Person verbindet, registriert Latchkey dort einen eigenen Client mit der Callback-URL und dem Namen des Workspace.',
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
        en: 'Send requests of the Model Context Protocol with POST to /mcp. Begin with initialize, and repeat the header Mcp-Session-Id if its answer has one.',
        de: 'Senden Sie Anfragen des Model Context Protocol mit POST an /mcp. Beginnen Sie mit initialize und wiederholen Sie den Header Mcp-Session-Id, wenn die Antwort ihn hat.',
      },
      {
        en: 'The server sees what the person who connects sees. It has tools only: for streams and actions, use the provider Linear.',
        de: 'Der Server sieht, was die verbindende Person sieht. Er hat nur Tools: Verwenden Sie für Streams und Aktionen den Anbieter Linear.',
      },
    ],
    scopes: {},
    rateLimit: null,
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The token is missing, expired, or was revoked in Linear.',
          de: 'Das Token fehlt, ist abgelaufen oder wurde in Linear widerrufen.',
        },
        operator: { en: 'Let the account be connected again.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect your Linear account again.', de: 'Verbinden Sie Ihr Linear-Konto neu.' },
      },
    ],
  },
}
