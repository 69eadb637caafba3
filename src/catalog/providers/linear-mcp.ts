import { mcpServer } from '../families/mcp.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = mcpServer({
  aliases: ['linear tools', 'model context protocol linear'],
  logo: 'linear',
  color: '#5e6ad2',
  sources: [
    // Linear's own page, linear.app/docs/mcp, could not be read. This is a copy of it.
    { url: 'https://hk.jiaoweilu.com/PCWProps/linear/blob/master/mcp-server', read: '2026-11-29', second: true },
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
  unverified: ['app', 'tokens', 'rateLimit', 'hints'],
  name: 'Linear',
  origin: 'https://mcp.linear.app',
  docsUrl: 'https://linear.app/docs/mcp',
  categories: ['project management'],
  traps: [
    {
      en: 'The server sees what the person who connects sees. It has tools only: for streams and actions, use the provider Linear.',
      de: 'Der Server sieht, was die verbindende Person sieht. Er hat nur Tools: Verwenden Sie für Streams und Aktionen den Anbieter Linear.',
    },
  ],
})
