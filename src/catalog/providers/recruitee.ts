import { email, input, integer, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const candidateId = integer('Id of the candidate.', { minimum: 1 })

const actions: ActionDefinition[] = [
  {
    name: 'list_candidates',
    title: 'List candidates',
    description: 'Lists candidates, also those of one job or talent pool.',
    docsUrl: 'https://docs.recruitee.com/reference',
    readOnly: true,
    input: input({}, { offer_id: integer('Id of the job or talent pool.', { minimum: 1 }), limit: limit(100, 50) }),
    request: {
      method: 'GET',
      path: '/candidates',
      query: { offer_id: '{{ args.offer_id }}', limit: '{{ args.limit | default(50) }}' },
    },
    output: ['candidates'],
  },
  {
    name: 'get_candidate',
    title: 'Get a candidate',
    description: 'Returns one candidate with contact data, tags and the stages of each job.',
    docsUrl: 'https://docs.recruitee.com/reference',
    readOnly: true,
    input: input({ candidate_id: candidateId }),
    request: { method: 'GET', path: '/candidates/{{ args.candidate_id }}' },
    output: ['candidate'],
  },
  {
    name: 'create_candidate',
    title: 'Create a candidate',
    description: 'Creates a candidate and assigns it to jobs or talent pools.',
    docsUrl: 'https://docs.recruitee.com/reference',
    input: input(
      { name: text('First and last name.'), email: email('Email address.') },
      {
        phone: text('Phone number.'),
        offer_ids: list('Ids of jobs or talent pools.', { type: 'integer', minimum: 1 }),
      },
    ),
    request: {
      method: 'POST',
      path: '/candidates',
      json: {
        candidate: { name: '{{ args.name }}', emails: ['{{ args.email }}'], phones: ['{{ args.phone }}'] },
        offers: '{{ args.offer_ids }}',
      },
    },
    output: ['candidate'],
  },
]

export const provider: ProviderFile = {
  aliases: ['tellent recruitee', 'tellent', 'recruitee ats'],
  logo: null,
  color: '#1999e3',
  sources: [
    { url: 'https://docs.recruitee.com/docs/webhooks', read: '2026-11-29' },
    { url: 'https://docs.recruitee.com/docs', read: '2026-11-29' },
    { url: 'https://docs.recruitee.com/reference/authentication-1', read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-recruitee/manifest.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'It reads one page of candidates only. Other programs send a limit.',
    },
    { url: 'https://mcp.waymark.network/r/062df291-900d-41be-8d8a-dc7d94458d6b', read: '2026-11-29', second: true },
    { url: 'https://make.com/en/help/apps/hr-management/recruitee.html', read: '2026-11-29', second: true },
    {
      url: 'https://glama.ai/mcp/connectors/io.usefulapi/recruitee/tools/recruitee_list_candidates',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://glama.ai/mcp/connectors/io.usefulapi/recruitee/tools/recruitee_create_candidate',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://pipedream.com/apps/recruitee/actions/create-candidate.md', read: '2026-11-29', second: true },
  ],
  // The form of a new candidate, the limits, the bodies of errors, and where an event names its company, were not found.
  unverified: ['webhook', 'rateLimit', 'hints', 'tokens', 'actions'],
  definition: {
    displayName: 'Recruitee',
    docsUrl: 'https://docs.recruitee.com/reference',
    categories: ['ats'],
    baseUrl: 'https://api.recruitee.com/c/{{ input.company_id }}',
    inputFields: [
      {
        name: 'company_id',
        label: 'Company ID',
        description: 'A number, which Recruitee shows beside the personal API tokens.',
        required: true,
        pattern: '[0-9]+',
        example: '117135',
      },
    ],
    auth: {
      type: 'bearer',
      fields: [{ name: 'token', label: 'Token', secret: true, required: true }],
      token: '{{ config.token }}',
    },
    responseErrors: [
      { status: 401, path: ['error', 0], as: 'auth', message: ['error', 0] },
      ...[400, 403, 404, 422].map((status) => ({
        status,
        path: ['error', 0],
        as: 'fail' as const,
        message: ['error', 0],
      })),
    ],
    // docs.recruitee.com/docs/webhooks
    webhook: {
      verify: { method: 'hmac', header: 'X-Recruitee-Signature', hash: 'sha256', encoding: 'hex' },
      // A webhook is created only after a test request was answered, when its secret cannot be saved yet.
      handshake: [{ where: 'body.test', answer: 'ok' }],
      // It stays the same when Recruitee sends the event again.
      id: 'body.id',
      type: 'body.event_type',
      connection: { value: 'body.payload.company.id', equals: 'input.company_id' },
      sync: [
        { where: "'candidate_' in body.event_type", streams: ['candidates'] },
        { where: "'offer_' in body.event_type", streams: ['offers'] },
      ],
    },
    testRequest: { path: '/candidates?limit=1' },
    streams: [
      {
        ...objects('candidates'),
        pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 100 },
      },
      objects('offers'),
      objects('departments'),
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://app.recruitee.com/',
      steps: [
        {
          en: 'Sign in to Recruitee and open **Settings**, **Apps and plugins** and **Personal API tokens**. The company ID stands there.',
          de: 'Melden Sie sich bei Recruitee an und öffnen Sie **Settings**, **Apps and plugins** und **Personal API tokens**. Dort steht die Company-ID.',
        },
        {
          en: 'Select **New token**, enter a name, save, and confirm with your password.',
          de: 'Wählen Sie **New token**, geben Sie einen Namen ein, speichern Sie und bestätigen Sie mit Ihrem Passwort.',
        },
        {
          en: 'Copy the token. It has your own permissions.',
          de: 'Kopieren Sie das Token. Es hat Ihre eigenen Berechtigungen.',
        },
      ],
    },
    webhook: {
      url: 'https://app.recruitee.com/#/settings/webhooks/overview',
      steps: [
        {
          en: 'Open **Settings**, **Apps and Plugins** and **Webhooks**, and select **New webhook**. Your hiring role needs the ability **Manage webhooks**.',
          de: 'Öffnen Sie **Settings**, **Apps and Plugins** und **Webhooks** und wählen Sie **New webhook**. Ihre Rolle braucht die Fähigkeit **Manage webhooks**.',
        },
        {
          en: 'Paste the webhook URL as the **POST URL**, and select the events.',
          de: 'Fügen Sie die Webhook-URL als **POST URL** ein und wählen Sie die Events.',
        },
        {
          en: 'Select **Verify and create**. Copy the secret and save it here as the webhook secret.',
          de: 'Wählen Sie **Verify and create**. Kopieren Sie das Secret und speichern Sie es hier als Webhook-Secret.',
        },
      ],
    },
    events: ['candidate_created', 'candidate_assigned', 'candidate_moved', 'candidate_deleted'],
    fields: {
      company_id: {
        label: 'Company-ID',
        description: 'Eine Zahl, die Recruitee bei den persönlichen API-Token anzeigt.',
      },
    },
    scopes: {},
    rateLimit: null,
    traps: [
      {
        en: 'Jobs and talent pools are both called offers.',
        de: 'Stellen und Talentpools heißen beide Offers.',
      },
      {
        en: 'Tokens for the careers site are another kind: they read published jobs only.',
        de: 'Token für die Karriereseite sind eine andere Art: Sie lesen nur veröffentlichte Stellen.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The token is wrong or was deleted, or it is a token for the careers site.',
          de: 'Das Token ist falsch oder wurde gelöscht, oder es ist ein Token für die Karriereseite.',
        },
        operator: {
          en: 'Let the account be connected with a personal API token.',
          de: 'Lassen Sie das Konto mit einem persönlichen API-Token verbinden.',
        },
        person: {
          en: 'Create a token in Recruitee under **Personal API tokens** and enter it.',
          de: 'Legen Sie in Recruitee unter **Personal API tokens** ein Token an und geben Sie es ein.',
        },
      },
      {
        at: 'request',
        statuses: [403],
        cause: {
          en: 'The company ID is wrong, or the person whose token it is may not see this.',
          de: 'Die Company-ID ist falsch, oder die Person, der das Token gehört, darf das nicht sehen.',
        },
        operator: {
          en: 'Let the company ID and the permissions of the person be checked.',
          de: 'Lassen Sie die Company-ID und die Berechtigungen der Person prüfen.',
        },
        person: {
          en: 'Check the company ID beside the personal API tokens.',
          de: 'Prüfen Sie die Company-ID bei den persönlichen API-Token.',
        },
      },
    ],
  },
}

function objects(name: string): StreamDefinition {
  return { name, path: `/${name}`, recordsPath: [name], primaryKey: [['id']] }
}
