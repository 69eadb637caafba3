import { choice, input, integer, limit, list, text } from '../action-input.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const SITES = [
  { value: 'datadoghq.com', label: 'US1 (app.datadoghq.com)', de: 'US1 (app.datadoghq.com)' },
  { value: 'us3.datadoghq.com', label: 'US3 (us3.datadoghq.com)', de: 'US3 (us3.datadoghq.com)' },
  { value: 'us5.datadoghq.com', label: 'US5 (us5.datadoghq.com)', de: 'US5 (us5.datadoghq.com)' },
  { value: 'datadoghq.eu', label: 'EU1, Germany (app.datadoghq.eu)', de: 'EU1, Deutschland (app.datadoghq.eu)' },
  { value: 'ap1.datadoghq.com', label: 'AP1, Japan (ap1.datadoghq.com)', de: 'AP1, Japan (ap1.datadoghq.com)' },
  {
    value: 'ap2.datadoghq.com',
    label: 'AP2, Australia (ap2.datadoghq.com)',
    de: 'AP2, Australien (ap2.datadoghq.com)',
  },
  { value: 'uk1.datadoghq.com', label: 'UK1 (uk1.datadoghq.com)', de: 'UK1 (uk1.datadoghq.com)' },
  { value: 'ddog-gov.com', label: 'US1-FED (app.ddog-gov.com)', de: 'US1-FED (app.ddog-gov.com)' },
  { value: 'us2.ddog-gov.com', label: 'US2-FED (us2.ddog-gov.com)', de: 'US2-FED (us2.ddog-gov.com)' },
]

