import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadProviderFiles } from '../../../scripts/provider-files.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import { type StoredCredential, type StoredOAuth2, storedSchemas } from '../../../src/auth/stored-credential.ts'
import type { Renewal } from '../../../src/auth/strategy.ts'
import { tokenUrlOf } from '../../../src/catalog/definition/oauth2.ts'
import { readPath } from '../../../src/catalog/definition/path.ts'
import type { StreamDefinition } from '../../../src/catalog/definition/stream.ts'
import { matchHint } from '../../../src/catalog/match-hint.ts'
import { provider as github } from '../../../src/catalog/providers/github.ts'
import { renderUrl } from '../../../src/catalog/template/url-template.ts'
import { askAfterConnect } from '../../../src/connecting/oauth/exchange.ts'
import { sendTestRequest } from '../../../src/connecting/test-connection.ts'
import type { OpenedConnection } from '../../../src/credentials/credential-store.ts'
import { revocableOf, sendRevocation } from '../../../src/deletion/revoke-request.ts'
import { RenewalError } from '../../../src/wire/renewal-error.ts'
import type { ProviderRequestSeen } from '../../support/provider-server.ts'
import { testSender } from '../../support/test-sender.ts'
import { hurriedClock } from '../../sync/read/read-fixture.ts'
import {
  client,
  codeVerifier,
  type DocumentedProvider,
  now,
  oauth2Of,
  redirectUri,
  startDocumentedProvider,
} from './documented-provider.ts'
import { readDeclaredStream } from './read-declared-stream.ts'
import type { Answer, TokenTrial } from './trial.ts'
import { TRIALS } from './trials.ts'

const PROVIDERS = await loadProviderFiles()

