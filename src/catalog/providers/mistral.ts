import { input, integer, text } from '../action-input.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = {
  aliases: ['mistralai', 'la plateforme', 'le chat', 'codestral', 'llm', 'language model'],
  logo: 'mistralai',
  color: '#fa520f',
  sources: [
    { url: 'https://docs.mistral.ai/api/endpoint/responses', read: '2026-11-29' },
    { url: 'https://docs.mistral.ai/admin/security-access/api-keys', read: '2026-11-29' },
    {
      url: 'https://docs.mistral.ai/getting-started/quickstarts/studio/activate-and-generate-api-key.md',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.rs/crate/mistral-openapi-client/latest/source/docs/BaseModelCard.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://docs.rs/crate/mistral-openapi-client/latest/source/docs/ChatCompletionChoice.md',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://www.lmstudio.ai/alex-garbar/api-docs/files/src/docs/mistral.ts',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://rdrr.io/cran/ellmer/man/chat_mistral.html', read: '2026-11-29', second: true },
    { url: 'https://docs.typebot.io/editor/blocks/integrations/mistral', read: '2026-11-29', second: true },
  ],
  // The words of the errors are not in the documentation that was read.
  unverified: ['rateLimit', 'hints'],
  definition: {
    displayName: 'Mistral AI',
    docsUrl: 'https://docs.mistral.ai/api',
    categories: ['ai'],
    baseUrl: 'https://api.mistral.ai/v1',
    auth: {
      type: 'bearer',
      fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
    },
    responseErrors: [
      { status: 401, path: ['detail'], as: 'auth', message: ['detail'] },
      { status: 401, path: ['message'], as: 'auth', message: ['message'] },
      ...[400, 403, 404].map((status) => ({ status, path: ['message'], as: 'fail' as const, message: ['message'] })),
    ],
    testRequest: { path: '/models' },
    streams: [{ name: 'models', path: '/models', recordsPath: ['data'], primaryKey: [['id']] }],
    actions: [
      {
        name: 'create_chat_completion',
        title: 'Generate an answer',
        description:
          'Sends a text to a model and returns its answer: choices with the message, and the tokens in usage.',
        docsUrl: 'https://docs.mistral.ai/api/endpoint/chat',
        input: input(
          { model: text('Id of the model, such as mistral-small-latest.'), prompt: text('Text for the model.') },
          { max_tokens: integer('How many tokens are generated at most.', { minimum: 1 }) },
        ),
        request: {
          method: 'POST',
          path: '/chat/completions',
          json: {
            model: '{{ args.model }}',
            messages: [{ role: 'user', content: '{{ args.prompt }}' }],
            max_tokens: '{{ args.max_tokens }}',
          },
        },
      },
    ],
  },
  guide: {
    key: {
      url: 'https://console.mistral.ai/api-keys',
      steps: [
        {
          en: 'Sign in to Mistral Studio, open **API Keys**, and select **Create new key**.',
          de: 'Melden Sie sich bei Mistral Studio an, öffnen Sie **API Keys** und wählen Sie **Create new key**.',
        },
        {
          en: 'Enter a name, choose an expiration date or none, and select **Create new key**. Copy the key at once: it is shown only once.',
          de: 'Geben Sie einen Namen ein, wählen Sie ein Ablaufdatum oder keines und wählen Sie **Create new key**. Kopieren Sie den Schlüssel sofort: Er wird nur einmal gezeigt.',
        },
      ],
    },
    fields: { api_key: { label: 'API-Schlüssel' } },
    tokens: {
      en: 'A key lives until it is deleted, or until the expiration date that was chosen when it was made.',
      de: 'Ein Schlüssel gilt, bis er gelöscht wird oder das beim Erstellen gewählte Ablaufdatum erreicht ist.',
    },
    scopes: {},
    rateLimit: null,
    traps: [
      {
        en: 'A key belongs to the workspace in which it was made. What is made with it is visible to all members of that workspace.',
        de: 'Ein Schlüssel gehört zu dem Workspace, in dem er erstellt wurde. Was mit ihm angelegt wird, sehen alle Mitglieder dieses Workspace.',
      },
    ],
    hints: [],
  },
}
