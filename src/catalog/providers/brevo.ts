import { email, input, list } from '../action-input.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

export const provider: ProviderFile = {
  aliases: ['sendinblue', 'send in blue', 'sib', 'newsletter2go'],
  logo: 'brevo',
  color: '#0b996e',
  sources: [
    { url: 'https://developers.brevo.com/docs/how-it-works', read: '2026-11-29' },
    { url: 'https://developers.brevo.com/docs/api-key-authentication', read: '2026-11-29' },
    { url: 'https://developers.brevo.com/docs/limit-headers', read: '2026-11-29' },
    { url: 'https://developers.brevo.com/reference/get-contacts', read: '2026-11-29' },
    { url: 'https://docs.airbyte.com/integrations/sources/brevo', read: '2026-11-29', second: true },
  ],
  // The words of the errors, and how long a key lives, are not in the documentation.
  unverified: ['hints', 'tokens'],
  definition: {
    displayName: 'Brevo',
    docsUrl: 'https://developers.brevo.com/reference',
    categories: ['marketing', 'email'],
    baseUrl: 'https://api.brevo.com/v3',
    auth: { type: 'api_key', placement: { in: 'header', name: 'api-key' } },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['code'] },
      ...[400, 403, 404].map((status) => ({ status, path: ['message'], as: 'fail' as const, message: ['message'] })),
    ],
    testRequest: { path: '/account' },
    streams: [
      {
        ...page('contacts', '/contacts', 1_000),
        incremental: { cursorField: ['modifiedAt'], param: 'modifiedSince', format: 'iso8601' },
      },
      page('lists', '/contacts/lists', 50),
    ],
    actions: [
      {
        name: 'create_contact',
        title: 'Create a contact',
        description: 'Creates a contact. It fails if there is one with this email address. Returns its id.',
        docsUrl: 'https://developers.brevo.com/reference/create-contact',
        input: input(
          { email: email('Email address.') },
          { list_ids: list('Ids of the lists to add the contact to.', { type: 'integer', minimum: 1 }) },
        ),
        request: {
          method: 'POST',
          path: '/contacts',
          json: { email: '{{ args.email }}', listIds: '{{ args.list_ids }}' },
        },
      },
    ],
  },
  guide: {
    key: {
      url: 'https://app.brevo.com/settings/keys/api',
      steps: [
        {
          en: 'Sign in to Brevo and open **SMTP & API** in the settings of your account.',
          de: 'Melden Sie sich bei Brevo an und öffnen Sie in den Einstellungen Ihres Kontos **SMTP & API**.',
        },
        {
          en: 'On the tab **API keys**, select **Generate a new API key**, enter a name, and copy the key. It begins with xkeysib-.',
          de: 'Wählen Sie auf der Registerkarte **API keys** die Schaltfläche **Generate a new API key**, geben Sie einen Namen ein und kopieren Sie den Schlüssel. Er beginnt mit xkeysib-.',
        },
      ],
    },
    scopes: {},
    rateLimit: {
      words: {
        en: 'Each endpoint has a limit of its own, which depends on the plan. A response with status 429 says in x-sib-ratelimit-reset how many seconds remain.',
        de: 'Jeder Endpunkt hat eine eigene Grenze, die vom Tarif abhängt. Eine Antwort mit dem Status 429 nennt in x-sib-ratelimit-reset die verbleibenden Sekunden.',
      },
      url: 'https://developers.brevo.com/docs/limit-headers',
    },
    tokens: {
      en: 'A key does not expire. It has all rights of the account.',
      de: 'Ein Schlüssel läuft nicht ab. Er hat alle Rechte des Kontos.',
    },
    traps: [
      {
        en: 'If the account restricts IP addresses, requests from an unknown one are refused although the key is valid.',
        de: 'Beschränkt das Konto die IP-Adressen, werden Anfragen von einer unbekannten Adresse trotz gültigem Schlüssel abgelehnt.',
      },
    ],
    hints: [
      {
        at: 'request',
        statuses: [401],
        messages: ['unrecognised IP address'],
        cause: {
          en: 'The account accepts requests only from IP addresses that it knows.',
          de: 'Das Konto akzeptiert nur Anfragen von IP-Adressen, die es kennt.',
        },
        operator: {
          en: 'Give the IP addresses of your server to the owner of the account, who can authorize them in the security settings.',
          de: 'Nennen Sie der Person, der das Konto gehört, die IP-Adressen Ihres Servers. Sie kann sie in den Sicherheitseinstellungen zulassen.',
        },
      },
      {
        at: 'request',
        statuses: [401],
        messages: ['key not found'],
        cause: {
          en: 'The key does not exist or was deleted.',
          de: 'Den Schlüssel gibt es nicht, oder er wurde gelöscht.',
        },
        operator: {
          en: 'Let the account be connected with a new key.',
          de: 'Lassen Sie das Konto mit einem neuen Schlüssel verbinden.',
        },
        person: {
          en: 'Create a new API key in Brevo and enter it.',
          de: 'Erstellen Sie in Brevo einen neuen API-Schlüssel und geben Sie ihn ein.',
        },
      },
    ],
  },
}

function page(name: string, path: string, size: number): StreamDefinition {
  return {
    name,
    path,
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size, total: ['count'] },
    responses: [{ status: 429, as: 'rate_limit', waitFrom: 'header:x-sib-ratelimit-reset' }],
  }
}
