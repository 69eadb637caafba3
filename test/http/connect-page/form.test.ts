import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findGuide } from '../../../src/catalog/catalog.ts'
import { hintFor, reasonOfHint } from '../../../src/http/connect-page/reasons.ts'
import { TEXTS } from '../../../src/http/connect-page/texts.ts'
import { submissionIdentity } from '../../../src/vault/identities.ts'
import { createAuthority } from '../../support/certificates.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'
import { Jar } from './jar.ts'
import {
  consentDefinition,
  GOOD_KEY,
  keyDefinition,
  type PageWorld,
  selectiveDefinition,
  startWorld,
} from './page-fixture.ts'

const GERMAN = { 'accept-language': 'de' }
const SUBDOMAIN = [{ name: 'subdomain', label: 'Subdomain', required: true, pattern: '[a-z0-9-]+' }]

let world: PageWorld
let moody: ProviderServer
beforeAll(async () => {
  world = await startWorld()
  // Answers with the status that is in the path, and says nothing.
  moody = await startProvider(({ url }, response) => sendJson(response, {}, {}, Number(url.pathname.slice(1))))
  await world.createIntegration('ledger', keyDefinition(world.provider))
  await world.createIntegration('calendar', consentDefinition(world.provider), true)
  await world.createIntegration('warehouse', selectiveDefinition(world.provider))
  const desk = {
    displayName: 'Desk',
    baseUrl: 'https://{{ input.subdomain }}.desk.example/api',
    inputFields: SUBDOMAIN,
  }
  await world.createIntegration('desk', keyDefinition(world.provider, desk))
})
afterAll(async () => {
  await world.stop()
  await moody.close()
})

/** A browser at the form of an integration. */
async function atForm(integration = 'ledger', input: Record<string, unknown> = {}) {
  const session = await world.createSession({ integrations: [integration], ...input })
  const jar = new Jar()
  await jar.get(session.connectUrl)
  const taken = await jar.post(session.connectUrl, { integration })
  return { session, jar, form: taken.headers.get('location') ?? '' }
}

const WRONG = { 'credential.token': 'secret-canary-that-is-wrong', 'input.region': 'eu' }
/** What the page says in its alert. */
const alertOf = (text: string) => /<div class="note bad" role="alert"[\s\S]*?<\/div>/.exec(text)?.[0] ?? ''
const times = (text: string, part: string) => text.split(part).length - 1