describe.each(PROVIDERS)('$slug', ({ slug, definition, file }) => {
  const given = TRIALS[slug] ?? {}
  const { exchange, renewal, refusals = [], hints = [], revocation, afterConnect, test, streams = [] } = given
  let provider: DocumentedProvider

  beforeEach(async () => {
    provider = await startDocumentedProvider(definition, given)
  })
  afterEach(() => provider.close())

  if (exchange !== undefined)
    it('exchanges a code for a token', async () => {
      const trial = provider.trial.exchange as TokenTrial
      provider.answers.push(trial.answer)
      expectToken(await provider.exchange(), trial)
      const [request] = provider.requests
      expectTokenRequest(request, 'authorization_code')
      expect(onTheWire(request)).toMatchSnapshot()
      const auth = oauth2Of(provider.definition.auth)
      const pkce = auth?.pkce === 'none' ? {} : { code_verifier: codeVerifier }
      expect(sent(request)).toMatchObject({ code: 'the-c0de', redirect_uri: redirectUri, ...pkce })
      expect(Object.keys(sent(request)).includes('code_verifier')).toBe(auth?.pkce !== 'none')
    })

  if (renewal !== undefined)
    it('renews', async () => {
      const trial = provider.trial.renewal as TokenTrial
      provider.answers.push(trial.answer)
      expectToken(await provider.renew(renewable()), trial)
      // A signature is over the address of the local server.
      if (definition.auth.type !== 'signature') expect(onTheWire(provider.requests[0])).toMatchSnapshot()
      if (oauth2Of(provider.definition.auth) === undefined) return
      const code = exchange !== undefined
      expectTokenRequest(provider.requests[0], code ? 'refresh_token' : 'client_credentials')
      if (code) expect(sent(provider.requests[0])).toMatchObject({ refresh_token: 'old-refresh-t0ken' })
    })

  it.each(refusals.map((refusal, index) => ({ ...refusal, index })))(
    'knows a refusal of a $what as $reason ($index)',
    async ({ what, reason, retryable = false, says, index }) => {
      provider.answers.push(provider.trial.refusals?.[index]?.answer ?? {})
      const asking = what === 'code' ? provider.exchange() : provider.renew(renewable())
      const failure: unknown = await asking.catch((error: unknown) => error)
      if (!(failure instanceof RenewalError)) throw new Error('It was not refused.', { cause: failure })
      expect(failure).toMatchObject({ reason, retryable })
      expect(JSON.stringify(failure.words)).toContain(says ?? '')
    },
  )

  it.each(hints.map((hint, index) => ({ ...hint, index })))('has a hint for an error: $cause', async (hint) => {
    const { what, says, cause, index } = hint
    const answer = provider.trial.hints?.[index]?.answer ?? {}
    const reported = what === 'request' ? await reportedByTest(answer) : await reportedByToken(what, answer)
    expect(reported.message).toBe(says)
    expect(matchHint(file.guide, reported)?.cause.en ?? 'no hint').toContain(cause)
  })

  if (afterConnect !== undefined)
    it('stores the values that it requests after connecting', async () => {
      provider.answers.push(...(provider.trial.afterConnect?.answers ?? []))
      expect(await askAfterConnect(testSender(provider.egress), await connected({}))).toEqual(
        provider.trial.afterConnect?.kept,
      )
    })

  const revokes = oauth2Of(definition.auth)?.revocation !== undefined
  if (revokes || revocation !== undefined)
    it('receives the revocation of its tokens', async () => {
      const auth = oauth2Of(provider.definition.auth)
      if (auth?.revocation === undefined || revocation === undefined) throw new Error('Only one of the two is there.')
      provider.answers.push(provider.trial.exchange?.answer ?? {})
      const { stored } = await provider.exchange()
      provider.answers.push(...revocation.map(() => ({ status: 200, body: {} })))
      const revocable = revocableOf(auth, stored, provider.context)
      if (revocable === null) throw new Error('There is nothing to revoke.')
      expect(await sendRevocation(revocable, provider.context)).toEqual({ as: 'revoked' })
      const asking = provider.requests.slice(1)
      expect(asking.map(revoking)).toEqual(revocation)
      expect(onTheWire(asking[0])).toMatchSnapshot()
      // Authenticated by the token that is revoked, or by its client.
      const { clientSecret } = client
      const proofs = asking.map((request) => `${request.body} ${JSON.stringify(request.headers)}`)
      const known = auth.revocation.auth === 'token' ? provider.trial.exchange?.accessToken : clientSecret
      const basic = btoa(`${client.clientId}:${clientSecret}`)
      expect(proofs.every((proof) => proof.includes(known ?? '?') || proof.includes(basic))).toBe(true)
    })

  if (test !== undefined)
    it('accepts a good credential in its test request', async () => {
      const { asks, headers, good } = provider.trial.test as NonNullable<typeof test>
      const result = await tested(good)
      expect(result).toMatchObject({ ok: true, checked: true })
      const [request] = provider.requests.slice(-1)
      expect(asked(request)).toBe(asks)
      expect(request?.headers).toMatchObject(headers)
    })

  it.each(given.otherWays ?? [])('accepts another credential: $asks', async ({ credential, asks, headers }) => {
    const stored = strategyOf(provider.definition.auth).check(credential, { now, path: ['credential'] })
    provider.answers.push(test?.good ?? {})
    expect(await sendTest(provider.open(stored, keptBefore()))).toMatchObject({ ok: true, checked: true })
    expect(asked(provider.requests[0])).toBe(asks)
    expect(provider.requests[0]?.headers).toMatchObject(headers)
  })

  if (test !== undefined)
    it('reports the provider’s message when the test request is refused', async () => {
      const { refused } = provider.trial.test as NonNullable<typeof test>
      expect(await tested(refused.answer)).toMatchObject({
        ok: false,
        checked: true,
        message: refused.says,
      })
    })

  describe.each(streams.map((stream, index) => ({ name: stream.name, index })))('stream $name', ({ name, index }) => {
    it('is read page by page', async () => {
      const stream = provider.trial.streams?.[index]
      if (stream === undefined) throw new Error('There is no such trial.')
      const opened = await connected(keptBefore())
      const before = provider.requests.length
      provider.answers.push(...stream.pages)
      const read = await readDeclaredStream(provider, opened, name, { parent: stream?.parent })
      expect(read.failure).toBeUndefined()
      expect(read.keys).toEqual(stream.keys)
      const requests = provider.requests.slice(before)
      expect(requests).toHaveLength(stream.pages.length)
      expect(requests.map((request) => (asked(request) + request.body).includes(stream.asksFor))).toEqual(
        stream.pages.map((_page, at) => at === stream.pages.length - 1),
      )
    })

    if (streams[index]?.since !== undefined)
      it('requests only what has changed since the last run', async () => {
        const stream = provider.trial.streams?.[index]
        const opened = await connected(keptBefore())
        const before = provider.requests.length
        provider.answers.push(stream?.pages.at(-1) ?? {})
        const since = JSON.stringify(stream?.since?.cursor)
        await readDeclaredStream(provider, opened, name, { since, parent: stream?.parent })
        const declared = provider.definition.streams?.find((each) => each.name === name)
        expect(valueIn(provider.requests[before], declared?.incremental)).toBe(stream?.since?.value)
      })

    if (streams[index]?.limited !== undefined)
      it('is read later when the provider limits the rate', async () => {
        const stream = provider.trial.streams?.[index]
        const opened = await connected(keptBefore())
        provider.answers.push(stream?.limited ?? {}, ...(stream?.pages ?? []))
        const read = await readDeclaredStream(provider, opened, name, { parent: stream?.parent })
        expect(read.failure).toBeUndefined()
        expect(read.retries).toHaveLength(1)
        const seconds = Number(stream?.limited?.headers?.['retry-after'] ?? 0)
        expect(Math.max(...read.waitsMs)).toBeGreaterThanOrEqual(seconds * 1000)
      })

    if (test !== undefined)
      it('reports that the account has to be connected again when the credential is refused', async () => {
        const { refused } = provider.trial.test as NonNullable<typeof test>
        const stream = provider.trial.streams?.[index]
        const opened = await connected(keptBefore())
        provider.answers.push(refused.answer)
        const { failure } = await readDeclaredStream(provider, opened, name, { parent: stream?.parent })
        expect(failure).toMatchObject({ code: 'RECONNECT_REQUIRED', stream: name })
        expect(failure?.message).toContain(refused.says)
      })
  })

  async function reportedByTest(answer: Answer) {
    const { message, providerStatus: status } = await tested(answer)
    return { at: 'request' as const, message, status }
  }

  async function reportedByToken(what: 'code' | 'renewal', answer: Answer) {
    provider.answers.push(answer)
    const asking = what === 'code' ? provider.exchange() : provider.renew(renewable())
    const failure: unknown = await asking.catch((error: unknown) => error)
    if (!(failure instanceof RenewalError)) throw new Error('It was not refused.', { cause: failure })
    const { providerError: error, providerErrorDescription: message, providerStatus: status } = failure.words
    return { at: 'token' as const, error, message, status }
  }

  function renewable(): StoredCredential {
    if (exchange === undefined) return typedIn()
    return { type: 'oauth2', fields: {}, scopes: [], refreshToken: 'old-refresh-t0ken' }
  }

  function typedIn(): StoredCredential {
    const { auth } = provider.definition
    return strategyOf(auth).check(provider.trial.credential ?? {}, { now, path: ['credential'] })
  }

  /** The stored connection after connecting. Sends the requests that connecting needs. */
  async function connected(told: Record<string, unknown>): Promise<OpenedConnection> {
    if (exchange !== undefined) {
      provider.answers.unshift(provider.trial.exchange?.answer ?? {})
      const { stored, kept = {} } = await provider.exchange()
      return provider.open(stored, { ...kept, ...told })
    }
    if (renewal === undefined) return provider.open(typedIn(), told)
    provider.answers.unshift(provider.trial.renewal?.answer ?? {})
    return provider.open((await provider.renew(typedIn())).stored, told)
  }

  function keptBefore(): Record<string, unknown> {
    return provider.trial.afterConnect?.kept ?? {}
  }

  async function tested(answer: Answer) {
    const opened = await connected(keptBefore())
    provider.answers.push(answer)
    return sendTest(opened)
  }

  async function sendTest(opened: OpenedConnection) {
    const { clock } = hurriedClock()
    return sendTestRequest(testSender(provider.egress, clock), { open: async () => opened, refused: async () => null })
  }

  /** Client authentication and body format match the definition. */
  function expectTokenRequest(request: ProviderRequestSeen | undefined, grantType: string): void {
    const auth = oauth2Of(provider.definition.auth)
    if (auth === undefined) throw new Error('The definition has no OAuth2.')
    const refresh = grantType === 'refresh_token' ? auth.refreshUrl : undefined
    const expected = renderUrl(refresh ?? tokenUrlOf(auth), { config: {}, input: provider.context.input, kept: {} })
    expect(`${request?.method} ${request?.url.href}`).toBe(`POST ${expected.href}`)
    const json = auth.tokenRequest?.format === 'json'
    expect(request?.headers['content-type']).toContain(json ? 'application/json' : 'application/x-www-form-urlencoded')
    const { clientId, clientSecret } = client
    if (auth.clientAuth === 'client_secret_basic') {
      expect(request?.headers.authorization).toBe(`Basic ${btoa(`${clientId}:${clientSecret}`)}`)
      expect(sent(request)).not.toHaveProperty('client_secret')
    } else {
      expect(request?.headers.authorization).toBeUndefined()
      expect(sent(request)).toMatchObject({ client_id: clientId, client_secret: clientSecret })
    }
    expect(sent(request)).toMatchObject({ grant_type: grantType })
  }
})

