import type { IntegrationDefinition } from '../definition/definition.ts'
import type { OAuth2 } from '../definition/oauth2.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { Webhook } from '../definition/webhook.ts'
import type { GuideHint, GuideSteps, ProviderGuide, Words } from '../guide.ts'
import type { ProviderFile, Source } from '../provider-file.ts'

/**
 * OAuth of Google's APIs for web servers (https://developers.google.com/identity/protocols/oauth2/web-server). Google issues a refresh
 * token only with `access_type=offline`, and for every consent only with `prompt=consent`.
 */
export function googleOAuth(scopes: string[]): OAuth2 {
  return {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    authorizationParams: { access_type: 'offline', prompt: 'consent' },
    tokenUrl: 'https://oauth2.googleapis.com/token',
    revocation: { url: 'https://oauth2.googleapis.com/revoke' },
    scopes,
    // Present only when the user granted access for a limited time.
    tokenResponse: { refreshTokenExpiry: { path: ['refresh_token_expires_in'], format: 'seconds' } },
    rotation: 'none',
    // It expires when it is not used for six months (developers.google.com/identity/protocols/oauth2#expiration).
    refreshTokenLifetime: 'P180D',
  }
}

/** Rate limits are reported with 403 (https://developers.google.com/workspace/drive/api/guides/handle-errors). */
export const googleResponseErrors: NonNullable<IntegrationDefinition['responseErrors']> = [
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'dailyLimitExceeded',
].map((reason) => ({ status: 403, path: ['error', 'errors', 0, 'reason'], equals: reason, as: 'rate_limit' }))

/**
 * Push notifications of Google's APIs (https://developers.google.com/workspace/calendar/api/guides/push,
 * https://developers.google.com/workspace/drive/api/guides/push). Each channel has the secret as its token, and its address names the
 * connection. A notification consists of headers.
 */
export function googleWebhook(sync: Webhook['sync']): Webhook {
  return {
    verify: { method: 'token', place: { in: 'header', name: 'X-Goog-Channel-Token' } },
    id: "headers['x-goog-channel-id'] ~ ':' ~ headers['x-goog-message-number']",
    type: "headers['x-goog-resource-state']",
    connection: { value: 'query.external_id', equals: 'externalId' },
    sync,
  }
}

/** The Drive API lists the files of Docs, Sheets, Slides and Forms, whose own APIs have no lists. */
export const DRIVE = 'https://www.googleapis.com/drive/v3'

/** Lists files without their contents. */
export const DRIVE_METADATA = 'https://www.googleapis.com/auth/drive.metadata.readonly'

/** What Google calls the type of a file after `application/vnd.google-apps.`. */
type FileType = 'document' | 'spreadsheet' | 'presentation' | 'form'

/** The files of one type, those of shared drives included. What is in the trash, deleted or no longer shared is found by full readings. */
export function googleFiles(name: string, type: FileType): StreamDefinition {
  return {
    name,
    baseUrl: DRIVE,
    path: '/files',
    query: {
      pageSize: '1000',
      orderBy: 'modifiedTime',
      supportsAllDrives: 'true',
      includeItemsFromAllDrives: 'true',
      fields: 'nextPageToken,files(id,name,parents,owners(emailAddress),trashed,webViewLink,createdTime,modifiedTime)',
    },
    records: { path: ['files'], where: 'not record.trashed' },
    primaryKey: [['id']],
    pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
    incremental: {
      cursorField: ['modifiedTime'],
      param: 'q',
      format: `mimeType = 'application/vnd.google-apps.${type}' and modifiedTime >= '%Y-%m-%dT%H:%M:%S'`,
      // It also says which type of files is listed, so it is always sent.
      start: '1970-01-01T00:00:00Z',
    },
  }
}

