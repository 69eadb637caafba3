import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCredential } from '../../../src/auth/check-credential.ts'
import { type OAuth1Request, signatureBase, signOAuth1 } from '../../../src/auth/oauth1/oauth1-signature.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import { type DraftBody, serializeDraft } from '../../../src/wire/request-draft.ts'
import { authOf, emptyDraft, fixedContext, now } from '../contract.ts'
import { startTokenServer, type TokenServer } from '../oauth2/token-server.ts'

/** RFC 5849 section 1.2. */
const photos: OAuth1Request = {
  method: 'GET',
  url: new URL('http://photos.example.net/photos?file=vacation.jpg&size=original'),
  form: new URLSearchParams(),
  signature: 'HMAC-SHA1',
  consumerKey: 'dpf43f3p2l4k3l03',
  consumerSecret: 'kd94hf93k423kf44',
  token: 'nnch734d00sl2jdk',
  tokenSecret: 'pfkkdhi9sl3r4s00',
  timestamp: 137131202,
  nonce: 'chapoH',
}

describe('a signature of RFC 5849', () => {
  it('uses the base string of section 3.4.1.1', () => {
    const base = signatureBase({
      ...photos,
      method: 'post',
      url: new URL('http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b'),
      form: new URLSearchParams('c2&a3=2+q'),
      consumerKey: '9djdj82h48djs9d2',
      token: 'kkk9d7dh3k39sjv7',
      timestamp: 137131201,
      nonce: '7d8f3e4a',
    })
    expect(base).toBe(
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26' +
        'oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26' +
        'oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
    )
  })

  it('produces the header of section 1.2', () => {
    expect(signOAuth1(photos)).toBe(
      'OAuth oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1", ' +
        'oauth_timestamp="137131202", oauth_nonce="chapoH", oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"',
    )
  })

  it('joins the encoded secrets for PLAINTEXT, as in section 2.1', () => {
    const header = signOAuth1({
      ...photos,
      signature: 'PLAINTEXT',
      token: undefined,
      consumerSecret: 'a&b',
      tokenSecret: '',
    })
    expect(header).toContain('oauth_signature="a%2526b%26"')
    expect(header).not.toContain('oauth_token')
  })

  it('sorts parameters of one name by their values', () => {
    const base = signatureBase({ ...photos, url: new URL('https://a.example/?z=2&z=10&z=1&%C3%A4=%20') })
    expect(base).toMatch(/&%25C3%25A4%3D%2520%26oauth_.*%26z%3D1%26z%3D10%26z%3D2$/)
  })
})

describe('a request that is signed with OAuth 1.0a', () => {
  let server: TokenServer
  beforeAll(async () => {
    server = await startTokenServer()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const url = 'https://api.example.com/oauth'
  const endpoints = { requestTokenUrl: url, authorizationUrl: url, accessTokenUrl: url }
  const fields = { consumer_key: 'ck', consumer_secret: 'cs', token: 'tk', token_secret: 'ts' }

  async function send(signature: OAuth1Request['signature'] | undefined, path: string, body?: DraftBody) {
    const auth = authOf({ type: 'oauth1', ...endpoints, ...(signature === undefined ? {} : { signature }) })
    const authenticator = strategyOf(auth).open(checkCredential(auth, { fields }, now), fixedContext)
    const draft = { ...emptyDraft(), url: new URL(path, server.origin), ...(body === undefined ? {} : { body }) }
    await authenticator.apply(draft)
    await (await server.egress.send(serializeDraft(draft))).text()
    const header = server.seen.at(-1)?.headers.authorization ?? ''
    const said = Object.fromEntries(
      [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, decodeURIComponent(value)]),
    )
    return { said, header }
  }

  const common = {
    method: 'POST',
    consumerKey: 'ck',
    consumerSecret: 'cs',
    token: 'tk',
    tokenSecret: 'ts',
    timestamp: now.getTime() / 1000,
    nonce: 'example-nonce',
    version: '1.0',
  } as const

  it.each<[OAuth1Request['signature'] | undefined, string, DraftBody | undefined, string]>([
    [undefined, '/a?b=c%20d', undefined, ''],
    [
      'HMAC-SHA1',
      '/',
      { type: 'form', value: new URLSearchParams({ status: 'Hello Ladies + Gentlemen!' }) },
      'status=Hello+Ladies+%2B+Gentlemen%21',
    ],
    ['HMAC-SHA256', '/a', { type: 'json', value: { a: 1 } }, ''],
    [
      'HMAC-SHA256',
      '/a',
      { type: 'raw', value: Buffer.from('x=%26'), contentType: 'application/x-www-form-urlencoded; charset=utf-8' },
      'x=%26',
    ],
    ['PLAINTEXT', '/a', undefined, ''],
  ])('by %s to %s has the signature that the server computes', async (signature, path, body, form) => {
    const { said, header } = await send(signature, path, body)
    const expected = signOAuth1({
      ...common,
      url: new URL(path, server.origin),
      form: new URLSearchParams(form),
      signature: signature ?? 'HMAC-SHA1',
    })
    expect(header).toBe(expected)
    expect(said).toMatchObject({
      oauth_version: '1.0',
      oauth_signature_method: signature ?? 'HMAC-SHA1',
      oauth_timestamp: '1767323045',
    })
  })

  it('rejects a form of very many parameters, which would take seconds to sort', async () => {
    const value = Buffer.from('a&'.repeat(500_000))
    const form: DraftBody = { type: 'raw', value, contentType: 'application/x-www-form-urlencoded' }
    await expect(send('HMAC-SHA1', '/', form)).rejects.toThrow('more than 20000 parameters cannot be signed')
  })

  it('rejects a streamed form, and does not read a stream of another type', async () => {
    const stream = (async function* () {
      yield Buffer.from('a=b')
    })()
    const form: DraftBody = { type: 'raw', value: stream, contentType: 'application/x-www-form-urlencoded' }
    await expect(send('HMAC-SHA1', '/', form)).rejects.toThrow('cannot be signed')
    await send('HMAC-SHA1', '/', { ...form, contentType: 'text/csv' })
    expect(server.seen.at(-1)?.body.toString()).toBe('a=b')
  })

  it('uses the integration’s OAuth client as the consumer', async () => {
    const auth = authOf({ type: 'oauth1', ...endpoints })
    const stored = checkCredential(auth, { fields: { token: 'tk', token_secret: 'ts' } }, now, { hasOAuthClient: true })
    const oauthClient = { clientId: 'their-ck', clientSecret: 'their-cs' }
    const draft = emptyDraft()
    await strategyOf(auth)
      .open(stored, { ...fixedContext, oauthClient })
      .apply(draft)
    expect(Object.fromEntries(serializeDraft(draft).headers)['authorization']).toContain(
      'oauth_consumer_key="their-ck"',
    )
    expect(() => strategyOf(auth).open(stored, fixedContext).apply(emptyDraft())).toThrow('no consumer key')
  })
})
