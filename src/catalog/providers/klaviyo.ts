import { email, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.klaviyo.com/en/reference'

const JSON_API = 'application/vnd.api+json'

const actions: ActionDefinition[] = [
  {
    name: 'create_profile',
    title: 'Create a profile',
    description: 'Creates a profile and returns it.',
    docsUrl: `${reference}/create_profile`,
    scopes: ['profiles:write'],
    input: input(
      { email: email('Email address.') },
      {
        first_name: text('First name.'),
        last_name: text('Last name.'),
        phone_number: text('Phone number with the code of the country, such as +15005550006.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/profiles',
      headers: { 'Content-Type': JSON_API },
      json: {
        data: {
          type: 'profile',
          attributes: {
            email: '{{ args.email }}',
            first_name: '{{ args.first_name }}',
            last_name: '{{ args.last_name }}',
            phone_number: '{{ args.phone_number }}',
          },
        },
      },
    },
    output: ['data'],
  },
  {
    name: 'find_profile',
    title: 'Find a profile',
    description: 'Returns the profiles with an email address: a list with one, or an empty list.',
    docsUrl: `${reference}/get_profiles`,
    scopes: ['profiles:read'],
    readOnly: true,
    input: input({ email: email('Email address.') }),
    request: {
      method: 'GET',
      path: '/profiles',
      query: { filter: 'equals(email,{{ args.email | tojson }})' },
    },
    output: ['data'],
  },
  {
    name: 'add_profile_to_list',
    title: 'Add a profile to a list',
    description: 'Adds a profile to a list. It does not change the consent of the person. Klaviyo returns nothing.',
    docsUrl: `${reference}/add_profiles_to_list`,
    scopes: ['lists:write', 'profiles:write'],
    input: input({ list_id: text('Id of the list.'), profile_id: text('Id of the profile.') }),
    request: {
      method: 'POST',
      path: '/lists/{{ args.list_id }}/relationships/profiles',
      headers: { 'Content-Type': JSON_API },
      json: { data: [{ type: 'profile', id: '{{ args.profile_id }}' }] },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['klavio', 'klayvio', 'klaviyo email', 'klaviyo sms'],
  logo: null,
  color: '#232426',
  sources: [
    { url: 'https://developers.klaviyo.com/en/docs/set_up_oauth.md', read: '2026-11-29' },
    {
      url: 'https://developers.klaviyo.com/.well-known/skills/klaviyo-migrate-oauth/references/api-calls.md',
      read: '2026-11-29',
    },
    { url: 'https://developers.klaviyo.com/en/v2024-05-15/docs/authenticate', read: '2026-11-29' },
    {
      url: 'https://github.com/klaviyo/openapi/blob/main/openapi/stable/apis/get_profiles.json',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/klaviyo/openapi/blob/main/openapi/stable/apis/create_profile.json',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/klaviyo/openapi/blob/main/openapi/stable/apis/add_profiles_to_list.json',
      read: '2026-11-29',
    },
    { url: 'https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling', read: '2026-11-29' },
    { url: 'https://developers.klaviyo.com/en/docs/troubleshoot_oauth_errors.md', read: '2026-11-29' },
    {
      url: 'https://academy.klaviyo.com/en-us/certificates/developer-certificate/courses/get-data-into-klaviyo-with-apis/lessons/troubleshooting-errors-and-rate-limit-responses',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/segmentio/segment-docs/issues/6622',
      read: '2026-11-29',
      second: true,
    },
  ],
  // How long tokens live was not found, nor the body that creates a profile.
  unverified: ['tokens', 'actions'],
  definition: {
    displayName: 'Klaviyo',
    docsUrl: `${reference}/api_overview`,
    categories: ['marketing', 'email', 'e-commerce'],
    baseUrl: 'https://a.klaviyo.com/api',
    headers: { Accept: JSON_API, revision: '2026-04-15' },
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Klaviyo',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://www.klaviyo.com/oauth/authorize',
            // www.klaviyo.com refuses requests for tokens since March 2025.
            tokenUrl: 'https://a.klaviyo.com/oauth/token',
            revocation: { url: 'https://a.klaviyo.com/oauth/revoke' },
            clientAuth: 'client_secret_basic',
            scopes: ['accounts:read', 'profiles:read', 'lists:read', 'segments:read', 'metrics:read'],
          },
        },
        {
          key: 'api_key',
          label: 'Private API key',
          auth: { type: 'api_key', placement: { in: 'header', name: 'Authorization', prefix: 'Klaviyo-API-Key ' } },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['errors', 0, 'code'], as: 'auth', message: ['errors', 0, 'detail'] },
      ...[400, 403, 404, 409].map((status) => ({
        status,
        path: ['errors', 0, 'code'],
        as: 'fail' as const,
        message: ['errors', 0, 'detail'],
      })),
    ],
    testRequest: { path: '/accounts' },
    streams: [
      {
        ...records('profiles'),
        query: { 'page[size]': '100' },
        incremental: {
          cursorField: ['attributes', 'updated'],
          param: 'filter',
          // The filter excludes the instant itself.
          format: 'greater-than(updated,%Y-%m-%dT%H:%M:%SZ)',
          lookback: 'PT1S',
        },
      },
      records('lists'),
      records('segments'),
      records('metrics'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://www.klaviyo.com/manage-apps',
      steps: [
        {
          en: 'Sign in to Klaviyo as an owner, admin or manager, open the page of your apps, and create an app.',
          de: 'Melden Sie sich bei Klaviyo als Owner, Admin oder Manager an, öffnen Sie die Seite Ihrer Apps und legen Sie eine App an.',
        },
        {
          en: 'Copy the client id and the client secret. Klaviyo shows the secret only now.',
          de: 'Kopieren Sie die Client-ID und das Client-Secret. Klaviyo zeigt das Secret nur jetzt.',
        },
        {
          en: 'Enter each scope that is listed here, and the callback URL as the redirect URL. Save.',
          de: 'Tragen Sie jeden hier genannten Scope ein und als Redirect-URL die Callback-URL. Speichern Sie.',
        },
      ],
    },
    key: {
      url: 'https://www.klaviyo.com/settings/account/api-keys',
      steps: [
        {
          en: 'In Klaviyo, open **Settings** and **API keys**, and create a private API key. Choose read access, or full access if actions shall write.',
          de: 'Öffnen Sie in Klaviyo **Settings** und **API keys** und erstellen Sie einen privaten API-Schlüssel. Wählen Sie Lesezugriff, oder Vollzugriff, wenn Aktionen schreiben sollen.',
        },
        {
          en: 'Copy the key. It begins with pk_.',
          de: 'Kopieren Sie den Schlüssel. Er beginnt mit pk_.',
        },
      ],
    },
    options: { oauth: 'Mit Klaviyo anmelden', api_key: 'Privater API-Schlüssel' },
    scopes: {
      'accounts:read': { en: 'see the details of your account', de: 'die Angaben zu Ihrem Konto sehen' },
      'profiles:read': { en: 'read your profiles', de: 'Ihre Profile lesen' },
      'profiles:write': { en: 'create and change profiles', de: 'Profile anlegen und ändern' },
      'lists:read': { en: 'read your lists', de: 'Ihre Listen lesen' },
      'lists:write': { en: 'change your lists', de: 'Ihre Listen ändern' },
      'segments:read': { en: 'read your segments', de: 'Ihre Segmente lesen' },
      'metrics:read': { en: 'see the metrics of your account', de: 'die Metriken Ihres Kontos sehen' },
    },
    traps: [
      {
        en: 'The set of fields depends on the header revision, which is 2026-04-15 here.',
        de: 'Welche Felder es gibt, hängt vom Header revision ab, der hier 2026-04-15 ist.',
      },
      {
        en: 'A customer who connects your app should not give you a private key too, because Klaviyo then counts metrics twice.',
        de: 'Wer Ihre App verbindet, sollte Ihnen nicht auch einen privaten Schlüssel geben, weil Klaviyo Metriken sonst doppelt zählt.',
      },
    ],
    rateLimit: {
      words: {
        en: 'Each endpoint has a limit for a second and one for a minute: for profiles 75 requests a second and 750 a minute. An OAuth app has limits of its own in each account, and private keys share those of the account. A response with status 429 says in Retry-After how long to wait.',
        de: 'Jeder Endpunkt hat eine Grenze pro Sekunde und eine pro Minute: für Profile 75 Anfragen pro Sekunde und 750 pro Minute. Eine OAuth-App hat in jedem Konto eigene Grenzen, private Schlüssel teilen sich die des Kontos. Eine Antwort mit dem Status 429 nennt in Retry-After die Wartezeit.',
      },
      url: 'https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling',
    },
    hints: [
      {
        at: 'token',
        errors: ['invalid_client'],
        cause: {
          en: 'The client id or the client secret is wrong.',
          de: 'Die Client-ID oder das Client-Secret ist falsch.',
        },
        operator: {
          en: 'Copy the client id and the client secret of the app again.',
          de: 'Kopieren Sie die Client-ID und das Client-Secret der App noch einmal.',
        },
        url: 'https://developers.klaviyo.com/en/docs/troubleshoot_oauth_errors',
      },
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The key is missing or invalid, it is a public one, or the account may not use this.',
          de: 'Der Schlüssel fehlt oder ist ungültig, es ist ein öffentlicher, oder das Konto darf dies nicht verwenden.',
        },
        operator: { en: 'Let the account be connected again.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: {
          en: 'Sign in to Klaviyo again, or enter a private API key.',
          de: 'Melden Sie sich neu bei Klaviyo an, oder geben Sie einen privaten API-Schlüssel ein.',
        },
        url: 'https://developers.klaviyo.com/en/docs/rate_limits_and_error_handling',
      },
    ],
  },
}

function records(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['links', 'next'] },
  }
}
