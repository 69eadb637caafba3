import { createHmac } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { Webhook } from 'standardwebhooks'
import { expect, it } from 'vitest'
import { createIssuerKeys } from '../../../src/access/issuer-keys.ts'
import { webhookSchema } from '../../../src/catalog/definition/webhook.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { newWebhookSecret } from '../../../src/kit/standard-webhooks.ts'
import { webhookRequest } from '../../../src/webhooks/in/request.ts'
import { isVerified, type Verification } from '../../../src/webhooks/in/verify.ts'
import { sendJson, startProvider } from '../../support/provider-server.ts'

const NOW = new Date('2026-01-01T00:00:00Z')
const SECONDS = String(NOW.getTime() / 1000)
const URL_OF_HOOK = 'https://gateway.example/webhooks/1'
const noKeys: Verification['keys'] = { find: () => Promise.reject(new Error('There are no keys.')) }

interface Sent {
  method?: string
  headers?: Record<string, string>
  query?: Record<string, string>
  raw?: string | Buffer
}

function verified(
  verify: unknown,
  { method = 'POST', headers = {}, query = {}, raw = '' }: Sent,
  { secrets = ['secret'], now = NOW, keys = noKeys, clientId = null as string | null } = {},
): Promise<boolean> {
  const webhook = webhookSchema.parse({ verify })
  const request = webhookRequest({ method, url: `${URL_OF_HOOK}?a=b%20c`, headers, query, raw: Buffer.from(raw) })
  const hook = { webhook, secrets, clientId, workspaceId: 'w' }
  return isVerified(request, { hook, url: URL_OF_HOOK, now, keys })
}

const digest = (text: string | Buffer, key: string | Buffer = 'secret', hash = 'sha256') =>
  createHmac(hash, key).update(text).digest()

const plain = { method: 'hmac', header: 'X-Signature', hash: 'sha256', encoding: 'hex' }
const timed = {
  ...plain,
  prefix: 'v1=',
  message: '{{ timestamp }}.{{ body }}',
  timestamp: { header: 'X-Signature', prefix: 't=', tolerance: 'PT5M' },
}

it('hmac: a signature of the body, in hex or base64, by each hash', async () => {
  for (const hash of ['sha1', 'sha256', 'sha512']) {
    for (const encoding of ['hex', 'base64'] as const) {
      const headers = { 'x-signature': digest('body', 'secret', hash).toString(encoding) }
      const verify = { ...plain, hash, encoding }
      expect(await verified(verify, { headers, raw: 'body' })).toBe(true)
      expect(await verified(verify, { headers, raw: 'body ' })).toBe(false)
      expect(await verified(verify, { headers, raw: 'body' }, { secrets: ['other'] })).toBe(false)
      expect(await verified(verify, { headers, raw: 'body' }, { secrets: [] })).toBe(false)
    }
  }
})

