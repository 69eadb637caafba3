import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CredentialRefreshError } from '../../../src/kit/errors.ts'
import { type OAuth2Input, renewOnce, type Trial } from './renew-oauth2.ts'
import { type Answer, startTokenServer, type TokenServer } from './token-server.ts'

let server: TokenServer
beforeAll(async () => {
  server = await startTokenServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const html = { 'content-type': 'text/html' }
const response = (tokenResponse: OAuth2Input['tokenResponse']): Trial => ({ auth: { tokenResponse } })
const permanent = (...permanentErrors: string[]): Trial => ({ auth: { permanentErrors } })
const rule = (as: 'auth' | 'retry' | 'rate_limit' | 'fail'): Trial => ({
  context: { responseErrors: [{ path: ['ok'], equals: false, as }] },
})

const deadGrant = { reason: 'INVALID_GRANT', retryable: false, indeterminate: false, finalAfterADay: false }
const badClient = { reason: 'INVALID_CLIENT', retryable: false, indeterminate: false }
const away = { reason: 'PROVIDER_UNAVAILABLE', retryable: true, indeterminate: false, unavailable: false }
/** May be repeated at once. */
const busy = { ...away, unavailable: true }
/** A refusal of the token endpoint: it is final when it lasts for a day. */
const refused = { reason: 'MALFORMED_RESPONSE', retryable: true, indeterminate: false, finalAfterADay: true }
/** Not an answer of the token endpoint. */
const strange = { ...refused, finalAfterADay: false }

const cases: [string, Trial, Answer, Record<string, unknown>][] = [
  ['invalid_grant', {}, { status: 400, body: { error: 'invalid_grant' } }, deadGrant],
  ['invalid_grant in capitals', {}, { status: 400, body: { error: 'INVALID_GRANT' } }, deadGrant],
  ['invalid_grant with status 200', {}, { body: { error: 'invalid_grant' } }, deadGrant],
  ['invalid_grant with status 401', {}, { status: 401, body: { error: 'invalid_grant' } }, deadGrant],
  ['invalid_grant with status 500', {}, { status: 500, body: { error: 'invalid_grant' } }, deadGrant],
  ['invalid_grant beside a token', {}, { body: { access_token: 'at', error: 'invalid_grant' } }, deadGrant],
  [
    'invalid_grant in a form',
    {},
    { status: 400, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'error=invalid_grant' },
    deadGrant,
  ],
  ['invalid_token with status 401', {}, { status: 401, body: { error: 'invalid_token' } }, deadGrant],
  ['bad_refresh_token of GitHub', {}, { body: { error: 'bad_refresh_token' } }, deadGrant],
  ['invalid_refresh_token of Slack', {}, { body: { ok: false, error: 'invalid_refresh_token' } }, deadGrant],
  ['token_expired of Slack', {}, { body: { ok: false, error: 'token_expired' } }, deadGrant],
  ['token_revoked of Slack', {}, { body: { ok: false, error: 'token_revoked' } }, deadGrant],
  ['expired-refresh-token', {}, { status: 401, body: { error: 'expired-refresh-token' } }, deadGrant],
  ['BAD_REFRESH_TOKEN of HubSpot', {}, { status: 400, body: { status: 'BAD_REFRESH_TOKEN', message: 'm' } }, deadGrant],
  ['inactive_user of Salesforce', {}, { status: 400, body: { error: 'inactive_user' } }, deadGrant],
  ['invalid_code of Zoho', {}, { body: { error: 'invalid_code' } }, deadGrant],
  [
    'invalid_grant of Fitbit',
    {},
    { status: 401, body: { errors: [{ errorType: 'invalid_grant', message: 'Refresh token invalid' }] } },
    deadGrant,
  ],
  [
    'refresh_token is invalid with the code unauthorized_client',
    {},
    { status: 403, body: { error: 'unauthorized_client', error_description: 'refresh_token is invalid' } },
    deadGrant,
  ],
  ['Invalid refresh token without a code', {}, { status: 400, body: { message: 'Invalid refresh token' } }, deadGrant],
  [
    'a refresh token that is expired or revoked, with the code invalid_request',
    {},
    {
      status: 400,
      body: { error: 'invalid_request', error_description: 'The refresh token is invalid, expired or revoked.' },
    },
    deadGrant,
  ],
  [
    'a description about something else',
    {},
    { status: 400, body: { error: 'invalid_request', error_description: 'Missing refresh token parameter' } },
    refused,
  ],
  [
    'a dead refresh token in the words of a server that is down',
    {},
    { status: 503, body: { message: 'Invalid refresh token' } },
    busy,
  ],
  ['a person that is needed', {}, { status: 400, body: { error: 'interaction_required' } }, deadGrant],
  [
    'a permanent error of the definition',
    permanent('token_revoked'),
    { body: { ok: false, error: 'token_revoked' } },
    deadGrant,
  ],
  [
    'a permanent error with status 503',
    permanent('token_revoked'),
    { status: 503, body: { error: 'token_revoked' } },
    deadGrant,
  ],
  [
    'a permanent error that is a description',
    permanent('Token is dead'),
    { status: 400, body: { error: 'bad', error_description: 'token is dead' } },
    deadGrant,
  ],
  [
    'a permanent error under a path',
    { auth: { permanentErrors: ['E17'], tokenResponse: { error: 'errors.0.code' } } },
    { status: 400, body: { errors: [{ code: 'E17' }] } },
    deadGrant,
  ],
  [
    'a permanent error that is a number',
    { auth: { permanentErrors: ['17'], tokenResponse: { error: 'errcode' } } },
    { body: { errcode: 17 } },
    deadGrant,
  ],
  [
    'a permanent error of Facebook',
    permanent('OAuthException'),
    { status: 400, body: { error: { type: 'OAuthException', code: 190, message: 'm' } } },
    deadGrant,
  ],
  ['invalid_client', {}, { status: 401, body: { error: 'invalid_client' } }, badClient],
  ['invalid_client with status 400', {}, { status: 400, body: { error: 'invalid_client' } }, badClient],
  ['unauthorized_client', {}, { status: 400, body: { error: 'unauthorized_client' } }, badClient],
  ['incorrect_client_credentials of GitHub', {}, { body: { error: 'incorrect_client_credentials' } }, badClient],
  ['BAD_CLIENT_SECRET of HubSpot', {}, { status: 400, body: { status: 'BAD_CLIENT_SECRET' } }, badClient],
  [
    'a client error beside a code of the definition',
    response({ error: 'status' }),
    { status: 400, body: { status: 'UNKNOWN', error: 'invalid_client' } },
    badClient,
  ],
  ['deleted_client of Google', {}, { status: 401, body: { error: 'deleted_client' } }, badClient],
  ['status 401 without a word', {}, { status: 401, body: '' }, badClient],
  ['invalid_request', {}, { status: 400, body: { error: 'invalid_request' } }, refused],
  ['invalid_scope', {}, { status: 400, body: { error: 'invalid_scope' } }, refused],
  ['unsupported_grant_type', {}, { status: 400, body: { error: 'unsupported_grant_type' } }, refused],
  ['status 400 without a word', {}, { status: 400, body: '' }, refused],
  ['status 400 in HTML', {}, { status: 400, headers: html, body: '<h1>Bad request</h1>' }, strange],
  ['status 403 in HTML', {}, { status: 403, headers: html, body: '<h1>Forbidden</h1>' }, strange],
  ['status 404 in HTML', {}, { status: 404, headers: html, body: '<h1>Not found</h1>' }, refused],
  ['status 403 with access_denied', {}, { status: 403, body: { error: 'access_denied' } }, refused],
  ['status 401 with access_denied', {}, { status: 401, body: { error: 'access_denied' } }, badClient],
  ['status 400 of Zoho for too many requests', {}, { status: 400, body: { error: 'Access Denied' } }, refused],
  ['status 425', {}, { status: 425, body: {} }, { ...away, finalAfterADay: false }],
  ['status 404', {}, { status: 404, body: {} }, refused],
  [
    'ok: false with status 200',
    response({ errorWhen: { path: 'ok', equals: false } }),
    { body: { ok: false, access_token: 'at' } },
    refused,
  ],
  ['an unknown error with status 200', {}, { body: { error: 'something' } }, refused],
  ['status 500', {}, { status: 500, body: {} }, away],
  ['status 502 in HTML', {}, { status: 502, headers: html, body: '<h1>Bad gateway</h1>' }, busy],
  ['status 503 of 5 MB', {}, { status: 503, body: 'x'.repeat(5_000_000) }, busy],
  ['status 504', {}, { status: 504, body: {} }, busy],
  ['status 408', {}, { status: 408, body: {} }, away],
  ['status 429', {}, { status: 429, body: {} }, busy],
  [
    'Retry-After in seconds',
    {},
    { status: 429, headers: { 'retry-after': '7' }, body: {} },
    { ...busy, retryAfterMs: 7000 },
  ],
  [
    'Retry-After as a date',
    {},
    { status: 503, headers: { 'retry-after': 'Fri, 02 Jan 2026 03:05:05 GMT' }, body: {} },
    { ...busy, retryAfterMs: 60_000 },
  ],
  [
    'Retry-After in the past',
    {},
    { status: 503, headers: { 'retry-after': 'Fri, 02 Jan 2026 03:00:00 GMT' }, body: {} },
    { ...busy, retryAfterMs: 0 },
  ],
  [
    'Retry-After that is nonsense',
    {},
    { status: 429, headers: { 'retry-after': 'soon' }, body: {} },
    { ...busy, retryAfterMs: undefined },
  ],
  ['temporarily_unavailable with status 400', {}, { status: 400, body: { error: 'temporarily_unavailable' } }, busy],
  ['server_error with status 500', {}, { status: 500, body: { error: 'server_error' } }, away],
  ['server_error with status 503', {}, { status: 503, body: { error: 'server_error' } }, busy],
  ['rate_limit_exceeded of Salesforce', {}, { status: 400, body: { error: 'rate_limit_exceeded' } }, busy],
  ['ratelimited of Slack', {}, { body: { ok: false, error: 'ratelimited' } }, busy],
  ['a rule that says auth', rule('auth'), { body: { ok: false } }, deadGrant],
  ['a rule that says retry', rule('retry'), { body: { ok: false } }, away],
  [
    'a rule that says rate_limit',
    rule('rate_limit'),
    { headers: { 'retry-after': '3' }, body: { ok: false } },
    { ...busy, retryAfterMs: 3000 },
  ],
  ['a rule that says fail', rule('fail'), { body: { ok: false } }, refused],
  ['a rule of which the code knows better', rule('retry'), { body: { ok: false, error: 'invalid_grant' } }, deadGrant],
  [
    'a rule by status',
    { context: { responseErrors: [{ status: 418, as: 'retry' }] } },
    { status: 418, body: {} },
    away,
  ],
  ['a rule that does not fit', rule('auth'), { status: 500, body: { ok: true } }, away],
]

describe('a failed token request', () => {
  it.each(cases)('by %s', async (_name, trial, answer, expected) => {
    const { error, renewal, requests } = await renewOnce(server, { ...trial, answer })
    expect(renewal).toBeUndefined()
    expect(error).toBeInstanceOf(CredentialRefreshError)
    expect(error).toMatchObject({
      code: 'CREDENTIAL_REFRESH',
      name: 'CredentialRefreshError',
      status: 400,
      ...expected,
    })
    expect(error).toMatchObject({ words: { providerStatus: answer.status ?? 200 } })
    expect(requests).toHaveLength(1)
  })
})

describe('a refused client', () => {
  const noFields = { fields: {}, refreshToken: 'old-rt' }
  const oauthClient = { clientId: 'their-id', clientSecret: 'their-s3cret' }

  it.each<[string, Trial, string]>([
    ['of the integration', { stored: noFields, context: { oauthClient } }, 'the oauthClient of the integration'],
    [
      'of an injected token',
      { stored: { ...noFields, clientId: 'own' }, context: { oauthClient } },
      'replaceCredential',
    ],
    ['in the credential fields', {}, 'replaceCredential'],
    [
      'of the definition',
      { auth: { clientId: 'const', clientSecret: 's', clientHosts: ['127.0.0.1'] }, stored: noFields },
      'stands in the integration',
    ],
    ['that is missing', { stored: noFields }, 'None was sent'],
  ])('is named by where it comes from: %s', async (_name, trial, says) => {
    for (const answer of [
      { status: 401, body: '' },
      { status: 400, body: { error: 'invalid_client' } },
    ]) {
      const { error } = await renewOnce(server, { ...trial, answer })
      expect(error).toMatchObject({ ...badClient, message: expect.stringContaining(says) })
    }
  })

  it('with a private key that cannot sign is named too', async () => {
    const auth = { clientAuth: 'private_key_jwt', clientKey: { alg: 'RS256' } } as const
    const { error, requests } = await renewOnce(server, {
      auth,
      stored: noFields,
      context: { oauthClient: { clientId: 'their-id', clientSecret: 'no key' } },
    })
    expect(error).toMatchObject({
      ...badClient,
      message: expect.stringContaining('the oauthClient of the integration'),
    })
    expect(requests).toEqual([])
  })
})

describe('the provider’s words (OA-30)', () => {
  const secrets = ['client-s3cret', 'old-rt', 'old-at']
  const url = 'a b+c/d?e&f'
  const odd = { fields: { client_id: 'id', client_secret: url }, refreshToken: 'old-rt' }
  const basicValue = Buffer.from(`id:${new URLSearchParams([['', url]]).toString().slice(1)}`).toString('base64')
  const say = (error_description: string, status = 400): Answer => ({
    status,
    body: { error: 'invalid_grant', error_description },
  })

  it.each<[string, Trial, Answer, unknown]>([
    ['plain', {}, say('no'), { providerError: 'invalid_grant', providerErrorDescription: 'no' }],
    ['a refresh token', {}, say('old-rt is dead'), { providerErrorDescription: '[redacted] is dead' }],
    ['a client secret', {}, say('got client-s3cret'), { providerErrorDescription: 'got [redacted]' }],
    [
      'an access token',
      { stored: { accessToken: 'old-at' } },
      say('old-at?'),
      { providerErrorDescription: '[redacted]?' },
    ],
    [
      'base64',
      {},
      say(`x ${Buffer.from('client-s3cret').toString('base64')} y`),
      { providerErrorDescription: 'x [redacted] y' },
    ],
    [
      'a URL',
      { stored: odd },
      say(`/token?s=${encodeURIComponent(url)}`),
      { providerErrorDescription: '/token?s=[redacted]' },
    ],
    [
      'a form',
      { stored: odd },
      say(`s=${new URLSearchParams([['', url]]).toString().slice(1)}&x`),
      { providerErrorDescription: 's=[redacted]&x' },
    ],
    [
      'the header with the client',
      { auth: { clientAuth: 'client_secret_basic' }, stored: odd },
      say(`Basic ${basicValue}`),
      { providerErrorDescription: 'Basic [redacted]' },
    ],
    [
      'what a template makes from a secret',
      { auth: { tokenRequest: { headers: { 'X-Key': "v=1; k={{ config.client_secret | replace('-', '_') }}" } } } },
      say('got client_s3cret'),
      { providerErrorDescription: 'got [redacted]' },
    ],
    ['a secret in the code', {}, { status: 400, body: { error: 'bad old-rt' } }, { providerError: 'bad [redacted]' }],
    [
      'a token that we have never seen',
      {},
      { status: 400, body: { error: 'e', access_token: 'fresh-at', message: 'gave fresh-at' } },
      { providerErrorDescription: 'gave [redacted]' },
    ],
    [
      'a page',
      {},
      { status: 500, headers: html, body: '<p>old-rt</p>' },
      { providerErrorDescription: '<p>[redacted]</p>' },
    ],
    [
      'a message of Google',
      {},
      { status: 400, body: { error: { status: 'FAILED', message: 'm' } } },
      { providerError: 'FAILED', providerErrorDescription: 'm' },
    ],
    [
      'a path of the definition',
      response({ errorDescription: 'why.text' }),
      { status: 400, body: { error: 'e', why: { text: 'because' } } },
      { providerErrorDescription: 'because' },
    ],
    ['lines and control characters', {}, say('a\r\nb\u0000c\u001b[31m'), { providerErrorDescription: 'a bc[31m' }],
  ])('are reported: %s', async (_name, trial, answer, words) => {
    const { error } = await renewOnce(server, { ...trial, answer })
    expect(error).toMatchObject({ words })
    for (const secret of [...secrets, url, basicValue, 'fresh-at']) {
      expect(`${JSON.stringify(error)} ${error}`).not.toContain(secret)
    }
  })

  it('are cut to 500 characters without cutting a secret in two', async () => {
    const { error } = await renewOnce(server, { answer: say(`${'x'.repeat(495)}client-s3cret${'y'.repeat(100_000)}`) })
    const words = error instanceof CredentialRefreshError ? error.words.providerErrorDescription : undefined
    expect(words).toMatch(/^x{495}\[/)
    expect(words?.length).toBeLessThanOrEqual(500)
  })

  it('with a success status never include the body, which may be a token', async () => {
    const { error } = await renewOnce(server, { answer: { body: 'some-new-token' } })
    expect(error).toMatchObject({ words: { providerStatus: 200 } })
    expect(JSON.stringify(error)).not.toContain('some-new-token')
  })
})

describe('a redirect of a token endpoint (OA-32)', () => {
  it.each([301, 302, 303, 307, 308])('with status %i is not followed', async (status) => {
    await using other = await startTokenServer()
    const { error, requests } = await renewOnce(server, {
      answer: { status, headers: { location: `${other.origin}/token` }, body: '' },
    })
    expect(error).toMatchObject({ reason: 'MALFORMED_RESPONSE', words: { providerStatus: status } })
    expect(requests).toHaveLength(1)
    expect(other.seen).toEqual([])
  })
})

describe('a token request without a response', () => {
  const unknown = { reason: 'PROVIDER_UNAVAILABLE', retryable: true, indeterminate: true, unavailable: false }

  it('is indeterminate if the connection closes after the request', async () => {
    const { error } = await renewOnce(server, { answer: { instead: (answer) => answer.destroy() } })
    expect(error).toMatchObject(unknown)
  })

  it('is indeterminate if the response stops in the middle', async () => {
    const stop: Answer = {
      instead: (answer) => answer.writeHead(200, { 'content-length': '100' }).write('{"access', () => answer.destroy()),
    }
    expect((await renewOnce(server, { answer: stop })).error).toMatchObject(unknown)
  })

  it('is indeterminate after a time-out', async () => {
    const { error, requests } = await renewOnce(server, { answer: { instead: () => {} }, context: { timeoutMs: 50 } })
    expect(error).toMatchObject(unknown)
    expect(requests).toHaveLength(1)
  })

  it('is indeterminate if the caller aborts', async () => {
    const stop = new AbortController()
    const { error } = await renewOnce(server, {
      answer: { instead: () => stop.abort() },
      context: { signal: stop.signal },
    })
    expect(error).toMatchObject(unknown)
  })

  it.each<[string, () => Promise<Trial>, Record<string, unknown>]>([
    ['nobody listens', async () => ({ auth: { tokenUrl: `http://127.0.0.1:${await freePort()}/token` } }), away],
    ['the caller has given up before', async () => ({ context: { signal: AbortSignal.abort() } }), away],
    ['the address is not allowed', async () => ({ auth: { tokenUrl: 'https://10.0.0.1/token' } }), away],
    ['it would not be encrypted', async () => ({ auth: { tokenUrl: 'http://8.8.8.8/token' } }), away],
  ])('is not indeterminate because %s', async (_name, trial, expected) => {
    const { error, requests } = await renewOnce(server, await trial())
    expect(error).toMatchObject(expected)
    expect(requests).toEqual([])
  })
})

async function freePort(): Promise<number> {
  const listener = createServer()
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  await new Promise((resolve) => listener.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
