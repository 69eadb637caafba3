/**
 * The pages of the documentation, in the order of the navigation. A new page of `docs/` is added here, and nowhere else: the sidebar, the
 * start page, `llms.txt` and the search follow. The tests fail for a page that is missing.
 */

export interface Group {
  title: string
  /** Says what the pages of the group are about, on the start page. */
  about: string
  /** Pages without their ending `.md`, from `docs/`. */
  pages: readonly Page[]
  /** Folder with further pages that are generated, such as `providers`. Its `README.md` comes first. */
  folder?: string
}

interface Page {
  path: string
  /** Short name for the sidebar. Default: the heading of the page. */
  short?: string
}

export const GROUPS: readonly Group[] = [
  {
    title: 'Start',
    about: 'Run Latchkey, connect an account, and read its records.',
    pages: [
      { path: 'quickstart' },
      { path: 'from-npm' },
      { path: 'concepts' },
      { path: 'client' },
      { path: 'graphql-clients' },
      { path: 'cli' },
      { path: 'comparison' },
      { path: 'moving-from-nango' },
    ],
  },
  {
    title: 'Everyday tasks',
    about: 'What a product does with connections, from the page that shows them to the deletion of a user.',
    pages: [
      { path: 'guides/index', short: 'Overview' },
      { path: 'guides/list-connections' },
      { path: 'guides/reconnect' },
      { path: 'guides/schedule-syncs' },
      { path: 'guides/why-did-a-sync-fail' },
      { path: 'guides/mcp-servers', short: 'Connect an MCP server' },
      { path: 'guides/delete-a-user' },
      { path: 'guides/rotate-keys' },
      { path: 'guides/white-label' },
    ],
  },
  {
    title: 'Connect',
    about: 'How accounts of your users become connections, and how callers authenticate.',
    pages: [
      { path: 'connecting' },
      { path: 'providers' },
      { path: 'oidc-issuers', short: 'End users with own tokens' },
      { path: 'api-keys' },
      { path: 'refresh' },
    ],
  },
  {
    title: 'Sync',
    about: 'Read the records of a service, and keep a copy of them.',
    pages: [{ path: 'subscriptions' }, { path: 'export' }, { path: 'sql' }],
  },
  {
    title: 'Your own API',
    about: 'Describe an API that is not in the catalogue, or import its description.',
    pages: [
      { path: 'guides/define-an-api', short: 'Step by step' },
      { path: 'definitions' },
      { path: 'streams' },
      { path: 'authentication' },
      { path: 'reference/definition', short: 'Reference' },
      { path: 'guides/own-providers' },
      { path: 'guides/import-from-airbyte' },
      { path: 'guides/import-from-nango' },
      { path: 'guides/import-openapi' },
    ],
  },
  {
    title: 'Use',
    about: 'Send requests through connections, give them to agents, and receive events.',
    pages: [
      { path: 'requests' },
      { path: 'actions' },
      { path: 'provider-actions' },
      { path: 'mcp' },
      { path: 'webhooks' },
      { path: 'webhooks-in' },
      { path: 'webhooks-in-providers' },
      { path: 'federation' },
    ],
  },
  {
    title: 'Operate',
    about: 'Configure, deploy, scale, watch and secure Latchkey.',
    pages: [
      { path: 'configuration' },
      { path: 'running' },
      { path: 'deploy' },
      { path: 'scaling' },
      { path: 'operations' },
      { path: 'runbooks' },
      { path: 'backup' },
      { path: 'console' },
      { path: 'audit' },
      { path: 'security' },
      { path: 'limits' },
    ],
  },
  {
    title: 'API reference',
    about: 'Every query, mutation, subscription, type, error and event, with examples.',
    pages: [],
    folder: 'api',
  },
  {
    title: 'Provider guides',
    about: 'For each provider: how its app is set up, what its scopes allow, and what goes wrong.',
    pages: [],
    folder: 'providers',
  },
  {
    title: 'Work on Latchkey',
    about: 'How the tests are built, and the licences of the packages.',
    pages: [{ path: 'testing' }, { path: 'licences' }],
  },
]
