import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createCallerAuthenticator } from '../../../src/access/authenticate.ts'
import { createIssuerKeys } from '../../../src/access/issuer-keys.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type OidcIssuerServer, startOidcIssuer } from '../../support/oidc-issuer.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'

interface TestWorkspace {
  id: string
  slug: string
  key: string
}

let app: TestApp
/** The issuer of the honest workspace, whose tokens have two audiences. */
let idp: OidcIssuerServer
/** A server of the hostile workspace. */
let hostile: ProviderServer
let jwks: unknown = null
let honest: TestWorkspace
let rival: TestWorkspace
let audience: string
let second: string

beforeAll(async () => {
  const answer = (response: Parameters<typeof sendJson>[0]) => (jwks === null ? undefined : sendJson(response, jwks))
  ;[app, idp, hostile] = await Promise.all([
    startTestApp(),
    startOidcIssuer(),
    startProvider((_request, response) => answer(response)),
  ])
})
afterAll(async () => {
  await Promise.all([app.stop(), idp.close(), hostile.close()])
})
beforeEach(async () => {
  audience = `https://${randomUUID()}.example`
  second = `${audience}/userinfo`
  ;[honest, rival] = await Promise.all([app.createWorkspace('Honest'), app.createWorkspace('Rival')])
})
afterEach(() => {
  jwks = null
  hostile.requests.length = 0
  idp.requests.length = 0
})

const document = (name: string) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  return `mutation ($input: ${type}Input!) { ${name}(input: $input) { __typename
    ... on ${type}Payload { oidcIssuer { id verified workspaceClaim } }
    ... on InvalidInputError { fields { path message } } ... on Error { code message } } }`
}
const run = async (name: string, input: Record<string, unknown>, key: string) =>
  (await app.request(document(name), { input }, key)).data[name]
const create = async (workspace: TestWorkspace, input: Record<string, unknown> = {}): Promise<string> => {
  const settings = { workspaceId: workspace.id, issuer: idp.issuer, audience, createEndUsers: true, ...input }
  const result = await run('createOidcIssuer', settings, workspace.key)
  expect(result).toMatchObject({ oidcIssuer: { verified: false } })
  return result.oidcIssuer.id
}
const verify = (workspace: TestWorkspace, oidcIssuerId: string, token: string) =>
  run('verifyOidcIssuer', { oidcIssuerId, token }, workspace.key)
const approve = (oidcIssuerId: string, key = app.operatorKey) => run('approveOidcIssuer', { oidcIssuerId }, key)
const update = (workspace: TestWorkspace, input: Record<string, unknown>) =>
  run('updateOidcIssuer', input, workspace.key)
const signed = (claims: JWTPayload = {}) => idp.sign({ aud: [audience, second], sub: 'ada', ...claims })
/** Creates an OIDC issuer and verifies it with a token. */
const createVerified = async (workspace: TestWorkspace, input: Record<string, unknown> = {}, claims?: JWTPayload) => {
  const id = await create(workspace, input)
  expect(await verify(workspace, id, await signed(claims))).toMatchObject({ oidcIssuer: { id, verified: true } })
  return id
}

const VIEWER = '{ viewer { kind workspace { id } } }'
/** The id of the caller's workspace, or the code of the error. @param workspace sent as x-latchkey-workspace */
async function over(token: string, workspace?: string, accept = 'application/json'): Promise<string> {
  const named: Record<string, string> = workspace === undefined ? {} : { 'x-latchkey-workspace': workspace }
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, accept, ...named }
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query: VIEWER }),
  })
  const { data, errors } = (await response.json()) as Awaited<ReturnType<TestApp['request']>>
  return data?.viewer?.workspace?.id ?? errors?.[0]?.extensions['code']
}

/** The same over WebSocket. When the socket is closed, the code and reason. */
async function overSocket(token: string, params: Record<string, unknown> = {}): Promise<unknown> {
  const connectionParams = { authorization: `Bearer ${token}`, ...params }
  const client = app.webSocket(token, { connectionParams })
  try {
    const { value } = await client.iterate<{ viewer: { workspace: { id: string } } }>({ query: VIEWER }).next()
    return value?.data?.viewer.workspace.id
  } catch (error) {
    const { code, reason } = error as { code?: number; reason?: string }
    return `${code} ${reason}`
  } finally {
    await client.dispose()
  }
}

