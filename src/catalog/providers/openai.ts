import { input, integer, text } from '../action-input.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const NO_CREDIT = [
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
]

export const provider: ProviderFile = {
  aliases: ['open ai', 'chatgpt', 'chat gpt', 'gpt', 'llm', 'language model'],
  logo: null,
  color: '#000000',
  sources: [
    { url: 'https://developers.openai.com/docs/guides/error-codes', read: '2026-11-29' },
    { url: 'https://developers.openai.com/api/reference/cli/resources/responses/methods/create', read: '2026-11-29' },
    {
      url: 'https://developers.openai.com/api/reference/resources/organization/subresources/admin_api_keys/methods/list/index.md',
      read: '2026-11-29',
    },
    {
      url: 'https://developers.openai.com/api/reference/cli/resources/admin/subresources/organization/subresources/users',
      read: '2026-11-29',
    },
    // The official SDK, version 6.49.0: paths, paging, parameters.
    { url: 'https://www.npmjs.com/package/openai', read: '2026-11-29' },
    {
      url: 'https://learn.microsoft.com/de-de/microsoft-cloud/dev/dev-proxy/concepts/openai-insufficient-quota',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://raw.githubusercontent.com/Aallam/openai-kotlin/master/guides/OrganizationAdministration.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // Where the buttons are, and the limits, which depend on the model and the account.
  unverified: ['key', 'rateLimit'],
  definition: {
    displayName: 'OpenAI',
    docsUrl: 'https://developers.openai.com/api/reference/overview',
    categories: ['ai'],
    baseUrl: 'https://api.openai.com/v1',
    auth: {
      type: 'bearer',
      fields: [
        { name: 'api_key', label: 'API key', secret: true, required: true },
        {
          name: 'admin_key',
          label: 'Admin key',
          description: 'Only for the streams of the organization: users and projects.',
          secret: true,
        },
      ],
      token: '{{ config.api_key }}',
    },
    // Keys of projects cannot read the organization, and admin keys can read nothing else.
    auths: { admin: { type: 'bearer', token: '{{ config.admin_key }}' } },
    responseErrors: [
      { status: 401, path: ['error', 'message'], as: 'auth', message: ['error', 'message'], code: ['error', 'code'] },
      // No credit, or a limit of spending: it does not pass when one waits. The type is the old code, which some responses still have.
      noCredit('type', 'insufficient_quota'),
      ...NO_CREDIT.map((code) => noCredit('code', code)),
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['error', 'message'],
        as: 'fail' as const,
        message: ['error', 'message'],
        code: ['error', 'code'],
      })),
    ],
    testRequest: { path: '/models' },
    streams: [
      { name: 'models', path: '/models', recordsPath: ['data'], primaryKey: [['id']] },
      organization('users'),
      organization('projects', { include_archived: 'true' }),
    ],
    actions: [
      {
        name: 'create_response',
        title: 'Generate a response',
        description:
          'Sends a text to a model and returns its response, which cannot be retrieved from OpenAI later. The text is in output, in the content of the message.',
        docsUrl: 'https://developers.openai.com/api/reference/resources/responses/methods/create',
        input: input(
          { model: text('Id of the model.'), input: text('Text for the model.') },
          {
            instructions: text('System message: how the model has to respond.'),
            max_output_tokens: integer('How many tokens are generated at most, reasoning included.', { minimum: 1 }),
          },
        ),
        request: {
          method: 'POST',
          path: '/responses',
          json: {
            model: '{{ args.model }}',
            input: '{{ args.input }}',
            instructions: '{{ args.instructions }}',
            max_output_tokens: '{{ args.max_output_tokens }}',
            store: false,
          },
        },
      },
    ],
  },
  guide: {
    key: {
      url: 'https://platform.openai.com/api-keys',
      steps: [
        {
          en: 'Sign in to the OpenAI platform, open **API keys** of the project, and create a secret key. Copy it at once, because it is shown only once.',
          de: 'Melden Sie sich bei der OpenAI-Plattform an, öffnen Sie **API keys** des Projekts und erstellen Sie einen geheimen Schlüssel. Kopieren Sie ihn sofort, denn er wird nur einmal gezeigt.',
        },
        {
          en: 'To read users and projects, an owner of the organization creates an admin key in the settings of the organization. Leave the field empty otherwise.',
          de: 'Um Personen und Projekte zu lesen, erstellt jemand mit der Rolle Owner in den Einstellungen der Organisation einen Admin-Schlüssel. Lassen Sie das Feld sonst leer.',
        },
      ],
    },
    fields: {
      api_key: { label: 'API-Schlüssel' },
      admin_key: {
        label: 'Admin-Schlüssel',
        description: 'Nur für die Streams der Organisation: users und projects.',
      },
    },
    scopes: {},
    rateLimit: null,
    traps: [
      {
        en: 'The streams users and projects need an admin key. Without one, sync only the stream models.',
        de: 'Die Streams users und projects brauchen einen Admin-Schlüssel. Synchronisieren Sie ohne ihn nur den Stream models.',
      },
      {
        en: 'Status 429 also means that the credit is used up or a monthly limit is reached. Then waiting does not help.',
        de: 'Der Status 429 bedeutet auch, dass das Guthaben verbraucht oder ein monatliches Limit erreicht ist. Dann hilft kein Warten.',
      },
    ],
    hints: [
      {
        at: 'request',
        messages: ['Incorrect API key provided'],
        cause: {
          en: 'The key is wrong, was deleted, or belongs to another organization.',
          de: 'Der Schlüssel ist falsch, wurde gelöscht oder gehört zu einer anderen Organisation.',
        },
        operator: {
          en: 'Let the account be connected with a new key.',
          de: 'Lassen Sie das Konto mit einem neuen Schlüssel verbinden.',
        },
        person: {
          en: 'Create a new key in the OpenAI platform and enter it.',
          de: 'Erstellen Sie in der OpenAI-Plattform einen neuen Schlüssel und geben Sie ihn ein.',
        },
        url: 'https://developers.openai.com/docs/guides/error-codes',
      },
      {
        at: 'request',
        errors: NO_CREDIT,
        cause: {
          en: 'The credit of the organization is used up, or a monthly limit of the organization or the project is reached.',
          de: 'Das Guthaben der Organisation ist verbraucht, oder ein monatliches Limit der Organisation oder des Projekts ist erreicht.',
        },
        operator: {
          en: 'Let the person buy credit or raise the limit at OpenAI.',
          de: 'Lassen Sie die Person bei OpenAI Guthaben kaufen oder das Limit erhöhen.',
        },
        person: {
          en: 'Buy credit at OpenAI, or raise the spending limit.',
          de: 'Kaufen Sie bei OpenAI Guthaben, oder erhöhen Sie das Ausgabenlimit.',
        },
        url: 'https://developers.openai.com/docs/guides/error-codes',
      },
    ],
  },
}

function noCredit(field: string, equals: string) {
  return {
    status: 429,
    path: ['error', field],
    equals,
    as: 'fail' as const,
    message: ['error', 'message'],
    code: ['error', 'code'],
  }
}

/** A list of the Administration API. */
function organization(name: string, query: Record<string, string> = {}): StreamDefinition {
  return {
    name,
    auth: 'admin',
    path: `/organization/${name}`,
    query: { limit: '100', ...query },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['last_id'], param: 'after', hasMore: ['has_more'] },
  }
}
