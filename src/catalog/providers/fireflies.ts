import { input, instant, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://docs.fireflies.ai'

const MEETING =
  'id title date duration transcript_url organizer_email participants meeting_link summary { overview action_items keywords short_summary }'

/** Where the code of a failure is read. */
const CODES = [
  ['errors', 0, 'code'],
  ['errors', 0, 'extensions', 'code'],
]

/** GraphQL: `responseErrors` of the definition makes its failures errors. */
const actions: ActionDefinition[] = [
  {
    name: 'list_meetings',
    title: 'List meetings',
    description: 'Lists meetings with their summary, the newest first.',
    docsUrl: `${docs}/graphql-api/query/transcripts`,
    readOnly: true,
    input: input(
      {},
      {
        keyword: text('Only meetings whose title contains this.', { maxLength: 255 }),
        from: instant('Only meetings after this time.'),
        to: instant('Only meetings before this time.'),
        limit: limit(50, 20),
      },
    ),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query: `query ($keyword: String, $fromDate: DateTime, $toDate: DateTime, $limit: Int) { transcripts(keyword: $keyword, fromDate: $fromDate, toDate: $toDate, limit: $limit) { ${MEETING} } }`,
        variables: {
          keyword: '{{ args.keyword }}',
          fromDate: '{{ args.from }}',
          toDate: '{{ args.to }}',
          limit: '{{ args.limit | default(20) }}',
        },
      },
    },
    output: ['data', 'transcripts'],
  },
  {
    name: 'get_transcript',
    title: 'Get the transcript of a meeting',
    description: 'Returns one meeting with its summary and every sentence with its speaker and time.',
    docsUrl: `${docs}/graphql-api/query/transcript`,
    readOnly: true,
    input: input({ meeting_id: text('Id of the meeting.') }),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query: `query ($id: String!) { transcript(id: $id) { ${MEETING} speakers { id name } sentences { index speaker_name text start_time end_time } } }`,
        variables: { id: '{{ args.meeting_id }}' },
      },
    },
    output: ['data', 'transcript'],
  },
]

