import { input, text } from '../action-input.ts'
import type { ProviderFile } from '../provider-file.ts'

const ref = {
  project_ref: text('Reference of the project. The stream projects has it as id.', { pattern: '^[a-z]{20}$' }),
}

const guide = 'https://supabase.com/docs/guides'

export const provider: ProviderFile = {
  aliases: ['supa base', 'postgres', 'postgres hosting', 'supabase management api'],
  logo: 'supabase',
  color: '#3ecf8e',
  sources: [
    { url: `${guide}/platform/management-api`, read: '2026-11-29' },
    { url: `${guide}/integrations/build-a-supabase-oauth-integration.md`, read: '2026-11-29' },
    { url: `${guide}/platform/oauth-apps/oauth-scopes`, read: '2026-11-29' },
    { url: `${guide}/platform/personal-access-tokens.md`, read: '2026-11-29' },
    { url: 'https://supabase.com/docs/reference/api/v1-read-only-query', read: '2026-11-29' },
    {
      url: 'https://glama.ai/mcp/servers/@JoshuaRileyDev/supabase-mcp-server/blob/main/dist/schemas.js',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://docs.gitguardian.com/secrets-detection/secrets-detection-engine/detectors/specifics/supabase_personal_access_token',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The lifetimes, the words of errors and the current limits are not in the pages that were read. The path of a query is that of public clients.
  unverified: ['tokens', 'hints', 'rateLimit'],
  definition: {
    displayName: 'Supabase',
    docsUrl: 'https://supabase.com/docs/reference/api/introduction',
    categories: ['database', 'developer tools'],
    baseUrl: 'https://api.supabase.com/v1',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'OAuth',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://api.supabase.com/v1/oauth/authorize',
            tokenUrl: 'https://api.supabase.com/v1/oauth/token',
            clientAuth: 'client_secret_basic',
            // As public clients send it (reference/api/v1-revoke-token).
            revocation: {
              url: 'https://api.supabase.com/v1/oauth/revoke',
              clientAuth: 'client_secret_post',
              json: { refresh_token: '{{ config.refresh_token }}' },
            },
            // The app sets the scopes. The parameter is deprecated.
          },
        },
        { key: 'token', label: 'Personal access token', auth: { type: 'bearer' } },
      ],
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'] },
      ...[400, 403, 404].map((status) => ({ status, path: ['message'], as: 'fail' as const, message: ['message'] })),
    ],
    testRequest: { path: '/organizations' },
    streams: [
      { name: 'organizations', path: '/organizations', primaryKey: [['id']] },
      { name: 'projects', path: '/projects', primaryKey: [['id']] },
      {
        name: 'functions',
        parent: { stream: 'projects' },
        path: '/projects/{{ parent.id }}/functions',
        primaryKey: [['id']],
      },
    ],
    actions: [
      {
        name: 'query_database',
        title: 'Query a database',
        description: 'Runs SQL that only reads on the database of a project, and returns the rows.',
        docsUrl: 'https://supabase.com/docs/reference/api/v1-read-only-query',
        scopes: ['database:read'],
        readOnly: true,
        input: input({ ...ref, query: text('SQL that only reads, such as select * from todos limit 10.') }),
        request: {
          method: 'POST',
          path: '/projects/{{ args.project_ref }}/database/query/read-only',
          json: { query: '{{ args.query }}' },
        },
      },
      {
        name: 'get_project',
        title: 'Get a project',
        description: 'Returns one project with name, region and status.',
        docsUrl: 'https://supabase.com/docs/reference/api/v1-get-project',
        scopes: ['projects:read'],
        readOnly: true,
        input: input(ref),
        request: { method: 'GET', path: '/projects/{{ args.project_ref }}' },
      },
    ],
  },
  guide: {
    app: {
      url: 'https://supabase.com/dashboard/org/_/apps',
      steps: [
        {
          en: 'In the settings of your Supabase organization, open **OAuth Apps** and select **Add application**.',
          de: 'Öffnen Sie in den Einstellungen Ihrer Supabase-Organisation **OAuth Apps** und wählen Sie **Add application**.',
        },
        {
          en: 'Enter a name and your website, and add the callback URL.',
          de: 'Geben Sie einen Namen und Ihre Website ein und fügen Sie die Callback-URL hinzu.',
        },
        {
          en: 'Choose the scopes: **Organizations** and **Projects** with Read, **Edge Functions** with Read, and **Database** with Read for queries. They are set here and not requested. Select **Confirm**.',
          de: 'Wählen Sie die Scopes: **Organizations** und **Projects** mit Read, **Edge Functions** mit Read und für Abfragen **Database** mit Read. Sie werden hier eingestellt und nicht angefordert. Wählen Sie **Confirm**.',
        },
        {
          en: 'Copy the client ID and the client secret.',
          de: 'Kopieren Sie die Client-ID und das Client-Secret.',
        },
      ],
    },
    key: {
      url: 'https://supabase.com/dashboard/account/tokens',
      steps: [
        {
          en: 'In the Supabase dashboard, open your account and **Access Tokens**, and create a token. Limit it to organizations, projects and permissions if the dashboard offers it.',
          de: 'Öffnen Sie im Supabase-Dashboard Ihr Konto und **Access Tokens** und erstellen Sie ein Token. Beschränken Sie es auf Organisationen, Projekte und Berechtigungen, wenn das Dashboard es anbietet.',
        },
        {
          en: 'Copy the token, which begins with sbp_.',
          de: 'Kopieren Sie das Token, das mit sbp_ beginnt.',
        },
      ],
    },
    options: { oauth: 'OAuth', token: 'Persönliches Zugriffstoken' },
    scopes: {
      'database:read': {
        en: 'read the data and the configuration of your databases',
        de: 'die Daten und die Konfiguration Ihrer Datenbanken lesen',
      },
      'projects:read': { en: 'see your projects', de: 'Ihre Projekte sehen' },
    },
    rateLimit: null,
    traps: [
      {
        en: 'This is the Management API, with which organizations and projects are administered. The data of a project also has an API of its own, with other keys.',
        de: 'Das ist die Management-API, mit der Organisationen und Projekte verwaltet werden. Die Daten eines Projekts haben auch eine eigene API mit anderen Schlüsseln.',
      },
      {
        en: 'A classic personal access token has all rights of the account, also in organizations that it joins later.',
        de: 'Ein klassisches persönliches Zugriffstoken hat alle Rechte des Kontos, auch in später hinzukommenden Organisationen.',
      },
      {
        en: 'After the scopes of the app change, accounts have to be connected again.',
        de: 'Nach einer Änderung der Scopes der App müssen die Konten neu verbunden werden.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The token is wrong, expired, or was revoked in Supabase.',
          de: 'Das Token ist falsch, abgelaufen oder wurde in Supabase widerrufen.',
        },
        operator: { en: 'Let the account be connected again.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: {
          en: 'Connect Supabase again, or create a new access token and enter it.',
          de: 'Verbinden Sie Supabase neu, oder erstellen Sie ein neues Zugriffstoken und geben Sie es ein.',
        },
      },
    ],
  },
}
