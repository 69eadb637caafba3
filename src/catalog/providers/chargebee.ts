import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = {
  aliases: ['charge bee', 'subscription billing'],
  logo: null,
  color: '#ff3300',
  sources: [
    { url: 'https://www.chargebee.com/docs/2.0/api_keys.html', read: '2026-11-29' },
    { url: 'https://apidocs.chargebee.com/docs/api/auth', read: '2026-11-29' },
    { url: 'https://apidocs.chargebee.com/docs/api/error-handling', read: '2026-11-29' },
    {
      url: 'https://www.chargebee.com/docs/2.0/site-configuration/articles-and-faq/what-are-the-chargebee-api-limits.html',
      read: '2026-11-29',
    },
    // The official SDK, version 3.33.0: host, authentication, paths, parameters, records.
    { url: 'https://www.npmjs.com/package/chargebee', read: '2026-11-29' },
    { url: 'https://glama.ai/mcp/servers/MSPbotsAIFramework/chargebee-mcp/schema', read: '2026-11-29', second: true },
    { url: 'https://docs.airbyte.com/ai-agents/connectors/chargebee/REFERENCE', read: '2026-11-29', second: true },
  ],
  unverified: ['hints'],
  definition: {
    displayName: 'Chargebee',
    docsUrl: 'https://apidocs.chargebee.com/docs/api/auth',
    categories: ['billing'],
    baseUrl: 'https://{{ input.site }}.chargebee.com/api/v2',
    inputFields: [
      {
        name: 'site',
        label: 'Site',
        description: 'What stands before .chargebee.com.',
        required: true,
        pattern: '[a-z0-9-]+',
        example: 'acme-test',
      },
    ],
    auth: {
      type: 'basic',
      fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
      username: '{{ config.api_key }}',
      password: '',
    },
    testRequest: { path: '/customers?limit=1' },
    streams: ['customer', 'subscription', 'invoice'].map(objects),
  },
  guide: {
    key: {
      url: 'https://app.chargebee.com/login',
      steps: [
        {
          en: 'Sign in to the site that you want to connect. Test and live sites have different keys, and only administrators may create one.',
          de: 'Melden Sie sich bei der Site an, die Sie verbinden möchten. Test- und Live-Sites haben verschiedene Schlüssel, und nur die Administration darf einen anlegen.',
        },
        {
          en: 'Open **Settings**, **Configure Chargebee** and **API Keys and Webhooks**. On the tab **API Keys**, select **Add API Key**.',
          de: 'Öffnen Sie **Settings**, **Configure Chargebee** und **API Keys and Webhooks**. Wählen Sie auf dem Reiter **API Keys** die Schaltfläche **Add API Key**.',
        },
        {
          en: 'Choose **Read-Only Key** if data is only to be read, otherwise **Full-Access Key**. A publishable key does not work. Enter a name and select **Create Key**.',
          de: 'Wählen Sie **Read-Only Key**, wenn nur gelesen werden soll, sonst **Full-Access Key**. Ein Publishable Key funktioniert nicht. Geben Sie einen Namen ein und wählen Sie **Create Key**.',
        },
        {
          en: 'Copy the key. The name of the site is what stands before .chargebee.com in the address of the browser.',
          de: 'Kopieren Sie den Schlüssel. Der Name der Site steht in der Adresse des Browsers vor .chargebee.com.',
        },
      ],
    },
    fields: {
      site: { label: 'Site', description: 'Was vor .chargebee.com steht.' },
      api_key: { label: 'API-Schlüssel' },
    },
    scopes: {},
    rateLimit: {
      words: {
        en: 'Per live site and minute: 150 requests (Starter), 1,000 (Performance) or 3,500 (Enterprise), unless Chargebee has raised it. Per test site: 150 a minute.',
        de: 'Je Live-Site und Minute: 150 Anfragen (Starter), 1.000 (Performance) oder 3.500 (Enterprise), sofern Chargebee sie nicht erhöht hat. Je Test-Site: 150 pro Minute.',
      },
      url: 'https://www.chargebee.com/docs/2.0/site-configuration/articles-and-faq/what-are-the-chargebee-api-limits.html',
    },
    hints: [
      {
        at: 'request',
        messages: ['Invalid api key'],
        cause: {
          en: 'The key is wrong, was deleted, or belongs to another site, such as the test site.',
          de: 'Der Schlüssel ist falsch, wurde gelöscht oder gehört zu einer anderen Site, etwa der Test-Site.',
        },
        operator: {
          en: 'Let the key and the name of the site be checked: both have to be of the same site.',
          de: 'Lassen Sie Schlüssel und Namen der Site prüfen: Beide müssen zur selben Site gehören.',
        },
        person: {
          en: 'Check that the site is the one that the key was created on, and copy the key again.',
          de: 'Prüfen Sie, ob der Schlüssel auf dieser Site angelegt wurde, und kopieren Sie ihn noch einmal.',
        },
        url: 'https://apidocs.chargebee.com/docs/api/auth',
      },
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The kind of the key does not allow this request.',
          de: 'Die Art des Schlüssels erlaubt diese Anfrage nicht.',
        },
        operator: {
          en: 'Let a read-only or full-access key be created for all resources that are needed.',
          de: 'Lassen Sie einen Read-Only oder Full-Access Key für alle benötigten Ressourcen anlegen.',
        },
        person: {
          en: 'Create a read-only or full-access key and enter it.',
          de: 'Legen Sie einen Read-Only oder Full-Access Key an und geben Sie ihn ein.',
        },
        url: 'https://www.chargebee.com/docs/2.0/api_keys.html',
      },
    ],
  },
}

/** A stream whose list items contain the record under the name of its resource. */
function objects(resource: string): StreamDefinition {
  return {
    name: `${resource}s`,
    path: `/${resource}s`,
    query: { limit: '100', 'sort_by[asc]': 'updated_at', include_deleted: 'true' },
    recordsPath: ['list'],
    primaryKey: [[resource, 'id']],
    pagination: { type: 'cursor', path: ['next_offset'], param: 'offset' },
    deletes: { path: [resource, 'deleted'], equals: true },
    incremental: {
      cursorField: [resource, 'updated_at'],
      param: 'updated_at[after]',
      format: 'epoch',
      lookback: 'PT1M',
    },
  }
}
