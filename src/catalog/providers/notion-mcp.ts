import { mcpServer } from '../families/mcp.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = mcpServer({
  aliases: ['notion tools', 'model context protocol notion'],
  logo: 'notion',
  color: '#000000',
  sources: [
    { url: 'https://developers.notion.com/guides/mcp/build-mcp-client', read: '2026-11-29' },
    { url: 'https://developers.notion.com/guides/mcp/build-mcp-client.md', read: '2026-11-29' },
    { url: 'https://kriasoft.com/oauth-callback/examples/notion', read: '2026-11-29', second: true },
  ],
  unverified: ['tokens', 'rateLimit', 'hints'],
  name: 'Notion',
  origin: 'https://mcp.notion.com',
  issuer: 'https://mcp.notion.com',
  docsUrl: 'https://developers.notion.com/guides/mcp/build-mcp-client',
  categories: ['knowledge base'],
  traps: [
    {
      en: 'A token of this server works only here, and one of the API of Notion is of another kind. For streams and actions, use the provider Notion.',
      de: 'Ein Token dieses Servers gilt nur hier, und eines der API von Notion ist von anderer Art. Verwenden Sie für Streams und Aktionen den Anbieter Notion.',
    },
  ],
})
