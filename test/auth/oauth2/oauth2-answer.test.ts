import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchangeCode } from '../../../src/auth/oauth2/renew.ts'
import type { StoredOAuth2 } from '../../../src/auth/stored-credential.ts'
import {
  byFields,
  contextOf,
  good,
  type OAuth2Input,
  oauth2Of,
  renewOnce,
  storedOf,
  type Trial,
} from './renew-oauth2.ts'
import { type Answer, startTokenServer, type TokenServer } from './token-server.ts'

let server: TokenServer
beforeAll(async () => {
  server = await startTokenServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const html = { 'content-type': 'text/html' }
const inAnHour = '2026-01-02T04:04:05.000Z'
const response = (tokenResponse: OAuth2Input['tokenResponse'], more: Partial<OAuth2Input> = {}): Trial => ({
  auth: { ...more, tokenResponse },
})

/** How the result differs from a plain renewal: an access token, the old refresh token, no expiry, no scopes. */
type Stored = Partial<StoredOAuth2>

const good200: [string, Trial, Answer, Stored][] = [
  ['the standard one', {}, { body: good }, { tokenType: 'Bearer', expiresAt: inAnHour }],
  ['status 201', {}, { status: 201, body: good }, { tokenType: 'Bearer', expiresAt: inAnHour }],
  ['no token type', {}, { body: { access_token: 'new-at' } }, {}],
  ['a token type in capitals', {}, { body: { access_token: 'new-at', token_type: 'BEARER' } }, { tokenType: 'BEARER' }],
  ['a token type of Slack', {}, { body: { access_token: 'new-at', token_type: 'bot' } }, { tokenType: 'bot' }],
  [
    'another token type if the definition says how it is sent',
    { auth: { placement: { in: 'header', name: 'X-Token' } } },
    { body: { access_token: 'new-at', token_type: 'mac' } },
    { tokenType: 'mac' },
  ],
  ['a token type that is null', {}, { body: { access_token: 'new-at', token_type: null } }, {}],
  [
    'a form',
    {},
    { headers: form, body: 'access_token=new-at&scope=a%2Cb&token_type=bearer' },
    { tokenType: 'bearer', scopes: ['a', 'b'] },
  ],
  [
    'a form with a text Content-Type',
    {},
    { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'access_token=new-at&expires=5' },
    {},
  ],
  [
    'a form with an HTML Content-Type',
    {},
    { headers: html, body: 'access_token=new-at&token_type=bearer&expires_in=3600\n' },
    { tokenType: 'bearer', expiresAt: inAnHour },
  ],
  [
    'JSON with a JavaScript Content-Type',
    {},
    { headers: { 'content-type': 'text/javascript; charset=utf-8' }, body: JSON.stringify({ access_token: 'new-at' }) },
    {},
  ],
  ['UTF-16 with a byte order mark', {}, { body: Buffer.from('\ufeff{"access_token":"new-at"}', 'utf16le') }, {}],
  [
    'UTF-16 that the response declares',
    {},
    {
      headers: { 'content-type': 'application/json; charset="utf-16le"' },
      body: Buffer.from('{"access_token":"new-at"}', 'utf16le'),
    },
    {},
  ],
  [
    'a charset that the response declares',
    {},
    {
      headers: { 'content-type': 'application/json; charset=iso-8859-1' },
      body: Buffer.from('{"access_token":"new-at","refresh_token":"rt-\u00e9"}', 'latin1'),
    },
    { refreshToken: 'rt-\u00e9' },
  ],
  [
    'JSON with an HTML Content-Type',
    {},
    { headers: html, body: JSON.stringify(good) },
    { tokenType: 'Bearer', expiresAt: inAnHour },
  ],
  ['JSON with a form Content-Type', {}, { headers: form, body: JSON.stringify({ access_token: 'new-at' }) }, {}],
  ['a byte order mark', {}, { body: `\ufeff${JSON.stringify({ access_token: 'new-at' })}` }, {}],
  [
    'gzip',
    {},
    { headers: { 'content-encoding': 'gzip' }, body: gzipSync(JSON.stringify({ access_token: 'new-at' })) },
    {},
  ],
  [
    'a new refresh token',
    {},
    { body: { access_token: 'new-at', refresh_token: 'new-rt' } },
    { refreshToken: 'new-rt' },
  ],
  ['a refresh token that is null', {}, { body: { access_token: 'new-at', refresh_token: null } }, {}],
  ['a refresh token that is empty', {}, { body: { access_token: 'new-at', refresh_token: '' } }, {}],
  [
    'a refresh token that is a number',
    {},
    { body: { access_token: 'new-at', refresh_token: 5 } },
    { refreshToken: '5' },
  ],
  ['a refresh token that is 0', {}, { body: { access_token: 'new-at', refresh_token: 0 } }, {}],
  [
    'an access token that is a number',
    {},
    { body: '{"access_token":12345678901234567890}' },
    { accessToken: '12345678901234567890' },
  ],
  [
    'tokens that are found by search',
    response({ accessToken: ['data', '*', 'token'], refreshToken: ['data', '*', 'refresh'] }),
    { body: { data: [{ refresh: 'new-rt' }, { token: 'new-at' }, { token: 'other' }] } },
    { refreshToken: 'new-rt' },
  ],
  [
    'a refresh token under another name',
    response({ refreshToken: 'data.refresh' }),
    { body: { access_token: 'new-at', refresh_token: 'not-this', data: { refresh: 'new-rt' } } },
    { refreshToken: 'new-rt' },
  ],
  [
    'an access token under a path',
    response({ accessToken: ['data', 0, 'token'] }),
    { body: { data: [{ token: 'new-at' }] } },
    {},
  ],
  [
    'an access token of Slack',
    response({ accessToken: 'authed_user.access_token' }),
    { body: { ok: true, authed_user: { access_token: 'new-at' } } },
    {},
  ],
  ['scopes with spaces', {}, { body: { access_token: 'new-at', scope: 'a  b' } }, { scopes: ['a', 'b'] }],
  ['scopes with commas', {}, { body: { access_token: 'new-at', scope: 'a,b' } }, { scopes: ['a', 'b'] }],
  [
    'scopes with the separator of the definition',
    { auth: { scopeSeparator: '|' } },
    { body: { access_token: 'new-at', scope: 'a|b' } },
    { scopes: ['a', 'b'] },
  ],
  [
    'the first 500 of many scopes, without those that are too long',
    {},
    {
      body: {
        access_token: 'new-at',
        scope: ['x'.repeat(501), ...Array.from({ length: 10_000 }, (_, n) => `s${n}`)].join(' '),
      },
    },
    { scopes: Array.from({ length: 500 }, (_, n) => `s${n}`) },
  ],
  ['scopes as a list', {}, { body: { access_token: 'new-at', scope: ['a', 'b', 'a'] } }, { scopes: ['a', 'b'] }],
  ['scopes by the name scopes', {}, { body: { access_token: 'new-at', scopes: ['a'] } }, { scopes: ['a'] }],
  [
    'fewer scopes',
    { auth: { scopes: ['a', 'b'] }, stored: { scopes: ['a', 'b'] } },
    { body: { access_token: 'new-at', scope: 'a' } },
    { scopes: ['a'] },
  ],
  [
    'scopes that are empty',
    { stored: { scopes: ['a'] } },
    { body: { access_token: 'new-at', scope: '' } },
    { scopes: ['a'] },
  ],
  [
    'scopes that are an object',
    { stored: { scopes: ['a'] } },
    { body: { access_token: 'new-at', scope: { a: true } } },
    { scopes: ['a'] },
  ],
  ['an unrequested id token', {}, { body: { access_token: 'new-at', id_token: 'not.a.jwt' } }, {}],
  ['an error that is null', {}, { body: { access_token: 'new-at', error: null } }, {}],
  ['an error code of zero', response({ error: 'errcode' }), { body: { access_token: 'new-at', errcode: 0 } }, {}],
  [
    'ok: true',
    response({ errorWhen: { path: 'ok', equals: false } }),
    { body: { ok: true, access_token: 'new-at' } },
    {},
  ],
  [
    'no expiry and a lifetime',
    { auth: { tokenLifetime: 'PT1H' } },
    { body: { access_token: 'new-at' } },
    { expiresAt: inAnHour },
  ],
  [
    'no expiry and a lifetime of a month',
    { auth: { tokenLifetime: 'P1M' } },
    { body: { access_token: 'new-at' } },
    { expiresAt: '2026-02-02T03:04:05.000Z' },
  ],
  [
    'an expiry before the lifetime',
    { auth: { tokenLifetime: 'P1D' } },
    { body: { access_token: 'new-at', expires_in: 3600 } },
    { expiresAt: inAnHour },
  ],
  [
    'an expiry under a path',
    response({ expiry: { path: 'data.ends', format: 'epoch' } }),
    { body: { access_token: 'new-at', data: { ends: 1767326645 } } },
    { expiresAt: inAnHour },
  ],
  [
    'an expiry of zero and a lifetime',
    { auth: { tokenLifetime: 'PT1H' } },
    { body: { access_token: 'new-at', expires_in: 0 } },
    { expiresAt: inAnHour },
  ],
  [
    'an expiry in the past',
    { stored: { accessToken: 'old-at', expiresAt: '2026-01-01T00:00:00.000Z' } },
    { body: { access_token: 'new-at' } },
    {},
  ],
  [
    'a long token',
    {},
    { body: { access_token: 'new-at', refresh_token: 'r'.repeat(20_000) } },
    { refreshToken: 'r'.repeat(20_000) },
  ],
]

describe('a token response', () => {
  it.each(good200)('with %s is accepted', async (_name, trial, answer, expected) => {
    const outcome = await renewOnce(server, { ...trial, answer })
    expect(outcome.error).toBeUndefined()
    const stored = storedOf(outcome)
    expect(stored).toEqual({ ...byFields, accessToken: 'new-at', ...expected })
    expect(outcome.renewal?.expiresAt?.toISOString()).toBe(expected.expiresAt)
    expect(outcome.renewal?.scopes).toEqual(stored.scopes)
  })

  it('with a rotated refresh token replaces the stored one for the next renewal', async () => {
    const first = await renewOnce(server, { answer: { body: { ...good, refresh_token: 'second-rt' } } })
    const next = await renewOnce(server, { stored: storedOf(first) })
    expect(new URLSearchParams(next.requests[0]?.body.toString()).get('refresh_token')).toBe('second-rt')
    expect(storedOf(next).refreshToken).toBe('second-rt')
  })

  it.each<[string, Trial, Record<string, unknown>, string | undefined]>([
    ['Microsoft and others', {}, { refresh_token_expires_in: 60 }, '2026-01-02T03:05:05.000Z'],
    ['Airtable and Keycloak', {}, { refresh_expires_in: '60' }, '2026-01-02T03:05:05.000Z'],
    ['QuickBooks', {}, { x_refresh_token_expires_in: 60 }, '2026-01-02T03:05:05.000Z'],
    ['Keycloak, of a token that never expires', {}, { refresh_expires_in: 0 }, undefined],
    ['nobody', {}, {}, undefined],
    ['the definition', { auth: { refreshTokenLifetime: 'P60D' } }, {}, '2026-03-03T03:04:05.000Z'],
    [
      'both, the answer being earlier',
      { auth: { refreshTokenLifetime: 'P60D' } },
      { refresh_token_expires_in: 60 },
      '2026-01-02T03:05:05.000Z',
    ],
    [
      'both, the definition being earlier',
      { auth: { refreshTokenLifetime: 'PT1M' } },
      { refresh_token_expires_in: 3600 },
      '2026-01-02T03:05:05.000Z',
    ],
    [
      'both, where there is no refresh token',
      { auth: { grant: 'client_credentials', refreshTokenLifetime: 'P60D' }, stored: { refreshToken: undefined } },
      { refresh_token_expires_in: 60 },
      undefined,
    ],
  ])('has the expiry of the refresh token as it is stated by %s', async (_name, trial, body, end) => {
    const { renewal } = await renewOnce(server, { ...trial, answer: { body: { ...good, ...body } } })
    expect(renewal?.refreshExpiresAt?.toISOString()).toBe(end)
  })

  it('to a code has the expiry of the refresh token', async () => {
    const auth = oauth2Of({
      grant: 'authorization_code',
      authorizationUrl: 'https://a.example',
      refreshTokenLifetime: 'P60D',
    })
    const exchange = (body: object) => {
      server.answers.splice(0, server.answers.length, { body: { access_token: 'new-at', ...body } })
      return exchangeCode(auth, { code: 'c', redirectUri: 'https://r.example' }, contextOf(server))
    }
    const token = { refresh_token: 'rt' }
    expect((await exchange(token)).refreshExpiresAt).toEqual(new Date('2026-03-03T03:04:05Z'))
    const stated = await exchange({ ...token, refresh_token_expires_in: 60 })
    expect(stated.refreshExpiresAt).toEqual(new Date('2026-01-02T03:05:05Z'))
    expect((await exchange({})).refreshExpiresAt).toBeUndefined()
  })

  it('has the expiry of the refresh token at the path of the definition', async () => {
    const auth = { tokenResponse: { refreshTokenExpiry: { path: 'refresh_expires_in' } } }
    const told = await renewOnce(server, { auth, answer: { body: { ...good, refresh_expires_in: '86400' } } })
    expect(told.renewal?.refreshExpiresAt).toEqual(new Date('2026-01-03T03:04:05Z'))
    expect((await renewOnce(server, { auth })).renewal?.refreshExpiresAt).toBeUndefined()
  })
})

describe('the kept values of a token response', () => {
  const keep = { url: 'instance_url', team: 'team.id', list: 'list', gone: 'nowhere' }
  const auth = { tokenResponse: { keep } }

  it('are those that the definition names and the response has', async () => {
    const body = { ...good, instance_url: 'https://eu1.example.com', team: { id: 5 }, list: ['a'], other: 1 }
    const { renewal } = await renewOnce(server, { auth, answer: { body } })
    expect(renewal?.kept).toEqual({ url: 'https://eu1.example.com', team: 5, list: ['a'] })
  })

  it('never include a token, because everyone may see them', async () => {
    const body = { ...good, refresh_token: 'new-rt', instance_url: 'new-at', team: { id: null }, list: ['new-rt'] }
    const { renewal } = await renewOnce(server, { auth, answer: { body } })
    expect(renewal?.kept).toBeUndefined()
  })

  it('never include the usual tokens when the definition names others', async () => {
    const body = { access_token: 'real-access', refresh_token: 'real-refresh', name: 'ada', id: 'x' }
    const more = { instance_url: 'real-access', team: { id: 'Bearer real-refresh' }, list: ['a'] }
    const { renewal } = await renewOnce(server, {
      auth: { tokenResponse: { keep, accessToken: 'name', refreshToken: 'id' } },
      answer: { body: { ...body, ...more } },
    })
    expect(renewal?.kept).toEqual({ list: ['a'] })
  })

  it('are not reported either, wherever the definition finds the token', async () => {
    const tokenResponse = { accessToken: 'key', errorDescription: 'key', errorWhen: { path: 'ok', equals: false } }
    const body = { key: 'real-access', ok: false }
    const { error } = await renewOnce(server, { auth: { tokenResponse }, answer: { body } })
    expect(error).toMatchObject({ words: { providerErrorDescription: '[redacted]' } })
  })

  it('keep every digit of large numbers', async () => {
    const body = '{"access_token":"new-at","team":{"id":12345678901234567890}}'
    const { renewal } = await renewOnce(server, { auth, answer: { body } })
    expect(renewal?.kept).toEqual({ team: '12345678901234567890' })
  })

  it('replace the values that were injected with the first token', async () => {
    const stored = { extra: { url: 'https://old.example.com', other: 1 } }
    const body = { ...good, instance_url: 'https://new.example.com' }
    expect(storedOf(await renewOnce(server, { auth, stored, answer: { body } })).extra).toEqual({ other: 1 })
  })
})

describe('a token response that cannot be used (OA-32)', () => {
  it.each<[string, Trial, Answer]>([
    ['no token', {}, { body: { token_type: 'bearer', expires_in: 5 } }],
    ['an empty object', {}, { body: {} }],
    ['an access token that is empty', {}, { body: { access_token: ' ' } }],
    ['an access token that is null', {}, { body: { access_token: null } }],
    ['an access token that is 0', {}, { body: { access_token: 0 } }],
    ['an access token that is an object', {}, { body: { access_token: { value: 'x' } } }],
    ['an access token of two lines', {}, { body: { access_token: 'new-at\r\nX-Evil: 1' } }],
    ['an access token that a header cannot contain', {}, { body: { access_token: 'nöw-at' } }],
    ['an access token of 100 KB', {}, { body: { access_token: 'a'.repeat(100_000) } }],
    ['a token type that needs a proof of possession', {}, { body: { access_token: 'new-at', token_type: 'MAC' } }],
    ['a token type of DPoP', {}, { body: { access_token: 'new-at', token_type: 'DPoP' } }],
    ['a list', {}, { body: [good] }],
    ['a text in JSON', {}, { body: '"new-at"' }],
    ['a number', {}, { body: '5' }],
    ['null', {}, { body: 'null' }],
    ['nothing', {}, { body: '' }],
    ['status 204', {}, { status: 204, instead: (answer) => answer.writeHead(204).end() }],
    ['HTML', {}, { headers: html, body: '<html>access_token=new-at</html>' }],
    ['a page that begins like a form', {}, { headers: html, body: 'a=b&c=<b>access_token=new-at</b>' }],
    ['a page without tags', {}, { headers: html, body: 'access_token=new-at is what was here' }],
    ['JSON that is cut off', {}, { body: '{"access_token":"new-at"' }],
    ['a path without a value', response({ accessToken: 'data.token' }), { body: good }],
    ['2 MB', {}, { body: { ...good, filler: 'x'.repeat(2_000_000) } }],
    ['a gzip bomb', {}, { headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(50_000_000, 32)) }],
    ['an encoding other than its Content-Encoding', {}, { headers: { 'content-encoding': 'gzip' }, body: 'not gzip' }],
  ])('is %s', async (_name, trial, answer) => {
    const { error, renewal } = await renewOnce(server, { ...trial, answer })
    expect(renewal).toBeUndefined()
    // Whether the refresh token was consumed is unknown.
    expect(error).toMatchObject({
      code: 'CREDENTIAL_REFRESH',
      reason: 'MALFORMED_RESPONSE',
      retryable: true,
      indeterminate: true,
    })
    expect(JSON.stringify(error)).not.toContain('new-at')
    expect(String(error)).not.toContain('new-at')
  })
})
