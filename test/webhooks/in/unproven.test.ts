import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '../../../src/kit/ids.ts'
import { form, guardOf, openBrowser, takeLink } from '../../connecting/oauth/browser.ts'
import { connectSessions } from '../../connecting/oauth/connect-sessions.ts'
import { CLIENT, ERRORS, goThrough, oidcDefinition } from '../../connecting/oauth/oauth-fixture.ts'
import { useScripted } from '../../connecting/oauth/scripted-provider.ts'
import { type OidcIssuerServer, startOidcIssuer } from '../../support/oidc-issuer.ts'
import { rowId } from '../out/receiver.ts'
import { createAccount, createHook, definitionWith, deliver, eventsOf, type Hooked, WEBHOOK } from './hook-fixture.ts'

const latchkey = useScripted()
const { createSession } = connectSessions(latchkey)
let issuer: OidcIssuerServer
let token: string
let typed: Hooked
let external: Hooked
let injected: Hooked

const by = (equals: string) => ({ ...WEBHOOK, connection: { value: 'body.account.id', equals } })

beforeAll(async () => {
  issuer = await startOidcIssuer()
  const { app, workspace, provider } = latchkey
  const { oidcIssuer } = await app.mutate(
    `mutation ($input: CreateOidcIssuerInput!) { createOidcIssuer(input: $input) { ${ERRORS}
      ... on CreateOidcIssuerPayload { oidcIssuer { id } } } }`,
    {
      ...{ workspaceId: workspace.id, issuer: issuer.issuer, audience: 'latchkey' },
      ...{ jwksUrl: issuer.jwksUrl, createEndUsers: true },
    },
  )
  await app.mutate(`mutation ($input: ApproveOidcIssuerInput!) { approveOidcIssuer(input: $input) { ${ERRORS} } }`, {
    oidcIssuerId: oidcIssuer.id,
  })
  token = await issuer.sign({ sub: 'mallory', aud: 'latchkey', exp: Math.floor(Date.now() / 1000) + 86_400 })
  typed = await createHook(app, workspace, { slug: 'typed', definition: definitionWith(by('input.account')) })
  external = await createHook(app, workspace, { slug: 'external', definition: definitionWith(by('externalId')) })
  injected = await createHook(app, workspace, {
    slug: 'injected',
    definition: oidcDefinition(provider.origin, {}, { webhook: by('kept.installation_id') }),
    oauthClient: CLIENT,
  })
})
afterAll(() => issuer.close())

/** The connections of an event of an account. */
async function concerned(hook: Hooked, account: string): Promise<(string | null)[]> {
  const id = newId()
  expect(await deliver(latchkey.app, hook, { account: { id: account } }, { id })).toBe(200)
  const { id: workspaceId, key } = latchkey.workspace
  const events = await eventsOf(latchkey.app, workspaceId, key)
  return events.filter((event) => event.providerEventId === id).map(({ connection }) => connection?.id ?? null)
}

const create = (hook: Hooked, input: object, key = token) =>
  createAccount(latchkey.app, { ...latchkey.workspace, key }, { integration: hook.slug, ...input })

const replace = (connectionId: string, input: object, key = token) =>
  latchkey.app.mutate(
    `mutation ($input: ReplaceCredentialInput!) { replaceCredential(input: $input) { ${ERRORS} __typename } }`,
    { connectionId, ...input },
    key,
  )

const injection = (extra: object) => ({ credential: { oauthToken: { accessToken: 'an-access-token-0123', extra } } })
const secretText = (text: string) => ({ credential: { secretText: text } })

it('an input that an end user gives attributes no event, and the same one from a key of the workspace does', async () => {
  await create(typed, { input: { account: 'a1' } })
  expect(await concerned(typed, 'a1')).toEqual([null])
  const proven = await create(typed, { input: { account: 'a1' }, endUserExternalId: 'ada' }, latchkey.workspace.key)
  expect(await concerned(typed, 'a1')).toEqual([proven])
})