export const provider: ProviderFile = {
  aliases: ['firefliesai', 'fireflies ai', 'fred notetaker', 'meeting notes'],
  logo: null,
  color: '#3b00a8',
  sources: [
    { url: 'https://docs.fireflies.ai/', read: '2026-11-29' },
    { url: 'https://docs.fireflies.ai/llms-full.txt', read: '2026-11-29' },
    { url: 'https://docs.fireflies.ai/graphql-api/query/transcripts', read: '2026-11-29' },
    { url: 'https://docs.fireflies.ai/graphql-api/webhooks-v2', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://skills.sh/jeremylongshore/claude-code-plugins-plus-skills/fireflies-common-errors',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://smithery.ai/skills/jeremylongshore/fireflies-webhooks-events',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://app.unpkg.com/@pipedream/fireflies@0.1.4/files/common/queries.mjs',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://www.skills.sh/hookdeck/webhook-skills/fireflies-webhooks',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The codes of errors were read at others, who differ about their place.
  unverified: ['hints', 'tokens'],
  definition: {
    displayName: 'Fireflies.ai',
    docsUrl: 'https://docs.fireflies.ai/',
    categories: ['video', 'ai', 'sales'],
    baseUrl: 'https://api.fireflies.ai',
    auth: { type: 'bearer' },
    responseErrors: [
      ...CODES.flatMap((code) => [
        {
          path: code,
          equals: 'auth_failed',
          as: 'auth' as const,
          message: ['errors', 0, 'message'],
          code,
        },
        { path: code, equals: 'too_many_requests', as: 'rate_limit' as const },
      ]),
      ...[200, 400, 403, 404].map((status) => ({
        ...{ status, path: ['errors', 0, 'message'], as: 'fail' as const },
        ...{ message: ['errors', 0, 'message'], code: ['errors', 0, 'code'] },
      })),
    ],
    // docs.fireflies.ai/graphql-api/webhooks-v2
    webhook: {
      verify: { method: 'hmac', header: 'X-Hub-Signature', hash: 'sha256', encoding: 'hex', prefix: 'sha256=' },
      // An event can come again for the same meeting. Its time is when it happened.
      id: "body.event ~ ' ' ~ body.meeting_id ~ ' ' ~ body.timestamp",
      type: 'body.event',
      // Events do not name the account.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [{ where: "body.event != 'meeting.bot_joined'", streams: ['transcripts'] }],
    },
    testRequest: { path: '/graphql', json: { query: '{ user { user_id email } }' } },
    streams: [
      {
        name: 'transcripts',
        path: '/graphql',
        json: {
          query: `query ($limit: Int, $skip: Int, $fromDate: DateTime) { transcripts(limit: $limit, skip: $skip, fromDate: $fromDate) { ${MEETING} } }`,
          variables: {},
        },
        recordsPath: ['data', 'transcripts'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'offset', param: 'variables.skip', limitParam: 'variables.limit', size: 50, in: 'json' },
        // `date` is when the meeting began. Its transcript and summary are ready later, and recordings are uploaded later.
        incremental: {
          cursorField: ['date'],
          fieldFormat: 'epoch_ms',
          param: 'variables.fromDate',
          in: 'json',
          format: 'iso8601',
          lookback: 'P7D',
        },
      },
      {
        name: 'users',
        path: '/graphql',
        json: { query: '{ users { user_id email name is_admin num_transcripts minutes_consumed } }' },
        recordsPath: ['data', 'users'],
        primaryKey: [['user_id']],
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://app.fireflies.ai/integrations/custom/fireflies',
      steps: [
        {
          en: 'Sign in to Fireflies and open **Integrations**, then **Fireflies API**.',
          de: 'Melden Sie sich bei Fireflies an und öffnen Sie **Integrations**, dann **Fireflies API**.',
        },
        {
          en: 'Copy the API key. It can read all meetings that you can see.',
          de: 'Kopieren Sie den API-Schlüssel. Er kann alle Besprechungen lesen, die Sie sehen.',
        },
      ],
    },
    webhook: {
      url: 'https://app.fireflies.ai/integrations/api/webhook',
      steps: [
        {
          en: 'Paste the webhook URL into **Webhook URL** and append ?external_id= with the external ID of the connection, because events do not name the account.',
          de: 'Fügen Sie die Webhook-URL bei **Webhook URL** ein und hängen Sie ?external_id= mit der externen ID der Verbindung an, weil die Events das Konto nicht nennen.',
        },
        {
          en: 'Enter the webhook secret as the **Signing Secret**, select the events, and save. Use the same secret for all accounts.',
          de: 'Geben Sie das Webhook-Secret als **Signing Secret** ein, wählen Sie die Events und speichern Sie. Verwenden Sie dasselbe Secret für alle Konten.',
        },
      ],
    },
    events: ['meeting.transcribed', 'meeting.summarized', 'meeting.bot_joined'],
    traps: [
      {
        en: 'The webhooks that Fireflies calls V1 are signed in another form. Use Webhooks V2.',
        de: 'Webhooks, die Fireflies V1 nennt, sind in anderer Form signiert. Verwenden Sie Webhooks V2.',
      },
      {
        en: 'With 50 requests a day, an account without a business plan can read at most 2,500 meetings a day.',
        de: 'Mit 50 Anfragen pro Tag kann ein Konto ohne Business-Tarif höchstens 2.500 Besprechungen pro Tag lesen.',
      },
    ],
    scopes: {},
    rateLimit: {
      words: {
        en: '50 requests a day. More need a business plan, which has 60 a minute.',
        de: '50 Anfragen pro Tag. Mehr sind mit einem Business-Tarif möglich, der 60 pro Minute hat.',
      },
      url: 'https://docs.fireflies.ai/',
    },
    hints: [
      {
        at: 'request',
        errors: ['auth_failed'],
        cause: {
          en: 'The API key is wrong or was replaced.',
          de: 'Der API-Schlüssel ist falsch oder wurde ersetzt.',
        },
        operator: {
          en: 'Let the account be connected with the current key.',
          de: 'Lassen Sie das Konto mit dem aktuellen Schlüssel verbinden.',
        },
        person: {
          en: 'Copy the API key again from **Integrations** and **Fireflies API**.',
          de: 'Kopieren Sie den API-Schlüssel noch einmal aus **Integrations** und **Fireflies API**.',
        },
      },
    ],
  },
}