describe('A failed form', () => {
  it('leads back to the form, which shows the problem as often as it is loaded and submits nothing', async () => {
    const { session, jar, form } = await atForm()
    const before = world.provider.requests.length
    const sent = await jar.post(form, WRONG)
    expect([sent.status, await sent.text()]).toEqual([303, ''])
    const location = sent.headers.get('location') ?? ''
    expect(new URL(location).pathname).toBe(new URL(form).pathname)
    const asked = world.provider.requests.length
    expect(asked).toBeGreaterThan(before)
    for (const again of [await jar.get(location), await jar.get(location)]) {
      expect(again.status).toBe(422)
      const text = await again.text()
      expect(text).toContain(TEXTS.en.refusedTitle('Ledger'))
      expect(text).toContain('name="input.region" autocomplete="off"')
      expect(text).toContain('value="eu"')
    }
    expect(world.provider.requests.length).toBe(asked)
    const fresh = await jar.get(form)
    expect([fresh.status, alertOf(await fresh.text())]).toEqual([200, ''])
    expect((await world.session(session.id)).status).toBe('CONNECTING')
  })

  it('keeps no secret, neither in the address nor sealed in the cookie (OA-44)', async () => {
    const { session, jar, form } = await atForm()
    const sent = await jar.post(form, WRONG)
    const [cookie = ''] = sent.headers.getSetCookie().filter((each) => each.startsWith('latchkey-submission'))
    expect(cookie).toMatch(/^latchkey-submission=[\w-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/)
    const [, sealed = ''] = /^latchkey-submission=([\w-]+)/.exec(cookie) ?? []
    const id = /\/to\/([\w-]+)\//.exec(form)?.[1] ?? ''
    const [row] = await world.app.database.sql.query<{ workspace_id: string }>(
      'SELECT workspace_id::text FROM connect_session WHERE id = $1::uuid',
      [id],
    )
    const identity = submissionIdentity(row?.workspace_id ?? '', id)
    const kept = world.app.vault.open(Buffer.from(sealed, 'base64url'), identity)
    expect(kept).toMatchObject({ slug: 'ledger', values: { 'input.region': 'eu' } })
    expect(JSON.stringify(kept)).not.toContain('canary')
    expect(sent.headers.get('location')).not.toMatch(/canary|eu\b/)
    expect((await world.session(session.id)).status).toBe('CONNECTING')
  })

  it('shows nothing of it in another session, for another integration, or after the cookie was changed', async () => {
    const { jar, form } = await atForm('ledger', { integrations: ['ledger', 'warehouse'] })
    const location = (await jar.post(form, WRONG)).headers.get('location') ?? ''
    const other = await atForm()
    const query = new URL(location).search
    const [name = '', value = ''] = [...jar.cookies].find(([each]) => each.startsWith('latchkey-submission')) ?? []
    other.jar.cookies.set(name, value)
    expect((await other.jar.get(`${other.form}${query}`)).status).toBe(200)
    expect((await jar.get(`${form.replace('/ledger', '/warehouse')}${query}&method=key`)).status).toBe(200)
    jar.cookies.set(name, `${value.slice(0, -2)}${value.endsWith('AA') ? 'BB' : 'AA'}`)
    expect((await jar.get(location)).status).toBe(200)
  })

  it('is shown at once when its values are too long for a cookie', async () => {
    const { jar, form } = await atForm()
    const region = 'x'.repeat(6_000)
    const sent = await jar.post(form, { ...WRONG, 'input.region': region })
    expect([sent.status, sent.headers.getSetCookie().filter((each) => each.includes('submission'))]).toEqual([422, []])
    expect(await sent.text()).toContain(`value="${region}"`)
  })

  it('replaces the one before it, so that the cookies of a browser do not pile up', async () => {
    const { jar, form } = await atForm()
    for (const region of ['eu', 'us', 'ap']) await jar.post(form, { ...WRONG, 'input.region': region })
    expect([...jar.cookies.keys()].filter((name) => name.includes('submission'))).toHaveLength(1)
  })

  it('is forgotten after the account is connected', async () => {
    const { jar, form } = await atForm()
    await jar.post(form, WRONG)
    const sent = await jar.post(form, { 'credential.token': GOOD_KEY, 'input.region': 'eu' })
    expect(sent.headers.getSetCookie()).toContainEqual(expect.stringMatching(/^latchkey-submission=;.*Max-Age=0/))
  })

  it('keeps the chosen sign-in method', async () => {
    const { jar, form } = await atForm('warehouse')
    const refused = await jar.submit(form, {
      method: 'password',
      'credential.username': 'jane',
      'credential.password': 'x',
    })
    const text = await refused.text()
    expect(refused.status).toBe(422)
    expect(text).toContain('value="jane"')
    expect(text).toContain('name="method" value="password"')
  })
})

describe('What a failed form says', () => {
  it('says each thing once, and quotes the provider', async () => {
    const { jar, form } = await atForm()
    const text = await (await jar.submit(form, WRONG)).text()
    expect(times(text, TEXTS.en.refusedTitle('Ledger'))).toBe(1)
    expect(times(text, 'This &lt;i&gt;key&lt;/i&gt; has no power here')).toBe(1)
    expect(text).toContain(`<title>${TEXTS.en.failed('Connect Ledger')}</title>`)
    const missing = await (await jar.submit(form, { 'credential.token': 'k' })).text()
    expect(times(missing, TEXTS.en.fieldProblems['is missing'] ?? '')).toBe(1)
    expect(alertOf(missing)).toContain('<a href="#input-0">Region</a>')
    expect(alertOf(missing)).not.toContain(TEXTS.en.fieldProblems['is missing'])
  })

  it('quotes nothing when the provider said nothing, and keeps its status apart from the entries', async () => {
    const says = `${TEXTS.en.saidBy('Moody')}:`
    const messages = new Map<number, string>()
    for (const status of [401, 404, 429, 503]) {
      const slug = `moody-${status}`
      const definition = { displayName: 'Moody', baseUrl: moody.origin, testRequest: { path: `/${status}` } }
      await world.createIntegration(slug, keyDefinition(world.provider, definition))
      const { jar, form } = await atForm(slug)
      const failed = await jar.submit(form, WRONG)
      const text = await failed.text()
      expect(text).not.toContain(says)
      expect(text).not.toContain('The provider')
      messages.set(status, `${failed.status} ${alertOf(text).replace(/<[^>]*>/g, ' ')}`)
    }
    expect(messages.get(401)).toMatch(/^422 [\s\S]*Moody did not accept this/)
    expect(messages.get(404)).toMatch(/^422 [\s\S]*Moody did not accept this/)
    for (const status of [429, 503]) expect(messages.get(status)).toMatch(/^502 [\s\S]*cannot check this right now/)
  })

  it('names the part of the address when nothing is there', async () => {
    const { jar, form } = await atForm('desk')
    const failed = await jar.submit(form, { ...WRONG, 'input.subdomain': 'acme' })
    const text = await failed.text()
    expect(failed.status).toBe(502)
    expect(alertOf(text)).toContain(TEXTS.en.checkField('Subdomain'))
  })

  it('has the cause and the remedy of the provider’s guide, in the language of the reader', () => {
    const message = "Couldn't authenticate you"
    const place = hintFor('zendesk', { at: 'request', status: 401, message })
    const hint = place === null ? undefined : findGuide('zendesk')?.hints[place]
    expect(hint?.statuses).toContain(401)
    for (const locale of ['en', 'de'] as const) {
      const reason = reasonOfHint('zendesk', place, { locale, texts: TEXTS[locale] })
      expect(reason?.cause.text).toBe(hint?.cause[locale].replaceAll("'", '&#39;'))
      expect(reason?.advice.text).toBe((hint?.person?.[locale] ?? TEXTS[locale].tellSender).replaceAll("'", '&#39;'))
    }
    expect(hintFor('zendesk', { at: 'request', status: 401 })).toBeNull()
    expect(hintFor(null, { at: 'request', status: 401, message })).toBeNull()
    expect(reasonOfHint('zendesk', 1_000, { locale: 'en', texts: TEXTS.en })).toBeNull()
  })

  it('leaves to the operator what only an operator can mend', () => {
    const place = hintFor('zendesk', { at: 'token', error: 'invalid_client' })
    const reason = reasonOfHint('zendesk', place, { locale: 'de', texts: TEXTS.de })
    expect(reason?.advice.text).toBe(TEXTS.de.tellSender)
    expect(reason?.operator?.text).toContain('<b>')
  })
})

describe('The fields of a form', () => {
  it('have usual labels and sign-in methods in German', async () => {
    const { jar, form } = await atForm()
    const text = await (await jar.get(form, GERMAN)).text()
    expect(text).toMatch(/<label for="credential-0">Zugangsschlüssel<\/label>/)
    expect(text).toMatch(/<h1>Ledger verbinden<\/h1>/)
    const { jar: other, form: methods } = await atForm('warehouse')
    const list = await (await other.get(methods, GERMAN)).text()
    for (const label of ['Benutzername und Passwort', 'Ein Zugangsschlüssel']) expect(list).toContain(label)
    const fields = await (await other.get(`${methods}?method=password`, GERMAN)).text()
    expect(fields).toContain('>Benutzername</label>')
    expect(fields).toContain('>Passwort <span')
  })

  it('have the German words of the provider’s guide, and its steps to the key', async () => {
    await world.offerProvider('zendesk')
    const { jar, form } = await atForm('zendesk')
    const methods = await (await jar.get(form, GERMAN)).text()
    expect(methods).toContain(findGuide('zendesk')?.options?.['oauth'])
    const text = await (await jar.get(`${form}?method=api_token`, GERMAN)).text()
    expect(text).toContain(findGuide('zendesk')?.fields?.['subdomain']?.description)
    expect(text).toContain(`<summary>${TEXTS.de.whereToFind('Zendesk')}</summary>`)
    expect(text).toContain(`href="${findGuide('zendesk')?.key?.url.replaceAll('&', '&amp;')}"`)
    expect(text).not.toContain('What stands before')
  })

  it('show the text that the definition adds, and the value that was cut', async () => {
    const { jar, form } = await atForm('desk')
    expect(await (await jar.get(form)).text()).toMatch(
      /aria-describedby="input-0-after"[^>]*value=""><span id="input-0-after">\.desk\.example/,
    )
    const failed = await jar.submit(form, { ...WRONG, 'input.subdomain': ' https://acme.desk.example/agent ' })
    const text = await failed.text()
    expect(text).toMatch(/id="input-0"[^>]*aria-describedby="input-0-after input-0-tidied"[^>]*value="acme"/)
    expect(text).toContain(TEXTS.en.tidied)
    const plain = await (await jar.submit(form, { ...WRONG, 'input.subdomain': ' acme ' })).text()
    expect(plain).not.toContain(TEXTS.en.tidied)
  })

  it('accept a key as it was copied', async () => {
    const { session, jar, form } = await atForm()
    const sent = await jar.post(form, { 'credential.token': ` "Bearer ${GOOD_KEY}"\n`, 'input.region': ' eu ' })
    expect(sent.headers.get('location')).toContain('/connect/finish/')
    expect((await world.session(session.id)).status).toBe('AWAITING_CONFIRMATION')
  })
})

describe('A page that connects an account again', () => {
  it('says so on its buttons and in its titles', async () => {
    const { session, jar, form } = await atForm('ledger', { endUserExternalId: 'again' })
    const sent = await jar.post(form, { 'credential.token': GOOD_KEY, 'input.region': 'eu' })
    const done = await jar.get(sent.headers.get('location') ?? '')
    await world.confirm(new URL(done.headers.get('location') ?? '').searchParams.get('handle') ?? '', 'again')
    const { connection } = await world.session(session.id)
    const next = await world.createSession({ connectionId: connection?.id, endUserExternalId: 'again' })
    expect(await (await jar.get(next.connectUrl)).text()).toMatch(/>Reconnect Ledger<\/button>/)
    expect(await (await jar.get(next.connectUrl, GERMAN)).text()).toMatch(/>Ledger neu verbinden<\/button>/)
    const again = (await jar.post(next.connectUrl)).headers.get('location') ?? ''
    const english = await (await jar.get(again)).text()
    expect(english).toContain('<h1>Reconnect Ledger</h1>')
    expect(english).toContain('<button class="primary">Reconnect</button>')
    expect(await (await jar.get(again, GERMAN)).text()).toContain('<button class="primary">Neu verbinden</button>')
  })
})

describe('The page after a failed consent', () => {
  async function finishWith(answer: Record<string, string>, headers: Record<string, string> = {}): Promise<string> {
    const session = await world.createSession({ integrations: ['calendar'] })
    const jar = new Jar()
    await jar.get(session.connectUrl)
    const asked = new URL((await jar.post(session.connectUrl)).headers.get('location') ?? '')
    const state = asked.searchParams.get('state') ?? ''
    const back = `${asked.searchParams.get('redirect_uri')}?${new URLSearchParams({ state, ...answer })}`
    const finish = (await jar.get(back)).headers.get('location') ?? ''
    return (await jar.get(finish, headers)).text()
  }

  it('says what the code of the error means, who can mend it, and what the provider said', async () => {
    const scope = await finishWith({ error: 'invalid_scope', error_description: 'No such scope' })
    expect(scope).toContain(`${TEXTS.en.failures['invalid_scope']} ${TEXTS.en.tellSender}`)
    expect(scope).toMatch(/Calendar says:<\/p><blockquote class="small">No such scope/)
    const admin = await finishWith({ error: 'consent_required' }, GERMAN)
    expect(admin).toContain(`${TEXTS.de.failures['consent_required']} ${TEXTS.de.askAdmin}`)
    const refused = await finishWith({ error: 'access_denied' })
    expect(refused).toContain(`${TEXTS.en.failures['access_denied']} ${TEXTS.en.failedText('Acme')}`)
    expect(refused).not.toContain('<blockquote')
  })

  it('does not put a sentence of ours into the mouth of the provider', async () => {
    const unknown = await finishWith({ error: 'flux_error' })
    expect(unknown).toContain(TEXTS.en.otherFailure)
    expect(unknown).toMatch(/Calendar says:<\/p><blockquote class="small">flux_error<\/blockquote>/)
    expect(unknown).not.toContain('Read its description')
  })
})

describe('A form for a client certificate', () => {
  it('has text areas for PEM texts, and shows what is wrong with them at the field without their text', async () => {
    const auth = { type: 'bearer', clientCertificate: {} }
    await world.createIntegration('certified', keyDefinition(world.provider, { auth }))
    const { jar, form } = await atForm('certified')
    const text = await (await jar.get(form)).text()
    const areas = [...text.matchAll(/<textarea[^>]*name="credential\.([a-z_]+)"/g)].map(([, name]) => name)
    expect(areas).toEqual(['client_certificate', 'client_key'])
    expect(text).toMatch(/<input[^>]*name="credential\.client_key_passphrase"/)
    const { certificate } = createAuthority('Test Authority').issue('ada')
    const other = createAuthority('Test Authority').issue('bob')
    const sent = await jar.post(form, {
      ...WRONG,
      'credential.client_certificate': certificate.replaceAll('\n', '\r\n'),
      'credential.client_key': other.key,
    })
    const failed = await (await jar.get(sent.headers.get('location') ?? '')).text()
    expect(failed).toContain('The private key does not belong to this certificate.')
    for (const pem of [certificate, other.key]) expect(failed).not.toContain(pem.split('\n')[1])
  })
})