/** What another process with the same database, which has cached nothing, says. */
async function afterRestart(token: string, workspace: string | null = null): Promise<unknown> {
  const [bus, egress] = [createLocalWakeBus(), createEgress({ allow: ['127.0.0.1'] })]
  const logger = createLogger({ level: 'silent' })
  const keys = createIssuerKeys(egress, logger)
  const authenticator = createCallerAuthenticator({ database: app.database, bus, keys, logger, rejectAfterMs: 0 })
  const caller = await authenticator.authenticate(`Bearer ${token}`, workspace).catch((error: unknown) => error)
  authenticator.close()
  await egress.close()
  return caller
}

describe('An OIDC issuer that another workspace registers too', () => {
  it('keeps its users when the other workspace registers it with another of their audiences', async () => {
    await createVerified(honest)
    const token = await signed()
    expect(await over(token)).toBe(honest.id)
    await create(rival, { audience: second, jwksUrl: `${hostile.origin}/keys` })
    await create(rival, { audience })
    const later = await signed()
    expect(await over(later)).toBe(honest.id)
    expect(await overSocket(later)).toBe(honest.id)
    expect(await afterRestart(later)).toMatchObject({ kind: 'FEDERATED_USER' })
    expect(hostile.requests).toEqual([])
  })

  it('can be registered and used although the other workspace was first', async () => {
    await create(rival)
    const id = await create(honest)
    const token = await signed()
    expect(await over(token)).toBe('UNAUTHENTICATED')
    expect(await over(token, honest.slug)).toBe(honest.id)
    await verify(honest, id, token)
    expect(await over(token)).toBe(honest.id)
    expect(await overSocket(token)).toBe(honest.id)
    // The issuer of the other workspace affects that workspace only.
    expect(await over(token, rival.id)).toBe(rival.id)
    expect(await over(token, 'no-such-workspace')).toBe('UNAUTHENTICATED')
  })

  it('needs the name of the workspace when both have proved it, and the error does not tell that', async () => {
    await createVerified(honest)
    await createVerified(rival)
    const token = await signed()
    const { errors } = await app.request(VIEWER, {}, token)
    expect(errors?.[0]).toMatchObject({
      message:
        'A request with this token has to name its workspace. Send its id or slug in the header x-latchkey-workspace, or over WebSocket in connectionParams.workspace.',
      extensions: { code: 'AMBIGUOUS', status: 409 },
    })
    for (const { id, slug } of [honest, rival]) expect(JSON.stringify(errors)).not.toMatch(`${id}|${slug}`)
    for (const accept of ['application/json', 'text/event-stream, application/json']) {
      for (const { id, slug } of [honest, rival]) {
        expect(await over(token, id, accept)).toBe(id)
        expect(await over(token, slug, accept)).toBe(id)
      }
    }
    expect(await overSocket(token)).toBe('4403 Name the workspace in connectionParams.workspace, by id or slug')
    for (const { id, slug } of [honest, rival]) {
      expect(await overSocket(token, { workspace: id })).toBe(id)
      expect(await overSocket(token, { 'X-Latchkey-Workspace': slug })).toBe(id)
    }
    expect(await overSocket(token, { workspace: 'no-such-workspace' })).toBe('4403 Forbidden')
    expect(await afterRestart(token)).toMatchObject({ code: 'AMBIGUOUS' })
  })

  it('counts for the workspace that its tokens name in the workspaceClaim, once an operator has approved it', async () => {
    const id = await createVerified(honest, { workspaceClaim: 'org.id' }, { org: { id: honest.slug } })
    await createVerified(rival)
    expect(await over(await signed({ org: { id: honest.slug } }))).toBe('AMBIGUOUS')
    await approve(id)
    // It names the honest workspace, so the issuer of the other one does not matter.
    expect(await over(await signed({ org: { id: honest.slug } }))).toBe(honest.id)
    expect(await over(await signed({ org: { id: honest.id } }))).toBe(honest.id)
    expect(await over(await signed({ org: { id: 'no-such-workspace' } }))).toBe(rival.id)
    expect(await over(await signed({ org: { id: 'no-such-workspace' } }), honest.slug)).toBe('UNAUTHENTICATED')
    expect(await over(await signed(), honest.slug)).toBe('UNAUTHENTICATED')
  })

  it.each(['verified', 'unverified'] as const)(
    'gets no requests of its users when the other workspace names itself in their tokens (%s)',
    async (state) => {
      // The rival chooses its slug so that it is the value of a claim of all users, such as their plan.
      await createVerified(honest)
      const claims = { plan: rival.slug }
      expect(await over(await signed(claims))).toBe(honest.id)
      const register = state === 'verified' ? createVerified : create
      await register(rival, { workspaceClaim: 'plan' }, claims)
      // Another token: the answer to the first one is cached for a moment.
      expect(await over(await signed({ ...claims, sub: 'grace' }))).toBe(state === 'verified' ? 'AMBIGUOUS' : honest.id)
      expect(await over(await signed({ plan: 'another' }))).toBe(honest.id)
      expect(await over(await signed(claims), honest.slug)).toBe(honest.id)
    },
  )

  it('has one audience for many workspaces with a workspaceClaim', async () => {
    await createVerified(honest, { workspaceClaim: 'org' }, { org: honest.id })
    await createVerified(rival, { workspaceClaim: 'org' }, { org: rival.slug })
    expect(await over(await signed({ org: honest.slug }))).toBe(honest.id)
    expect(await over(await signed({ org: rival.id }))).toBe(rival.id)
    expect(await over(await signed({ org: rival.id }), honest.id)).toBe('UNAUTHENTICATED')
  })
})

