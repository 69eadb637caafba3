import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { appendEvents } from '../../../src/events/event-log.ts'
import { encodeGlobalId, parseGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import type { TestApp } from '../../support/app.ts'
import { answerWithCanaries, canaries, canary } from '../../support/canaries.ts'
import type { OidcIssuerServer } from '../../support/oidc-issuer.ts'
import { type ProviderHandler, sendJson } from '../../support/provider-server.ts'

// biome-ignore lint/suspicious/noExplicitAny: the payload of an arbitrary mutation
type Payload = any
type Input = Record<string, unknown>

export const RETURN_URL = 'https://product.example/done'
const AUDIENCE = 'https://latchkey.example'

export const CALLERS = ['operator', 'admin', 'reader', 'end user', 'connect session'] as const
export type CallerName = (typeof CALLERS)[number]

/** A workspace with rows of every kind, in which every secret is a canary. All ids are global ids. */
export interface CanaryWorkspace {
  id: string
  /** The token of each kind of caller. */
  callers: Record<CallerName, string>
  /** Belongs to the end user, like the session. */
  connectionId: string
  sessionId: string
  /** A succeeded, a failed and a cancelled job. */
  endedJobIds: string[]
  /** A connection in NEEDS_REAUTH, and one whose refresh fails. */
  lostConnectionId: string
  plainConnectionId: string
  /** Creates rows for a caller that changes and deletes them. @returns global ids and one-time secrets by name */
  fresh(): Promise<Record<string, string>>
}

/** The provider: `answerWithCanaries`, and a list that fails once, a list that never responds, and a revocation that fails. */
export const answerTheWalk: ProviderHandler = (request, response, count) => {
  const { pathname } = request.url
  if (pathname === '/revoke' || pathname === '/busy') return sendJson(response, { error: 'busy' }, {}, 503)
  if (pathname === '/held') return undefined
  if (pathname === '/text') return void response.writeHead(200, { 'content-type': 'text/plain' }).end('words')
  if (pathname === '/flaky' && !flaky.delete(request.headers.authorization ?? '')) {
    flaky.add(request.headers.authorization ?? '')
    return sendJson(response, { error: 'busy' }, { 'retry-after': '0' }, 503)
  }
  if (pathname === '/flaky') return sendJson(response, { items: [{ id: 1, updated: '2026-01-01' }] })
  return answerWithCanaries(request, response, count)
}
const flaky = new Set<string>()

export async function createCanaryWorkspace(
  app: TestApp,
  origin: string,
  idp: OidcIssuerServer,
): Promise<CanaryWorkspace> {
  const { key, ...workspace } = await app.createWorkspace()
  const workspaceId = workspace.id
  canaries.set('admin key', key)
  canaries.set('operator key', app.operatorKey)

  async function run(field: string, input: Input, selection: string): Promise<Payload> {
    const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`
    const document = `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ... on Error { message details } ... on ${type}Payload { ${selection} } } }`
    return app.mutate(document, input, key)
  }
  const idOf = async (field: string, input: Input, name: string): Promise<string> =>
    (await run(field, input, `${name} { id }`))[name].id

  const field = { name: 'key', label: 'Key', secret: true, required: true }
  const stream = (path: string) => ({
    name: 'items',
    path,
    recordsPath: ['items'],
    primaryKey: [['id']],
    ...(path === '/flaky' ? { incremental: { cursorField: ['updated'], param: 'since' } } : {}),
  })
  const oauth = (path = '/token', grant = 'refresh_token') => ({
    type: 'oauth2',
    grant,
    tokenUrl: `${origin}${path}`,
    revocation: { url: `${origin}/revoke` },
    ...(grant === 'refresh_token' ? {} : { authorizationUrl: `${origin}/authorize`, scopes: ['read'] }),
  })
  const integrate = (slug: string, auth: object, path: string, more: Input = {}, webhook?: object) => {
    const inputFields = [
      { name: 'region', label: 'Region', description: 'Which', example: 'eu', pattern: '^[a-z]+$' },
      { name: 'plan', label: 'Plan', choices: [{ value: 'free', label: 'Free' }] },
    ]
    const definition = {
      displayName: slug,
      baseUrl: origin,
      auth,
      inputFields,
      streams: [stream(path)],
      testRequest: { path: '/me' },
      webhook,
      actions: [
        {
          name: 'note',
          description: 'A note',
          input: {},
          request: { method: 'POST', path: '/me', json: { note: '{{ args.note }}' } },
        },
      ],
    }
    return idOf('createIntegration', { workspaceId, slug, definition, ...more }, 'integration')
  }
  const token = (name: string) => ({
    oauthToken: {
      accessToken: canary(`${name}-access`),
      refreshToken: canary(`${name}-refresh`),
      expiresIn: 3600,
      clientId: 'own-client',
      clientSecret: canary(`${name}-client-secret`),
      scopes: ['read'],
      extra: { tenant: canary(`${name}-extra`) },
    },
  })
  const connect = (integration: string, credential: object, more: Input = {}) =>
    idOf(
      'createConnection',
      { workspaceId, integration, credential, endUserExternalId: 'ada', input: { region: 'eu' }, ...more },
      'connection',
    )
  const oauthClient = (name: string) => ({
    clientId: 'client',
    clientSecret: canary(name),
    redirectUrl: RETURN_URL,
    scopes: ['read'],
  })

  async function ended(syncJobId: string): Promise<void> {
    const where = { id: parseGlobalId(syncJobId)?.id ?? '' }
    for (;;) {
      const { status } = await app.database.prisma.syncJob.findUniqueOrThrow({ where })
      if (['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(status)) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const sync = (connectionId: string, more: Input = {}) => idOf('triggerSync', { connectionId, ...more }, 'syncJob')

  /** Goes to the provider and back. @returns the secrets in the URLs on the way */
  async function goToProvider(externalId: string): Promise<{ state: string; handle: () => Promise<string> }> {
    const begun = { workspaceId, integration: 'consent', endUserExternalId: 'ada', redirectUrl: RETURN_URL, externalId }
    const { authorizationUrl } = await run('startOAuth', begun, 'authorizationUrl')
    const state = new URL(authorizationUrl).searchParams.get('state') ?? ''
    canaries.set(`state ${externalId}`, state)
    const back = `${callbackUrl}?${new URLSearchParams({ code: canary(`code-${externalId}`), state })}`
    return {
      state,
      async handle() {
        const response = await app.app.fetch(new Request(back))
        const handle = new URL(response.headers.get('location') ?? '').searchParams.get('handle') ?? ''
        canaries.set(`handle ${externalId}`, handle)
        return handle
      },
    }
  }
  async function openSession(): Promise<{ id: string; token: string }> {
    const input = { workspaceId, endUserExternalId: 'ada', redirectUrl: RETURN_URL }
    const made = await run('createConnectSession', input, 'token session { id }')
    canaries.set(`session token ${made.session.id}`, made.token)
    return { id: made.session.id, token: made.token }
  }
  const keep = (name: string, kind: string, config: object, secret: string) =>
    idOf('createAuthProvider', { workspaceId, name, kind, config, secret, hosts: ['127.0.0.1'] }, 'authProvider')
  async function webhook(name: string): Promise<string> {
    const input = {
      workspaceId,
      url: `${origin}/busy`,
      description: name,
      headers: { 'X-Secret': canary(`${name}-header`) },
    }
    const made = await run('createWebhookEndpoint', input, 'secret webhookEndpoint { id }')
    canaries.set(`webhook secret ${name}`, made.secret)
    return made.webhookEndpoint.id
  }
  const signingSecret = (name: string) => `whsec_${Buffer.from(canary(name)).toString('base64')}`
  const callback = { url: `${origin}/callback` }
  const newIssuer = (audience: string, workspaceClaim: string | null = null) =>
    idOf(
      'createOidcIssuer',
      { workspaceId, issuer: idp.issuer, audience, jwksUrl: idp.jwksUrl, workspaceClaim },
      'oidcIssuer',
    )
  const signed = async (name: string, claims: Input) => {
    const inAnHour = Math.floor(Date.now() / 1000) + 3600
    const jwt = await idp.sign({ iss: idp.issuer, sub: 'ada', exp: inAnHour, ...claims })
    canaries.set(`signature of ${name}`, jwt.split('.')[2] ?? '')
    return jwt
  }

  const branding = { name: 'Acme', color: '#112233', logoUrl: 'https://product.example/logo.png' }
  await run('updateWorkspace', { workspaceId, redirectUrls: [RETURN_URL], branding }, '__typename')
  for (const externalId of ['ada', 'bob']) {
    const about = { displayName: externalId, email: `${externalId}@example.com`, metadata: { a: 1 } }
    await run('upsertEndUser', { workspaceId, externalId, ...about }, '__typename')
  }
  const keyOf = { workspaceId, name: 'reader', role: 'READER', expiresAt: '2099-01-01T00:00:00Z' }
  const reader = (await run('createApiKey', keyOf, 'key')).key
  canaries.set('reader key', reader)
  const oidcIssuerId = await newIssuer(AUDIENCE)
  const jwt = await signed('the JWT', { aud: AUDIENCE })
  await run('verifyOidcIssuer', { oidcIssuerId, token: jwt }, '__typename')

  const consent = await integrate('consent', oauth('/token', 'authorization_code'), '/flaky', {
    oauthClient: oauthClient('consent-client-secret'),
  })
  const callbackUrl = `${app.url}/oauth/callback/${parseGlobalId(consent)?.id}`
  await integrate('renews', oauth(), '/flaky', { oauthClient: oauthClient('client-secret') })
  await integrate('refuses', oauth('/token/fails'), '/flaky')
  const registering = { ...oauth('/token', 'authorization_code'), registration: { url: `${origin}/register` } }
  await integrate('registers', registering, '/flaky', {
    registration: { initialAccessToken: canary('initial-access-token') },
  })
  await integrate('busy', oauth('/busy'), '/flaky')
  await integrate('held', oauth(), '/held')
  await integrate('bearer', { type: 'bearer' }, '/fails')
  const options = [{ key: 'key', label: 'Key', auth: { type: 'bearer', fields: [field] } }]
  await integrate('selective', { type: 'selective', options }, '/flaky')
  await idOf('createIntegration', { workspaceId, slug: 'sandbox', provider: 'sandbox' }, 'integration')
  await keep('keeper', 'TOKEN_CALLBACK', callback, signingSecret('signing'))
  await keep('composio', 'COMPOSIO', { baseUrl: origin }, canary('composio-secret'))

  const renews = await connect('renews', token('renews'), {
    displayName: 'Renews',
    externalId: 'renews',
    collection: 'crm',
    metadata: { a: 1 },
  })
  await run('updateConnection', { connectionId: renews, schedule: { cron: '0 3 * * *' } }, '__typename')
  await run('refreshConnection', { connectionId: renews, force: true }, '__typename')
  const endedJobIds = [await sync(renews)]
  const refuses = await connect('refuses', token('refuses'))
  const busy = await connect('busy', token('busy'))
  for (const connectionId of [refuses, busy]) {
    await run('refreshConnection', { connectionId, force: true }, '__typename').catch(() => undefined)
  }
  const bearer = await connect('bearer', { secretText: canary('bearer') })
  await run('replaceCredential', { connectionId: bearer, credential: { secretText: canary('replaced') } }, '__typename')
  endedJobIds.push(await sync(bearer))
  const selective = await connect('selective', { fields: { auth_method: 'key', key: canary('selective') } })
  await connect('bearer', { authProvider: { provider: 'keeper', accountId: 'a' } })
  await run('updateConnection', { connectionId: selective, schedule: { intervalSeconds: 86_400 } }, '__typename')
  const over = await sync(await connect('held', token('cancelled')))
  await run('cancelSync', { syncJobId: over }, '__typename')
  endedJobIds.push(over)
  await Promise.all(endedJobIds.map(ended))
  const warning = { stream: 'items', code: 'TOTAL_DIFFERS', message: 'The source states a higher total.', count: 1 }
  const [firstJobId = ''] = endedJobIds
  await app.database.prisma.syncJob.update({
    where: { id: parseGlobalId(firstJobId)?.id ?? '' },
    data: { warnings: [warning] },
  })
  const args = { note: canary('argument') }
  await run('runAction', { connectionId: renews, action: 'note', arguments: args }, 'response { status }')
  await run('updateConnection', { connectionId: bearer, disabled: true }, '__typename')
  // Its token is stored while it runs, which is until the end of the tests.
  await sync(await connect('held', token('held')), { accessToken: canary('job-access') })
  await run('deleteConnection', { connectionId: await connect('renews', token('deleted')) }, '__typename')
  await goToProvider('begun')
  await (await goToProvider('unconfirmed')).handle()
  const session = await openSession()
  await fillSession(app, workspaceId, { session: session.id, connection: renews })

  const webhookSecret = canary('hook')
  const hooked = await integrate('hooked', { type: 'bearer' }, '/flaky', { webhookSecret }, WEBHOOK)
  const unset = await integrate('unset', { type: 'bearer' }, '/flaky', {}, WEBHOOK)
  await connect('hooked', { secretText: canary('hooked') }, { externalId: 'hooked' })
  await sendToWebhooks(app, { hooked, unset, secret: webhookSecret })

  const webhookDeliveryId = await fillWebhooks(app, workspaceId, await webhook('busy'))

  let times = 0
  return {
    id: workspaceId,
    connectionId: renews,
    sessionId: session.id,
    endedJobIds,
    lostConnectionId: refuses,
    plainConnectionId: selective,
    callers: {
      operator: app.operatorKey,
      admin: key,
      reader,
      'connect session': session.token,
      'end user': jwt,
    },
    async fresh() {
      times += 1
      const name = `fresh-${times}`
      const { id: sessionId } = await openSession()
      const { state } = await goToProvider(`${name}-completed`)
      const { state: refusedState } = await goToProvider(`${name}-refused`)
      const { apiKey } = await run('createApiKey', { workspaceId, name, role: 'READER' }, 'apiKey { id }')
      const { workspace: another } = await app.mutate(
        'mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { __typename ... on CreateWorkspacePayload { workspace { id } } } }',
        { name },
      )
      return {
        name,
        connectionId: await connect('renews', token(name)),
        deletedConnectionId: await connect('renews', token(`${name}-deleted`)),
        syncJobId: await sync(await connect('held', token(`${name}-held`)), { accessToken: canary(`${name}-job`) }),
        heldConnectionId: await connect('held', token(`${name}-held-too`)),
        integrationId: await integrate(name, { type: 'bearer' }, '/flaky'),
        endUserId: await idOf('upsertEndUser', { workspaceId, externalId: name }, 'endUser'),
        authProviderId: await keep(name, 'TOKEN_CALLBACK', callback, signingSecret(name)),
        webhookEndpointId: await webhook(name),
        webhookDeliveryId,
        oidcIssuerId: await newIssuer(`https://${name}.example`, 'workspace'),
        issuerToken: await signed(name, { aud: `https://${name}.example`, workspace: workspaceId }),
        apiKeyId: apiKey.id,
        sessionId,
        toolSessionId: (await run('createToolSession', { workspaceId, endUserExternalId: name }, 'id')).id,
        state,
        refusedState,
        handle: await (await goToProvider(name)).handle(),
        strangeHandle: await (await goToProvider(`${name}-strange`)).handle(),
        workspaceId: another.id,
      }
    },
  }
}

