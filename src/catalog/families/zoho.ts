import type { IntegrationDefinition } from '../definition/definition.ts'
import type { Field } from '../definition/field.ts'
import type { OAuth2 } from '../definition/oauth2.ts'
import type { GuideHint, GuideSteps, ProviderGuide } from '../guide.ts'
import type { ProviderFile, Source } from '../provider-file.ts'

/**
 * The data centres of Zoho by the end of their domains (https://www.bigin.com/developer/docs/apis/multi-dc.html). An account exists in
 * one of them only. Canada has another domain for accounts than for APIs.
 */
const DATA_CENTERS = [
  { value: 'com', label: 'United States (zoho.com)' },
  { value: 'eu', label: 'Europe (zoho.eu)' },
  { value: 'in', label: 'India (zoho.in)' },
  { value: 'com.au', label: 'Australia (zoho.com.au)' },
  { value: 'jp', label: 'Japan (zoho.jp)' },
  { value: 'ca', label: 'Canada (zohocloud.ca)' },
  { value: 'sa', label: 'Saudi Arabia (zoho.sa)' },
  { value: 'com.cn', label: 'China (zoho.com.cn)' },
]

export const zohoDataCenter: Field = {
  name: 'data_center',
  label: 'Data center',
  description: 'Where your Zoho account is: what the address of Zoho ends in. Default: United States.',
  choices: DATA_CENTERS,
  example: 'eu',
}

const domain = "{{ 'zohocloud.ca' if input.data_center == 'ca' else 'zoho.' ~ (input.data_center | default('com')) }}"
const accounts = `https://accounts.${domain}/oauth/v2`

/** The host of Zoho's APIs in the data centre of the connection. */
export const zohoApis = "https://www.zohoapis.{{ input.data_center | default('com') }}"

const zohoSources: Source[] = [
  { url: 'https://www.zoho.com/accounts/protocol/oauth/multi-dc.html', read: '2026-11-29' },
  { url: 'https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html', read: '2026-11-29' },
  { url: 'https://www.bigin.com/developer/docs/apis/multi-dc.html', read: '2026-11-29' },
  { url: 'https://www.zoho.com/crm/developer/docs/api/v8/token-validity.html', read: '2026-11-29' },
  {
    url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
    read: '2026-11-29',
    second: true,
    differs: 'Nango has neither Canada nor Saudi Arabia among the data centres. The documentation has both.',
  },
]

/**
 * OAuth of Zoho (https://www.zoho.com/accounts/protocol/oauth.html). A refresh token is issued only with `access_type=offline`. Errors
 * have status 200.
 */
export function zohoOAuth(scopes: string[]): OAuth2 {
  return {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: `${accounts}/auth`,
    authorizationParams: { access_type: 'offline', prompt: 'consent' },
    tokenUrl: `${accounts}/token`,
    clientHosts: DATA_CENTERS.map(({ value }) => (value === 'ca' ? 'accounts.zohocloud.ca' : `accounts.zoho.${value}`)),
    scopes,
    scopeSeparator: ',',
    permanentErrors: ['invalid_code'],
    // A refresh token lives until the user revokes it; the 21st of a user ends the first.
    rotation: 'none',
    placement: { in: 'header', name: 'Authorization', prefix: 'Zoho-oauthtoken ' },
  }
}

export const zohoErrors: NonNullable<IntegrationDefinition['responseErrors']> = [
  { status: 401, path: ['code'], as: 'auth', message: ['message'], code: ['code'] },
  ...[400, 403, 404].map((status) => ({ status, path: ['code'], as: 'fail' as const, message: ['message'] })),
]

