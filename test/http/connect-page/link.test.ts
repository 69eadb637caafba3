import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TEXTS } from '../../../src/http/connect-page/texts.ts'
import { Jar, SAME_ORIGIN } from './jar.ts'
import {
  consentDefinition,
  consentOption,
  GOOD_KEY,
  keyDefinition,
  type PageWorld,
  selectiveDefinition,
  startWorld,
} from './page-fixture.ts'

let world: PageWorld
beforeAll(async () => {
  world = await startWorld()
  await world.createIntegration('calendar', consentDefinition(world.provider), true)
  await world.createIntegration('ledger', keyDefinition(world.provider))
  await world.createIntegration('hidden', keyDefinition(world.provider, { displayName: 'Not for everybody' }))
})
afterAll(() => world.stop())

const take = { integration: 'ledger' }

/** A browser that has claimed a session and sees the form of the ledger. */
async function atForm(input: Record<string, unknown> = {}) {
  const session = await world.createSession({ integrations: ['ledger'], ...input })
  const jar = new Jar()
  await jar.get(session.connectUrl)
  const taken = await jar.post(session.connectUrl, take)
  return { session, jar, form: taken.headers.get('location') ?? '' }
}

describe('A connect link', () => {
  it('is not consumed by GET requests (OA-14)', async () => {
    const { id, connectUrl } = await world.createSession()
    for (const agent of ['Slackbot', 'Outlook-SafeLink', 'curl', 'WhatsApp', 'Googlebot']) {
      const looked = await new Jar().get(connectUrl, { 'user-agent': agent }, agent === 'curl' ? 'HEAD' : 'GET')
      expect(looked.status).toBe(200)
    }
    expect((await world.session(id)).status).toBe('PENDING')
    const taken = await new Jar().post(connectUrl, take)
    expect([taken.status, new URL(taken.headers.get('location') ?? '').pathname]).toEqual([
      303,
      expect.stringMatching(/^\/connect\/to\/[\w-]+\/ledger$/),
    ])
    expect((await world.session(id)).status).toBe('CONNECTING')
  })

  it('belongs to the browser that claims it first, and shows and allows nothing to another (OA-15)', async () => {
    const { session, form } = await atForm()
    const other = new Jar()
    expect((await other.post(session.connectUrl, take)).status).toBe(403)
    expect((await other.get(session.connectUrl)).status).toBe(403)
    for (const url of [
      form,
      form.replace(/to\/([\w-]+)\/.*/, 'finish/$1'),
      form.replace(/to\/([\w-]+)\/.*/, 'choose/$1'),
    ]) {
      const looked = await other.get(url)
      expect(looked.status).toBe(403)
      expect(await looked.text()).not.toContain('jane')
    }
    expect((await other.post(form, { 'credential.token': GOOD_KEY, 'input.region': 'eu' })).status).toBe(403)
    expect((await world.session(session.id)).status).toBe('CONNECTING')
  })

  it('goes to one of two browsers that claim it at the same time (OA-15)', async () => {
    const { connectUrl } = await world.createSession()
    const answers = await Promise.all(Array.from({ length: 6 }, () => new Jar().post(connectUrl, take)))
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 403, 403, 403, 403, 403])
  })

  it('belongs to a browser that submits it twice at once and loses the first answer', async () => {
    const { connectUrl } = await world.createSession()
    const jar = new Jar()
    await jar.get(connectUrl)
    const twice = new Jar()
    for (const [name, value] of jar.cookies) twice.cookies.set(name, value)
    expect((await jar.post(connectUrl, take)).status).toBe(303)
    const second = await twice.post(connectUrl, take)
    expect(second.status).toBe(303)
    expect((await twice.get(second.headers.get('location') ?? '')).status).toBe(200)
  })

  it('does not lead to an integration that it does not offer (OA-16)', async () => {
    const { session, jar, form } = await atForm()
    const { connectUrl } = await world.createSession({ integrations: ['ledger', 'calendar'] })
    expect((await new Jar().post(connectUrl, { integration: 'hidden' })).status).toBe(404)
    expect((await jar.post(session.connectUrl, { integration: 'hidden' })).status).toBe(404)
    expect((await jar.get(form.replace('/ledger', '/hidden'))).status).toBe(404)
    const sent = { 'credential.token': GOOD_KEY, 'input.region': 'eu' }
    expect((await jar.post(form.replace('/ledger', '/hidden'), sent)).status).toBe(404)
  })

  it('gives the browser a new value, and ignores cookies that another host could set (OA-17)', async () => {
    const { connectUrl } = await world.createSession({ integrations: ['ledger'] })
    const jar = new Jar()
    const planted = 'A'.repeat(43)
    jar.cookies.set('latchkey-connect', planted)
    jar.cookies.set('__Host-latchkey-connect', planted)
    const taken = await jar.post(connectUrl, take)
    const [cookie = ''] = taken.headers.getSetCookie().filter((each) => each.startsWith('latchkey-connect='))
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax/)
    const attacker = new Jar()
    attacker.cookies.set('latchkey-connect', planted)
    expect((await attacker.get(taken.headers.get('location') ?? '')).status).toBe(403)
    expect((await jar.get(taken.headers.get('location') ?? '')).status).toBe(200)
  })

  it('is bound by a cookie that only this host can set, over TLS (OA-17)', async () => {
    const secure = await startWorld({ app: { config: { publicUrl: 'https://connect.example' } } })
    try {
      await secure.createIntegration('ledger', keyDefinition(secure.provider))
      const { connectUrl } = await secure.createSession()
      const local = connectUrl.replace('https://connect.example', secure.app.url)
      const planted = { ...SAME_ORIGIN, cookie: `latchkey-connect=${'A'.repeat(43)}` }
      const jar = new Jar()
      await jar.get(local)
      jar.cookies.set('latchkey-connect', 'A'.repeat(43))
      const taken = await jar.post(local, take)
      expect(taken.headers.getSetCookie()).toEqual([
        expect.stringMatching(
          /^__Host-latchkey-connect=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/,
        ),
      ])
      const form = (taken.headers.get('location') ?? '').replace('https://connect.example', secure.app.url)
      expect((await new Jar().get(form, planted)).status).toBe(403)
      expect((await jar.get(form)).status).toBe(200)
    } finally {
      await secure.stop()
    }
  })

  const foreign: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'same-site', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    {},
  ]
  it.each(foreign)('cannot be claimed by a form of another page: %j (OA-18)', async (headers) => {
    const { id, connectUrl } = await world.createSession()
    const jar = new Jar()
    await jar.get(connectUrl)
    expect((await jar.post(connectUrl, take, headers)).status).toBe(403)
    expect((await world.session(id)).status).toBe('PENDING')
    const { jar: bound, form } = await atForm()
    expect((await bound.post(form, { 'credential.token': GOOD_KEY, 'input.region': 'eu' }, headers)).status).toBe(403)
  })

  it('can be claimed by a browser that sends neither Origin nor Sec-Fetch-Site, if the form repeats the cookie', async () => {
    const { connectUrl } = await world.createSession()
    const jar = new Jar()
    const guard = /name="guard" value="([\w-]+)"/.exec(await (await jar.get(connectUrl)).text())?.[1] ?? ''
    expect((await jar.post(connectUrl, { ...take, guard }, { origin: 'null' })).status).toBe(303)
    const { connectUrl: another } = await world.createSession()
    expect((await new Jar().post(another, { ...take, guard }, { origin: 'null' })).status).toBe(403)
  })

  it('shows that it has expired, was revoked or does not exist, each with its own status', async () => {
    const late = await world.createSession()
    await world.app.database.sql.query(`UPDATE connect_session SET expires_at = now() WHERE status = 'PENDING'`)
    const gone = await new Jar().get(late.connectUrl)
    expect([gone.status, await gone.text()]).toEqual([410, expect.stringContaining(TEXTS.en.problems.expired.title)])
    expect((await new Jar().post(late.connectUrl, take)).status).toBe(410)
    const never = await new Jar().get(`${world.app.url}/connect/lkc_${'x'.repeat(43)}`)
    expect([never.status, await never.text()]).toEqual([404, expect.stringContaining(TEXTS.en.problems.notFound.title)])
  })
})