/** With keys: OAuth clients are for integrations that Datadog lists in its marketplace. */
export const provider: ProviderFile = {
  aliases: ['data dog', 'ddog', 'observability', 'monitors'],
  logo: 'datadog',
  color: '#632ca6',
  sources: [
    { url: 'https://docs.datadoghq.com/getting_started/site', read: '2026-11-29' },
    { url: 'https://docs.datadoghq.com/api/latest/authentication/?code-lang=typescript', read: '2026-11-29' },
    { url: 'https://docs.datadoghq.com/fr/api/latest/monitors/get-all-monitors/', read: '2026-11-29' },
    { url: 'https://docs.datadoghq.com/api/latest/monitors/get-all-monitors/?code-lang=python', read: '2026-11-29' },
    { url: 'https://docs.datadoghq.com/extend/authorization/oauth2_in_datadog', read: '2026-11-29' },
    { url: 'https://www.npmjs.com/package/@datadog/datadog-api-client', read: '2026-11-29' },
    { url: 'https://nango.dev/docs/api-integrations/datadog/connect', read: '2026-11-29', second: true },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Nango knows fewer sites. The documentation also has AP2, UK1 and US2-FED.',
    },
    { url: 'https://support.1password.com/saas-manager-datadog/', read: '2026-11-29', second: true },
    {
      url: 'https://raw.githubusercontent.com/api-evangelist/datadog/refs/heads/main/json-schema/datadog-events-api-error-response-schema.json',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The words of errors, the limits and the lifetime of keys are not in the pages that were read.
  unverified: ['hints', 'rateLimit', 'tokens'],
  definition: {
    displayName: 'Datadog',
    docsUrl: 'https://docs.datadoghq.com/api/latest/',
    categories: ['monitoring', 'developer tools'],
    baseUrl: 'https://api.{{ input.site }}/api',
    inputFields: [
      {
        name: 'site',
        label: 'Site',
        description: 'The Datadog site of the organization, as the address in the browser shows it.',
        required: true,
        example: 'datadoghq.com',
        choices: SITES.map(({ value, label }) => ({ value, label })),
      },
    ],
    auth: {
      type: 'api_key',
      fields: [
        { name: 'api_key', label: 'API key', secret: true, required: true },
        { name: 'application_key', label: 'Application key', secret: true, required: true },
      ],
      value: '{{ config.api_key }}',
      placement: { in: 'header', name: 'DD-API-KEY' },
    },
    headers: { 'DD-APPLICATION-KEY': '{{ config.application_key }}' },
    responseErrors: [
      { status: 401, path: ['errors', 0], as: 'auth', message: ['errors', 0] },
      // A wrong key. A missing permission has other words.
      { status: 403, path: ['errors', 0], equals: 'Forbidden', as: 'auth', message: ['errors', 0] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['errors', 0],
        as: 'fail' as const,
        message: ['errors', 0],
      })),
    ],
    testRequest: { path: '/v1/monitor?page=0&page_size=1' },
    streams: [
      {
        name: 'monitors',
        path: '/v1/monitor',
        primaryKey: [['id']],
        pagination: { type: 'page', param: 'page', start: 0, sizeParam: 'page_size', size: 100 },
      },
      {
        name: 'dashboards',
        path: '/v1/dashboard',
        recordsPath: ['dashboards'],
        primaryKey: [['id']],
        pagination: { type: 'offset', param: 'start', limitParam: 'count', size: 100 },
      },
      v2('users'),
    ],
    actions: [
      {
        name: 'list_monitors',
        title: 'List monitors',
        description: 'Lists monitors with name, type, query, tags and overall_state.',
        docsUrl: 'https://docs.datadoghq.com/api/latest/monitors/#get-all-monitors',
        scopes: ['monitors_read'],
        readOnly: true,
        input: input(
          {},
          {
            name: text('Only monitors whose name contains this.'),
            tags: text('Only monitors with these tags in their scope, separated by commas, such as host:host0.'),
            monitor_tags: text('Only monitors with these tags of their own, separated by commas.'),
            limit: limit(100, 50),
            page: integer('Number of the page, from 0. Default: 0.', { minimum: 0, default: 0 }),
          },
        ),
        request: {
          method: 'GET',
          path: '/v1/monitor',
          query: {
            name: '{{ args.name }}',
            tags: '{{ args.tags }}',
            monitor_tags: '{{ args.monitor_tags }}',
            page_size: '{{ args.limit | default(50) }}',
            page: '{{ args.page | default(0) }}',
          },
        },
      },
      {
        name: 'create_event',
        title: 'Create an event',
        description: 'Writes an event into the event stream, such as a deployment. Returns the event with its id.',
        docsUrl: 'https://docs.datadoghq.com/api/latest/events/#post-an-event',
        input: input(
          {
            title: text('Title.'),
            text: text('Text. Markdown begins with %%% and ends with %%%.', { maxLength: 4000 }),
          },
          {
            tags: list('Tags, such as env:prod.', { type: 'string', minLength: 1 }),
            alert_type: choice('Kind of the event. Default: info.', ['error', 'warning', 'info', 'success']),
          },
        ),
        request: {
          method: 'POST',
          path: '/v1/events',
          json: {
            title: '{{ args.title }}',
            text: '{{ args.text }}',
            tags: '{{ args.tags }}',
            alert_type: '{{ args.alert_type }}',
          },
        },
        output: ['event'],
      },
    ],
  },
  guide: {
    key: {
      url: 'https://app.datadoghq.com/organization-settings/',
      steps: [
        {
          en: 'In Datadog, open **Organization Settings** and **API Keys**, select **New Key**, enter a name, and copy the key, not the key ID.',
          de: 'Öffnen Sie in Datadog **Organization Settings** und **API Keys**, wählen Sie **New Key**, geben Sie einen Namen ein und kopieren Sie den Schlüssel, nicht die Key ID.',
        },
        {
          en: 'Open **Application Keys**, select **New Key**, enter a name, and copy the key. Edit its scope and assign monitors_read and what else is needed.',
          de: 'Öffnen Sie **Application Keys**, wählen Sie **New Key**, geben Sie einen Namen ein und kopieren Sie den Schlüssel. Bearbeiten Sie seinen Scope und weisen Sie monitors_read und weitere benötigte Rechte zu.',
        },
      ],
    },
    fields: {
      site: {
        label: 'Site',
        description: 'Die Datadog-Site der Organisation, wie sie die Adresse im Browser zeigt.',
        choices: Object.fromEntries(SITES.map(({ value, de }) => [value, de])),
      },
      api_key: { label: 'API-Schlüssel' },
      application_key: { label: 'Anwendungsschlüssel' },
    },
    scopes: {
      monitors_read: { en: 'read the monitors of the organization', de: 'die Monitore der Organisation lesen' },
    },
    rateLimit: null,
    traps: [
      {
        en: 'Sites are independent: keys of one site do not work at another.',
        de: 'Sites sind voneinander unabhängig: Schlüssel der einen Site funktionieren bei einer anderen nicht.',
      },
      {
        en: 'The API key alone only writes data. Everything that reads also needs the application key, which has the rights of the person who made it.',
        de: 'Der API-Schlüssel allein schreibt nur Daten. Alles Lesende braucht auch den Anwendungsschlüssel, der die Rechte der Person hat, die ihn erstellt hat.',
      },
      {
        en: 'OAuth at Datadog is for integrations that partners publish in its marketplace.',
        de: 'OAuth gibt es bei Datadog für Integrationen, die Partner in seinem Marketplace veröffentlichen.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [403],
        messages: ['Forbidden'],
        cause: {
          en: 'A key is wrong or was revoked, or belongs to another site.',
          de: 'Ein Schlüssel ist falsch oder wurde widerrufen, oder er gehört zu einer anderen Site.',
        },
        operator: {
          en: 'Let the site and both keys be checked.',
          de: 'Lassen Sie die Site und beide Schlüssel prüfen.',
        },
        person: {
          en: 'Check the site, and enter both keys again.',
          de: 'Prüfen Sie die Site und geben Sie beide Schlüssel noch einmal ein.',
        },
      },
    ],
  },
}

/** A list of version 2 of the API. */
function v2(name: string): StreamDefinition {
  return {
    name,
    path: `/v2/${name}`,
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: {
      type: 'page',
      param: 'page[number]',
      start: 0,
      sizeParam: 'page[size]',
      size: 100,
      total: ['meta', 'page', 'total_count'],
    },
  }
}