const app: GuideSteps = {
  url: 'https://api-console.zoho.com/',
  steps: [
    {
      en: 'Select **Add Client** and **Server-based Applications**.',
      de: 'Wählen Sie **Add Client** und **Server-based Applications**.',
    },
    {
      en: 'Enter a name and the address of your product, paste the callback URL under **Authorized Redirect URIs**, and select **Create**.',
      de: 'Geben Sie einen Namen und die Adresse Ihres Produkts ein, fügen Sie unter **Authorized Redirect URIs** die Callback-URL ein und wählen Sie **Create**.',
    },
    {
      en: 'Copy **Client ID** and **Client Secret**.',
      de: 'Kopieren Sie **Client ID** und **Client Secret**.',
    },
    {
      en: 'Open **Settings**, turn on the data centers of your customers, and use the same OAuth credentials for all of them.',
      de: 'Öffnen Sie **Settings**, schalten Sie die Rechenzentren Ihrer Kunden ein und verwenden Sie für alle dieselben OAuth-Zugangsdaten.',
    },
  ],
}

const fields: NonNullable<ProviderGuide['fields']> = {
  data_center: {
    label: 'Rechenzentrum',
    description: 'Wo Ihr Zoho-Konto liegt: womit die Adresse von Zoho endet. Standard: USA.',
    choices: {
      com: 'USA (zoho.com)',
      eu: 'Europa (zoho.eu)',
      in: 'Indien (zoho.in)',
      'com.au': 'Australien (zoho.com.au)',
      ca: 'Kanada (zohocloud.ca)',
      sa: 'Saudi-Arabien (zoho.sa)',
    },
  },
}

const hints: GuideHint[] = [
  {
    at: 'token',
    errors: ['invalid_client'],
    cause: {
      en: 'The client id or the client secret is wrong, or the client does not support the data center of the account.',
      de: 'Die Client-ID oder das Client-Secret ist falsch, oder der Client unterstützt das Rechenzentrum des Kontos nicht.',
    },
    operator: {
      en: 'Compare both with the client in the API console, and turn on the data center under **Settings**.',
      de: 'Vergleichen Sie beide mit dem Client in der API-Konsole und schalten Sie unter **Settings** das Rechenzentrum ein.',
    },
    url: 'https://www.zoho.com/accounts/protocol/oauth/multi-dc.html',
  },
  {
    at: 'token',
    errors: ['invalid_code'],
    cause: {
      en: 'The access was revoked, or the account is in another data center than the one that was chosen.',
      de: 'Der Zugriff wurde widerrufen, oder das Konto liegt in einem anderen Rechenzentrum als dem gewählten.',
    },
    operator: { en: 'Let the account be reconnected.', de: 'Lassen Sie das Konto neu verbinden.' },
    person: {
      en: 'Connect again and choose the data center that the address of your Zoho ends in.',
      de: 'Verbinden Sie sich neu und wählen Sie das Rechenzentrum, mit dem die Adresse Ihres Zoho endet.',
    },
    url: 'https://www.zoho.com/crm/developer/docs/api/v8/token-validity.html',
  },
]

interface ZohoProduct extends Pick<ProviderFile, 'aliases' | 'logo' | 'color' | 'sources' | 'unverified'> {
  /** Scopes that are requested by default. */
  requested: string[]
  definition: Omit<IntegrationDefinition, 'auth' | 'inputFields' | 'responseErrors'>
  guide: Pick<ProviderGuide, 'scopes' | 'rateLimit'> & Partial<ProviderGuide>
}

/** The file of a product of Zoho: data centers, authentication, client and errors are those of all of them. */
export function zohoProduct({ requested, definition, guide, sources, ...facts }: ZohoProduct): ProviderFile {
  return {
    ...facts,
    sources: [...zohoSources, ...sources],
    definition: {
      ...definition,
      inputFields: [zohoDataCenter],
      auth: zohoOAuth(requested),
      responseErrors: zohoErrors,
    },
    guide: {
      ...{ app, fields, hints },
      tokens: {
        en: 'An access token lives for one hour. A refresh token lives until the user revokes it, and the 21st of a user ends the first.',
        de: 'Ein Access-Token gilt eine Stunde. Ein Refresh-Token gilt, bis die Person es widerruft, und das 21. einer Person beendet das erste.',
      },
      traps: [
        {
          en: 'At most 10 access tokens are issued for a refresh token in 10 minutes.',
          de: 'In 10 Minuten werden für ein Refresh-Token höchstens 10 Access-Tokens ausgestellt.',
        },
      ],
      ...guide,
    },
  }
}