describe('Every connect page', () => {
  it('has the same security headers, whatever its status (OA-24, OA-28)', async () => {
    const { session, jar, form } = await atForm()
    const pages = [
      await new Jar().get(session.connectUrl),
      await jar.get(form),
      await jar.submit(form, {}),
      await jar.get(`${world.app.url}/connect/choose/none`),
      await jar.get(`${world.app.url}/connect/nothing`),
      await jar.post(session.connectUrl, {}, {}),
      await jar.post(form, { 'credential.token': 'x'.repeat(10_000_000) }),
      await jar.get(form, {}, 'DELETE'),
      await jar.get(`${world.app.url}/oauth/callback/01a1febd-609e-707c-aa6c-62b40e44dfcc?state=x`),
    ]
    expect(pages.map(({ status }) => status)).toEqual([403, 200, 422, 403, 404, 403, 413, 405, 400])
    for (const response of pages) {
      const { headers } = response
      const nonce = /style-src 'nonce-([\w+/=]+)'/.exec(headers.get('content-security-policy') ?? '')?.[1]
      expect(headers.get('content-security-policy')?.replace(` ${world.product.origin}`, '')).toBe(
        `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      )
      expect(Object.fromEntries(headers)).toMatchObject({
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
      })
      const text = await response.text()
      expect(text).not.toMatch(/ on\w+=|javascript:|https?:\/\/(?!docs\.example)/)
    }
  })

  it('can be framed by the allowed origins only (OA-24)', async () => {
    const allowedOrigins = ['https://app.example', 'http://localhost:3000']
    const { connectUrl } = await world.createSession({ allowedOrigins })
    const policy = (await new Jar().get(connectUrl)).headers.get('content-security-policy')
    expect(policy).toContain('frame-ancestors https://app.example http://localhost:3000')
  })

  it.each(['a;frame-ancestors', '*.example'])(
    'has a CSP that a definition with the host %s cannot change (OA-25)',
    async (host) => {
      const { auth, ...definition } = consentDefinition(world.provider) as { auth: object }
      const hostile = { ...definition, auth: { ...auth, authorizationUrl: `http://${host}/authorize` } }
      const slug = `hostile-${host.length}`
      await world.createIntegration(slug, hostile, true)
      const { connectUrl } = await world.createSession({ integrations: [slug] })
      const policy = (await new Jar().get(connectUrl)).headers.get('content-security-policy')
      expect(policy?.replace(` ${world.product.origin}`, '')).toContain(
        "; form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'",
      )
    },
  )

  it('loads the logo over https only, and the last page loads none', async () => {
    const branding = { logoUrl: 'https://cdn.example/logo.png?a=1&b=2' }
    const update = 'mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename } }'
    await world.app.mutate(update, { workspaceId: world.workspace.id, branding })
    const { session, jar, form } = await atForm({ allowedOrigins: ['https://app.example'] })
    const choice = await new Jar().get((await world.createSession()).connectUrl)
    expect(choice.headers.get('content-security-policy')).toContain("img-src 'self' data: https://cdn.example;")
    expect(await choice.text()).toContain(
      '<img src="https://cdn.example/logo.png?a=1&amp;b=2" alt="" referrerpolicy="no-referrer">',
    )
    const sent = await jar.post(form, { 'credential.token': GOOD_KEY, 'input.region': 'eu' })
    const finish = await jar.get(sent.headers.get('location') ?? '')
    expect(finish.headers.get('content-security-policy')).toContain("img-src 'self' data:;")
    expect(await finish.text()).not.toContain('cdn.example')
    expect((await world.session(session.id)).status).toBe('AWAITING_CONFIRMATION')
    await world.app.mutate(update, {
      workspaceId: world.workspace.id,
      branding: { logoUrl: 'http://cdn.example/logo.png' },
    })
    expect(await (await new Jar().get((await world.createSession()).connectUrl)).text()).not.toContain('cdn.example')
    await world.app.mutate(update, { workspaceId: world.workspace.id, branding: null })
  })

  it('is in the language that the browser prefers, and every language has all texts', async () => {
    const { connectUrl } = await world.createSession()
    const german = await (await new Jar().get(connectUrl, { 'accept-language': 'fr;q=0.9, de-AT, en;q=0.8' })).text()
    expect(german).toContain('<html lang="de">')
    expect(german).toContain(TEXTS.de.chooseOne)
    const keys = (value: unknown, path = ''): string[] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => keys(inner, `${path}.${key}`))
        : [path]
    for (const texts of Object.values(TEXTS)) expect(keys(texts).sort()).toEqual(keys(TEXTS.en).sort())
  })
})

/** What a browser sees after it has claimed the link of a session: the form or the sign-in methods of an integration. */
async function claim(integration: string, input: Record<string, unknown> = {}) {
  const session = await world.createSession({ integrations: [integration], ...input })
  const jar = new Jar()
  const link = await jar.get(session.connectUrl)
  const taken = await jar.post(session.connectUrl)
  return { session, jar, link, taken, form: taken.headers.get('location') ?? '' }
}

describe('An integration with several sign-in methods', () => {
  beforeAll(async () => {
    const definition = selectiveDefinition(world.provider, [consentOption(world.provider)])
    await world.createIntegration('warehouse', definition, true)
    await world.createIntegration('unfinished', definition)
    const withRegion = { ...definition, inputFields: [{ name: 'region', label: 'Region', required: true }] }
    await world.createIntegration('regional', withRegion, true)
  })

  it('offers all of them, the consent page among them', async () => {
    const { session, jar, link, form } = await claim('warehouse')
    expect(await link.text()).toContain(TEXTS.en.severalMethods)
    const methods = await (await jar.get(form)).text()
    for (const label of ['User name and password', 'An access key', 'Your Warehouse account']) {
      expect(methods).toContain(`<strong>${label}</strong>`)
    }
    expect(methods).not.toContain(TEXTS.en.notSetUp)
    expect(await (await jar.get(`${form}?method=key`)).text()).toContain('name="credential.token"')
    const chosen = await jar.post(form, { method: 'account' })
    expect(chosen.headers.get('location')).toContain('/authorize?')
    const [path = ''] = (new URL(chosen.headers.get('location') ?? '').searchParams.get('redirect_uri') ?? '').split(
      '?',
    )
    const state = new URL(chosen.headers.get('location') ?? '').searchParams.get('state') ?? ''
    await jar.get(`${path}?${new URLSearchParams({ state, code: 'c' })}`)
    expect(await world.session(session.id)).toMatchObject({ status: 'AWAITING_CONFIRMATION' })
  })

  it('connects with any of them', async () => {
    const { session, jar, form } = await claim('warehouse')
    const sent = await jar.post(form, { method: 'key', 'credential.token': GOOD_KEY })
    expect(sent.status).toBe(303)
    expect((await world.session(session.id)).status).toBe('AWAITING_CONFIRMATION')
    expect((await (await claim('warehouse')).jar.post(form, { method: 'nothing' })).status).toBe(403)
  })

  it('asks for the inputs before the consent page', async () => {
    const { jar, form } = await claim('regional')
    expect(await (await jar.get(form)).text()).toMatch(/<a class="offer" href="[^"]*\?method=account"/)
    const page = await (await jar.get(`${form}?method=account`)).text()
    expect(page).toContain('name="input.region"')
    expect(page).not.toContain('name="credential.')
    expect((await jar.submit(form, { method: 'account' })).status).toBe(422)
    const chosen = await jar.post(form, { method: 'account', 'input.region': 'eu' })
    expect(chosen.headers.get('location')).toContain('/authorize?')
  })

  it('offers the ones that are set up, and says which one is not', async () => {
    const { jar, form } = await claim('unfinished')
    const methods = await (await jar.get(form)).text()
    expect(methods).toContain('?method=key"')
    expect(methods).toContain('Your Warehouse account')
    expect(methods).toContain(TEXTS.en.notSetUp)
    expect(methods).not.toMatch(/(?:method=|value=")account"/)
    for (const answer of [await jar.get(`${form}?method=account`), await jar.post(form, { method: 'account' })]) {
      expect([answer.status, answer.headers.get('location')]).toEqual([200, null])
      expect(await answer.text()).toContain('The integration unfinished has no OAuth client.')
    }
    expect((await jar.post(form, { method: 'key', 'credential.token': GOOD_KEY })).status).toBe(303)
  })
})

describe('An integration without its OAuth client', () => {
  it('says on its page that it is not set up, in plain words and for the developers', async () => {
    await world.createIntegration('bare', consentDefinition(world.provider))
    const { session, link, taken } = await claim('bare')
    for (const answer of [link, taken]) {
      expect(answer.status).toBe(409)
      const text = await answer.text()
      expect(text).toContain(TEXTS.en.notSetUpTitle('Calendar'))
      expect(text).toContain(TEXTS.en.notSetUpText('Acme'))
      expect(text).toContain('The integration bare has no OAuth client.')
      expect(text).toContain('updateIntegration')
      expect(text).not.toContain('<form')
    }
    const german = await new Jar().get((await world.createSession({ integrations: ['bare'] })).connectUrl, {
      'accept-language': 'de',
    })
    expect(await german.text()).toContain(TEXTS.de.notSetUpText('Acme'))
    expect(world.app.log.join('')).toContain('The integration bare has no OAuth client.')
    expect((await world.session(session.id)).status).not.toBe('FAILED')
  })

  it('is listed without a button when it was requested, and not listed among all', async () => {
    const some = await new Jar().get((await world.createSession({ integrations: ['ledger', 'bare'] })).connectUrl)
    const text = await some.text()
    expect(text).toContain('value="ledger"')
    expect(text).not.toContain('value="bare"')
    expect(text).toContain(TEXTS.en.notSetUp)
    const all = await (await new Jar().get((await world.createSession()).connectUrl)).text()
    expect(all).not.toContain(TEXTS.en.notSetUp)
  })
})

describe('POST /connect/page', () => {
  const idOf = (text: string) => /&quot;page&quot;:&quot;([0-9a-f-]{36})&quot;/.exec(text)?.[1] ?? ''
  const pageOf = async (token: string) => {
    const answer = await fetch(`${world.app.url}/connect/session`, { headers: { authorization: `Bearer ${token}` } })
    return ((await answer.json()) as { page: string | null }).page
  }

  it('records the page that is shown, and that it was closed', async () => {
    const { session, jar, form } = await atForm()
    const url = form.replace(/\/to\/([\w-]+)\/.*/, '/page/$1')
    const [first, second] = [idOf(await (await jar.get(form)).text()), idOf(await (await jar.get(form)).text())]
    expect(await pageOf(session.token)).toBeNull()
    expect((await jar.post(url, { page: first, event: 'open' })).status).toBe(204)
    expect(await pageOf(session.token)).toBe('OPEN')
    // The next page of the window may report before the one that it replaces.
    await jar.post(url, { page: second, event: 'open' })
    await jar.post(url, { page: first, event: 'left' })
    expect(await pageOf(session.token)).toBe('OPEN')
    await jar.post(url, { page: second, event: 'left' })
    expect(await pageOf(session.token)).toBe('LEFT')
    await jar.post(url, { page: second, event: 'open' })
    await jar.post(url, { page: second, event: 'away' })
    expect(await pageOf(session.token)).toBeNull()
  })

  it('accepts nothing from another browser, another site or without the id of the page', async () => {
    const { session, jar, form } = await atForm()
    const url = form.replace(/\/to\/([\w-]+)\/.*/, '/page/$1')
    const byToken = `${world.app.url}/connect/page/${session.token}`
    const page = idOf(await (await jar.get(form)).text())
    await jar.post(url, { page, event: 'open' })
    const other = { page: crypto.randomUUID(), event: 'open' }
    for (const address of [url, byToken]) expect((await new Jar().post(address, other)).status).toBe(403)
    expect((await new Jar().post(url, { ...other, event: 'left' })).status).toBe(204)
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await jar.post(url, { page, event: 'left' }, foreign)).status).toBe(403)
    for (const wrong of ['event=left', 'page=x&event=left', `page=${page}`, `page=${page}&event=gone`]) {
      expect((await jar.post(url, Object.fromEntries(new URLSearchParams(wrong)))).status, wrong).toBe(400)
    }
    expect((await jar.post(url, { page, event: 'left', more: 'x'.repeat(2_000) })).status).toBe(413)
    expect((await jar.post(`${world.app.url}/connect/page/lkc_${'x'.repeat(43)}`, other)).status).toBe(404)
    expect(await pageOf(session.token)).toBe('OPEN')
  })

  it('is not the closing of a window when the browser goes on to the provider or to the product', async () => {
    const onTheWay = await world.createSession({ integrations: ['calendar'] })
    const jar = new Jar()
    const byToken = `${world.app.url}/connect/page/${onTheWay.token}`
    const page = idOf(await (await jar.get(onTheWay.connectUrl)).text())
    await jar.post(byToken, { page, event: 'open' })
    await jar.post(onTheWay.connectUrl)
    await jar.post(byToken, { page, event: 'left' })
    expect(await pageOf(onTheWay.token)).toBeNull()
    const { session, jar: other, form } = await atForm()
    const url = form.replace(/\/to\/([\w-]+)\/.*/, '/page/$1')
    const last = idOf(await (await other.get(form)).text())
    await other.post(url, { page: last, event: 'open' })
    const sent = await other.post(form, { 'credential.token': GOOD_KEY, 'input.region': 'eu' })
    await other.get(sent.headers.get('location') ?? '')
    await other.post(url, { page: last, event: 'left' })
    expect(await pageOf(session.token)).toBeNull()
  })
})

