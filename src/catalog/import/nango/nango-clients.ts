import { UntranslatableError } from './nango-template.ts'
import { type NangoValues, record } from './nango-values.ts'

type Auth = Record<string, unknown>

/**
 * How Nango obtains the tokens of a provider by code of its own, which the provider file does not show. `auth` is merged into the OAuth 2 that the
 * file describes. `differs` says which request cannot be had, `note` what else a reader has to know, `refused` why there is no definition.
 */
interface OwnRequests {
  auth?: Auth
  differs?: string
  note?: string
  refused?: string
}

const BASIC: Auth = { clientAuth: 'client_secret_basic' }
const PUBLIC: Auth = { clientAuth: 'none' }
const JSON_BODY: Auth = { format: 'json' }
const ONE_HOUR: Auth = { tokenLifetime: 'PT1H' }
/** The secret is the user name, and there is no id. */
const SECRET_ALONE: Auth = {
  ...PUBLIC,
  ...ONE_HOUR,
  tokenRequest: {
    omit: ['client_id'],
    headers: { Authorization: "Basic {{ (config['client_secret'] ~ ':') | b64encode }}" },
  },
}
const RANDOM = '{{ now | sha256 }}'
const LONG_LIVED =
  'Nango exchanges the token for one that lives longer, and renews it without a refresh token. Here people connect again when it ends.'

/**
 * The providers by their slugs, after the requests of `packages/shared/lib/clients/provider.client.ts` in the repository of Nango. The rest of
 * its list sends the usual requests.
 */
const OWN_REQUESTS: Readonly<Record<string, OwnRequests>> = {
  'absorb-lms': {
    auth: {
      tokenRequest: {
        params: { nonce: RANDOM },
        headers: { 'x-api-version': "{{ input['apiVersion'] }}", 'x-api-key': "{{ config['restApiKey'] }}" },
      },
    },
  },
  agiloft: {
    auth: { ...BASIC, rotation: 'none', tokenRequest: { params: { client_id: "{{ config['client_id'] }}" } } },
    differs:
      'Nango renews with the parameter md5_secret, the first 20 characters of the secret. Here the whole client is sent.',
  },
  'attio-mcp': { auth: PUBLIC },
  braintree: { refused: 'requests its tokens with the library of Braintree, as XML' },
  bullhorn: { refused: 'exchanges each access token for a session at another host, whose token is sent with requests' },
  clover: {
    auth: {
      tokenRequest: { ...JSON_BODY, omit: ['grant_type', 'redirect_uri'] },
      tokenResponse: { expiry: { path: 'access_token_expiration', format: 'epoch' } },
    },
    note: 'The client secret is sent with renewals too.',
  },
  coros: {
    differs:
      'A renewal at Nango prolongs the token, and its response has none. Here people connect again when it ends.',
  },
  facebook: { auth: { tokenRequest: { ...JSON_BODY, omit: ['grant_type'] } }, differs: LONG_LIVED },
  fanvue: { auth: BASIC },
  figma: {
    auth: { tokenRequest: JSON_BODY },
    note: 'redirect_uri is in the body of the token request, and grant_type is sent with renewals too.',
  },
  followupboss: {
    auth: BASIC,
    differs: 'Nango sends the state with the code as well.',
  },
  heygen: { auth: PUBLIC },
  instagram: { differs: LONG_LIVED },
  jobber: { auth: { ...ONE_HOUR, tokenRequest: { omit: ['redirect_uri'] } } },
  mercury: { auth: { ...PUBLIC, tokenRequest: { omit: ['client_id'] } } },
  'microsoft-admin': {
    auth: {
      grant: 'client_credentials',
      scopes: ['https://graph.microsoft.com/.default'],
      authorizationUrl: undefined,
      authorizationParams: undefined,
      pkce: undefined,
    },
    differs: 'Nango sends people to a page where an administrator consents. Here send them there before they connect.',
  },
  'microsoft-teams-bot': { differs: 'Nango also requests a token of the Bot Framework with each renewal.' },
  'one-drive': { note: 'Nango may also renew a second token, for SharePoint, which its scripts use.' },
  plaud: {
    auth: { ...BASIC, tokenRequest: { params: { client_id: "{{ config['client_id'] }}" }, refreshParams: {} } },
    differs: 'Nango sends the state with the code as well, and renews without a client and a grant type.',
  },
  'posthog-oauth': { auth: PUBLIC },
  'shopline-oauth': { refused: 'signs the body of each token request' },
  slack: { auth: { tokenResponse: { errorWhen: { path: 'ok', equals: false } } } },
  'stripe-app': { auth: SECRET_ALONE },
  threads: { differs: LONG_LIVED },
  'tiktok-accounts': {
    auth: {
      tokenRequest: { ...JSON_BODY, names: { code: 'auth_code' } },
      tokenResponse: {
        accessToken: 'data.access_token',
        refreshToken: 'data.refresh_token',
        refreshTokenExpiry: { path: 'data.refresh_token_expires_in', format: 'seconds' },
        expiry: { path: 'data.expires_in', format: 'seconds' },
      },
    },
  },
  'tiktok-ads': {
    auth: {
      tokenRequest: {
        ...JSON_BODY,
        names: { client_id: 'app_id', client_secret: 'secret', code: 'auth_code' },
        omit: ['grant_type', 'redirect_uri'],
      },
      tokenResponse: { accessToken: 'data.access_token' },
    },
  },
  'tiktok-personal': { auth: { tokenRequest: { names: { client_id: 'client_key' } } } },
  walmart: {
    auth: {
      ...BASIC,
      rotation: 'none',
      tokenRequest: {
        headers: {
          'WM_SVC.NAME': 'Walmart Marketplace',
          'WM_QOS.CORRELATION_ID': RANDOM,
          'WM_PARTNER.ID': "{{ input['sellerId'] }}",
        },
      },
    },
  },
  'workday-oauth': { auth: { ...BASIC, ...ONE_HOUR } },
}

