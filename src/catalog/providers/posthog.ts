import { flag, input, limit, text } from '../action-input.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const project = { project_id: text('Id of the project. The stream projects has it.', { pattern: '^[0-9]+$' }) }

export const provider: ProviderFile = {
  aliases: ['post hog', 'product analytics', 'feature flags', 'session replay'],
  logo: 'posthog',
  color: '#000000',
  sources: [
    { url: 'https://posthog.com/docs/api.md', read: '2026-11-29' },
    { url: 'https://posthog.com/docs/api/oauth', read: '2026-11-29' },
    { url: 'https://posthog.com/docs/api/scopes', read: '2026-11-29' },
    { url: 'https://posthog.com/docs/api/personal-api-keys.md', read: '2026-11-29' },
    { url: 'https://posthog.com/docs/api/persons-4', read: '2026-11-29' },
    { url: 'https://posthog.com/docs/api/feature-flags-3', read: '2026-11-29' },
    { url: 'https://posthog.com/tutorials/api-get-insights-persons', read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-posthog/manifest.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Airbyte counts offsets. PostHog documents the link to the next page, which also holds where pages have cursors.',
    },
    {
      url: 'https://nango.dev/docs/api-integrations/posthog-oauth/how-to-register-your-own-posthog-oauth-api-oauth-app',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://docs.gitguardian.com/secrets-detection/secrets-detection-engine/detectors/specifics/posthog_oauth_refresh_token',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The lifetimes are not documented.
  unverified: ['tokens'],
  definition: {
    displayName: 'PostHog',
    docsUrl: 'https://posthog.com/docs/api',
    categories: ['analytics', 'developer tools'],
    baseUrl: 'https://{{ input.host }}/api',
    inputFields: [
      {
        name: 'host',
        label: 'Region',
        description: 'The address of PostHog in the browser shows it.',
        required: true,
        example: 'us.posthog.com',
        choices: [
          { value: 'us.posthog.com', label: 'US Cloud' },
          { value: 'eu.posthog.com', label: 'EU Cloud' },
        ],
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'OAuth',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            // This host serves both regions.
            authorizationUrl: 'https://oauth.posthog.com/oauth/authorize/',
            tokenUrl: 'https://oauth.posthog.com/oauth/token/',
            revocation: { url: 'https://oauth.posthog.com/oauth/revoke/' },
            scopes: ['user:read', 'project:read', 'person:read', 'cohort:read', 'feature_flag:read'],
          },
        },
        {
          key: 'api_key',
          label: 'Personal API key',
          auth: {
            type: 'bearer',
            fields: [{ name: 'api_key', label: 'Personal API key', secret: true, required: true }],
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['detail'], as: 'auth', message: ['detail'], code: ['code'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['detail'],
        as: 'fail' as const,
        message: ['detail'],
        code: ['code'],
      })),
    ],
    testRequest: { path: '/users/@me/' },
    streams: [
      results('projects', '/projects/'),
      { ...results('persons', '/projects/{{ parent.id }}/persons/'), parent: { stream: 'projects' } },
      { ...results('cohorts', '/projects/{{ parent.id }}/cohorts/'), parent: { stream: 'projects' } },
      { ...results('feature_flags', '/projects/{{ parent.id }}/feature_flags/'), parent: { stream: 'projects' } },
    ],
    actions: [
      {
        name: 'list_persons',
        title: 'Find persons',
        description: 'Lists persons of a project, with their distinct_ids and properties. Returns results.',
        docsUrl: 'https://posthog.com/docs/api/persons',
        scopes: ['person:read'],
        readOnly: true,
        input: input(project, {
          search: text('Only persons whose email address, or another identifying property, contains this.'),
          limit: limit(100, 25),
        }),
        request: {
          method: 'GET',
          path: '/projects/{{ args.project_id }}/persons/',
          query: { search: '{{ args.search }}', limit: '{{ args.limit | default(25) }}' },
        },
      },
      {
        name: 'create_feature_flag',
        title: 'Create a feature flag',
        description: 'Creates a feature flag in a project and returns it with its id. It has no conditions yet.',
        docsUrl: 'https://posthog.com/docs/api/feature-flags',
        scopes: ['feature_flag:write'],
        input: input(
          { ...project, key: text('Key by which the code reads the flag, such as new-checkout.') },
          { name: text('Description.'), active: flag('Whether the flag is on.') },
        ),
        request: {
          method: 'POST',
          path: '/projects/{{ args.project_id }}/feature_flags/',
          json: { key: '{{ args.key }}', name: '{{ args.name }}', active: '{{ args.active }}' },
        },
      },
    ],
  },
  guide: {
    app: {
      url: 'https://posthog.com/docs/api/oauth',
      steps: [
        {
          en: 'PostHog needs no registration. Publish a JSON document at an https address of your own domain, with client_id (that address), client_name, and the callback URL in the list redirect_uris.',
          de: 'PostHog verlangt keine Registrierung. Veröffentlichen Sie unter einer https-Adresse Ihrer eigenen Domain ein JSON-Dokument mit client_id (dieser Adresse), client_name und der Callback-URL in der Liste redirect_uris.',
        },
        {
          en: 'Enter the address of the document as the client ID, and leave the client secret empty. PostHog reads the document when somebody connects, and keeps it for as long as its header Cache-Control says.',
          de: 'Tragen Sie die Adresse des Dokuments als Client-ID ein und lassen Sie das Client-Secret leer. PostHog liest das Dokument, wenn sich jemand verbindet, und behält es so lange, wie sein Header Cache-Control sagt.',
        },
        {
          en: 'Optionally, ask PostHog to verify the application in both regions. Until then, people see a notice that it is unverified.',
          de: 'Lassen Sie die Anwendung auf Wunsch in beiden Regionen von PostHog prüfen. Bis dahin erscheint der Hinweis, dass sie nicht geprüft ist.',
        },
      ],
    },
    key: {
      url: 'https://app.posthog.com/settings/user-api-keys',
      steps: [
        {
          en: 'In your account settings, open **Personal API keys** and select **Create a personal API Key**.',
          de: 'Öffnen Sie in Ihren Kontoeinstellungen **Personal API keys** und wählen Sie **Create a personal API Key**.',
        },
        {
          en: 'Enter a name, choose the scopes user:read, project:read, person:read, cohort:read and feature_flag:read, and select **Create key**. Copy the key, which begins with phx_, at once: it is shown only once.',
          de: 'Geben Sie einen Namen ein, wählen Sie die Scopes user:read, project:read, person:read, cohort:read und feature_flag:read und dann **Create key**. Kopieren Sie den Schlüssel, der mit phx_ beginnt, sofort: Er wird nur einmal gezeigt.',
        },
      ],
    },
    fields: {
      host: {
        label: 'Region',
        description: 'Die Adresse von PostHog im Browser zeigt sie.',
        choices: { 'us.posthog.com': 'US-Cloud', 'eu.posthog.com': 'EU-Cloud' },
      },
      api_key: { label: 'Persönlicher API-Schlüssel' },
    },
    options: { oauth: 'OAuth', api_key: 'Persönlicher API-Schlüssel' },
    traps: [
      {
        en: 'The project API key, which begins with phc_, only captures events. It cannot read data.',
        de: 'Der API-Schlüssel eines Projekts, der mit phc_ beginnt, nimmt nur Events an. Er kann keine Daten lesen.',
      },
      {
        en: 'Rate limits count for the whole organization, not for each key.',
        de: 'Die Grenzen gelten für die ganze Organisation und nicht je Schlüssel.',
      },
      {
        en: 'Tokens and keys that GitHub finds in public code are revoked automatically.',
        de: 'Tokens und Schlüssel, die GitHub in öffentlichem Code findet, werden automatisch widerrufen.',
      },
    ],
    scopes: {
      'user:read': { en: 'see your PostHog user', de: 'Ihr PostHog-Benutzerkonto sehen' },
      'project:read': { en: 'see your projects', de: 'Ihre Projekte sehen' },
      'person:read': {
        en: 'read the persons whom your product tracks, with their properties',
        de: 'die von Ihrem Produkt erfassten Personen mit ihren Eigenschaften lesen',
      },
      'cohort:read': { en: 'read your cohorts', de: 'Ihre Kohorten lesen' },
      'feature_flag:read': { en: 'read your feature flags', de: 'Ihre Feature Flags lesen' },
      'feature_flag:write': {
        en: 'create and change feature flags, which can change how your product works',
        de: 'Feature Flags anlegen und ändern, was die Funktion Ihres Produkts ändern kann',
      },
    },
    rateLimit: {
      words: {
        en: 'For each organization: 240 requests a minute and 1,200 an hour for persons and analytics, 480 a minute and 4,800 an hour for the other endpoints.',
        de: 'Je Organisation: 240 Anfragen pro Minute und 1.200 pro Stunde für Personen und Auswertungen, 480 pro Minute und 4.800 pro Stunde für die übrigen Endpunkte.',
      },
      url: 'https://posthog.com/docs/api',
    },
    hints: [
      {
        at: 'request',
        messages: ['Invalid Personal API key', 'invalid_personal_api_key'],
        cause: {
          en: 'The key is wrong or was deleted, or belongs to the other region.',
          de: 'Der Schlüssel ist falsch oder wurde gelöscht, oder er gehört zur anderen Region.',
        },
        operator: {
          en: 'Let the region be checked, and the account be connected with a new key.',
          de: 'Lassen Sie die Region prüfen und das Konto mit einem neuen Schlüssel verbinden.',
        },
        person: {
          en: 'Check the region, and create a new personal API key.',
          de: 'Prüfen Sie die Region und erstellen Sie einen neuen persönlichen API-Schlüssel.',
        },
        url: 'https://posthog.com/docs/api',
      },
      {
        at: 'request',
        messages: ['Project API key invalid', 'invalid_api_key'],
        cause: {
          en: 'The key is the API key of a project, which cannot read data.',
          de: 'Der Schlüssel ist der API-Schlüssel eines Projekts, der keine Daten lesen kann.',
        },
        operator: {
          en: 'Let the account be connected with a personal API key.',
          de: 'Lassen Sie das Konto mit einem persönlichen API-Schlüssel verbinden.',
        },
        person: {
          en: 'Create a personal API key and enter it. It begins with phx_.',
          de: 'Erstellen Sie einen persönlichen API-Schlüssel und geben Sie ihn ein. Er beginnt mit phx_.',
        },
        url: 'https://posthog.com/docs/api',
      },
    ],
  },
}

function results(name: string, path: string): StreamDefinition {
  return {
    name,
    path,
    query: { limit: '100' },
    recordsPath: ['results'],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['next'] },
  }
}