/** How a channel for the changes of a Drive is made, which Docs, Sheets and Slides share. */
export const driveWebhookSteps: GuideSteps = {
  url: 'https://developers.google.com/workspace/drive/api/guides/push',
  steps: [
    {
      en: 'Generate a long random text of at most 256 characters and save it here as the webhook secret.',
      de: 'Erzeugen Sie einen langen zufälligen Text von höchstens 256 Zeichen und speichern Sie ihn hier als Webhook-Secret.',
    },
    {
      en: 'With an API key of the workspace, give the connection an external id, and append it to the webhook URL as **?external_id=…**.',
      de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace eine externe ID und hängen Sie diese als **?external_id=…** an die Webhook-URL an.',
    },
    {
      en: `With the token of the connection, read the **startPageToken** from GET ${DRIVE}/changes/startPageToken.`,
      de: `Lesen Sie mit dem Token der Verbindung das **startPageToken** aus GET ${DRIVE}/changes/startPageToken.`,
    },
    {
      en: `Send POST ${DRIVE}/changes/watch?pageToken=… with it: **id** is a new UUID, **type** is web_hook, **address** is the URL from above, and **token** is the webhook secret.`,
      de: `Senden Sie damit POST ${DRIVE}/changes/watch?pageToken=…: **id** ist eine neue UUID, **type** ist web_hook, **address** ist die URL von oben und **token** das Webhook-Secret.`,
    },
    {
      en: 'Repeat this for each connection, and with a new id before the **expiration** that Google returns.',
      de: 'Wiederholen Sie das für jede Verbindung und mit einer neuen ID vor der **expiration**, die Google zurückgibt.',
    },
  ],
}

/** Documentation of Google that the guides of its APIs share. */
export const googleSources: Source[] = [
  { url: 'https://support.google.com/cloud/answer/15549257', read: '2026-11-29' },
  { url: 'https://support.google.com/cloud/answer/15549945', read: '2026-11-29' },
  { url: 'https://support.google.com/cloud/answer/13463073', read: '2026-11-29' },
  { url: 'https://developers.google.com/identity/protocols/oauth2/web-server', read: '2026-11-29' },
  { url: 'https://developers.google.com/identity/protocols/oauth2', read: '2026-11-29' },
]

/** Nango has the products of Google as aliases of one provider, with their hosts. */
export const nangoSource: Source = {
  url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
  read: '2026-11-29',
  second: true,
}

/** The discovery document of an API, such as `docs.v1`: its methods, parameters, scopes and answers. */
export function discovery(document: string): Source {
  const folder = 'googleapiclient/discovery_cache/documents'
  return {
    url: `https://github.com/googleapis/google-api-python-client/blob/main/${folder}/${document}.json`,
    read: '2026-11-29',
  }
}

/**
 * How the OAuth client for one of Google's APIs is made.
 *
 * @param api the name of the API, such as `Gmail API`
 * @param verification which of the scopes Google verifies
 * @param more names of further APIs that are enabled
 */
export function googleApp(api: string, verification: Words, more: readonly string[] = []): GuideSteps {
  const also = { en: '', de: '' }
  for (const each of more) {
    also.en += ` Do the same for **${each}**.`
    also.de += ` Verfahren Sie ebenso mit **${each}**.`
  }
  return {
    url: 'https://console.cloud.google.com/auth/clients',
    steps: [
      {
        en: 'Choose a project or create one. If Google Auth Platform is not configured yet, select **Get started**, enter the name of your app and an email address, and choose **External**, unless only people of your own organization connect.',
        de: 'Wählen Sie ein Projekt oder legen Sie eines an. Ist Google Auth Platform noch nicht eingerichtet, wählen Sie **Get started**, geben Sie den Namen Ihrer App und eine E-Mail-Adresse ein und wählen Sie **External**, außer wenn sich nur Personen Ihrer eigenen Organisation verbinden.',
      },
      {
        en: 'Under **Clients**, select **Create client** and the application type **Web application**. Under **Authorized redirect URIs**, select **Add URI**, paste the callback URL, and select **Create**.',
        de: 'Wählen Sie unter **Clients** die Schaltfläche **Create client** und den Anwendungstyp **Web application**. Wählen Sie unter **Authorized redirect URIs** die Schaltfläche **Add URI**, fügen Sie die Callback-URL ein und wählen Sie **Create**.',
      },
      {
        en: 'Copy **Client ID** and **Client secret**. Google shows the whole secret only now.',
        de: 'Kopieren Sie **Client ID** und **Client secret**. Google zeigt das vollständige Secret nur jetzt.',
      },
      {
        en: `Open **APIs & Services** and **Library**, search for **${api}**, and select **Enable**.${also.en}`,
        de: `Öffnen Sie **APIs & Services** und **Library**, suchen Sie **${api}** und wählen Sie **Enable**.${also.de}`,
      },
      {
        en: 'Back in Google Auth Platform, open **Data Access**, select **Add or remove scopes**, add each scope that is listed here, and save.',
        de: 'Öffnen Sie wieder in Google Auth Platform die Seite **Data Access**, wählen Sie **Add or remove scopes**, fügen Sie jeden hier genannten Scope hinzu und speichern Sie.',
      },
      {
        en: 'If you chose **External**, open **Audience** and select **Publish app**. In the status **Testing**, only the test users listed there can connect, 100 at most, and their access ends after 7 days.',
        de: 'Wenn Sie **External** gewählt haben, öffnen Sie **Audience** und wählen Sie **Publish app**. Im Status **Testing** können sich nur die dort eingetragenen Testnutzer verbinden, höchstens 100, und ihr Zugriff endet nach 7 Tagen.',
      },
      verification,
    ],
  }
}

