import { email, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

/** Every request of the Ashby API is a POST. */
const actions: ActionDefinition[] = [
  {
    name: 'create_candidate',
    title: 'Create a candidate',
    description: 'Creates a candidate and returns it.',
    docsUrl: 'https://developers.ashbyhq.com/reference/candidatecreate',
    scopes: ['candidatesWrite'],
    input: input(
      { name: text('First and last name.') },
      {
        email: email('Email address.'),
        phone: text('Phone number.'),
        linkedin_url: text('Address of the LinkedIn profile.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/candidate.create',
      json: {
        name: '{{ args.name }}',
        email: '{{ args.email }}',
        phoneNumber: '{{ args.phone }}',
        linkedInUrl: '{{ args.linkedin_url }}',
      },
    },
    output: ['results'],
  },
  {
    name: 'search_candidates',
    title: 'Search candidates',
    description: 'Returns the candidates with this email address and this name. Give at least one of them.',
    docsUrl: 'https://developers.ashbyhq.com/reference/candidatesearch',
    scopes: ['candidatesRead'],
    readOnly: true,
    input: { ...input({}, { email: email('Email address.'), name: text('Name.') }), minProperties: 1 },
    request: {
      method: 'POST',
      path: '/candidate.search',
      json: { email: '{{ args.email }}', name: '{{ args.name }}' },
    },
    output: ['results'],
  },
  {
    name: 'create_note',
    title: 'Add a note to a candidate',
    description: 'Adds a note to a candidate, without notifying those who follow the candidate.',
    docsUrl: 'https://developers.ashbyhq.com/reference/candidatecreatenote',
    scopes: ['candidatesWrite'],
    input: input({ candidate_id: text('Id of the candidate.'), note: text('Text of the note.') }),
    request: {
      method: 'POST',
      path: '/candidate.createNote',
      json: { candidateId: '{{ args.candidate_id }}', note: '{{ args.note }}' },
    },
    output: ['results'],
  },
]

/**
 * Lists are always read as a whole: their syncToken, which returns changes, comes only with the last page and is sent beside the cursor of
 * the pages.
 */
export const provider: ProviderFile = {
  aliases: ['ashbyhq', 'ashby hq', 'ashby recruiting'],
  logo: null,
  color: '#4a40d4',
  sources: [
    { url: 'https://developers.ashbyhq.com/docs/authentication', read: '2026-11-29' },
    { url: 'https://developers.ashbyhq.com/docs/pagination-and-incremental-sync', read: '2026-11-29' },
    { url: 'https://developers.ashbyhq.com/docs/setting-up-webhooks', read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-ashby/manifest.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'It sends the key as the password too. The documentation leaves the password blank.',
    },
    { url: 'https://developers.ashbyhq.com/reference/candidatelist.md', read: '2026-11-29' },
    { url: 'https://www.skills.sh/hookdeck/webhook-skills/ashby-webhooks', read: '2026-11-29', second: true },
    { url: 'https://pipedream.com/apps/ashby/actions/create-candidate.md', read: '2026-11-29', second: true },
    {
      url: 'https://glama.ai/mcp/servers/JakeTeagle/ashby-mcp/tools/candidate_create_note',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://www.rubydoc.info/gems/ashby/Ashby/Candidates', read: '2026-11-29', second: true },
    { url: 'https://help.merge.dev/articles/5431238-ashby-how-do-i-link-my-account', read: '2026-11-29', second: true },
    {
      url: 'https://help.merge.dev/en/articles/9105461-setting-up-third-party-webhooks-for-ashby',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The limits and the lifetime of a key were not found.
  unverified: ['rateLimit', 'tokens'],
  definition: {
    displayName: 'Ashby',
    docsUrl: 'https://developers.ashbyhq.com/docs/authentication',
    categories: ['ats'],
    baseUrl: 'https://api.ashbyhq.com',
    auth: {
      type: 'basic',
      fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
      username: '{{ config.api_key }}',
      password: '',
    },
    headers: { Accept: 'application/json; version=1' },
    responseErrors: [
      { status: 403, path: ['errors', 0], equals: 'missing_endpoint_permission', as: 'fail', message: ['errors', 0] },
      // A wrong or disabled key has this status, and a missing one 401.
      ...[401, 403].map((status) => ({ status, path: ['errors', 0], as: 'auth' as const, message: ['errors', 0] })),
      { status: 429, as: 'rate_limit' },
      ...[200, 400, 404].map((status) => ({
        ...{ status, path: ['success'], equals: false },
        ...{ as: 'fail' as const, message: ['errors', 0] },
      })),
    ],
    // developers.ashbyhq.com/docs/setting-up-webhooks. An event names no organization, so the webhook's URL has to.
    webhook: {
      verify: { method: 'hmac', header: 'Ashby-Signature', hash: 'sha256', encoding: 'hex', prefix: 'sha256=' },
      type: 'body.action',
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [
        { where: "'candidate' in body.action", streams: ['candidates', 'applications'] },
        { where: "'application' in body.action", streams: ['candidates', 'applications'] },
        { where: "'job' in body.action", streams: ['jobs'] },
      ],
    },
    testRequest: { method: 'POST', path: '/candidate.list', json: { limit: 1 } },
    streams: ['candidate', 'application', 'job', 'user'].map(objects),
    actions,
  },
  guide: {
    key: {
      url: 'https://app.ashbyhq.com/admin/api/keys',
      steps: [
        {
          en: 'As an administrator of Ashby, open **Admin**, **Integrations** and **API Keys**, and select **New**.',
          de: 'Öffnen Sie als Administrator von Ashby **Admin**, **Integrations** und **API Keys** und wählen Sie **New**.',
        },
        {
          en: 'Enter a name and allow reading **Candidates**, **Jobs** and **Organization**. Writing **Candidates** is needed only to create candidates and notes.',
          de: 'Geben Sie einen Namen ein und erlauben Sie das Lesen von **Candidates**, **Jobs** und **Organization**. Das Schreiben von **Candidates** ist nur nötig, um Bewerbungen und Notizen anzulegen.',
        },
        {
          en: 'Select **Create API Key** and copy the key.',
          de: 'Wählen Sie **Create API Key** und kopieren Sie den Schlüssel.',
        },
      ],
    },
    webhook: {
      url: 'https://app.ashbyhq.com/admin/webhooks',
      steps: [
        {
          en: 'Generate a long random text and save it here as the webhook secret. Use it for all webhooks of this integration.',
          de: 'Erzeugen Sie einen langen zufälligen Text und speichern Sie ihn hier als Webhook-Secret. Verwenden Sie ihn für alle Webhooks dieser Integration.',
        },
        {
          en: 'With an API key of the workspace, give the connection an external id, and append it to the webhook URL as **?external_id=…**.',
          de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace eine externe ID und hängen Sie diese als **?external_id=…** an die Webhook-URL an.',
        },
        {
          en: 'In Ashby, open **Admin**, **Integrations** and **Webhooks**, and select **New**. Choose the **Webhook Type**, paste the webhook URL as the **Request URL** and the text as the **Secret Token**. Repeat this for each event.',
          de: 'Öffnen Sie in Ashby **Admin**, **Integrations** und **Webhooks** und wählen Sie **New**. Wählen Sie den **Webhook Type**, fügen Sie die Webhook-URL als **Request URL** und den Text als **Secret Token** ein. Wiederholen Sie das für jedes Event.',
        },
      ],
    },
    events: [
      'applicationSubmit',
      'candidateStageChange',
      'candidateHire',
      'candidateDelete',
      'interviewScheduleCreate',
      'jobPostingPublish',
      'offerCreate',
    ],
    fields: { api_key: { label: 'API-Schlüssel' } },
    scopes: {
      candidatesRead: { en: 'read candidates and applications', de: 'Bewerbungen und die Bewerbenden lesen' },
      candidatesWrite: {
        en: 'create and change candidates and their notes',
        de: 'Bewerbende und deren Notizen anlegen und ändern',
      },
    },
    rateLimit: null,
    traps: [
      {
        en: 'Failures have the status 200 and the value false for success.',
        de: 'Fehlschläge haben den Status 200 und den Wert false für success.',
      },
      {
        en: 'Candidates and jobs that are confidential are missing, unless the key was allowed to see them.',
        de: 'Vertrauliche Bewerbungen und Stellen fehlen, wenn der Schlüssel sie nicht sehen darf.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [403],
        messages: ['missing_endpoint_permission'],
        cause: {
          en: 'The API key lacks the permission for this request.',
          de: 'Dem API-Schlüssel fehlt die Berechtigung für diese Anfrage.',
        },
        operator: {
          en: 'Ask an administrator of Ashby to add the permission to the key.',
          de: 'Bitten Sie die Administration von Ashby, die Berechtigung beim Schlüssel zu ergänzen.',
        },
        person: {
          en: 'Edit the key under **Admin**, **Integrations** and **API Keys**, and allow the missing module.',
          de: 'Bearbeiten Sie den Schlüssel unter **Admin**, **Integrations** und **API Keys** und erlauben Sie das fehlende Modul.',
        },
        url: 'https://developers.ashbyhq.com/docs/authentication',
      },
      {
        at: 'request',
        statuses: [401, 403],
        cause: {
          en: 'The API key is wrong or was disabled.',
          de: 'Der API-Schlüssel ist falsch oder wurde deaktiviert.',
        },
        operator: {
          en: 'Let the account be connected with a new key.',
          de: 'Lassen Sie das Konto mit einem neuen Schlüssel verbinden.',
        },
        person: {
          en: 'Create a new API key in Ashby and enter it.',
          de: 'Legen Sie in Ashby einen neuen API-Schlüssel an und geben Sie ihn ein.',
        },
        url: 'https://developers.ashbyhq.com/docs/authentication',
      },
    ],
  },
}

function objects(name: string): StreamDefinition {
  return {
    name: `${name}s`,
    method: 'POST',
    path: `/${name}.list`,
    json: { limit: 100 },
    recordsPath: ['results'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['nextCursor'], param: 'cursor', in: 'json', hasMore: ['moreDataAvailable'] },
  }
}