describe('The credential form', () => {
  it('never shows a secret again, keeps other values, and disables autocompletion (OA-44)', async () => {
    const { jar, form } = await atForm()
    const before = await (await jar.get(form)).text()
    expect(before).toMatch(/<input type="password" id="credential-0" name="credential\.token" autocomplete="off"/)
    const secret = 'secret-canary-that-is-wrong'
    const refused = await jar.submit(form, { 'credential.token': secret, 'input.region': 'eu-"<b>' })
    const text = await refused.text()
    expect(refused.status).toBe(422)
    expect(text).not.toContain(secret)
    expect(text).toContain('value="eu-&quot;&lt;b&gt;"')
    expect(text).toContain('This &lt;i&gt;key&lt;/i&gt; has no power here')
    expect(world.app.log.join('')).not.toContain(secret)
  })

  it('tries a key with the first page of the first stream when there is no test request', async () => {
    const streams = [{ name: 'books', path: '/me', primaryKey: ['id'] }]
    await world.createIntegration('streamed', keyDefinition(world.provider, { testRequest: undefined, streams }))
    const { jar, form: other } = await atForm({ integrations: ['ledger', 'streamed'] })
    const form = other.replace('/ledger', '/streamed')
    const refused = await jar.submit(form, { 'credential.token': 'wrong-key-0123456789', 'input.region': 'eu' })
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain('This &lt;i&gt;key&lt;/i&gt; has no power here')
    const accepted = await jar.post(form, { 'credential.token': GOOD_KEY, 'input.region': 'eu' })
    expect(accepted.status).toBe(303)
  })

  it('shows a missing value next to its field, also to screen readers', async () => {
    const { jar, form } = await atForm()
    const text = await (await jar.submit(form, { 'credential.token': 'a\nb' })).text()
    expect(text).toMatch(/id="input-0"[^>]*aria-describedby="input-0-hint input-0-error" aria-invalid="true"/)
    expect(text).toContain(`<p class="error small" id="input-0-error">${TEXTS.en.fieldProblems['is missing']}</p>`)
    expect(text).toMatch(/id="credential-0"[^>]*aria-describedby="credential-0-error" aria-invalid="true"/)
    expect(text).toMatch(/role="alert" tabindex="-1" data-focus>\s*<h2>Please check 2 entries/)
  })

  it('shows for whom the account is connected and who requests it', async () => {
    const { connectUrl } = await world.createSession({ endUserExternalId: 'jane-4711' })
    expect(await (await new Jar().get(connectUrl)).text()).toMatch(/<dd>Acme<\/dd>[\s\S]*<dd>jane-4711<\/dd>/)
  })

  it('sends the browser back with a handle that confirms once and only for this end user', async () => {
    const { session, jar, form } = await atForm({ redirectUrl: `${world.product.origin}/done?x=1` })
    const sent = await jar.post(form, { 'credential.token': GOOD_KEY, 'input.region': 'eu' })
    expect([sent.status, sent.headers.get('location')]).toEqual([303, expect.stringContaining('/connect/finish/')])
    const finish = sent.headers.get('location') ?? ''
    expect((await new Jar().get(finish)).status).toBe(403)
    const done = await jar.get(finish)
    const target = new URL(done.headers.get('location') ?? '')
    expect([done.status, target.origin, target.pathname, target.searchParams.get('x')]).toEqual([
      303,
      world.product.origin,
      '/done',
      '1',
    ])
    const { status, connection } = await world.session(session.id)
    expect([status, connection?.status, connection?.id]).toEqual([
      'AWAITING_CONFIRMATION',
      'PENDING',
      target.searchParams.get('connection_id'),
    ])
    const handle = target.searchParams.get('handle') ?? ''
    expect((await world.confirm(handle, 'john')).__typename).toBe('ScopeMismatchError')
    expect(await world.confirm(handle)).toMatchObject({ connection: { status: 'ACTIVE' } })
    expect((await world.confirm(handle)).__typename).toBe('NotFoundError')
    expect(await world.session(session.id)).toMatchObject({ status: 'COMPLETED', connection: { status: 'ACTIVE' } })
    const ofSession = 'connectSession { id status endUser { externalId } }'
    const { data } = await world.app.request(
      `query ($id: ID!, $types: [EventType!]) { workspace(id: $id) { events(first: 100, types: $types) { nodes { type
        ... on ConnectSessionOpened { ${ofSession} } ... on ConnectSessionCompleted { ${ofSession} } } } } }`,
      { id: world.workspace.id, types: ['CONNECT_SESSION_OPENED', 'CONNECT_SESSION_COMPLETED'] },
    )
    const events = data.workspace.events.nodes.filter(
      ({ connectSession }: { connectSession: { id: string } }) => connectSession.id === session.id,
    )
    const connectSession = { id: session.id, status: 'COMPLETED', endUser: { externalId: expect.any(String) } }
    expect(events.map(({ type }: { type: string }) => type).sort()).toEqual([
      'CONNECT_SESSION_COMPLETED',
      'CONNECT_SESSION_OPENED',
    ])
    for (const event of events) expect(event).toMatchObject({ connectSession })
  })

  it('connects at once and returns no handle for a session without confirmation', async () => {
    await world.app.mutate(
      'mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename } }',
      { workspaceId: world.workspace.id, confirmation: 'NONE' },
    )
    const { session, jar, form } = await atForm({ redirectUrl: `${world.product.origin}/done` })
    const sent = await jar.post(form, { 'credential.token': GOOD_KEY, 'input.region': 'eu' })
    const done = await jar.get(sent.headers.get('location') ?? '')
    const target = new URL(done.headers.get('location') ?? '')
    expect([...target.searchParams.keys()]).toEqual(['connection_id'])
    expect(await world.session(session.id)).toMatchObject({ status: 'COMPLETED', connection: { status: 'ACTIVE' } })
    const { confirmation } = { confirmation: 'REQUIRED' }
    await world.app.mutate(
      'mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { __typename } }',
      { workspaceId: world.workspace.id, confirmation },
    )
  })

  it('needs only a click for an integration without fields', async () => {
    const open = { displayName: 'Open data', baseUrl: world.provider.origin, auth: { type: 'none' } }
    await world.createIntegration('open', open)
    const { connectUrl, id } = await world.createSession({ integrations: ['open'] })
    const jar = new Jar()
    const taken = await jar.post(connectUrl)
    const sent = await jar.post(taken.headers.get('location') ?? '')
    expect([sent.status, sent.headers.get('location')]).toEqual([303, expect.stringContaining('/connect/finish/')])
    expect((await world.session(id)).status).toBe('AWAITING_CONFIRMATION')
  })

  it('reports a provider that cannot be reached, and keeps the session open', async () => {
    const away = keyDefinition(world.provider, { displayName: 'Away', baseUrl: 'http://127.0.0.1:1' })
    await world.createIntegration('away', away)
    const { connectUrl, id } = await world.createSession({ integrations: ['away'] })
    const jar = new Jar()
    const taken = await jar.post(connectUrl)
    const form = taken.headers.get('location') ?? ''
    const sent = await jar.submit(form, { 'credential.token': 'k', 'input.region': 'eu' })
    expect([sent.status, await sent.text()]).toEqual([502, expect.stringContaining(TEXTS.en.unreachable('Away'))])
    expect((await world.session(id)).status).toBe('CONNECTING')
  })

  it('limits the number of attempts', async () => {
    const { jar, form } = await atForm()
    const statuses: number[] = []
    for (let attempt = 0; attempt < 12; attempt += 1) {
      statuses.push((await jar.submit(form, { 'credential.token': `guess-${attempt}`, 'input.region': 'eu' })).status)
    }
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(422))
    expect(statuses.at(-1)).toBe(429)
  })
})

