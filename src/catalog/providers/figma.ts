import { flag, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.figma.com/docs/rest-api'

const file = {
  file_key: text('Key of the file: what follows /file/ or /design/ in its URL.', { pattern: '^[A-Za-z0-9]+$' }),
}

const actions: ActionDefinition[] = [
  {
    name: 'get_file',
    title: 'Get a file',
    description: 'Returns name, last change, editor type and link of a file, but not its nodes.',
    docsUrl: `${reference}/file-endpoints/#get-file-metadata-endpoint`,
    scopes: ['file_metadata:read'],
    readOnly: true,
    input: input(file),
    request: { method: 'GET', path: '/files/{{ args.file_key }}/meta' },
  },
  {
    name: 'list_comments',
    title: 'List comments',
    description: 'Lists the comments of a file with author, text, time and, for replies, parent_id.',
    docsUrl: `${reference}/comments-endpoints/#get-comments-endpoint`,
    scopes: ['file_comments:read'],
    readOnly: true,
    input: input(file, { as_markdown: flag('Whether the texts are Markdown. Default: false.') }),
    request: {
      method: 'GET',
      path: '/files/{{ args.file_key }}/comments',
      query: { as_md: '{{ args.as_markdown }}' },
    },
    output: ['comments'],
  },
  {
    name: 'create_comment',
    title: 'Comment on a file',
    description: 'Adds a comment to a file, or a reply to a comment that is not a reply itself. Returns the comment.',
    docsUrl: `${reference}/comments-endpoints/#post-comments-endpoint`,
    scopes: ['file_comments:write'],
    input: input(
      { ...file, message: text('Text of the comment.') },
      { reply_to: text('Id of the comment to reply to.', { pattern: '^[0-9]+$' }) },
    ),
    request: {
      method: 'POST',
      path: '/files/{{ args.file_key }}/comments',
      json: { message: '{{ args.message }}', comment_id: '{{ args.reply_to }}' },
    },
  },
]

/** No streams, because every request needs the key of a file or the id of a team. */
export const provider: ProviderFile = {
  aliases: ['figjam', 'figma design'],
  logo: 'figma',
  color: '#f24e1e',
  sources: [
    { url: 'https://developers.figma.com/docs/rest-api/authentication/', read: '2026-11-29' },
    { url: 'https://developers.figma.com/docs/rest-api/oauth-apps/', read: '2026-11-29' },
    { url: 'https://developers.figma.com/docs/rest-api/republish-oauth-apps/', read: '2026-11-29' },
    { url: 'https://developers.figma.com/docs/rest-api/scopes/', read: '2026-11-29' },
    { url: 'https://developers.figma.com/docs/rest-api/rate-limits/', read: '2026-11-29' },
    { url: 'https://help.figma.com/hc/en-us/articles/34963238552855-What-if-I-m-rate-limited', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Nango separates scopes by commas and leaves PKCE out. Here scopes have the spaces of OAuth 2.0, and a code challenge is sent.',
    },
  ],
  definition: {
    displayName: 'Figma',
    docsUrl: 'https://developers.figma.com/docs/rest-api/authentication/',
    categories: ['design'],
    baseUrl: 'https://api.figma.com/v1',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://www.figma.com/oauth',
      tokenUrl: 'https://api.figma.com/v1/oauth/token',
      refreshUrl: 'https://api.figma.com/v1/oauth/refresh',
      scopes: ['current_user:read', 'file_content:read', 'file_metadata:read'],
      clientAuth: 'client_secret_basic',
      // Errors look like {"error": true, "status": 400, "message": "…"}.
      tokenResponse: { errorDescription: ['message'], keep: { user_id: ['user_id_string'] } },
      rotation: 'none',
    },
    responseErrors: [
      { status: 403, path: ['err'], equals: 'Invalid token', as: 'auth', message: ['err'] },
      { status: 403, path: ['err'], equals: 'Token expired', as: 'auth', message: ['err'] },
      ...[400, 403, 404].map((status) => ({ status, path: ['err'], as: 'fail' as const, message: ['err'] })),
    ],
    testRequest: { path: '/me' },
    actions,
  },
  guide: {
    app: {
      url: 'https://www.figma.com/developers/apps',
      steps: [
        {
          en: 'Select **Create a new app**. Enter a name and choose the team or organization that owns the app, which cannot be changed later. Copy **Client ID** and **Client secret** at once, because Figma shows the secret only once.',
          de: 'Wählen Sie **Create a new app**. Geben Sie einen Namen ein und wählen Sie, welchem Team oder welcher Organisation die App gehört. Das lässt sich später nicht ändern. Kopieren Sie **Client ID** und **Client secret** sofort, denn Figma zeigt das Secret nur einmal.',
        },
        {
          en: 'Open **OAuth credentials**, select **Add a redirect URL**, and paste the callback URL.',
          de: 'Öffnen Sie **OAuth credentials**, wählen Sie **Add a redirect URL** und fügen Sie die Callback-URL ein.',
        },
        {
          en: 'Open **OAuth scopes** and select each scope that is listed here, with the reason why the app needs it.',
          de: 'Öffnen Sie **OAuth scopes** und wählen Sie jeden hier genannten Scope aus, mit der Begründung, warum die App ihn braucht.',
        },
        {
          en: 'Open **Publish**. A private app is for your organization alone and needs no review. A public app is for everyone once Figma has approved it. Until then, the app is a draft that you and the admins of the team can test.',
          de: 'Öffnen Sie **Publish**. Eine private App ist nur für Ihre Organisation und braucht keine Prüfung. Eine öffentliche App ist für alle, sobald Figma sie genehmigt hat. Bis dahin ist die App ein Entwurf, den Sie und die Admins des Teams testen können.',
        },
      ],
    },
    scopes: {
      'current_user:read': {
        en: 'read your name, email address and profile picture',
        de: 'Ihren Namen, Ihre E-Mail-Adresse und Ihr Profilbild lesen',
      },
      'file_content:read': {
        en: 'read the contents of the files that you can open',
        de: 'den Inhalt der Dateien lesen, die Sie öffnen können',
      },
      'file_metadata:read': {
        en: 'see details of the files that you can open, such as name and last change',
        de: 'Angaben zu den Dateien sehen, die Sie öffnen können, etwa Name und letzte Änderung',
      },
      'file_comments:read': {
        en: 'read the comments in files',
        de: 'die Kommentare in Dateien lesen',
      },
      'file_comments:write': {
        en: 'post and delete comments and reactions in files',
        de: 'Kommentare und Reaktionen in Dateien schreiben und löschen',
      },
    },
    rateLimit: {
      words: {
        en: 'For each person, by seat, plan of the file and endpoint: contents of files from 6 requests a month (View and Collab seats, and files of a Starter plan) to 20 a minute, most other requests from 5 to 150 a minute.',
        de: 'Je Person, nach Seat, Tarif der Datei und Endpunkt: Dateiinhalte von 6 Anfragen pro Monat (View- und Collab-Seats sowie Dateien im Starter-Tarif) bis 20 pro Minute, die meisten anderen Anfragen von 5 bis 150 pro Minute.',
      },
      url: 'https://developers.figma.com/docs/rest-api/rate-limits/',
    },
    hints: [
      {
        at: 'provider_page',
        cause: {
          en: 'The callback URL is not registered in the Figma app.',
          de: 'Die Callback-URL ist in der Figma-App nicht eingetragen.',
        },
        operator: {
          en: 'Add the callback URL exactly under **OAuth credentials** of the app.',
          de: 'Tragen Sie die Callback-URL genau so unter **OAuth credentials** der App ein.',
        },
        url: 'https://developers.figma.com/docs/rest-api/oauth-apps/',
      },
      {
        at: 'provider_page',
        messages: ['Invalid scopes for app'],
        cause: {
          en: 'The integration requests a scope that is not selected in the app, or that Figma has not approved yet.',
          de: 'Die Integration fordert einen Scope an, der in der App nicht ausgewählt oder von Figma noch nicht genehmigt ist.',
        },
        operator: {
          en: 'Select the scope under **OAuth scopes** and publish the app again.',
          de: 'Wählen Sie den Scope unter **OAuth scopes** aus und veröffentlichen Sie die App erneut.',
        },
        url: 'https://developers.figma.com/docs/rest-api/republish-oauth-apps/',
      },
      {
        at: 'provider_page',
        cause: {
          en: 'The app is a draft or private, and the person does not belong to its team or organization.',
          de: 'Die App ist ein Entwurf oder privat, und die Person gehört nicht zu ihrem Team oder ihrer Organisation.',
        },
        operator: {
          en: 'Publish the app as a public one and wait for the approval of Figma.',
          de: 'Veröffentlichen Sie die App als öffentliche und warten Sie die Genehmigung von Figma ab.',
        },
        url: 'https://developers.figma.com/docs/rest-api/republish-oauth-apps/',
      },
      {
        at: 'request',
        messages: ['This endpoint requires the'],
        cause: {
          en: 'The token lacks a scope that this request needs.',
          de: 'Dem Token fehlt ein Scope, den diese Anfrage braucht.',
        },
        operator: {
          en: 'Add the scope that the message names in the Figma app and to the integration, publish the app again, and have the account reconnected.',
          de: 'Ergänzen Sie den in der Meldung genannten Scope in der Figma-App und in der Integration, veröffentlichen Sie die App erneut und lassen Sie das Konto neu verbinden.',
        },
        url: 'https://developers.figma.com/docs/rest-api/scopes/',
      },
    ],
  },
}
