import { z } from 'zod'
import { isRecord } from '../../catalog/template/value.ts'
import { readExpiry } from '../token-expiry.ts'
import type { AuthProviderContext, AuthProviderStrategy } from './auth-provider.ts'
import { accountGone, askAuthProvider, malformed, originSchema, stringOf, wordSchema } from './auth-provider.ts'

const config = z.strictObject({
  /** Origin of the API. */
  baseUrl: originSchema.default('https://api.pipedream.com'),
  projectId: wordSchema,
  environment: z.enum(['development', 'production']),
  /** Of the OAuth client of the Pipedream workspace; its secret is the secret. */
  clientId: wordSchema,
})

type PipedreamConfig = z.infer<typeof config>

/**
 * Pipedream Connect: `GET /v1/connect/{project_id}/accounts/{account_id}?include_credentials=1`, with a token of the
 * client-credentials grant at `/v1/oauth/token` and the header `x-pd-environment`. Credentials of OAuth apps are given out
 * only for accounts that were connected through the workspace's own OAuth client.
 */
export const pipedream: AuthProviderStrategy<PipedreamConfig> = {
  kind: 'PIPEDREAM',
  config,
  secretProblem: (secret) =>
    /^[\x21-\x7e]{8,512}$/.test(secret) ? null : 'Must be the secret of a Pipedream OAuth client.',
  async fetch(config, clientSecret, { accountId }, context) {
    const { baseUrl, projectId, environment } = config
    const accessToken = await accessTokenOf(config, clientSecret, context)
    const account = encodeURIComponent(accountId)
    const body = await askAuthProvider(
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
    const until = expiresAt === undefined ? {} : { expiresAt }
    if (token !== undefined) return { input: { secretText: token }, ...until }
    const username = stringOf(credentials['username'])
    if (username !== undefined) {
      return { input: { basic: { username, password: stringOf(credentials['password']) ?? '' } }, ...until }
    }
    throw malformed(
      'Pipedream gave no credential of this account. For OAuth apps it does so only where the account was connected through an OAuth client of your own.',
    )
  },
}

/** A new one each time: fetches are rare, and what is not kept cannot leak. */
async function accessTokenOf(
  { baseUrl, clientId }: PipedreamConfig,
  clientSecret: string,
  context: AuthProviderContext,
): Promise<string> {
  const body = await askAuthProvider(
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
  if (token === undefined) throw malformed('Pipedream gave no token to ask with.')
  return token
}