it('an externalId that an end user gives attributes no event, and the same one from a key of the workspace does', async () => {
  await create(external, { externalId: 'acct_1' })
  expect(await concerned(external, 'acct_1')).toEqual([null])
  const proven = await create(external, { externalId: 'acct_2', endUserExternalId: 'ada' }, latchkey.workspace.key)
  expect(await concerned(external, 'acct_2')).toEqual([proven])
})

it('a value that an end user injects with a token attributes no event, and the same one from a key does', async () => {
  const id = await create(injected, injection({ installation_id: '4711' }))
  expect(await concerned(injected, '4711')).toEqual([null])
  const proven = await create(injected, injection({ installation_id: '4711' }), latchkey.workspace.key)
  expect(await concerned(injected, '4711')).toEqual([proven])
  await replace(id, injection({ installation_id: '4712' }))
  expect(await concerned(injected, '4712')).toEqual([null])
  await replace(id, injection({ installation_id: '4712' }), latchkey.workspace.key)
  expect(await concerned(injected, '4712')).toEqual([id])
})

it('an input that an end user replaces is unproven until a key sets it, and one that is repeated stays proven', async () => {
  const input = { input: { account: 'r1' }, endUserExternalId: 'mallory' }
  const id = await create(typed, input, latchkey.workspace.key)
  await replace(id, { ...secretText('another'), input: { account: 'r1' } })
  await replace(id, secretText('one more'))
  expect(await concerned(typed, 'r1')).toEqual([id])
  await replace(id, { ...secretText('another'), input: { account: 'r2' } })
  expect(await concerned(typed, 'r2')).toEqual([null])
  await replace(id, secretText('a key does not name the input'), latchkey.workspace.key)
  expect(await concerned(typed, 'r2')).toEqual([null])
  await replace(id, { ...secretText('a key does'), input: { account: 'r2' } }, latchkey.workspace.key)
  expect(await concerned(typed, 'r2')).toEqual([id])
})

it.each(['REQUIRED', 'NONE'])(
  'what somebody types at the connect page attributes no event (confirmation %s)',
  async (confirmation) => {
    const { app, workspace, provider } = latchkey
    const slug = `form-${confirmation.toLowerCase()}`
    const definition = definitionWith(by('input.account'), { baseUrl: provider.origin, testRequest: { path: '/me' } })
    const hook = await createHook(app, workspace, { slug, definition })
    await app.mutate(
      `mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { ${ERRORS} __typename } }`,
      { workspaceId: workspace.id, confirmation },
    )
    const created = await createSession({ integrations: [slug], confirmation })
    const browser = openBrowser()
    const page = await takeLink(browser, created.connectUrl)
    const sent = { 'credential.token': 'a-token-0123456789', 'input.account': 'typed-1' }
    const answer = await browser.visit(page, form({ guard: await guardOf(browser, page), ...sent }))
    expect(answer.status).toBe(303)
    const end = await browser.follow(
      new URL(answer.headers.get('location') ?? '', page).href,
      'https://product.example/',
    )
    if (confirmation === 'REQUIRED') {
      const handle = end.searchParams.get('handle')
      const confirmed = await latchkey.call('confirmConnection', { handle, endUserExternalId: 'ada' })
      expect(confirmed).toMatchObject({ connection: { status: 'ACTIVE', input: { account: 'typed-1' } } })
    }
    expect(await concerned(hook, 'typed-1')).toEqual([null])
  },
)