/** Mistakes that all of Google's APIs report in the same way. */
export function googleHints(api: string): GuideHint[] {
  return [
    {
      at: 'provider_page',
      errors: ['redirect_uri_mismatch'],
      cause: {
        en: 'The callback URL is not registered for the OAuth client. Google shows “Error 400: redirect_uri_mismatch”.',
        de: 'Die Callback-URL ist beim OAuth-Client nicht eingetragen. Google zeigt „Error 400: redirect_uri_mismatch“.',
      },
      operator: {
        en: 'Add the callback URL to the client under **Authorized redirect URIs**, exactly as it is. It can take some minutes until Google uses it.',
        de: 'Tragen Sie die Callback-URL beim Client zeichengenau unter **Authorized redirect URIs** ein. Es kann einige Minuten dauern, bis Google sie verwendet.',
      },
      url: 'https://developers.google.com/identity/protocols/oauth2/web-server',
    },
    {
      at: 'provider_page',
      errors: ['access_denied'],
      cause: {
        en: 'The app is in the status Testing, and this account is not one of its test users. Google shows “Error 403: access_denied”.',
        de: 'Die App hat den Status Testing, und dieses Konto ist kein Testnutzer. Google zeigt „Error 403: access_denied“.',
      },
      operator: {
        en: 'Under **Audience**, select **Publish app**, or add the account to **Test users**.',
        de: 'Wählen Sie unter **Audience** die Schaltfläche **Publish app** oder fügen Sie das Konto unter **Test users** hinzu.',
      },
      url: 'https://support.google.com/cloud/answer/15549945',
    },
    {
      at: 'provider_page',
      errors: ['org_internal'],
      cause: {
        en: 'The user type of the app is Internal, and the account belongs to another organization. Google shows “Error 403: org_internal”.',
        de: 'Der Nutzertyp der App ist Internal, und das Konto gehört zu einer anderen Organisation. Google zeigt „Error 403: org_internal“.',
      },
      operator: {
        en: 'Under **Audience**, select **Make external**, then **Publish app**.',
        de: 'Wählen Sie unter **Audience** die Schaltfläche **Make external** und danach **Publish app**.',
      },
      url: 'https://support.google.com/cloud/answer/15549945',
    },
    {
      at: 'provider_page',
      errors: ['admin_policy_enforced'],
      cause: {
        en: 'The administrator of the person’s Google Workspace does not allow the app or one of its scopes.',
        de: 'Die Administration des Google Workspace der Person lässt die App oder einen ihrer Scopes nicht zu.',
      },
      operator: {
        en: 'Give the client id to the administrator, who can allow the app in the Admin console.',
        de: 'Geben Sie der Administration die Client-ID. Sie kann die App in der Admin-Konsole zulassen.',
      },
      person: {
        en: 'Ask the administrator of your Google Workspace to allow this app.',
        de: 'Bitten Sie die Administration Ihres Google Workspace, diese App zuzulassen.',
      },
      url: 'https://developers.google.com/identity/protocols/oauth2/web-server',
    },
    {
      at: 'token',
      errors: ['invalid_client', 'deleted_client'],
      cause: {
        en: 'The client id or the client secret is wrong, or the client was deleted.',
        de: 'Die Client-ID oder das Client-Secret ist falsch, oder der Client wurde gelöscht.',
      },
      operator: {
        en: 'Open the client under **Clients**, add a new secret, and enter it together with the client id.',
        de: 'Öffnen Sie den Client unter **Clients**, fügen Sie ein neues Secret hinzu und tragen Sie es zusammen mit der Client-ID ein.',
      },
      url: 'https://developers.google.com/identity/protocols/oauth2/web-server',
    },
    {
      at: 'token',
      errors: ['invalid_grant'],
      messages: ['expired or revoked'],
      cause: {
        en: 'The access has ended: it was revoked, was not used for six months, or the app is still in the status Testing, where it ends after 7 days.',
        de: 'Der Zugriff ist beendet: Er wurde widerrufen oder sechs Monate lang nicht genutzt, oder die App hat noch den Status Testing, in dem er nach 7 Tagen endet.',
      },
      operator: {
        en: 'Check that the status under **Audience** is **In production**, and let the account be reconnected.',
        de: 'Prüfen Sie, ob unter **Audience** der Status **In production** steht, und lassen Sie das Konto neu verbinden.',
      },
      person: { en: 'Connect your Google account again.', de: 'Verbinden Sie Ihr Google-Konto neu.' },
      url: 'https://developers.google.com/identity/protocols/oauth2#expiration',
    },
    {
      at: 'request',
      statuses: [403],
      messages: ['has not been used in project'],
      cause: {
        en: `${api} is not enabled in the project of the OAuth client.`,
        de: `${api} ist im Projekt des OAuth-Clients nicht aktiviert.`,
      },
      operator: {
        en: `In the Google Cloud console, open **APIs & Services** and **Library**, search for **${api}**, and select **Enable**. Then wait some minutes.`,
        de: `Öffnen Sie in der Google-Cloud-Konsole **APIs & Services** und **Library**, suchen Sie **${api}** und wählen Sie **Enable**. Warten Sie danach einige Minuten.`,
      },
    },
    {
      at: 'request',
      statuses: [403],
      messages: ['insufficient authentication scopes'],
      cause: {
        en: 'The account was connected without a scope that this request needs. People can untick single scopes at Google.',
        de: 'Das Konto wurde ohne einen Scope verbunden, den diese Anfrage braucht. Bei Google lassen sich einzelne Scopes abwählen.',
      },
      operator: {
        en: 'Add the scope to the integration and under **Data Access**, then let the account be reconnected.',
        de: 'Ergänzen Sie den Scope in der Integration und unter **Data Access** und lassen Sie das Konto dann neu verbinden.',
      },
      person: {
        en: 'Connect again and tick all permissions at Google.',
        de: 'Verbinden Sie sich neu und wählen Sie bei Google alle Berechtigungen aus.',
      },
    },
  ]
}

