import type { IntegrationDefinition } from '../definition/definition.ts'
import type { Field } from '../definition/field.ts'
import type { OAuth2 } from '../definition/oauth2.ts'
import type { Webhook } from '../definition/webhook.ts'
import type { GuideHint, GuideSteps, ProviderGuide, Words } from '../guide.ts'
import type { ProviderFile, Source } from '../provider-file.ts'

/** Restricts login to one organisation, by its id or domain. */
export const microsoftTenant: Field = {
  name: 'tenant',
  label: 'Tenant',
  description: 'Id or domain of the directory, or one of common, organizations and consumers. Default: common.',
  pattern: '[A-Za-z0-9.-]+',
  example: 'contoso.onmicrosoft.com',
}

/**
 * OAuth of the Microsoft identity platform (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow).
 * Each refresh returns a new refresh token and keeps the previous one valid. There is no revocation endpoint.
 */
export function microsoftOAuth(scopes: string[]): OAuth2 {
  return {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: `${login}/authorize`,
    authorizationParams: { response_mode: 'query' },
    tokenUrl: `${login}/token`,
    // Without offline_access Microsoft issues no refresh token.
    scopes: ['offline_access', ...scopes],
    rotation: 'rotating',
    graceSeconds: 86_400,
    // Each refresh token lives for 90 days (learn.microsoft.com/entra/identity-platform/refresh-tokens).
    refreshTokenLifetime: 'P90D',
  }
}

const login = "https://login.microsoftonline.com/{{ input.tenant | default('common') }}/oauth2/v2.0"

/** The directory whose data an app reads with its own permissions. */
export const microsoftOwnTenant: Field = {
  name: 'tenant',
  label: 'Tenant',
  description: 'Id or domain of the directory.',
  required: true,
  pattern: '[A-Za-z0-9.-]+',
  example: 'contoso.onmicrosoft.com',
}

/**
 * Access without a person (https://learn.microsoft.com/graph/auth-v2-service). The token has the permissions that an administrator of the
 * directory has approved for the app. There is no refresh token.
 *
 * @param scope `.default` of the API, such as `https://graph.microsoft.com/.default`
 */
export function microsoftAppOnly(scope: string): OAuth2 {
  return {
    type: 'oauth2',
    grant: 'client_credentials',
    tokenUrl: 'https://login.microsoftonline.com/{{ input.tenant }}/oauth2/v2.0/token',
    scopes: [scope],
  }
}

/**
 * Change notifications of Microsoft Graph (https://learn.microsoft.com/graph/change-notifications-delivery-webhooks). Each subscription
 * has the secret as its clientState, and Graph repeats the query of its notificationUrl. The notifications of one request belong to
 * several subscriptions, and those of a drive do not name their user.
 */
export function microsoftWebhook(sync: Webhook['sync']): Webhook {
  return {
    verify: { method: 'token', place: { in: 'json', name: ['value', '*', 'clientState'] } },
    handshake: [{ where: 'query.validationToken', answer: '{{ query.validationToken }}' }],
    events: ['value'],
    id: 'item.id',
    type: 'item.changeType or item.lifecycleEvent',
    connection: { value: 'query.external_id', equals: 'externalId' },
    drop: [['clientState']],
    sync,
  }
}