it('hmac: the published example of GitHub is verified', async () => {
  const secret = "It's a Secret to Everybody"
  const headers = { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' }
  const verify = { ...plain, header: 'X-Hub-Signature-256', prefix: 'sha256=' }
  expect(await verified(verify, { headers, raw: 'Hello, World!' }, { secrets: [secret] })).toBe(true)
})

it('hmac: an absent, empty, shorter or longer signature is not verified', async () => {
  const right = digest('body').toString('hex')
  for (const given of [undefined, '', 'zz', right.slice(2), `${right}00`]) {
    const headers: Record<string, string> = given === undefined ? {} : { 'x-signature': given }
    expect(await verified(plain, { headers, raw: 'body' })).toBe(false)
  }
})

it('hmac: one of several signatures in a header is enough, and each of two secrets', async () => {
  const right = digest(`${SECONDS}.body`).toString('hex')
  const header = (...parts: string[]) => ({ 'x-signature': [`t=${SECONDS}`, ...parts].join(',') })
  expect(await verified(timed, { headers: header('v1=00', `v1=${right}`), raw: 'body' })).toBe(true)
  expect(await verified(timed, { headers: header(`v0=${right}`), raw: 'body' })).toBe(false)
  const secrets = ['new', 'secret']
  expect(await verified(timed, { headers: header(`v1=${right}`), raw: 'body' }, { secrets })).toBe(true)
})

it('hmac: a request outside of the tolerance is not verified, whichever clock is wrong', async () => {
  const headers = { 'x-signature': `t=${SECONDS},v1=${digest(`${SECONDS}.body`).toString('hex')}` }
  const at = (seconds: number) => ({ now: new Date(NOW.getTime() + seconds * 1000) })
  for (const [seconds, expected] of [
    [0, true],
    [300, true],
    [-300, true],
    [301, false],
    [-301, false],
  ] as const) {
    expect([seconds, await verified(timed, { headers, raw: 'body' }, at(seconds))]).toEqual([seconds, expected])
  }
  const without = { 'x-signature': `v1=${digest('.body').toString('hex')}` }
  expect(await verified(timed, { headers: without, raw: 'body' })).toBe(false)
})

it('hmac: a timestamp in the body is read after the signature is verified', async () => {
  const verify = { ...plain, timestamp: { path: 'webhookTimestamp', format: 'epoch_ms', tolerance: 'PT1M' } }
  const send = (raw: string) => verified(verify, { headers: { 'x-signature': digest(raw).toString('hex') }, raw })
  expect(await send(JSON.stringify({ webhookTimestamp: NOW.getTime() }))).toBe(true)
  expect(await send(JSON.stringify({ webhookTimestamp: NOW.getTime() - 61_000 }))).toBe(false)
  expect(await send('{}')).toBe(false)
  expect(await send('not json')).toBe(false)
})

it('hmac: a message of method, URL, body and timestamp', async () => {
  const verify = {
    ...plain,
    encoding: 'base64',
    message: '{{ method }}{{ url }}{{ body }}{{ timestamp }}',
    timestamp: { header: 'X-Time', format: 'epoch_ms', tolerance: 'PT5M' },
  }
  const time = String(NOW.getTime())
  const signature = digest(`POST${URL_OF_HOOK}?a=b%20c{"a":1}${time}`).toString('base64')
  expect(await verified(verify, { headers: { 'x-signature': signature, 'x-time': time }, raw: '{"a":1}' })).toBe(true)
})

it('hmac: bytes that are not UTF-8 are signed as they were sent', async () => {
  const raw = Buffer.from([0x61, 0xff, 0xfe, 0x00])
  const headers = { 'x-signature': digest(Buffer.concat([Buffer.from('v0:é:'), raw])).toString('hex') }
  expect(await verified({ ...plain, message: 'v0:é:{{ body }}' }, { headers, raw })).toBe(true)
})

it('hmac: a key that is written in base64 or hex', async () => {
  const key = Buffer.from([1, 2, 3, 255])
  for (const keyEncoding of ['base64', 'hex'] as const) {
    const headers = { 'x-signature': digest('body', key).toString('hex') }
    const secrets = [key.toString(keyEncoding)]
    expect(await verified({ ...plain, keyEncoding }, { headers, raw: 'body' }, { secrets })).toBe(true)
  }
})

it('hmac: a secret that is not wholly written as the definition says is no key, and nor is one without bytes', async () => {
  const emptyOrCut = { hex: ['zz', 'abcdzz', 'abc', ''], base64: ['A', 'AAAA A', '!', 'AAAAA', ''] } as const
  for (const keyEncoding of ['hex', 'base64'] as const) {
    for (const secret of emptyOrCut[keyEncoding]) {
      const headers = { 'x-signature': digest('body', Buffer.from(secret, keyEncoding)).toString('hex') }
      const sent = { headers, raw: 'body' }
      expect([secret, await verified({ ...plain, keyEncoding }, sent, { secrets: [secret] })]).toEqual([secret, false])
    }
  }
  const headers = { 'x-signature': digest('body', '').toString('hex') }
  expect(await verified(plain, { headers, raw: 'body' }, { secrets: [''] })).toBe(false)
})

it('hmac: a signature is followed by nothing', async () => {
  for (const encoding of ['hex', 'base64'] as const) {
    const right = digest('body').toString(encoding)
    for (const end of ['zz', '!', ' x', '=', 'g', '\n']) {
      const headers = { 'x-signature': `${right}${end}x` }
      expect(await verified({ ...plain, encoding }, { headers, raw: 'body' })).toBe(false)
    }
    const unpadded = { 'x-signature': right.replace(/=+$/, '') }
    expect(await verified({ ...plain, encoding }, { headers: unpadded, raw: 'body' })).toBe(true)
  }
})

it('token: in a header, with its prefix, in the query and in a form', async () => {
  const at = (place: object) => ({ method: 'token', place })
  const header = at({ in: 'header', name: 'X-Gitlab-Token' })
  expect(await verified(header, { headers: { 'x-gitlab-token': 'secret' } })).toBe(true)
  expect(await verified(header, { headers: { 'x-gitlab-token': 'secret2' } })).toBe(false)
  expect(await verified(header, {})).toBe(false)
  expect(await verified(header, { headers: { 'x-gitlab-token': '' } }, { secrets: [] })).toBe(false)
  const bearer = at({ in: 'header', name: 'Authorization', prefix: 'Bearer ' })
  expect(await verified(bearer, { headers: { authorization: 'Bearer secret' } })).toBe(true)
  expect(await verified(bearer, { headers: { authorization: 'secret' } })).toBe(false)
  expect(await verified(at({ in: 'query', name: 't' }), { query: { t: 'secret' } })).toBe(true)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  expect(await verified(at({ in: 'form', name: 't' }), { headers: form, raw: 't=secret&a=1' })).toBe(true)
})

it('token: the token of every item must match, and there must be an item', async () => {
  const verify = { method: 'token', place: { in: 'json', name: ['value', '*', 'clientState'] } }
  const send = (value: unknown) => verified(verify, { raw: JSON.stringify({ value }) })
  expect(await send([{ clientState: 'secret' }, { clientState: 'secret' }])).toBe(true)
  expect(await send([{ clientState: 'secret' }, { clientState: 'other' }])).toBe(false)
  expect(await send([{ clientState: 'secret' }, {}])).toBe(false)
  expect(await send([])).toBe(false)
  expect(await send(Array(1_001).fill({ clientState: 'secret' }))).toBe(false)
})

it('standard_webhooks: what the npm package signs is verified, and with the headers of Svix', async () => {
  const secret = newWebhookSecret()
  const verify = { method: 'standard_webhooks' }
  const signature = new Webhook(secret).sign('msg_1', NOW, '{"a":1}')
  for (const prefix of ['webhook-', 'svix-']) {
    const headers = {
      ...{ [`${prefix}id`]: 'msg_1', [`${prefix}timestamp`]: SECONDS },
      ...{ [`${prefix}signature`]: `v1,AAAA ${signature}` },
    }
    expect(await verified(verify, { headers, raw: '{"a":1}' }, { secrets: [secret] })).toBe(true)
    expect(await verified(verify, { headers, raw: '{"a":2}' }, { secrets: [secret] })).toBe(false)
    expect(await verified(verify, { headers, raw: '{"a":1}' }, { secrets: ['plain'] })).toBe(false)
    const late = { secrets: [secret], now: new Date(NOW.getTime() + 301_000) }
    expect(await verified(verify, { headers, raw: '{"a":1}' }, late)).toBe(false)
  }
})

it('standard_webhooks: a request with headers of both families is not verified', async () => {
  const secret = newWebhookSecret()
  const sent = { id: 'msg_1', timestamp: SECONDS, signature: new Webhook(secret).sign('msg_1', NOW, '{}') }
  const headers = Object.fromEntries(Object.entries(sent).map(([name, value]) => [`svix-${name}`, value]))
  const send = (more: Record<string, string>) =>
    verified({ method: 'standard_webhooks' }, { headers: { ...headers, ...more }, raw: '{}' }, { secrets: [secret] })
  expect(await send({})).toBe(true)
  expect(await send({ 'webhook-id': 'msg_2' })).toBe(false)
})

it('jwt: a token of a known key, issuer and audience that has not expired; unknown keys cause no flood of reads', async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const other = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' }
  let reads = 0
  const provider = await startProvider((_request, response) => {
    reads += 1
    return sendJson(response, { keys: [jwk] })
  })
  const egress = createEgress({ allow: ['127.0.0.1'] })
  const keys = createIssuerKeys(egress, createLogger({ level: 'silent' }))
  const verify = { method: 'jwt', jwksUrl: `${provider.origin}/jwks`, issuer: 'issuer', audience: '{{ url }}' }
  const sign = (claims: object, key = privateKey, kid = 'k1') =>
    new SignJWT({ iss: 'issuer', aud: URL_OF_HOOK, exp: Number(SECONDS) + 600, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid })
      .sign(key)
  const send = async (token: string) => verified(verify, { headers: { authorization: `Bearer ${token}` } }, { keys })
  expect(await send(await sign({}))).toBe(true)
  expect(await send(await sign({ iss: 'another' }))).toBe(false)
  expect(await send(await sign({ aud: 'https://elsewhere.example' }))).toBe(false)
  expect(await send(await sign({ exp: Number(SECONDS) - 61 }))).toBe(false)
  expect(await send(await sign({ exp: undefined }))).toBe(false)
  expect(await send(await sign({}, other.privateKey))).toBe(false)
  expect(await send('a.b.c')).toBe(false)
  expect(await verified(verify, {}, { keys })).toBe(false)
  const before = reads
  const unknown = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => send(await sign({}, privateKey, `k${n + 2}`))),
  )
  expect(unknown).toEqual(Array(50).fill(false))
  expect(reads - before).toBeLessThanOrEqual(1)
  await egress.close()
  await provider.close()
})

it('none: everything is verified', async () => {
  expect(await verified({ method: 'none' }, {}, { secrets: [] })).toBe(true)
})