const WEBHOOK = {
  verify: { method: 'token', place: { in: 'header', name: 'X-Token' } },
  handshake: [{ where: 'query.handshake', answer: 'ok', secret: 'body.secret' }],
  id: 'body.id',
  type: 'body.type',
  connection: { value: 'body.account', equals: 'externalId' },
}

/** Sends an event that repeats the secret, and a secret of the provider. */
async function sendToWebhooks(
  { app }: TestApp,
  { hooked, unset, secret }: { hooked: string; unset: string; secret: string },
): Promise<void> {
  const send = async (integration: string, query: string, body: object) => {
    const url = `http://localhost/webhooks/${parseGlobalId(integration)?.id}${query}`
    const init = { method: 'POST', headers: { 'x-token': secret }, body: JSON.stringify(body) }
    const { status } = await app.fetch(new Request(url, init))
    if (status !== 200) throw new Error(`The webhook was answered ${status}.`)
  }
  await send(hooked, '', { id: '1', type: 'echo', account: 'hooked', token: secret })
  await send(unset, '?handshake=1', { secret: 'not a canary: an administrator reads it' })
}

/** Creates what otherwise only a browser on the hosted page creates. */
async function fillSession(
  { database }: TestApp,
  workspaceId: string,
  ids: { session: string; connection: string },
): Promise<void> {
  const [workspace = '', id = '', connectionId = ''] = [workspaceId, ids.session, ids.connection].map(
    (each) => parseGlobalId(each)?.id,
  )
  const words = { providerError: 'access_denied', providerErrorDescription: 'No.' }
  const error = { code: 'PROVIDER', message: 'The provider refused.', ...words }
  await database.prisma.connectSession.update({ where: { id }, data: { connectionId, error } })
  await database.bulkTransaction((tx) =>
    appendEvents(tx, createLocalWakeBus(), workspace, [
      { type: 'CONNECT_SESSION_OPENED', connectionId, connectSessionId: id },
      { type: 'CONNECT_SESSION_AWAITING_CONFIRMATION', connectionId, connectSessionId: id },
      { type: 'CONNECT_SESSION_FAILED', connectionId, connectSessionId: id },
      { type: 'CONNECT_SESSION_COMPLETED', connectionId, connectSessionId: id },
    ]),
  )
}

/** Creates what otherwise takes days: a delivery that failed and is due again, and a disabled endpoint. */
async function fillWebhooks({ database }: TestApp, workspaceId: string, endpoint: string): Promise<string> {
  const [workspace = '', id = ''] = [workspaceId, endpoint].map((each) => parseGlobalId(each)?.id)
  const reason = 'No delivery has succeeded for five days.'
  await database.bulkTransaction((tx) =>
    appendEvents(tx, createLocalWakeBus(), workspace, [
      { type: 'WEBHOOK_ENDPOINT_DISABLED', payload: { webhookEndpointId: endpoint, disabledReason: reason } },
    ]),
  )
  for (;;) {
    const [delivery] = await database.sql.query<{ id: string }>(
      'SELECT id FROM webhook_delivery WHERE endpoint_id = $1::uuid AND failures > 0',
      [id],
    )
    if (delivery === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      continue
    }
    await database.prisma.webhookEndpoint.update({ where: { id }, data: { enabled: false, disabledReason: reason } })
    return encodeGlobalId('WebhookDelivery', delivery.id)
  }
}