it('a flow proves the input that is the host of the consent page and of the token endpoint, and no other', async () => {
  const { app, workspace, provider } = latchkey
  const { port, host } = new URL(provider.origin)
  const origin = `http://{{ input.shop }}:${port}`
  const auth = { authorizationUrl: `${origin}/authorize`, tokenUrl: `${origin}/token` }
  const inputFields = [{ name: 'shop' }, { name: 'account' }]
  const hooks = new Map<string, Hooked>()
  for (const name of ['shop', 'account']) {
    const definition = oidcDefinition(provider.origin, auth, { inputFields, webhook: by(`input.${name}`) })
    const oauthClient = { ...CLIENT, hosts: [host] }
    const hook = await createHook(app, workspace, { slug: `by-${name}`, definition, oauthClient })
    hooks.set(name, hook)
  }
  const input = { shop: '127.0.0.1', account: 'victim' }
  for (const [name, hook] of hooks) {
    for (const [key, endUser] of [
      [token, 'mallory'],
      [workspace.key, 'ada'],
    ] as const) {
      const begun = await latchkey.start({ integration: hook.slug, input, endUserExternalId: endUser }, key)
      const end = await goThrough(latchkey.callbackOf(begun))
      const handle = end.searchParams.get('handle')
      const { connection } = await latchkey.call('confirmConnection', { handle, endUserExternalId: endUser })
      expect(connection.status).toBe('ACTIVE')
      const proven = name === 'shop' || key !== token
      const found = await concerned(hook, name === 'shop' ? '127.0.0.1' : 'victim')
      expect([name, endUser, found.includes(connection.id)]).toEqual([name, endUser, proven])
    }
  }
})

it('a shop and a subdomain are proven by the consent page of Shopify and of Zendesk, also when end users give them', async () => {
  const { app, workspace } = latchkey
  for (const [provider, name] of [
    ['shopify', 'shop'],
    ['zendesk', 'subdomain'],
  ] as const) {
    await app.mutate(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { ${ERRORS} __typename } }`,
      { workspaceId: workspace.id, provider, slug: provider, oauthClient: CLIENT },
      workspace.key,
    )
    const begun = await latchkey.start(
      { integration: provider, externalId: `own-${name}`, input: { [name]: 'acme' } },
      token,
    )
    const where = { connectionId: rowId(begun.connection.id) }
    expect(await app.database.prisma.oAuthFlow.findFirst({ where })).toMatchObject({
      unproven: expect.not.arrayContaining([`input.${name}`]),
    })
    const connection = { id: where.connectionId }
    expect(await app.database.prisma.connection.findUnique({ where: connection })).toMatchObject({
      unproven: ['externalId'],
    })
  }
})

it('a value of the callback that nothing verifies attributes no event', async () => {
  const { app, workspace, provider } = latchkey
  const verified = { afterConnect: [{ path: '/company/{{ kept.company }}', keep: {} }] }
  for (const [slug, more, proven] of [
    ['unread', {}, false],
    ['read', verified, true],
  ] as const) {
    const definition = oidcDefinition(
      provider.origin,
      { callbackKeep: { company: 'company' } },
      { webhook: by('kept.company'), ...more },
    )
    const hook = await createHook(app, workspace, { slug, definition, oauthClient: CLIENT })
    const begun = await latchkey.start({ integration: slug, endUserExternalId: 'ada' })
    const end = await goThrough(latchkey.callbackOf(begun, { company: 'c1' }))
    const handle = end.searchParams.get('handle')
    const { connection } = await latchkey.call('confirmConnection', { handle, endUserExternalId: 'ada' })
    expect(await concerned(hook, 'c1')).toEqual([proven ? connection.id : null])
  }
})

it('every connection of an event gets a body without the secrets of all of them', async () => {
  const first = await create(
    typed,
    { ...secretText('the-first-secret-0123456789'), input: { account: 's1' } },
    latchkey.workspace.key,
  )
  const second = await create(
    typed,
    { ...secretText('the-second-secret-0123456789'), input: { account: 's1' } },
    latchkey.workspace.key,
  )
  const id = newId()
  const text = 'the-first-secret-0123456789 the-second-secret-0123456789'
  await deliver(latchkey.app, typed, { account: { id: 's1' }, text }, { id })
  const events = await eventsOf(latchkey.app, latchkey.workspace.id, latchkey.workspace.key)
  const own = events.filter((event) => event.providerEventId === id)
  expect(own.map(({ connection }) => connection.id).toSorted()).toEqual([first, second].toSorted())
  for (const { body } of own) expect(body.text).toBe('[redacted] [redacted]')
})