export const googleTokens: Words = {
  en: 'While the app is in the status Testing, a refresh token ends after 7 days.',
  de: 'Solange die App den Status Testing hat, endet ein Refresh-Token nach 7 Tagen.',
}

/** For APIs whose documentation does not say how sensitive their scopes are. */
export const VERIFIED_IF_ASKED: Words = {
  en: 'If **Verification Center** asks for it, submit the app. Until it is verified, people see a warning, and at most 100 can connect.',
  de: 'Wenn **Verification Center** es verlangt, reichen Sie die App ein. Bis zur Prüfung erscheint eine Warnung, und höchstens 100 Personen können sich verbinden.',
}

interface GoogleProduct extends Pick<ProviderFile, 'aliases' | 'logo' | 'color' | 'sources' | 'unverified'> {
  /** Name of the API in the Google Cloud console, such as `Gmail API`. */
  api: string
  /** Further APIs that its project enables. */
  moreApis?: readonly string[]
  /** Scopes that are requested by default. */
  requested: string[]
  /** Which of the scopes Google verifies. Default: its Verification Center says whether it does. */
  verification?: Words
  /** Its `responseErrors` are added to those of all products. */
  definition: Omit<IntegrationDefinition, 'auth'>
  /** Its `hints` are added to those of all products. */
  guide: Pick<ProviderGuide, 'scopes' | 'rateLimit'> & Partial<ProviderGuide>
}

/** The file of a product of Google. Its authentication, its app and what goes wrong are those of all of them. */
export function googleProduct({
  api,
  moreApis,
  requested,
  verification = VERIFIED_IF_ASKED,
  definition,
  guide,
  sources,
  ...facts
}: GoogleProduct): ProviderFile {
  return {
    ...facts,
    sources: [...googleSources, ...sources],
    definition: {
      ...definition,
      auth: googleOAuth(requested),
      responseErrors: [...googleResponseErrors, ...(definition.responseErrors ?? [])],
    },
    guide: {
      app: googleApp(api, verification, moreApis),
      tokens: googleTokens,
      ...guide,
      hints: [...googleHints(api), ...(guide.hints ?? [])],
    },
  }
}