describe('an OAuth app of GitHub with tokens that expire', () => {
  it('is not asked for its installations, and its scopes are separated by commas', async () => {
    const trial = TRIALS['github'] ?? {}
    const provider = await startDocumentedProvider(github.definition, trial)
    try {
      const body = { ...Object(trial.exchange?.answer.body), access_token: 'gho_first', scope: 'read:user,public_repo' }
      provider.answers.push({ body })
      const { stored, kept = {} } = await provider.exchange()
      expect(stored).toMatchObject({ accessToken: 'gho_first', scopes: ['read:user', 'public_repo'] })
      expect(await askAfterConnect(testSender(provider.egress), provider.open(stored, kept))).toEqual({})
      expect(provider.requests).toHaveLength(1)
    } finally {
      await provider.close()
    }
  })
})

describe('the installation that a callback of GitHub brings', () => {
  it.each([
    [200, { total_count: 1, repositories: [] }],
    [403, { message: 'You do not have access to this installation.' }],
  ])('is proved by a request, here with %i', async (status, body) => {
    const trial = TRIALS['github'] ?? {}
    const provider = await startDocumentedProvider(github.definition, {
      ...trial,
      told: { installation_id: '79929171' },
    })
    try {
      provider.answers.push(trial.exchange?.answer ?? {}, { status, body })
      const { stored, kept = {} } = await provider.exchange()
      const asking = askAfterConnect(testSender(provider.egress), provider.open(stored, kept))
      if (status === 200) expect(await asking).toEqual({})
      else await expect(asking).rejects.toThrow('could not be asked for required details')
      expect(provider.requests.slice(1).map(asked)).toEqual([
        'GET api.github.com/user/installations/79929171/repositories?per_page=1',
      ])
    } finally {
      await provider.close()
    }
  })
})

