import { z } from 'zod'
import { isRecord } from '../../catalog/template/value.ts'
import { readExpiry } from '../token-expiry.ts'
import type { AuthProviderContext, AuthProviderStrategy } from './auth-provider.ts'
import { accountGone, malformed, originSchema, requestAuthProvider, stringOf, wordSchema } from './auth-provider.ts'

const config = z.strictObject({
  /** Origin of the API. */
  baseUrl: originSchema.default('https://api.pipedream.com'),
  projectId: wordSchema,
  environment: z.enum(['development', 'production']),
  /** Id of the OAuth client of the Pipedream workspace. The secret is the client's secret. */
  clientId: wordSchema,
})

type PipedreamConfig = z.infer<typeof config>

/**
 * Pipedream Connect: `GET /v1/connect/{project_id}/accounts/{account_id}?include_credentials=1`, with a token of the
 * client-credentials grant from `/v1/oauth/token` and the header `x-pd-environment`. For OAuth apps, Pipedream returns
 * credentials only for accounts that were connected through the workspace's own OAuth client.
 */
export const pipedream: AuthProviderStrategy<PipedreamConfig> = {
  kind: 'PIPEDREAM',
  config,
  secretProblem: (secret) =>
    /^[\x21-\x7e]{8,512}$/.test(secret) ? null : 'Must be the secret of a Pipedream OAuth client.',
  async fetch(config, clientSecret, { accountId }, context) {
    const { baseUrl, projectId, environment } = config
    const accessToken = await obtainAccessToken(config, clientSecret, context)
    const account = encodeURIComponent(accountId)
    const body = await requestAuthProvider(
      {
        method: 'GET',
        url: `${baseUrl}/v1/connect/${encodeURIComponent(projectId)}/accounts/${account}?include_credentials=1`,
        headers: [
          ['authorization', `Bearer ${accessToken}`],
          ['x-pd-environment', environment],
          ['accept', 'application/json'],
        ],
        credentialHeaders: ['authorization'],
      },
      [accessToken, clientSecret],
      context,
    )
    if (body['dead'] === true) throw accountGone()
    const credentials = isRecord(body['credentials']) ? body['credentials'] : {}
    const token = ['oauth_access_token', 'access_token', 'api_key', 'token']
      .map((name) => stringOf(credentials[name]))
      .find(Boolean)
    const expiresAt = readExpiry(body['expires_at'], 'iso8601', context.now)
    if (token !== undefined) return { input: { secretText: token }, expiresAt }
    const username = stringOf(credentials['username'])
    if (username !== undefined) {
      return { input: { basic: { username, password: stringOf(credentials['password']) ?? '' } }, expiresAt }
    }
    throw malformed(
      'The response of Pipedream has no credential for this account. For OAuth apps, connect the account through your own OAuth client.',
    )
  },
}

/** Obtains a new access token for each fetch: fetches are rare, and a token that is not kept cannot leak. */
async function obtainAccessToken(
  { baseUrl, clientId }: PipedreamConfig,
  clientSecret: string,
  context: AuthProviderContext,
): Promise<string> {
  const body = await requestAuthProvider(
    {
      method: 'POST',
      url: `${baseUrl}/v1/oauth/token`,
      headers: [
        ['content-type', 'application/json'],
        ['accept', 'application/json'],
      ],
      body: JSON.stringify({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }),
      credentialHeaders: [],
    },
    [clientSecret],
    context,
  )
  const token = stringOf(body['access_token'])
  if (token === undefined) throw malformed('The response of Pipedream has no access token.')
  return token
}