describe('GET /connect/session', () => {
  const ask = (token: string, headers: Record<string, string> = {}) =>
    fetch(`${world.app.url}/connect/session`, { headers: { authorization: `Bearer ${token}`, ...headers } })

  it('shows the status to pages of the allowed origins only', async () => {
    const allowedOrigins = ['https://app.example']
    const { token, id } = await world.createSession({ allowedOrigins })
    const answer = await ask(token, { origin: 'https://app.example' })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, 'https://app.example'])
    expect(await answer.json()).toEqual({
      session: { id, status: 'PENDING', expiresAt: expect.any(String) },
      connection: null,
      error: null,
      page: null,
      pageId: null,
    })
    const refused = await ask(token, { origin: 'https://evil.example' })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null])
    expect((await ask(`lkc_${'x'.repeat(43)}`)).status).toBe(401)
    expect((await fetch(`${world.app.url}/connect/session`)).status).toBe(401)
  })

  it('never contains the handle', async () => {
    const { session, jar, form } = await atForm({ allowedOrigins: ['https://app.example'] })
    const sent = await jar.post(form, { 'credential.token': GOOD_KEY, 'input.region': 'eu' })
    const done = await (await jar.get(sent.headers.get('location') ?? '')).text()
    const handle = /&quot;handle&quot;:&quot;([\w-]+)&quot;/.exec(done)?.[1] ?? 'none'
    const answer = await (await ask(session.token, { origin: 'https://app.example' })).text()
    expect(answer).toContain('AWAITING_CONFIRMATION')
    expect(handle.length).toBeGreaterThan(40)
    expect(answer).not.toContain(handle)
  })

  it('is polled by /connect.js, which any page may load', async () => {
    const script = await fetch(`${world.app.url}/connect.js`)
    expect(Object.fromEntries(script.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
    })
    const again = await fetch(`${world.app.url}/connect.js`, {
      headers: { 'if-none-match': script.headers.get('etag') ?? '' },
    })
    expect(again.status).toBe(304)
  })
})
