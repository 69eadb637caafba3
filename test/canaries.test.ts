import { trace } from '@opentelemetry/api'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CustomStrategy } from '../src/auth/custom/custom-strategy.ts'
import { parseGlobalId } from '../src/graphql/kernel/global-id.ts'
import { startTestApp, type TestApp } from './support/app.ts'
import {
  answerWithCanaries,
  canaries,
  canary,
  canaryKey,
  dump,
  formsOf,
  recordOutput,
  recordTraces,
} from './support/canaries.ts'
import { type ProviderServer, startProvider } from './support/provider-server.ts'

const FAIL = '__typename ... on Error { code message details } ... on InvalidInputError { fields { path message } }'

/** A custom strategy. Its session is a secret, too. */
const tenant: CustomStrategy = {
  name: 'tenant-key',
  fields: () => [{ name: 'key', secret: true, required: true }],
  open: ({ fields, data }, { place }) => ({
    apply(draft) {
      place(draft, { in: 'header', name: 'X-Key' }, fields['key'] ?? '')
      place(draft, { in: 'header', name: 'X-Session' }, String(data['session'] ?? ''))
    },
  }),
  renew: async () => ({ data: { session: canary('custom-session') } }),
}

describe('secrets of every kind, in a run through the whole API (OA-29, CS-06)', () => {
  let app: TestApp
  let api: ProviderServer
  const answers: string[] = []
  let workspace: { id: string; key: string }
  let traces: string[]
  let output: string[]

  beforeAll(async () => {
    traces = recordTraces()
    output = recordOutput()
    app = await startTestApp({ customStrategies: new Map([[tenant.name, tenant]]) })
    api = await startProvider(answerWithCanaries)
    workspace = await app.createWorkspace()
  })
  afterAll(async () => {
    vi.restoreAllMocks()
    trace.disable()
    await api.close()
    await app.stop()
  })

  async function run(field: string, input: object, selection = ''): Promise<Record<string, unknown>> {
    const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`
    const query = `mutation ($input: ${type}Input!) { ${field}(input: $input) { ${FAIL} ${selection} } }`
    const answer = await app.request(query, { input }, workspace.key)
    answers.push(JSON.stringify(answer))
    if (answer.errors !== undefined) throw new Error(`${field}: ${JSON.stringify(answer.errors)}`)
    return answer.data[field]
  }

  async function integrate(slug: string, auth: object, extra: object = {}, path = '/contacts'): Promise<string> {
    const stream = { name: 'contacts', path, recordsPath: ['items'], primaryKey: [['id']] }
    const definition = { displayName: slug, baseUrl: api.origin, auth, streams: [stream] }
    const done = await run('createIntegration', { workspaceId: workspace.id, slug, definition, ...extra })
    expect(done['__typename']).toBe('CreateIntegrationPayload')
    return slug
  }

  async function connect(integration: string, credential: object, extra: object = {}): Promise<string> {
    const { connection } = await run(
      'createConnection',
      { workspaceId: workspace.id, integration, credential, ...extra },
      '... on CreateConnectionPayload { connection { id credential { type } } }',
    )
    return (connection as { id: string }).id
  }

  const use = async (connectionId: string, path = '/me') => {
    await run(
      'executeRequest',
      { connectionId, method: 'POST', path, body: { a: 1 } },
      '... on ExecuteRequestPayload { response { status } }',
    )
    await run('testConnection', { connectionId })
    await run('refreshConnection', { connectionId, force: true })
  }

  async function sync(connectionId: string): Promise<void> {
    const { syncJob } = await run('triggerSync', { connectionId }, '... on TriggerSyncPayload { syncJob { id } }')
    const { id } = syncJob as { id: string }
    for (;;) {
      const { data } = await app.request(
        'query ($id: ID!) { node(id: $id) { ... on SyncJob { status error { message } } } }',
        { id },
        workspace.key,
      )
      answers.push(JSON.stringify(data))
      if (['SUCCEEDED', 'FAILED'].includes(data.node.status)) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  it('appear in plain text in no log line, response, metric, span, table or job', async () => {
    const pair = [
      { name: 'email', required: true },
      { name: 'key', secret: true, required: true },
    ]
    const fields = (name: string) => ({ fields: { email: 'ada@example.com', key: canary(name) } })

    await use(await connect(await integrate('bearer', { type: 'bearer' }), { secretText: canary('bearer') }))
    await use(
      await connect(await integrate('key', { type: 'api_key', placement: { in: 'query', name: 'key' } }), {
        secretText: canary('api-key'),
      }),
    )
    await use(
      await connect(await integrate('basic', { type: 'basic' }), {
        basic: { username: 'u', password: canary('basic') },
      }),
    )
    await use(
      await connect(
        await integrate('jwt', { type: 'jwt', algorithm: 'HS256', key: '{{ config.key }}', fields: pair }),
        fields('jwt'),
      ),
    )
    const hmac = {
      type: 'signature',
      method: 'hmac',
      key: '{{ config.key }}',
      hash: 'sha256',
      encoding: 'hex',
      message: '{{ body }}',
    }
    await use(
      await connect(
        await integrate('hmac', { ...hmac, fields: pair, placement: { in: 'header', name: 'X-S' } }),
        fields('hmac'),
      ),
    )
    const login = { url: `${api.origin}/login`, json: { user: '{{ config.email }}', key: '{{ config.key }}' } }
    const session = {
      type: 'session_token',
      tokenPath: 'token',
      placement: { in: 'header', name: 'X-S' },
      fields: pair,
      login,
    }
    await use(await connect(await integrate('session', session), fields('login')))
    const options = [
      { key: 'key', label: 'Key', auth: { type: 'api_key', placement: { in: 'header', name: 'X-Key' } } },
    ]
    const failing = { ...session, login: { ...login, url: `${api.origin}/login/fails` } }
    await use(await connect(await integrate('session-fails', failing), fields('login-refused')))

    const key = { name: 'key', secret: true, required: true }
    await use(
      await connect(
        await integrate('jwt-rsa', { type: 'jwt', algorithm: 'RS256', key: '{{ config.key }}', fields: [key] }),
        { fields: { key: canaryKey('jwt-private-key') } },
      ),
    )
    const aws = { region: 'eu-west-1', service: 'execute-api', sessionToken: '{{ config.token }}' }
    const keys = { accessKeyId: '{{ config.email }}', secretAccessKey: '{{ config.key }}' }
    const token = { name: 'token', secret: true, required: true }
    await use(
      await connect(
        await integrate('sigv4', { type: 'signature', method: 'aws_sigv4', ...aws, ...keys, fields: [...pair, token] }),
        { fields: { email: 'AKIAEXAMPLE', key: canary('sigv4-secret'), token: canary('sigv4-session') } },
      ),
    )
    for (const signature of ['HMAC-SHA1', 'PLAINTEXT']) {
      const urls = { requestTokenUrl: api.origin, authorizationUrl: api.origin, accessTokenUrl: api.origin }
      const slug = `oauth1-${signature.toLowerCase()}`
      const secrets = {
        consumer_key: 'consumer',
        consumer_secret: canary(`${slug}-consumer`),
        token: canary(`${slug}-token`),
        token_secret: canary(`${slug}-token-secret`),
      }
      await use(await connect(await integrate(slug, { type: 'oauth1', signature, ...urls }), { fields: secrets }))
    }
    await use(
      await connect(await integrate('custom', { type: 'custom', strategy: 'tenant-key' }), {
        fields: { key: canary('custom-key') },
      }),
    )
    const selective = await integrate('selective', { type: 'selective', options })
    await use(await connect(selective, { fields: { auth_method: 'key', api_key: canary('selective') } }))

    const oauth = (path: string) => ({ type: 'oauth2', grant: 'refresh_token', tokenUrl: `${api.origin}${path}` })
    const injected = (name: string) => ({
      oauthToken: {
        accessToken: canary(`${name}-access`),
        refreshToken: canary(`${name}-refresh`),
        expiresIn: 3600,
        clientId: 'own-client',
        clientSecret: canary(`${name}-client-secret`),
      },
    })
    const good = await integrate('oauth', oauth('/token'), {
      oauthClient: { clientId: 'c', clientSecret: canary('client-secret') },
    })
    const renewed = await connect(good, injected('oauth'))
    await use(renewed)
    await sync(renewed)
    const client = (name: string) => ({ fields: { client_id: 'own', client_secret: canary(name) } })
    for (const path of ['/token', '/token/fails']) {
      const auth = { ...oauth(path), grant: 'client_credentials', clientAuth: 'client_secret_basic' }
      const slug = `credentials${path.replaceAll('/', '-')}`
      await use(await connect(await integrate(slug, auth), client(slug)))
    }
    const refused = await connect(await integrate('oauth-fails', oauth('/token/fails')), injected('refused'))
    await use(refused)

    const echoing = await connect(await integrate('fails', { type: 'bearer' }, {}, '/fails'), {
      secretText: canary('echoed'),
    })
    await use(echoing, '/fails')
    await sync(echoing)
    await run('replaceCredential', { connectionId: echoing, credential: { secretText: canary('replaced') } })
    const tried = { workspaceId: workspace.id, integration: 'bearer', credential: { secretText: canary('tried') } }
    await run('testIntegration', tried)

    const secret = `whsec_${Buffer.from(canary('signing')).toString('base64')}`
    const keeper = {
      workspaceId: workspace.id,
      name: 'keeper',
      kind: 'TOKEN_CALLBACK',
      secret,
      config: { url: `${api.origin}/callback` },
      hosts: ['127.0.0.1'],
    }
    expect((await run('createAuthProvider', keeper))['__typename']).toBe('CreateAuthProviderPayload')
    const others = {
      composio: { kind: 'COMPOSIO', config: { baseUrl: api.origin } },
      pipedream: {
        kind: 'PIPEDREAM',
        config: {
          baseUrl: api.origin,
          projectId: 'proj_1',
          environment: 'development',
          clientId: 'client',
        },
      },
    }
    for (const [name, settings] of Object.entries(others)) {
      const provider = { ...keeper, name, ...settings, secret: canary(`${name}-secret`) }
      expect((await run('createAuthProvider', provider))['__typename']).toBe('CreateAuthProviderPayload')
    }
    for (const provider of ['keeper', ...Object.keys(others)]) {
      await use(await connect('bearer', { authProvider: { provider, accountId: 'a' } }))
      const credential = { authProvider: { provider, accountId: 'a' } }
      await run('testIntegration', { workspaceId: workspace.id, integration: 'bearer', credential })
    }

    // An error must not repeat the refused input.
    const wrong = {
      workspaceId: workspace.id,
      integration: 'bearer',
      credential: { fields: { [canary('unknown')]: 1, token: { a: canary('misplaced') } } },
    }
    await run('createConnection', wrong).catch(() => undefined)

    const status = await app.database.prisma.connection.findUniqueOrThrow({
      where: { id: parseGlobalId(refused)?.id ?? '' },
    })
    expect(status).toMatchObject({ status: 'NEEDS_REAUTH' })
    expect(canaries.size).toBeGreaterThan(45)
    for (const name of ['composio-access', 'pipedream-access', 'provided', 'custom-session']) {
      expect([...canaries.keys()]).toContain(name)
    }
    expect([...canaries.keys()].join()).toContain('issued-refresh')
    // The provider did receive the secrets.
    expect(JSON.stringify(api.requests)).toContain(canaries.get('bearer'))

    // An error names an unknown object key, so that the caller finds it: a key is not a value.
    canaries.delete('unknown')
    const metrics = await (await fetch(`${app.url}/metrics`)).text()
    expect(metrics).toContain('# TYPE')
    expect(traces.length).toBeGreaterThan(100)
    const texts = { log: app.log, answers, traces, output, metrics: [metrics] }
    const joined = Object.entries(texts).map(([place, lines]) => [place, lines.join('\n')])
    const places: Record<string, string> = { ...Object.fromEntries(joined), ...(await dump(app)) }
    const hits = Object.entries(places).flatMap(([place, text]) =>
      [...canaries].flatMap(([name, each]) =>
        formsOf(each).some((form) => text.includes(form)) ? [`${name} in ${place}`] : [],
      ),
    )
    expect(hits).toEqual([])
  }, 240_000)

  it('would be found in each of their encodings', async () => {
    const secret = 'canary-secret-1234567890'
    const places = [secret, btoa(secret), btoa(`u:${secret}`), btoa(`ab:${secret}`), btoa(`user:${secret}.`)]
    for (const text of [...places, Buffer.from(secret).toString('hex'), `a=${encodeURIComponent(secret)}&b`]) {
      expect(formsOf(secret).some((form) => text.includes(form))).toBe(true)
    }
    // The dump of the database does contain plain text.
    expect((await dump(app))['public.auth_provider.kind']).toContain('TOKEN_CALLBACK')
  })
})