function expectToken(renewal: Renewal, trial: TokenTrial): void {
  const seconds = (at: Date | undefined) => (at === undefined ? undefined : (at.getTime() - now.getTime()) / 1000)
  expect(seconds(renewal.expiresAt)).toBe(trial.lifetimeSeconds)
  expect(seconds(renewal.refreshExpiresAt)).toBe(trial.refreshLifetimeSeconds)
  expect(renewal.kept).toEqual(trial.kept)
  const { stored } = renewal
  const inner: StoredCredential = stored.type === 'selective' ? stored.inner : stored
  if (inner.type === 'session_token') {
    expect(inner.token).toBe(trial.accessToken)
    return
  }
  if (inner.type === 'signature') {
    expect(inner.session?.accessKeyId).toBe(trial.accessToken)
    return
  }
  const token: StoredOAuth2 = storedSchemas.oauth2.parse(inner)
  expect(token.accessToken).toBe(trial.accessToken)
  expect(token.refreshToken).toBe(trial.refreshToken)
  if (trial.scopes !== undefined) expect(renewal.scopes).toEqual(trial.scopes)
}

/** The parameters of a token request in any format. */
function sent(request: ProviderRequestSeen | undefined): Record<string, unknown> {
  const { headers, body = '' } = request ?? {}
  if (headers?.['content-type']?.includes('json')) return JSON.parse(body)
  return Object.fromEntries(new URLSearchParams(body))
}

/** The value of the parameter by which a request asks for what has changed. */
function valueIn(request: ProviderRequestSeen | undefined, incremental: StreamDefinition['incremental']): unknown {
  const { param = '', in: place = 'query' } = incremental ?? {}
  if (place === 'query') return request?.url.searchParams.get(param)
  return readPath(sent(request), place === 'form' ? [param] : param.split('.'))
}

/** A token request on one line: URL, client authentication, format and body. */
function onTheWire(request: ProviderRequestSeen | undefined): string {
  const { authorization = 'no Authorization', 'content-type': type = 'no body' } = request?.headers ?? {}
  const body = request?.body === '' ? [] : Object.keys(sent(request))
  return [asked(request), authorization.split(' ')[0], type.replace(/;.*/, ''), body.join(' ')].join(', ')
}

/** One line of a trial's `revocation`. */
function revoking(request: ProviderRequestSeen): string {
  const place = asked(request)
  if (request.headers['content-type']?.includes('json')) return `${place} ${request.body}`
  const token = new URLSearchParams(request.body).get('token')
  return token === null ? place : `${place} token=${token}`
}

function asked(request: ProviderRequestSeen | undefined): string {
  const { method, url } = request ?? {}
  return url === undefined ? '' : `${method} ${url.hostname}${decodeURIComponent(url.pathname + url.search)}`
}