/** Documentation of the Microsoft identity platform that the guides of Microsoft's providers share. */
export const microsoftSources: Source[] = [
  { url: 'https://learn.microsoft.com/entra/identity-platform/quickstart-register-app', read: '2026-11-29' },
  { url: 'https://learn.microsoft.com/entra/identity-platform/how-to-add-redirect-uri', read: '2026-11-29' },
  { url: 'https://learn.microsoft.com/entra/identity-platform/how-to-add-credentials', read: '2026-11-29' },
  { url: 'https://learn.microsoft.com/entra/identity-platform/publisher-verification-overview', read: '2026-11-29' },
  { url: 'https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent', read: '2026-11-29' },
  { url: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes', read: '2026-11-29' },
  { url: 'https://learn.microsoft.com/graph/permissions-reference', read: '2026-11-29' },
  { url: 'https://learn.microsoft.com/graph/change-notifications-delivery-webhooks', read: '2026-11-29' },
]

/** Nango has the products of Microsoft Graph as aliases of one provider. */
export const microsoftNango: Source = {
  url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
  read: '2026-11-29',
  second: true,
  differs:
    'Nango leaves PKCE out and requests .default, all permissions of the app. Here a code challenge is sent, and named scopes show people what they allow.',
}

/** How an app is registered in Microsoft Entra. */
export const microsoftApp: GuideSteps = {
  url: 'https://entra.microsoft.com/',
  steps: [
    {
      en: 'Open **App registrations** and select **New registration**. Enter a name. Under **Supported account types**, choose accounts in any organizational directory and personal Microsoft accounts.',
      de: 'Öffnen Sie **App registrations** und wählen Sie **New registration**. Geben Sie einen Namen ein. Wählen Sie unter **Supported account types** Konten in beliebigen Organisationsverzeichnissen und persönliche Microsoft-Konten.',
    },
    {
      en: 'Under **Redirect URI**, choose **Web**, paste the callback URL, and select **Register**. For an app that exists already, add it under **Authentication**.',
      de: 'Wählen Sie unter **Redirect URI** den Eintrag **Web**, fügen Sie die Callback-URL ein und wählen Sie **Register**. Bei einer App, die es schon gibt, fügen Sie sie unter **Authentication** hinzu.',
    },
    {
      en: 'On the page **Overview**, copy the **Application (client) ID**. It is the client id.',
      de: 'Kopieren Sie auf der Seite **Overview** die **Application (client) ID**. Sie ist die Client-ID.',
    },
    {
      en: 'Open **Certificates & secrets**, select **New client secret** and **Add**, and copy the **Value**, not the Secret ID. Microsoft shows it only now. It expires after 24 months at the latest: note the date.',
      de: 'Öffnen Sie **Certificates & secrets**, wählen Sie **New client secret** und **Add** und kopieren Sie den **Value**, nicht die Secret ID. Microsoft zeigt ihn nur jetzt. Er läuft nach spätestens 24 Monaten ab: Notieren Sie das Datum.',
    },
    {
      en: 'Open **API permissions**, select **Add a permission**, **Microsoft Graph** and **Delegated permissions**, and add each scope that is listed here.',
      de: 'Öffnen Sie **API permissions**, wählen Sie **Add a permission**, **Microsoft Graph** und **Delegated permissions** und fügen Sie jeden hier genannten Scope hinzu.',
    },
    {
      en: 'Open **Branding & properties** and verify the publisher. In many organizations, people cannot approve the app of an unverified publisher themselves, and an administrator has to.',
      de: 'Öffnen Sie **Branding & properties** und verifizieren Sie den Herausgeber. In vielen Organisationen können Personen die App eines nicht verifizierten Herausgebers nicht selbst freigeben; das muss dann die Administration tun.',
    },
  ],
}

/** How an app gets permissions of another API than Microsoft Graph. @param step what is done under **API permissions** */
export function microsoftAppWith(step: Words): GuideSteps {
  const steps = microsoftApp.steps.map((each) => (each.en.startsWith('Open **API permissions**') ? step : each))
  return { ...microsoftApp, steps }
}

interface Subscription {
  /** What is watched, such as `me/messages`. */
  resource: string
  /** The value of `changeType`. */
  changes: string
  /** Which properties are the webhook URL. */
  urls: Words
  /** What `expirationDateTime` may be at most. */
  lifetime: Words
}

/** How change notifications of Microsoft Graph are subscribed to. */
export function microsoftWebhookSteps({ resource, changes, urls, lifetime }: Subscription): GuideSteps {
  return {
    url: 'https://learn.microsoft.com/graph/api/subscription-post-subscriptions',
    steps: [
      {
        en: 'Generate a long random text of at most 128 characters and save it here as the webhook secret.',
        de: 'Erzeugen Sie einen langen zufälligen Text mit höchstens 128 Zeichen und speichern Sie ihn hier als Webhook-Secret.',
      },
      {
        en: 'With an API key of the workspace, give the connection an external id, and append it to the webhook URL as **?external_id=…**.',
        de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace eine externe ID und hängen Sie diese als **?external_id=…** an die Webhook-URL an.',
      },
      {
        en: `Send POST /subscriptions with the token of the connection: **changeType** is ${changes}, **resource** is ${resource}, ${urls.en} that URL, **clientState** is the webhook secret, and **expirationDateTime** is ${lifetime.en}.`,
        de: `Senden Sie POST /subscriptions mit dem Token der Verbindung: **changeType** ist ${changes}, **resource** ist ${resource}, ${urls.de} diese URL, **clientState** ist das Webhook-Secret und **expirationDateTime** ${lifetime.de}.`,
      },
      {
        en: 'Repeat this for each connection, and extend the subscription before it expires.',
        de: 'Wiederholen Sie das für jede Verbindung und verlängern Sie das Abonnement, bevor es abläuft.',
      },
    ],
  }
}

/** German words for the input field that all of Microsoft's providers have. */
export const microsoftFields: NonNullable<ProviderGuide['fields']> = {
  tenant: {
    label: 'Mandant',
    description:
      'ID oder Domain des Verzeichnisses oder einer der Werte common, organizations und consumers. Standard: common.',
  },
}

/** German words for the fields of an app with permissions of its own. */
export const microsoftOwnFields: NonNullable<ProviderGuide['fields']> = {
  tenant: { label: 'Mandant', description: 'ID oder Domain des Verzeichnisses.' },
  client_id: { label: 'Client-ID' },
  client_secret: { label: 'Client-Secret' },
}

/** How an app gets permissions of its own. @param permissions the names of the application permissions */
export function microsoftOwnSteps(permissions: string): GuideSteps {
  return {
    url: 'https://entra.microsoft.com/',
    steps: [
      {
        en: 'Open **App registrations** and select **New registration**. Enter a name, leave **Redirect URI** empty, and select **Register**.',
        de: 'Öffnen Sie **App registrations** und wählen Sie **New registration**. Geben Sie einen Namen ein, lassen Sie **Redirect URI** leer und wählen Sie **Register**.',
      },
      {
        en: 'On the page **Overview**, copy the **Application (client) ID**, which is the client id, and the **Directory (tenant) ID**, which is the tenant.',
        de: 'Kopieren Sie auf der Seite **Overview** die **Application (client) ID**, die Client-ID, und die **Directory (tenant) ID**, den Mandanten.',
      },
      {
        en: 'Open **Certificates & secrets**, select **New client secret** and **Add**, and copy the **Value**, not the Secret ID. Microsoft shows it only now.',
        de: 'Öffnen Sie **Certificates & secrets**, wählen Sie **New client secret** und **Add** und kopieren Sie den **Value**, nicht die Secret ID. Microsoft zeigt ihn nur jetzt.',
      },
      {
        en: `Open **API permissions**, select **Add a permission**, **Microsoft Graph** and **Application permissions**, and add ${permissions}.`,
        de: `Öffnen Sie **API permissions**, wählen Sie **Add a permission**, **Microsoft Graph** und **Application permissions** und fügen Sie ${permissions} hinzu.`,
      },
      {
        en: 'An administrator of the directory selects **Grant admin consent**. After each change of the permissions, this has to be repeated.',
        de: 'Die Administration des Verzeichnisses wählt **Grant admin consent**. Nach jeder Änderung der Berechtigungen ist das zu wiederholen.',
      },
    ],
  }
}

/** The scopes that all of Microsoft's providers request. */
export const microsoftScopes: ProviderGuide['scopes'] = {
  offline_access: {
    en: 'keep this access while you are not signed in',
    de: 'diesen Zugriff behalten, auch wenn Sie nicht angemeldet sind',
  },
  'https://graph.microsoft.com/User.Read': {
    en: 'sign you in and read your profile',
    de: 'Sie anmelden und Ihr Profil lesen',
  },
}

const errorCodes = 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes'

/** Mistakes that the Microsoft identity platform reports for all providers. */
export const microsoftHints: GuideHint[] = [
  {
    at: 'provider_page',
    messages: ['AADSTS50011'],
    cause: {
      en: 'The callback URL is not registered in the app.',
      de: 'Die Callback-URL ist in der App nicht eingetragen.',
    },
    operator: {
      en: 'Add the callback URL under **Authentication** for the platform **Web**, exactly as it is.',
      de: 'Tragen Sie die Callback-URL zeichengenau unter **Authentication** für die Plattform **Web** ein.',
    },
    url: errorCodes,
  },
  {
    at: 'provider_page',
    messages: ['AADSTS50194', 'AADSTS700016', 'AADSTS50020'],
    cause: {
      en: 'The app is registered for one organization only, and the account belongs to another one.',
      de: 'Die App ist nur für eine Organisation registriert, und das Konto gehört zu einer anderen.',
    },
    operator: {
      en: 'Under **Authentication** and **Supported account types**, allow accounts of any organization, or give the tenant of the app as the input of the connection. Check the client id too.',
      de: 'Lassen Sie unter **Authentication** bei **Supported account types** Konten aus allen Organisationen zu oder geben Sie den Mandanten der App als Eingabe der Verbindung an. Prüfen Sie auch die Client-ID.',
    },
    url: errorCodes,
  },
  {
    at: 'consent',
    messages: ['AADSTS90094', 'AADSTS90095'],
    cause: {
      en: 'In this organization, an administrator has to approve the app.',
      de: 'In dieser Organisation muss die Administration die App freigeben.',
    },
    operator: {
      en: 'Verify the publisher under **Branding & properties**, or send an administrator of the organization the address https://login.microsoftonline.com/organizations/adminconsent?client_id=… with your client id.',
      de: 'Verifizieren Sie den Herausgeber unter **Branding & properties** oder senden Sie der Administration der Organisation die Adresse https://login.microsoftonline.com/organizations/adminconsent?client_id=… mit Ihrer Client-ID.',
    },
    person: {
      en: 'Ask the administrator of your organization to approve this app, then connect again.',
      de: 'Bitten Sie die Administration Ihrer Organisation, diese App freizugeben, und verbinden Sie sich dann erneut.',
    },
    url: 'https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent',
  },
  {
    at: 'token',
    messages: ['AADSTS7000215'],
    cause: {
      en: 'The client secret is wrong. Often it is the Secret ID instead of the Value.',
      de: 'Das Client-Secret ist falsch. Oft ist es die Secret ID statt des Value.',
    },
    operator: {
      en: 'Under **Certificates & secrets**, add a new secret and enter its **Value**.',
      de: 'Legen Sie unter **Certificates & secrets** ein neues Secret an und tragen Sie dessen **Value** ein.',
    },
    url: errorCodes,
  },
  {
    at: 'token',
    messages: ['AADSTS7000222'],
    cause: { en: 'The client secret has expired.', de: 'Das Client-Secret ist abgelaufen.' },
    operator: {
      en: 'Under **Certificates & secrets**, add a new secret and enter its **Value**. The accounts stay connected.',
      de: 'Legen Sie unter **Certificates & secrets** ein neues Secret an und tragen Sie dessen **Value** ein. Die Konten bleiben verbunden.',
    },
    url: errorCodes,
  },
  {
    at: 'token',
    messages: ['AADSTS65001'],
    cause: {
      en: 'Neither the person nor an administrator has agreed to a scope that is requested.',
      de: 'Weder die Person noch die Administration hat einem der angeforderten Scopes zugestimmt.',
    },
    operator: {
      en: 'Let the account be reconnected, so that Microsoft asks for consent.',
      de: 'Lassen Sie das Konto neu verbinden, damit Microsoft nach der Zustimmung fragt.',
    },
    person: {
      en: 'Connect your Microsoft account again and accept the permissions.',
      de: 'Verbinden Sie Ihr Microsoft-Konto neu und stimmen Sie den Berechtigungen zu.',
    },
    url: errorCodes,
  },
  {
    at: 'token',
    messages: ['AADSTS70008:', 'AADSTS700082', 'AADSTS50173', 'AADSTS70043', 'AADSTS50076', 'AADSTS50078'],
    cause: {
      en: 'The access has ended: it was revoked, was not used for a long time, or the organization requires a new sign-in.',
      de: 'Der Zugriff ist beendet: Er wurde widerrufen oder lange nicht genutzt, oder die Organisation verlangt eine neue Anmeldung.',
    },
    operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
    person: { en: 'Connect your Microsoft account again.', de: 'Verbinden Sie Ihr Microsoft-Konto neu.' },
    url: errorCodes,
  },
]

/** Pages of the documentation of Microsoft Graph, as its repository has them: `api/driveitem-delta`, `resources/event`. */
export function graphSources(...pages: string[]): Source[] {
  return pages.map((page) => ({
    url: `https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/api-reference/v1.0/${page}.md`,
    read: '2026-11-29',
  }))
}

/** How a list of Microsoft Graph goes on: each page has the URL of the next one. */
export const graphPages = { type: 'next_url', path: ['@odata.nextLink'] } as const

/** The name of a permission of Microsoft Graph, such as `Mail.Read`, as a scope. */
export const graphScope = (permission: string) => `https://graph.microsoft.com/${permission}`

const graphUrl = 'https://graph.microsoft.com/v1.0'

/** The requests in one mailbox, also to its calendars and tasks. */
export const mailboxRateLimit: ProviderGuide['rateLimit'] = {
  words: {
    en: '10,000 requests in 10 minutes and 4 requests at a time, for each app and mailbox.',
    de: '10.000 Anfragen in 10 Minuten und 4 gleichzeitige Anfragen, je App und Postfach.',
  },
  url: 'https://learn.microsoft.com/graph/throttling-limits',
}

/** The requests for files in OneDrive and SharePoint. */
export const filesRateLimit: ProviderGuide['rateLimit'] = {
  words: {
    en: 'For each app and organization, 1,250 to 6,250 resource units a minute, depending on the number of its licences; one item costs 1 unit, a list or a change 2.',
    de: 'Je App und Organisation 1.250 bis 6.250 Ressourceneinheiten pro Minute, abhängig von der Zahl ihrer Lizenzen; ein Element kostet 1 Einheit, eine Liste oder Änderung 2.',
  },
  url: 'https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online',
}

/** The mailbox of an account is not at Microsoft. */
export const mailboxHint: GuideHint = {
  at: 'request',
  messages: ['mailbox is either inactive, soft-deleted, or is hosted on-premise'],
  cause: {
    en: 'The account has no mailbox at Microsoft: it is switched off, deleted, or on a server of the organization.',
    de: 'Das Konto hat kein Postfach bei Microsoft: Es ist abgeschaltet, gelöscht oder liegt auf einem Server der Organisation.',
  },
  operator: {
    en: 'Let an account be connected whose mailbox is in Exchange Online or Outlook.com.',
    de: 'Lassen Sie ein Konto verbinden, dessen Postfach in Exchange Online oder Outlook.com liegt.',
  },
  person: {
    en: 'Connect the Microsoft account that you read your email with.',
    de: 'Verbinden Sie das Microsoft-Konto, mit dem Sie Ihre E-Mails lesen.',
  },
}

/** The account has no OneDrive. */
export const driveHint: GuideHint = {
  at: 'request',
  messages: ['Tenant does not have a SPO license', "User's mysite not found"],
  cause: {
    en: 'The account has no OneDrive: the organization has no licence for it, or the person has never opened it.',
    de: 'Das Konto hat kein OneDrive: Die Organisation hat dafür keine Lizenz, oder die Person hat es noch nie geöffnet.',
  },
  operator: {
    en: 'Let an account with OneDrive be connected.',
    de: 'Lassen Sie ein Konto mit OneDrive verbinden.',
  },
  person: {
    en: 'Open OneDrive once in the browser with this account. If that does not work, connect another account.',
    de: 'Öffnen Sie OneDrive mit diesem Konto einmal im Browser. Gelingt das nicht, verbinden Sie ein anderes Konto.',
  },
}

interface MicrosoftProduct
  extends Pick<ProviderFile, 'aliases' | 'color' | 'unverified'>,
    Partial<Pick<ProviderFile, 'sources'>> {
  /** Scopes that are requested by default, besides the sign-in. */
  requested: string[]
  definition: Omit<IntegrationDefinition, 'auth' | 'baseUrl' | 'inputFields'>
  guide: Pick<ProviderGuide, 'scopes' | 'rateLimit'> & Partial<Omit<ProviderGuide, 'app' | 'fields'>>
}

/**
 * The file of a product of Microsoft 365 whose API is Microsoft Graph. Its authentication, its app and what goes wrong are those of all of
 * them. simple-icons has no icons of Microsoft.
 */
export function microsoftProduct({
  requested,
  definition,
  guide,
  sources = [],
  ...facts
}: MicrosoftProduct): ProviderFile {
  return {
    ...facts,
    logo: null,
    sources: [...microsoftSources, ...sources],
    definition: {
      ...definition,
      baseUrl: graphUrl,
      inputFields: [microsoftTenant],
      auth: microsoftOAuth([graphScope('User.Read'), ...requested]),
    },
    guide: {
      ...guide,
      app: microsoftApp,
      fields: microsoftFields,
      scopes: { ...microsoftScopes, ...guide.scopes },
      hints: [...microsoftHints, ...(guide.hints ?? [])],
    },
  }
}

/** Mistakes with the client or the directory of an app with permissions of its own. */
export const microsoftOwnHints: GuideHint[] = [
  {
    at: 'token',
    messages: ['AADSTS700016'],
    cause: {
      en: 'The directory does not know the app.',
      de: 'Das Verzeichnis kennt die App nicht.',
    },
    operator: {
      en: 'Check the client id and the tenant. The administrator of this directory has to approve the app.',
      de: 'Prüfen Sie die Client-ID und den Mandanten. Die Administration dieses Verzeichnisses muss die App freigeben.',
    },
    url: errorCodes,
  },
  // Those about the client secret: AADSTS7000215 and AADSTS7000222.
  ...microsoftHints.filter(({ messages = [] }) => messages.some((code) => code.startsWith('AADSTS70002'))),
]