describe('verifyOidcIssuer', () => {
  it('accepts no key of the workspace itself as a proof', async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256')
    jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'own', alg: 'RS256', use: 'sig' }] }
    const forged = await new SignJWT({ iss: idp.issuer, aud: [audience, second], sub: 'ada' })
      .setProtectedHeader({ alg: 'RS256', kid: 'own' })
      .setExpirationTime('1m')
      .sign(privateKey)
    const id = await create(rival, { jwksUrl: `${hostile.origin}/keys` })
    const refused = await verify(rival, id, forged)
    const message = "The token is not signed with a key of the issuer's metadata."
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: ['input', 'token'], message }] })
    expect(await verify(rival, id, await signed())).toMatchObject({
      fields: [{ path: ['input', 'oidcIssuerId'], message: expect.stringContaining('Set jwksUrl to null') }],
    })
    expect(hostile.requests).toEqual([])
    // It works in the workspace that has configured it, and nowhere else.
    expect(await over(forged, rival.id)).toBe(rival.id)
    expect(await over(forged)).toBe('UNAUTHENTICATED')
    await createVerified(honest)
    expect(await over(await signed())).toBe(honest.id)
    expect(await over(forged)).toBe('UNAUTHENTICATED')
  })

  it.each<[string, JWTPayload, string]>([
    ['another audience', { aud: 'https://elsewhere.example' }, 'The claim "aud" does not contain the audience.'],
    ['another issuer', { iss: 'https://elsewhere.example' }, 'The claim "iss" is not the issuer.'],
    ['a past expiry', { exp: 1 }, 'The token has expired. Present a new one.'],
    [
      'another workspace',
      { org: 'x' },
      'The claim that workspaceClaim names is not the id or the slug of this workspace.',
    ],
    ['a binding to a key', { org: 'honest', cnf: {} }, 'Must be a JWT that callers can use'],
  ])('refuses a token with %s', async (_case, claims, message) => {
    const id = await create(honest, { workspaceClaim: 'org' })
    const token = await signed(claims)
    const refused = await verify(honest, id, token)
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: ['input', 'token'] }] })
    expect(refused.fields[0].message).toContain(message)
    expect(app.log.join() + JSON.stringify(refused)).not.toContain(token.split('.')[2])
  })

  it('refuses what is not a token', async () => {
    const id = await create(honest)
    for (const token of ['', 'a.b.c', 'x'.repeat(9_000)]) {
      expect(await verify(honest, id, token)).toMatchObject({ code: 'INVALID_INPUT' })
    }
  })

  it('is for ADMIN keys of the workspace, and approveOidcIssuer for operators', async () => {
    const id = await create(honest)
    const token = await signed()
    const { key: reader } = await app.mutate(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
        __typename ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
      { workspaceId: honest.id, name: 'reader', role: 'READER' },
    )
    expect(await verify({ ...honest, key: reader }, id, token)).toMatchObject({ code: 'FORBIDDEN' })
    expect(await verify(rival, id, token)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await approve(id, reader)).toMatchObject({ code: 'FORBIDDEN' })
    expect(await approve(id, honest.key)).toMatchObject({ code: 'FORBIDDEN' })
    expect(await approve(id, rival.key)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await over(token)).toBe('UNAUTHENTICATED')
    expect(await approve(id)).toMatchObject({ oidcIssuer: { id, verified: true } })
    expect(await over(token)).toBe(honest.id)
  })

  it('is UNAVAILABLE while the keys of the issuer cannot be read', async () => {
    const gone = await startOidcIssuer()
    const id = await create(honest, { issuer: gone.issuer })
    const token = await gone.token('ada', audience)
    await gone.close()
    const { errors } = await app.request(
      document('verifyOidcIssuer'),
      { input: { oidcIssuerId: id, token } },
      honest.key,
    )
    expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  })
})

