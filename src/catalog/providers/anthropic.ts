import { input, integer, text } from '../action-input.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = {
  aliases: ['claude', 'claude api', 'claude platform', 'llm', 'language model'],
  logo: 'anthropic',
  color: '#d97757',
  sources: [
    { url: 'https://platform.claude.com/docs/en/api/models-list', read: '2026-11-29' },
    { url: 'https://platform.claude.com/docs/en/api/ruby/models/list', read: '2026-11-29' },
    { url: 'https://docs.anthropic.com/pt/api/models-list', read: '2026-11-29' },
    { url: 'https://platform.claude.com/docs/api/errors', read: '2026-11-29' },
    { url: 'https://platform.claude.com/docs/de/api/errors.md', read: '2026-11-29' },
    { url: 'https://platform.claude.com/docs/en/api/versioning?version=2023-06-01', read: '2026-11-29' },
    { url: 'https://platform.claude.com/docs/en/api/migration-2026-10-21.md', read: '2026-11-29' },
    { url: 'https://platform.claude.com/docs/get-api-key', read: '2026-11-29' },
    // The official SDK, version 1.14.0: paths, paging, parameters, kinds of errors.
    { url: 'https://www.npmjs.com/package/@anthropic-ai/sdk', read: '2026-11-29' },
    {
      url: 'https://tessl.io/registry/tessl/npm-anthropic-ai--sdk/0.70.0/files/docs/messages.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://docs.newapi.pro/ja/docs/api/ai-model/chat/create-message',
      read: '2026-11-29',
      second: true,
    },
  ],
  unverified: ['rateLimit'],
  definition: {
    displayName: 'Anthropic',
    docsUrl: 'https://platform.claude.com/docs/en/api/overview',
    categories: ['ai'],
    baseUrl: 'https://api.anthropic.com/v1',
    auth: { type: 'api_key', placement: { in: 'header', name: 'x-api-key' } },
    headers: { 'anthropic-version': '2026-10-21' },
    responseErrors: [
      { status: 401, path: ['error', 'message'], as: 'auth', message: ['error', 'message'], code: ['error', 'type'] },
      { status: 529, as: 'retry', message: ['error', 'message'], code: ['error', 'type'] },
      ...[400, 402, 403, 404, 413].map((status) => ({
        status,
        path: ['error', 'message'],
        as: 'fail' as const,
        message: ['error', 'message'],
        code: ['error', 'type'],
      })),
    ],
    testRequest: { path: '/models?limit=1' },
    streams: [
      {
        name: 'models',
        path: '/models',
        query: { limit: '100' },
        recordsPath: ['data'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['last_id'], param: 'after_id', hasMore: ['has_more'] },
      },
    ],
    actions: [
      {
        name: 'create_message',
        title: 'Ask Claude',
        description:
          'Sends a text to a model and returns its message, with the answer in content and the tokens in usage.',
        docsUrl: 'https://platform.claude.com/docs/en/api/messages/create',
        input: input(
          {
            model: text('Id of the model. The stream models has those of the account.'),
            prompt: text('Text for the model.'),
            max_tokens: integer('How many tokens are generated at most.', { minimum: 1 }),
          },
          { system: text('System prompt: how the model has to respond.') },
        ),
        request: {
          method: 'POST',
          path: '/messages',
          json: {
            model: '{{ args.model }}',
            max_tokens: '{{ args.max_tokens }}',
            system: '{{ args.system }}',
            messages: [{ role: 'user', content: '{{ args.prompt }}' }],
          },
        },
      },
    ],
  },
  guide: {
    key: {
      url: 'https://platform.claude.com/settings/keys',
      steps: [
        {
          en: 'Sign in to the Claude Console, open **Settings** and **API keys**, and select **Create key**.',
          de: 'Melden Sie sich bei der Claude Console an, öffnen Sie **Settings** und **API keys** und wählen Sie **Create key**.',
        },
        {
          en: 'Enter a name and an expiration, and choose yourself or a service account under **Linked account**. If you want, limit the key to one workspace.',
          de: 'Geben Sie einen Namen und ein Ablaufdatum ein und wählen Sie bei **Linked account** sich selbst oder ein Dienstkonto. Wenn Sie möchten, beschränken Sie den Schlüssel auf einen Workspace.',
        },
        {
          en: 'Copy the key, which begins with sk-ant- and is shown only once.',
          de: 'Kopieren Sie den Schlüssel. Er beginnt mit sk-ant- und wird nur einmal angezeigt.',
        },
      ],
    },
    scopes: {},
    rateLimit: null,
    tokens: {
      en: 'A key may have a date of expiry, and the key of a person ends when the person leaves the organization. An expired or revoked key is refused with 401.',
      de: 'Ein Schlüssel kann ein Ablaufdatum haben, und der Schlüssel einer Person endet, wenn sie die Organisation verlässt. Ein abgelaufener oder widerrufener Schlüssel wird mit 401 abgelehnt.',
    },
    traps: [
      {
        en: 'Status 529 means that the API is overloaded for everyone. It is not a limit of the account.',
        de: 'Der Status 529 bedeutet, dass die API für alle überlastet ist. Er ist keine Grenze des Kontos.',
      },
      {
        en: 'A spending limit that is reached is reported as 400, and the monthly limit of the usage tier as 429 without retry-after.',
        de: 'Ein erreichtes Ausgabenlimit wird als 400 gemeldet, das monatliche Limit der Nutzungsstufe als 429 ohne retry-after.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [401],
        messages: ['authentication_error'],
        cause: {
          en: 'The key is malformed, expired, or was revoked.',
          de: 'Der Schlüssel ist fehlerhaft, abgelaufen oder wurde widerrufen.',
        },
        operator: {
          en: 'Let the account be connected with a new key.',
          de: 'Lassen Sie das Konto mit einem neuen Schlüssel verbinden.',
        },
        person: {
          en: 'Create a new key in the Claude Console and enter it.',
          de: 'Erstellen Sie in der Claude Console einen neuen Schlüssel und geben Sie ihn ein.',
        },
        url: 'https://platform.claude.com/docs/en/api/errors',
      },
      {
        at: 'request',
        messages: ['billing_error'],
        cause: {
          en: 'The payment details of the account are missing or were refused.',
          de: 'Die Zahlungsdaten des Kontos fehlen oder wurden abgelehnt.',
        },
        operator: {
          en: 'Let the payment details in the Claude Console be checked.',
          de: 'Lassen Sie die Zahlungsdaten in der Claude Console prüfen.',
        },
        person: {
          en: 'Check the payment details in the Claude Console.',
          de: 'Prüfen Sie die Zahlungsdaten in der Claude Console.',
        },
        url: 'https://platform.claude.com/docs/en/api/errors',
      },
    ],
  },
}
