import { flag, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://www.dropbox.com/developers/documentation/http/documentation'

const path = text('Path from the root of the Dropbox, such as /Homework/math.', { pattern: '^/.+$' })

/** Every request of the Dropbox API is a POST. */
const actions: ActionDefinition[] = [
  {
    name: 'create_folder',
    title: 'Create a folder',
    description:
      'Creates a folder and returns its metadata. Dropbox refuses a path that exists (409), unless autorename is true.',
    docsUrl: `${reference}#files-create_folder`,
    scopes: ['files.content.write'],
    input: input({ path }, { autorename: flag('Whether Dropbox changes the name when it is taken. Default: false.') }),
    request: {
      method: 'POST',
      path: '/files/create_folder_v2',
      json: { path: '{{ args.path }}', autorename: '{{ args.autorename }}' },
    },
    output: ['metadata'],
  },
  {
    name: 'list_folder',
    title: 'List a folder',
    description:
      'Lists files and folders in a folder. Returns entries; while has_more is true, continue_list_folder with the cursor returns the next ones.',
    docsUrl: `${reference}#files-list_folder`,
    scopes: ['files.metadata.read'],
    readOnly: true,
    input: input(
      {},
      {
        path: text('Path of the folder, such as /Homework. Default: the root.', { pattern: '^/.+$' }),
        recursive: flag('Whether folders in it are listed too. Default: false.'),
        limit: limit(2000, 100),
      },
    ),
    request: {
      method: 'POST',
      path: '/files/list_folder',
      json: {
        path: "{{ args.path | default('') }}",
        recursive: '{{ args.recursive }}',
        limit: '{{ args.limit | default(100) }}',
      },
    },
  },
  {
    name: 'continue_list_folder',
    title: 'List more of a folder',
    description: 'Returns what follows in a list that list_folder began.',
    docsUrl: `${reference}#files-list_folder-continue`,
    scopes: ['files.metadata.read'],
    readOnly: true,
    input: input({ cursor: text('cursor of the previous result.') }),
    request: { method: 'POST', path: '/files/list_folder/continue', json: { cursor: '{{ args.cursor }}' } },
  },
  {
    name: 'get_metadata',
    title: 'Get the metadata of a file',
    description: 'Returns name, path, size and time of one file or folder, but not its content.',
    docsUrl: `${reference}#files-get_metadata`,
    scopes: ['files.metadata.read'],
    readOnly: true,
    input: input({
      path: text('Path, such as /Homework/math.txt, or id, such as id:a4ayc_80_OEAAAAAAAAAXw.', {
        pattern: '^(/|id:).+$',
      }),
    }),
    request: { method: 'POST', path: '/files/get_metadata', json: { path: '{{ args.path }}' } },
  },
]

/** No streams, because lists continue at another path (`…/continue`) with only the cursor. */
export const provider: ProviderFile = {
  aliases: ['drop box', 'dbx'],
  logo: 'dropbox',
  color: '#0061ff',
  sources: [
    { url: 'https://www.dropbox.com/developers/reference/getting-started', read: '2026-11-29' },
    { url: 'https://www.dropbox.com/developers/reference/developer-guide', read: '2026-11-29' },
    { url: 'https://developers.dropbox.com/oauth-guide', read: '2026-11-29' },
    { url: 'https://www.dropbox.com/developers/reference/webhooks', read: '2026-11-29' },
    { url: 'https://www.dropbox.com/developers/documentation/http/documentation', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  definition: {
    displayName: 'Dropbox',
    docsUrl: 'https://developers.dropbox.com/oauth-guide',
    categories: ['storage'],
    baseUrl: 'https://api.dropboxapi.com/2',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://www.dropbox.com/oauth2/authorize',
      // Without it Dropbox issues no refresh token.
      authorizationParams: { token_access_type: 'offline' },
      tokenUrl: 'https://api.dropboxapi.com/oauth2/token',
      // Revokes the grant of the access token.
      revocation: { url: 'https://api.dropboxapi.com/2/auth/token/revoke', auth: 'token', form: {} },
      scopes: ['account_info.read', 'files.metadata.read', 'files.content.read'],
      tokenResponse: { keep: { account_id: ['account_id'], uid: ['uid'], team_id: ['team_id'] } },
      rotation: 'none',
    },
    responseErrors: [
      { status: 401, path: ['error_summary'], as: 'auth', message: ['error_summary'] },
      { status: 409, path: ['error_summary'], as: 'fail', message: ['error_summary'] },
      { status: 429, path: ['error_summary'], as: 'rate_limit', message: ['error_summary'] },
    ],
    // dropbox.com/developers/reference/webhooks. An event is the id of an account whose files have changed.
    webhook: {
      verify: {
        method: 'hmac',
        header: 'X-Dropbox-Signature',
        hash: 'sha256',
        encoding: 'hex',
        secret: 'client',
      },
      handshake: [{ where: 'query.challenge', answer: '{{ query.challenge }}' }],
      events: ['list_folder', 'accounts'],
      type: "'list_folder'",
      connection: { value: 'item', equals: 'kept.account_id' },
    },
    testRequest: { method: 'POST', path: '/users/get_current_account' },
    actions,
  },
  guide: {
    app: {
      url: 'https://www.dropbox.com/developers/apps',
      steps: [
        {
          en: 'Select **Create app**, choose **Scoped access** and **Full Dropbox** (or **App folder** for a folder of its own), enter a name, and select **Create app**. The type of access cannot be changed later.',
          de: 'Wählen Sie **Create app**, dann **Scoped access** und **Full Dropbox** (oder **App folder** für einen eigenen Ordner), geben Sie einen Namen ein und wählen Sie **Create app**. Die Art des Zugriffs lässt sich später nicht ändern.',
        },
        {
          en: 'On the tab **Settings**, under **OAuth 2** and **Redirect URIs**, paste the callback URL and select **Add**.',
          de: 'Fügen Sie auf dem Reiter **Settings** unter **OAuth 2** bei **Redirect URIs** die Callback-URL ein und wählen Sie **Add**.',
        },
        {
          en: 'On the tab **Permissions**, tick each scope that is listed here, and select **Submit**.',
          de: 'Wählen Sie auf dem Reiter **Permissions** jeden hier genannten Scope aus und dann **Submit**.',
        },
        {
          en: 'On the tab **Settings**, copy the **App key**, which is the client id, and the **App secret**, which is the client secret and appears after **Show**.',
          de: 'Kopieren Sie auf dem Reiter **Settings** den **App key**, er ist die Client-ID, und das **App secret**, es ist das Client-Secret und erscheint nach **Show**.',
        },
        {
          en: 'Select **Enable additional users**, so that others than you can connect, 500 at most. After the 50th you have two weeks to get the production status: select **Apply for production** in time.',
          de: 'Wählen Sie **Enable additional users**, damit sich auch andere als Sie verbinden können, höchstens 500. Nach der 50. Person haben Sie zwei Wochen Zeit, den Status Production zu erhalten: Wählen Sie rechtzeitig **Apply for production**.',
        },
      ],
    },
    webhook: {
      url: 'https://www.dropbox.com/developers/apps',
      steps: [
        {
          en: 'Open your app and the tab **Settings**. Dropbox signs with the app secret, so no other secret has to be saved.',
          de: 'Öffnen Sie Ihre App und den Reiter **Settings**. Dropbox signiert mit dem App secret, daher ist kein weiteres Secret zu speichern.',
        },
        {
          en: 'Under **Webhooks**, paste the webhook URL and select **Add**. Dropbox checks it at once.',
          de: 'Fügen Sie unter **Webhooks** die Webhook-URL ein und wählen Sie **Add**. Dropbox prüft sie sofort.',
        },
      ],
    },
    events: ['list_folder'],
    scopes: {
      'account_info.read': {
        en: 'see your name, email address and country at Dropbox',
        de: 'Ihren Namen, Ihre E-Mail-Adresse und Ihr Land bei Dropbox sehen',
      },
      'files.metadata.read': {
        en: 'see the names and details of your files and folders',
        de: 'Namen und Angaben Ihrer Dateien und Ordner sehen',
      },
      'files.content.read': { en: 'read the content of your files', de: 'den Inhalt Ihrer Dateien lesen' },
      'files.content.write': {
        en: 'create, change and delete your files and folders',
        de: 'Ihre Dateien und Ordner anlegen, ändern und löschen',
      },
    },
    rateLimit: null,
    hints: [
      {
        at: 'provider_page',
        messages: ['Invalid redirect_uri'],
        cause: {
          en: 'The callback URL is not registered in the Dropbox app.',
          de: 'Die Callback-URL ist in der Dropbox-App nicht eingetragen.',
        },
        operator: {
          en: 'Add the callback URL on the tab **Settings** under **Redirect URIs**, exactly as it is.',
          de: 'Tragen Sie die Callback-URL auf dem Reiter **Settings** zeichengenau unter **Redirect URIs** ein.',
        },
        url: 'https://developers.dropbox.com/oauth-guide',
      },
      {
        at: 'provider_page',
        messages: ['reached its user limit'],
        cause: {
          en: 'The Dropbox app is in the status Development and may not link more users.',
          de: 'Die Dropbox-App hat den Status Development und darf keine weiteren Nutzer verbinden.',
        },
        operator: {
          en: 'On the tab **Settings**, select **Enable additional users** or **Apply for production**.',
          de: 'Wählen Sie auf dem Reiter **Settings** die Schaltfläche **Enable additional users** oder **Apply for production**.',
        },
        url: 'https://www.dropbox.com/developers/reference/developer-guide',
      },
      {
        at: 'token',
        errors: ['invalid_client', 'invalid_client: Invalid client_id or client_secret'],
        cause: {
          en: 'The client id or the client secret is wrong.',
          de: 'Die Client-ID oder das Client-Secret ist falsch.',
        },
        operator: {
          en: 'Enter **App key** and **App secret** from the tab **Settings**.',
          de: 'Tragen Sie **App key** und **App secret** vom Reiter **Settings** ein.',
        },
      },
      {
        at: 'token',
        errors: ['invalid_grant'],
        messages: ['invalid or revoked'],
        cause: {
          en: 'The person has disconnected the app at Dropbox.',
          de: 'Die Person hat die App bei Dropbox getrennt.',
        },
        operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect your Dropbox account again.', de: 'Verbinden Sie Ihr Dropbox-Konto neu.' },
      },
      {
        at: 'request',
        messages: ['missing_scope', 'does not have the required scope'],
        cause: {
          en: 'The Dropbox app or the connected account lacks a scope that this request needs.',
          de: 'Der Dropbox-App oder dem verbundenen Konto fehlt ein Scope, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the scope on the tab **Permissions** of the Dropbox app and to the integration, then let the account be reconnected.',
          de: 'Ergänzen Sie den Scope auf dem Reiter **Permissions** der Dropbox-App und in der Integration und lassen Sie das Konto dann neu verbinden.',
        },
        url: 'https://www.dropbox.com/developers/documentation/http/documentation',
      },
      {
        at: 'request',
        messages: ['user_suspended'],
        cause: {
          en: 'The person’s Dropbox account is suspended.',
          de: 'Das Dropbox-Konto der Person ist gesperrt.',
        },
        operator: {
          en: 'Let another account be connected.',
          de: 'Lassen Sie ein anderes Konto verbinden.',
        },
        person: {
          en: 'Ask the administrator of your Dropbox team why your account is suspended.',
          de: 'Fragen Sie die Administration Ihres Dropbox-Teams, warum Ihr Konto gesperrt ist.',
        },
        url: 'https://www.dropbox.com/developers/documentation/http/documentation',
      },
    ],
  },
}