const SAME: Readonly<Record<string, string>> = {
  'braintree-sandbox': 'braintree',
  'coros-sandbox': 'coros',
  figjam: 'figma',
  'sharepoint-online': 'one-drive',
  'stripe-app-sandbox': 'stripe-app',
}

/** The OAuth 2 of a provider with what Nango does for its slug. @throws UntranslatableError */
export function withOwnRequests(slug: string, auth: Auth, values: NangoValues): Auth {
  const key = SAME[slug] ?? slug
  if (auth['type'] !== 'oauth2' || auth['grant'] === 'client_credentials' || !Object.hasOwn(OWN_REQUESTS, key))
    return auth
  const { auth: own = {}, differs, note, refused } = OWN_REQUESTS[key] ?? {}
  if (refused !== undefined) throw new UntranslatableError(refused)
  if (differs !== undefined) values.differs(differs)
  if (note !== undefined) values.note(note)
  return withInputs(merged(auth, own), values)
}

function merged(one: Auth, other: Auth): Auth {
  const made: Auth = { ...one }
  for (const [key, value] of Object.entries(other)) {
    const known = made[key]
    if (value === undefined) delete made[key]
    else made[key] = isPlain(known) && isPlain(value) ? merged(known, value) : value
  }
  return made
}

function isPlain(value: unknown): value is Auth {
  return Object.keys(record(value)).length > 0
}

/** Declares what the headers of token requests read, where the provider has it as `connectionConfig`. */
function withInputs(auth: Auth, values: NangoValues): Auth {
  const headers = record(record(auth['tokenRequest'])['headers'])
  const declared = Object.entries(headers).map(([name, value]) => [
    name,
    String(value).replaceAll(/(?:input|config)\['(apiVersion|restApiKey|sellerId)'\]/g, (_, key: string) =>
      values.config(key),
    ),
  ])
  return declared.length === 0 ? auth : merged(auth, { tokenRequest: { headers: Object.fromEntries(declared) } })
}
