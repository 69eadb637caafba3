import { createHash, createHmac, createPublicKey, verify } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { provider as githubApp } from '../../../src/catalog/providers/github-app.ts'
import {
  type ProviderRequestSeen,
  type ProviderServer,
  sendJson,
  startProvider,
} from '../../support/provider-server.ts'
import { rsa } from '../signature/keys.ts'
import { itemsPage, itemsStream, type StrategyFixture, startStrategyFixture } from './strategy-fixture.ts'

// Each server verifies signatures by itself, from the specification, with node:crypto alone.

const TOTAL = 5
const SIZE = 2
let fixture: StrategyFixture
let server: ProviderServer
/** Whether the request is authenticated, or a response that the test writes itself. */
let answer: (
  request: ProviderRequestSeen,
  response: ServerResponse,
) => boolean | 'written' | Promise<boolean | 'written'>

beforeAll(async () => {
  fixture = await startStrategyFixture()
  server = await startProvider(async (request, response) => {
    const accepted = await answer(request, response)
    if (accepted === 'written') return
    if (accepted) sendJson(response, itemsPage(request.url, TOTAL, SIZE))
    else sendJson(response, { message: 'Bad credentials' }, {}, 401)
  })
})
beforeEach(() => {
  server.requests.length = 0
})
afterAll(async () => {
  await fixture[Symbol.asyncDispose]()
  await server.close()
})

/** The first page takes as long as its token lives, so that the next one needs another token. */
function answerFirstPageAfter(ms: number): void {
  const answerAtOnce = answer
  answer = async (request, response) => {
    const accepted = await answerAtOnce(request, response)
    if (request.url.searchParams.get('page') === '1') await pause(ms)
    return accepted
  }
}

