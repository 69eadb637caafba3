import { fieldName, type NangoProvider, type NangoValues } from './nango-values.ts'

/** A request of a script of Nango that runs after a consent, as `afterConnect` sends it. */
interface FoundValues {
  path: string
  /** Sent with POST instead of GET. */
  json?: Record<string, unknown>
  /** Names that Nango gives to the values, with their place in the response. */
  keep: Record<string, readonly (string | number)[]>
  /** The request needs no scope, so that it does not refuse a connection whose requests do not read the values. */
  isHarmless?: true
  note?: string
}

/**
 * Scripts that ask the API of the provider once for values at fixed places. Others choose among several accounts, compute values, or read
 * the token: what these find is supplied by the person.
 */
const SCRIPTS: Readonly<Record<string, FoundValues>> = {
  // https://docs.attio.com/rest-api/endpoint-reference/meta/identify
  attioPostConnection: { path: '/v2/self', keep: { workspace_id: ['workspace_id'] }, isHarmless: true },
  // https://developers.google.com/workspace/gmail/api/reference/rest/v1/users/getProfile
  googleMailPostConnection: { path: '/gmail/v1/users/me/profile', keep: { emailAddress: ['emailAddress'] } },
  // https://docs.gusto.com/app-integrations/reference/get-v1-token-info
  gustoPostConnection: { path: '/v1/token_info', keep: { companyUuid: ['resource', 'uuid'] } },
  // https://developers.hubspot.com/docs/api-reference/account-account-info-v3/guide
  hubspotPostConnection: { path: '/account-info/v3/details', keep: { portalId: ['portalId'] } },
  // https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/identifyadmin
  intercomPostConnection: { path: '/me', keep: { appId: ['app', 'id_code'] } },
  // https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/
  jiraPostConnection: {
    path: '/oauth/token/accessible-resources',
    keep: { cloudId: [0, 'id'], baseUrl: [0, 'url'] },
    isHarmless: true,
    note: 'Of several sites, the first one is kept.',
  },
  // https://linear.app/developers/graphql
  linearPostConnection: {
    path: '/graphql',
    json: { query: '{ organization { id } }' },
    keep: { organizationId: ['data', 'organization', 'id'] },
  },
  // https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
  mailchimpPostConnection: {
    path: 'https://login.mailchimp.com/oauth2/metadata',
    keep: { dc: ['dc'] },
    isHarmless: true,
  },
  // https://developer.sage.com/200-uk/docs/latest/api/get-started/site-company-info
  sage200PostConnection: {
    path: '/accounts/v1/sites',
    keep: { company_id: [0, 'company_id'], site_id: [0, 'site_id'] },
    note: 'Of several companies, the first one is kept.',
  },
  // https://developers.zoom.us/docs/api/users/#tag/users/GET/users/{userId}
  zoomPostConnection: { path: '/users/me', keep: { accountId: ['account_id'] } },
}

/** Only a consent is followed by such requests. */
function scriptOf(provider: NangoProvider): FoundValues | undefined {
  const name = provider['post_connection_script']
  const isConsent = provider['auth_mode'] === 'OAUTH2'
  return isConsent && typeof name === 'string' && Object.hasOwn(SCRIPTS, name) ? SCRIPTS[name] : undefined
}

/** Names of the values of `connectionConfig` that `afterConnect` can find. */
export function valuesAfterConnect(provider: NangoProvider): readonly string[] {
  return Object.keys(scriptOf(provider)?.keep ?? {})
}

/**
 * The request of the script after connecting.
 * @param definition what reads the values
 * @returns undefined when nothing needs it, or when it is none that a definition can send
 */
export function afterConnectOf(
  provider: NangoProvider,
  definition: object,
  values: NangoValues,
): Record<string, unknown>[] | undefined {
  const script = scriptOf(provider)
  if (script === undefined) return undefined
  const { path, json, isHarmless, note } = script
  const text = JSON.stringify(definition)
  const keep = Object.entries(script.keep).filter(
    ([name]) => isHarmless === true || text.includes(`kept['${fieldName(name)}']`),
  )
  if (keep.length === 0) return undefined
  if (note !== undefined) values.note(note)
  return [
    {
      path,
      ...(json !== undefined && { json }),
      keep: Object.fromEntries(keep.map(([name, at]) => [fieldName(name), at])),
    },
  ]
}
