import { email, input, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const actions: ActionDefinition[] = [
  {
    name: 'list_jobs',
    title: 'List jobs',
    description: 'Lists jobs with their shortcodes. paging.next is the address of the next page.',
    docsUrl: 'https://workable.readme.io/reference/jobs',
    scopes: ['r_jobs'],
    readOnly: true,
    input: input({}, { limit: limit(100, 50) }),
    request: {
      method: 'GET',
      path: '/jobs',
      query: { limit: '{{ args.limit | default(50) }}' },
    },
  },
  {
    name: 'list_candidates',
    title: 'List candidates',
    description: 'Lists candidates, also those of one job or with the given email address.',
    docsUrl: 'https://workable.readme.io/reference/candidates',
    scopes: ['r_candidates'],
    readOnly: true,
    input: input(
      {},
      { job_shortcode: text('Shortcode of the job.'), email: email('Email address.'), limit: limit(100, 50) },
    ),
    request: {
      method: 'GET',
      path: '/candidates',
      query: {
        shortcode: '{{ args.job_shortcode }}',
        email: '{{ args.email }}',
        limit: '{{ args.limit | default(50) }}',
      },
    },
  },
  {
    name: 'create_candidate',
    title: 'Create a candidate',
    description: 'Creates a candidate of a job as sourced. Returns its status and the candidate.',
    docsUrl: 'https://workable.readme.io/reference/job-candidates-create',
    scopes: ['w_candidates'],
    input: input(
      {
        job_shortcode: text('Shortcode of the job.'),
        first_name: text('First name.'),
        last_name: text('Last name.'),
        email: email('Email address.'),
      },
      { phone: text('Phone number.'), tags: list('Tags.', { type: 'string', minLength: 1 }) },
    ),
    request: {
      method: 'POST',
      path: '/jobs/{{ args.job_shortcode }}/candidates',
      json: {
        sourced: true,
        candidate: {
          firstname: '{{ args.first_name }}',
          lastname: '{{ args.last_name }}',
          email: '{{ args.email }}',
          phone: '{{ args.phone }}',
          tags: '{{ args.tags }}',
        },
      },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['workable ats', 'workable recruiting', 'workable hr'],
  logo: null,
  color: '#01756c',
  sources: [
    { url: 'https://workable.readme.io/page/oauth', read: '2026-11-29' },
    { url: 'https://workable.readme.io/', read: '2026-11-29' },
    { url: 'https://workable.readme.io/docs/partner-token', read: '2026-11-29' },
    { url: 'https://workable.readme.io/reference/webhooks', read: '2026-11-29' },
    { url: 'https://workable.readme.io/docs/whats-new-in-v3', read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-workable/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/integration-templates/blob/main/integrations/workable/syncs/candidates.ts',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/integration-templates/blob/main/integrations/workable/actions/create-candidate.ts',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://developers.getknit.dev/docs/list-candidates', read: '2026-11-29', second: true },
    {
      url: 'https://help.merge.dev/en/articles/5442252-workable-api-key-authentication',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The lifetimes, the limits, the errors, the names of the filters of list_candidates and the encoding of the signature were not found.
  unverified: ['webhook', 'rateLimit', 'hints', 'tokens', 'actions'],
  definition: {
    displayName: 'Workable',
    docsUrl: 'https://workable.readme.io/reference/generate-an-access-token',
    categories: ['ats', 'hr'],
    baseUrl: 'https://{{ input.subdomain }}.workable.com/spi/v3',
    inputFields: [
      {
        name: 'subdomain',
        label: 'Subdomain',
        description: 'What stands before .workable.com in the address of your Workable account.',
        required: true,
        pattern: '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?',
        example: 'acme',
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Workable',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://www.workable.com/oauth/authorize',
            tokenUrl: 'https://www.workable.com/oauth/token',
            scopes: ['r_jobs', 'r_candidates'],
          },
        },
        {
          key: 'token',
          label: 'API access token',
          auth: {
            type: 'bearer',
            fields: [{ name: 'token', label: 'Token', secret: true, required: true }],
            token: '{{ config.token }}',
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['error'], as: 'auth', message: ['error'] },
      ...[400, 403, 404, 422].map((status) => ({ status, path: ['error'], as: 'fail' as const, message: ['error'] })),
    ],
    // workable.readme.io/reference/webhooks. The key is the secret of the OAuth client, or the token of the account that subscribed. An
    // event does not name the account in a documented place.
    webhook: {
      verify: { method: 'hmac', header: 'X-Workable-Signature', hash: 'sha256', encoding: 'hex', secret: 'client' },
      id: 'body.id',
      type: 'body.event_type',
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [{ where: "'candidate_' in body.event_type", streams: ['candidates'] }],
    },
    testRequest: { path: '/jobs?limit=1' },
    streams: [
      objects('jobs'),
      {
        ...objects('candidates'),
        incremental: { cursorField: ['updated_at'], param: 'updated_after', format: 'iso8601', lookback: 'PT1S' },
      },
      {
        name: 'stages',
        path: '/stages',
        recordsPath: ['stages'],
        primaryKey: [['slug']],
      },
      objects('recruiters'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://workable.readme.io/page/oauth',
      steps: [
        {
          en: 'Workable gives OAuth clients to its partners only. Apply as a partner, and agree on the scopes that are listed here.',
          de: 'Workable vergibt OAuth-Clients nur an Partner. Bewerben Sie sich als Partner und vereinbaren Sie die hier genannten Scopes.',
        },
        {
          en: 'Give Workable the callback URL as the redirect URI.',
          de: 'Nennen Sie Workable die Callback-URL als Redirect-URI.',
        },
        {
          en: 'Workable sends the client ID and the client secret.',
          de: 'Workable sendet die Client-ID und das Client-Secret.',
        },
      ],
    },
    key: {
      url: 'https://www.workable.com/backend/settings/integrations',
      steps: [
        {
          en: 'As an administrator of Workable, select your picture at the top right, then **Settings** and **Integrations**.',
          de: 'Wählen Sie als Administrator von Workable oben rechts Ihr Bild, dann **Settings** und **Integrations**.',
        },
        {
          en: 'In the section for access tokens, select **Generate new token**, choose the scopes r_jobs and r_candidates, and copy the token.',
          de: 'Wählen Sie im Abschnitt für Zugriffstoken **Generate new token**, wählen Sie die Scopes r_jobs und r_candidates und kopieren Sie das Token.',
        },
      ],
    },
    webhook: {
      url: 'https://workable.readme.io/reference/webhook-subscriptions-candidates-employees',
      steps: [
        {
          en: 'With OAuth, Workable signs with the client secret, so no other secret has to be saved. With an access token, save this token here as the webhook secret; then only one account can send events.',
          de: 'Mit OAuth signiert Workable mit dem Client-Secret, daher ist kein weiteres Secret zu speichern. Mit einem Zugriffstoken speichern Sie dieses hier als Webhook-Secret; dann kann nur ein Konto Events senden.',
        },
        {
          en: 'With an API key of the workspace, give the connection an external id, and append it to the webhook URL as **?external_id=…**.',
          de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace eine externe ID und hängen Sie diese als **?external_id=…** an die Webhook-URL an.',
        },
        {
          en: 'With the token of the connection, send POST /subscriptions: **target** is this URL, and **event** is the event, such as candidate_moved. Repeat this for each event.',
          de: 'Senden Sie mit dem Token der Verbindung POST /subscriptions: **target** ist diese URL und **event** das Event, zum Beispiel candidate_moved. Wiederholen Sie das für jedes Event.',
        },
      ],
    },
    events: ['candidate_created', 'candidate_moved', 'candidate_deleted', 'employee_*', 'onboarding_completed'],
    fields: {
      subdomain: {
        label: 'Subdomain',
        description: 'Was in der Adresse Ihres Workable-Kontos vor .workable.com steht.',
      },
    },
    options: { oauth: 'Mit Workable anmelden', token: 'API-Zugriffstoken' },
    scopes: {
      r_jobs: { en: 'read your jobs', de: 'Ihre Stellen lesen' },
      r_candidates: { en: 'read your candidates', de: 'Ihre Bewerberinnen und Bewerber lesen' },
      w_candidates: { en: 'create and change candidates', de: 'Bewerberinnen und Bewerber anlegen und ändern' },
    },
    rateLimit: null,
    traps: [
      {
        en: 'Lists name the next page by its whole address, which has all parameters.',
        de: 'Listen nennen die nächste Seite mit ihrer ganzen Adresse, die alle Parameter enthält.',
      },
      {
        en: 'The list of candidates has a part of their data only. The rest is returned for one candidate at a time.',
        de: 'Die Liste der Bewerbungen enthält nur einen Teil der Daten. Der Rest wird je Bewerbung einzeln geliefert.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The token is wrong, has expired, or belongs to another subdomain.',
          de: 'Das Token ist falsch, abgelaufen oder gehört zu einer anderen Subdomain.',
        },
        operator: {
          en: 'Let the account be connected again, and let the subdomain be checked.',
          de: 'Lassen Sie das Konto neu verbinden und die Subdomain prüfen.',
        },
        person: {
          en: 'Generate a new token in Workable under **Settings** and **Integrations**, and check the subdomain.',
          de: 'Erzeugen Sie in Workable unter **Settings** und **Integrations** ein neues Token und prüfen Sie die Subdomain.',
        },
      },
    ],
  },
}

function objects(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { limit: '100' },
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['paging', 'next'] },
  }
}