const secret = (name: string) => ({ name, secret: true, required: true })
const field = (name: string) => ({ name, required: true })
const definition = <A>(auth: A, more: object = {}) => ({
  displayName: 'Signed',
  baseUrl: server.origin,
  auth,
  streams: [itemsStream(SIZE)],
  ...more,
})
const SUCCEEDED = { status: 'SUCCEEDED', recordsRead: TOTAL, error: null }
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
describe('A GitHub App', () => {
  const auth = () => ({
    type: 'session_token' as const,
    fields: [field('app_id'), secret('private_key'), field('installation_id')],
    login: {
      url: `${server.origin}/app/installations/{{ config.installation_id }}/access_tokens`,
      auth: {
        type: 'jwt' as const,
        algorithm: 'RS256' as const,
        key: '{{ config.private_key }}',
        lifetime: 'PT9M',
        claims: { iss: '{{ config.app_id }}' },
        // The fields of the session token.
        fields: [],
      },
    },
    tokenPath: 'token',
    expiry: { path: 'expires_at', format: 'iso8601' as const },
    placement: { in: 'header' as const, name: 'Authorization', prefix: 'Bearer ' },
  })
  // The keys that GitHub generates have the form of PKCS #1.
  const pem = rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  let tokens: number
  let livesForMs: number
  beforeEach(() => {
    tokens = 0
    livesForMs = 3_600_000
    answer = ({ method, url, headers }, response) => {
      const bearer = headers.authorization?.replace(/^Bearer /, '') ?? ''
      if (url.pathname === '/app/installations/42/access_tokens' && method === 'POST') {
        if (!isAppToken(bearer)) return false
        tokens += 1
        const expires_at = new Date(Date.now() + livesForMs).toISOString()
        sendJson(response, { token: `ghs_${tokens}`, expires_at }, {}, 201)
        return 'written'
      }
      return bearer === `ghs_${tokens}`
    }
  })

  function isAppToken(token: string): boolean {
    const [header = '', payload = '', signature = ''] = token.split('.')
    const key = createPublicKey(rsa.publicKey.export({ type: 'spki', format: 'pem' }))
    const signed = verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
    const { iss, iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const now = Date.now() / 1000
    return signed && iss === '12345' && iat <= now + 1 && exp > now && exp - iat <= 600
  }

  const credential = { fields: { app_id: '12345', private_key: pem, installation_id: '42' } }

  it('is read with the token of an installation, which all requests share', async () => {
    const { job, connectionId } = await fixture.sync(definition(auth()), credential)
    expect(job).toMatchObject(SUCCEEDED)
    expect((await fixture.syncAgain(connectionId)).job.status).toBe('SUCCEEDED')
    expect(tokens).toBe(1)
    expect(fixture.app.log.join('')).not.toContain('ghs_1')
  })

  it('gets another token before the old one expires', async () => {
    livesForMs = 1_000
    answerFirstPageAfter(livesForMs)
    const { job } = await fixture.sync(definition(auth()), credential)
    expect(job).toMatchObject(SUCCEEDED)
    expect(tokens).toBeGreaterThan(1)
  })

  it('of the catalogue accepts a server whose clock is up to a minute behind or ahead, and a lifetime of ten minutes', async () => {
    for (const aheadSeconds of [-59, 0, 59]) {
      tokens = 0
      const own = answer
      answer = (request, response) => {
        const [, payload] = (request.headers.authorization ?? '').split('.')
        if (payload === undefined) return own(request, response)
        const { iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString())
        const now = Date.now() / 1000 + aheadSeconds
        return iat <= now && exp > now && exp <= now + 600 ? own(request, response) : false
      }
      const { job } = await fixture.sync(
        definition(githubApp.definition.auth, {
          baseUrl: '{{ input.url }}',
          inputFields: githubApp.definition.inputFields,
        }),
        { fields: { app_id: '12345', private_key: pem } },
        { input: { installation_id: '42', url: server.origin } },
      )
      expect(job, `${aheadSeconds} s`).toMatchObject(SUCCEEDED)
      answer = own
    }
  })

  it('becomes NEEDS_REAUTH when the installation is gone', async () => {
    const gone = { fields: { ...credential.fields, installation_id: '43' } }
    const { job } = await fixture.sync(definition(auth()), gone)
    expect(job).toMatchObject({ status: 'FAILED', error: { code: 'RECONNECT_REQUIRED' } })
  })
})

/** https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_1534941295.html */
describe('NetSuite with token-based authentication', () => {
  const auth = {
    type: 'oauth1' as const,
    signature: 'HMAC-SHA256' as const,
    realm: '{{ input.account_id }}',
  }
  const keys = { consumer_key: 'consumer', consumer_secret: 'c&s', token: 'token-id', token_secret: 't=s' }
  const inputs = { inputFields: [{ name: 'account_id', required: true }] }

  beforeEach(() => {
    answer = ({ method, url, headers }) => {
      const sent = new Map(
        [...(headers.authorization ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
          name,
          decodeURIComponent(value),
        ]),
      )
      const signed = [...sent].filter(([name]) => name !== 'realm' && name !== 'oauth_signature')
      const pairs = [...signed, ...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort()
      const base = [method, `${url.origin}${url.pathname}`, pairs.join('&')].map(encode).join('&')
      const signature = hmac(`${encode(keys.consumer_secret)}&${encode(keys.token_secret)}`, base).toString('base64')
      return (
        sent.get('realm') === '1234567_SB1' &&
        sent.get('oauth_signature_method') === 'HMAC-SHA256' &&
        sent.get('oauth_token') === keys.token &&
        sent.get('oauth_signature') === signature
      )
    }
  })

  it('signs each request with the supplied token, and names the account as its realm', async () => {
    const { job } = await fixture.sync(
      definition(auth, inputs),
      { fields: keys },
      { input: { account_id: '1234567_SB1' } },
    )
    expect(job).toMatchObject(SUCCEEDED)
    expect(server.requests[0]?.headers.authorization).toMatch(/^OAuth realm="1234567_SB1", /)
  })

  it('has the consumer of the integration where there is one', async () => {
    const { token, token_secret } = keys
    const { job } = await fixture.sync(
      definition(auth, inputs),
      { fields: { token, token_secret } },
      {
        input: { account_id: '1234567_SB1' },
        oauthClient: { clientId: keys.consumer_key, clientSecret: keys.consumer_secret },
      },
    )
    expect(job).toMatchObject(SUCCEEDED)
  })

  it('is refused with the realm of another account', async () => {
    const { job } = await fixture.sync(definition(auth, inputs), { fields: keys }, { input: { account_id: '7' } })
    expect(job).toMatchObject({ status: 'FAILED', error: { code: 'RECONNECT_REQUIRED' } })
  })
})

describe('A WSSE UsernameToken', () => {
  const auth = (more: object = {}) => ({
    type: 'signature' as const,
    method: 'wsse' as const,
    fields: [field('username'), secret('secret')],
    username: '{{ config.username }}',
    password: '{{ config.secret }}',
    ...more,
  })
  const credential = { fields: { username: 'customer001', secret: 'geheim' } }
  const partsOf = (header: unknown) =>
    Object.fromEntries([...String(header).matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))

  it.each([
    ['the bytes of the digest', {}, 'sha1', (text: Buffer) => text, (nonce: string) => nonce],
    // https://dev.emarsys.com/docs/core-api-reference: base64 of the hexadecimal digest.
    [
      'its digits, for SAP Emarsys',
      { digest: 'hex' },
      'sha1',
      (text: Buffer) => Buffer.from(text.toString('hex')),
      (nonce: string) => nonce,
    ],
    [
      'a nonce in base64 and another hash',
      { nonceEncoding: 'base64', hash: 'sha256' },
      'sha256',
      (text: Buffer) => text,
      (nonce: string) => Buffer.from(nonce, 'base64').toString(),
    ],
  ] as const)('has %s', async (_name, more, hash, written, nonceOf) => {
    const nonces = new Set<string>()
    answer = ({ headers }) => {
      const header = String(headers['x-wsse'])
      const { Username, PasswordDigest, Nonce = '', Created = '' } = partsOf(header)
      nonces.add(Nonce)
      const digest = createHash(hash)
        .update(`${nonceOf(Nonce)}${Created}geheim`)
        .digest()
      const recent =
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(Created) && Math.abs(Date.parse(Created) - Date.now()) < 300_000
      const isGood = header.startsWith('UsernameToken ') && Username === 'customer001' && recent
      return isGood && PasswordDigest === written(digest).toString('base64')
    }
    const { job } = await fixture.sync(definition(auth(more)), credential)
    expect(job).toMatchObject(SUCCEEDED)
    expect(nonces.size).toBe(server.requests.length)
  })

  it('is refused with another password, which no log has', async () => {
    answer = () => false
    const { job } = await fixture.sync(definition(auth()), { fields: { username: 'c', secret: 'wrong-s3cret' } })
    expect(job).toMatchObject({ status: 'FAILED', error: { code: 'RECONNECT_REQUIRED' } })
    expect(fixture.app.log.join('')).not.toContain('wrong-s3cret')
  })
})

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
describe('A role in AWS', () => {
  const ROLE = 'arn:aws:iam::123456789012:role/reader'
  const auth = (more: object = {}) => ({
    type: 'signature' as const,
    method: 'aws_sigv4' as const,
    fields: [
      field('access_key_id'),
      secret('secret_access_key'),
      field('role_arn'),
      { name: 'external_id', secret: true },
    ],
    accessKeyId: '{{ config.access_key_id }}',
    secretAccessKey: '{{ config.secret_access_key }}',
    region: '{{ input.region }}',
    service: 'execute-api',
    assumeRole: {
      url: `${server.origin}/sts`,
      roleArn: '{{ config.role_arn }}',
      externalId: "{{ config.external_id | default('') }}",
      duration: 'PT15M',
      ...more,
    },
  })
  const inputs = { inputFields: [{ name: 'region', required: true }] }
  const credential = {
    fields: { access_key_id: 'AKIALONG', secret_access_key: 'long+secret', role_arn: ROLE, external_id: 'acme-7' },
  }
  const options = { input: { region: 'eu-west-1' } }
  let sessions: number
  let livesForMs: number
  let refusal: { status: number; code: string } | undefined

  beforeEach(() => {
    sessions = 0
    livesForMs = 900_000
    refusal = undefined
    answer = (request, response) => {
      if (request.url.pathname !== '/sts') {
        const token = request.headers['x-amz-security-token']
        return token === `session/${sessions}==` && isSigned(request, `temporary&${sessions}`, 'execute-api')
      }
      const xml = (status: number, text: string) => {
        response.writeHead(status, { 'content-type': 'text/xml' }).end(text)
        return 'written' as const
      }
      const form = Object.fromEntries(new URLSearchParams(request.body))
      const asked = {
        Action: 'AssumeRole',
        Version: '2011-06-15',
        RoleArn: ROLE,
        ExternalId: 'acme-7',
        DurationSeconds: '900',
      }
      const isAsked =
        Object.entries(asked).every(([name, value]) => form[name] === value) && form['RoleSessionName'] === 'latchkey'
      if (refusal !== undefined || !isAsked || !isSigned(request, 'long+secret', 'sts')) {
        const { status, code } = refusal ?? { status: 403, code: 'AccessDenied' }
        return xml(
          status,
          `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>User is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>`,
        )
      }
      sessions += 1
      const expiration = new Date(Date.now() + livesForMs).toISOString()
      return xml(
        200,
        `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><Arn>arn</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIATEMP</AccessKeyId><SecretAccessKey>temporary&amp;${sessions}</SecretAccessKey><SessionToken>session/${sessions}==</SessionToken><Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      )
    }
  })

  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
  function isSigned({ method, url, headers, body }: ProviderRequestSeen, secretKey: string, service: string): boolean {
    const [, access, day = '', region = '', of, names = '', signature] =
      /Credential=(\w+)\/(\d+)\/([\w-]+)\/([\w-]+)\/aws4_request, SignedHeaders=([\w;-]+), Signature=(\w+)/.exec(
        headers.authorization ?? '',
      ) ?? []
    if (of !== service || access !== (service === 'sts' ? 'AKIALONG' : 'ASIATEMP')) return false
    const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort()
    const canonical = [
      method,
      url.pathname,
      query.join('&'),
      ...names.split(';').map((name) => `${name}:${headers[name]}`),
      '',
      names,
      createHash('sha256').update(body).digest('hex'),
    ].join('\n')
    const scope = `${day}/${region}/${service}/aws4_request`
    const hash = createHash('sha256').update(canonical).digest('hex')
    const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretKey}`)
    const expected = hmac(key, ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash].join('\n')).toString('hex')
    return region === 'eu-west-1' && signature === expected
  }

  it('signs with temporary keys, which all requests share until they expire', async () => {
    const { job, connectionId, credential: shown } = await fixture.sync(definition(auth(), inputs), credential, options)
    expect(job).toMatchObject(SUCCEEDED)
    expect(shown).toMatchObject({ type: 'SIGNATURE', refreshable: true })
    expect((await fixture.syncAgain(connectionId)).job.status).toBe('SUCCEEDED')
    expect(sessions).toBe(1)
    const log = fixture.app.log.join('')
    for (const hidden of ['long+secret', 'temporary&1', 'session/1==']) expect(log).not.toContain(hidden)
  })

  it('obtains other keys before they expire', async () => {
    livesForMs = 1_000
    answerFirstPageAfter(livesForMs)
    const { job } = await fixture.sync(definition(auth(), inputs), credential, options)
    expect(job).toMatchObject(SUCCEEDED)
    expect(sessions).toBeGreaterThan(1)
  })

  it('becomes NEEDS_REAUTH with the words of AWS when the role may not be assumed', async () => {
    refusal = { status: 403, code: 'AccessDenied' }
    const { job, credential: shown } = await fixture.sync(definition(auth(), inputs), credential, options)
    expect(job).toMatchObject({
      status: 'FAILED',
      error: { code: 'RECONNECT_REQUIRED', providerMessage: expect.stringContaining('sts:AssumeRole') },
    })
    expect(shown.lastError).toMatchObject({ reason: 'INVALID_GRANT', message: expect.stringContaining('trust policy') })
  })

  it('asks the endpoint of its region by default, at no host that a region could name', async () => {
    // The connections of the other tests may renew their keys meanwhile.
    const own = { fields: { ...credential.fields, access_key_id: 'AKIAOTHER' } }
    const { job } = await fixture.sync(definition(auth({ url: undefined }), inputs), own, {
      input: { region: 'x.example/' },
    })
    expect(job).toMatchObject({ status: 'FAILED' })
    expect(server.requests.filter(({ headers }) => headers.authorization?.includes('AKIAOTHER'))).toEqual([])
  })
})
