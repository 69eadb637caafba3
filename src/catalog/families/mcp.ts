import type { IntegrationDefinition } from '../definition/definition.ts'
import type { OAuth2 } from '../definition/oauth2.ts'
import type { Words } from '../guide.ts'
import type { ProviderFile } from '../provider-file.ts'

interface McpServer extends Pick<ProviderFile, 'aliases' | 'logo' | 'color' | 'sources' | 'unverified'> {
  /** Name of the service, such as `Linear`. */
  name: string
  /** Where the server and its authorization server are, such as `https://mcp.linear.app`. */
  origin: string
  docsUrl: string
  categories: IntegrationDefinition['categories']
  /** Its authorization server publishes its metadata (RFC 8414). */
  issuer?: string
  /** What surprises people, besides how requests are sent. */
  traps: readonly Words[]
}

/**
 * The file of a server of the Model Context Protocol that registers clients (RFC 7591). It has no streams and actions: tools are called in
 * the protocol, whose answers may be streams of events (https://modelcontextprotocol.io/specification/2025-03-26/basic/transports).
 */
export function mcpServer({
  name,
  origin,
  docsUrl,
  categories = [],
  issuer,
  traps,
  ...facts
}: McpServer): ProviderFile {
  const auth: OAuth2 = {
    type: 'oauth2',
    grant: 'authorization_code',
    ...(issuer === undefined ? {} : { issuer }),
    authorizationUrl: `${origin}/authorize`,
    tokenUrl: `${origin}/token`,
    registration: { url: `${origin}/register` },
  }
  return {
    ...facts,
    definition: {
      displayName: `${name} (MCP)`,
      docsUrl,
      categories: ['mcp', ...categories],
      baseUrl: origin,
      auth,
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
        url: docsUrl,
        steps: [
          {
            en: `Nothing has to be set up at ${name}. When the first person connects, Latchkey registers a client of its own there, with the callback URL and the name of the workspace.`,
            de: `Bei ${name} ist nichts einzurichten. Wenn sich die erste Person verbindet, registriert Latchkey dort einen eigenen Client mit der Callback-URL und dem Namen des Workspace.`,
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
        ...traps,
      ],
      scopes: {},
      rateLimit: null,
      hints: [
        {
          at: 'request',
          statuses: [401],
          cause: {
            en: `The token is missing, expired, or was revoked in ${name}.`,
            de: `Das Token fehlt, ist abgelaufen oder wurde in ${name} widerrufen.`,
          },
          operator: { en: 'Let the account be connected again.', de: 'Lassen Sie das Konto neu verbinden.' },
          person: { en: `Connect your ${name} account again.`, de: `Verbinden Sie Ihr ${name}-Konto neu.` },
        },
      ],
    },
  }
}