describe('A verification', () => {
  it.each<[string, () => Record<string, unknown>]>([
    ['issuer', () => ({ issuer: `${idp.issuer}/` })],
    ['audience', () => ({ audience: second })],
    ['jwksUrl', () => ({ jwksUrl: idp.jwksUrl })],
    ['allowedAlgorithms', () => ({ allowedAlgorithms: ['RS256'] })],
    ['workspaceClaim', () => ({ workspaceClaim: 'org' })],
  ])('is taken back when %s changes, and the subscriptions end', async (_field, change) => {
    const oidcIssuerId = await createVerified(honest)
    await approve(oidcIssuerId)
    const token = await signed()
    const closed = Promise.withResolvers<unknown>()
    const client = app.webSocket(token, {
      on: { closed: closed.resolve },
      lazy: false,
      onNonLazyError: () => undefined,
    })
    expect((await client.iterate<{ viewer: unknown }>({ query: VIEWER }).next()).value?.data).toBeTruthy()
    const changed = await update(honest, { oidcIssuerId, ...change() })
    expect(changed).toMatchObject({ oidcIssuer: { verified: false } })
    expect(await over(token)).toBe('UNAUTHENTICATED')
    expect(await closed.promise).toMatchObject({ code: 4403 })
    await client.dispose()
  })

  it('does not let tokens name a workspace by a slug that it had before', async () => {
    await createVerified(honest, { workspaceClaim: 'org' }, { org: honest.slug })
    const token = await signed({ org: honest.slug })
    const closed = Promise.withResolvers<unknown>()
    const client = app.webSocket(token, {
      on: { closed: closed.resolve },
      lazy: false,
      onNonLazyError: () => undefined,
    })
    expect((await client.iterate<{ viewer: unknown }>({ query: VIEWER }).next()).value?.data).toBeTruthy()
    await app.mutate(
      `mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename ... on Error { message } } }`,
      { workspaceId: honest.id, slug: `${honest.slug}-renamed` },
    )
    expect(await closed.promise).toMatchObject({ code: 4403 })
    expect(await afterRestart(token)).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await over(await signed({ org: `${honest.slug}-renamed` }))).toBe(honest.id)
    await client.dispose()
  })

  it('stays when the same values are set again, or the end user claim changes', async () => {
    const oidcIssuerId = await createVerified(honest)
    const allowedAlgorithms = ['PS256', 'EdDSA', 'ES256', 'RS256']
    const same = { issuer: idp.issuer, audience, jwksUrl: null, workspaceClaim: null, allowedAlgorithms }
    const changed = await update(honest, { oidcIssuerId, ...same, endUserClaim: 'client_id', createEndUsers: false })
    expect(changed).toMatchObject({ oidcIssuer: { verified: true } })
  })
})

describe('With LATCHKEY_ISSUER_APPROVAL=operator', () => {
  let ordinary: TestApp
  beforeAll(async () => {
    ordinary = app
    app = await startTestApp({ config: { issuerApproval: 'operator' } })
  })
  afterAll(async () => {
    await app.stop()
    app = ordinary
  })

  it('accepts no token of an issuer that no operator has approved, also where the workspace is named', async () => {
    const id = await create(honest)
    const token = await signed()
    expect(await verify(honest, id, token)).toMatchObject({ oidcIssuer: { verified: false } })
    for (const workspace of [undefined, honest.id, honest.slug])
      expect(await over(token, workspace)).toBe('UNAUTHENTICATED')
    expect(await overSocket(token, { workspace: honest.id })).toBe('4403 Forbidden')
    expect(await approve(id)).toMatchObject({ oidcIssuer: { verified: true } })
    for (const workspace of [undefined, honest.id, honest.slug]) expect(await over(token, workspace)).toBe(honest.id)
    await update(honest, { oidcIssuerId: id, audience: second })
    expect(await over(token, honest.id)).toBe('UNAUTHENTICATED')
  })
})
