import { createHash, createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkCredential } from '../../../src/auth/check-credential.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import { UnsupportedError } from '../../../src/kit/errors.ts'
import { PlacementConflictError } from '../../../src/wire/placement.ts'
import { type DraftBody, type RequestDraft, serializeDraft } from '../../../src/wire/request-draft.ts'
import { authOf, emptyDraft, fixedContext, now } from '../contract.ts'
import { startTokenServer, type TokenServer } from '../oauth2/token-server.ts'

let server: TokenServer
beforeAll(async () => {
  server = await startTokenServer()
})
afterAll(() => server[Symbol.asyncDispose]())

type HmacInput = Extract<DefinitionInput['auth'], { type: 'signature'; method: 'hmac' }>
type AwsInput = Extract<DefinitionInput['auth'], { type: 'signature'; method: 'aws_sigv4' }>

const key = 'signing-k3y'
const seconds = String(now.getTime() / 1000)

function hmac(more: Partial<HmacInput> = {}): HmacInput {
  return {
    type: 'signature',
    method: 'hmac',
    fields: [{ name: 'key', secret: true, required: true }],
    key: '{{ config.key }}',
    hash: 'sha256',
    message: '{{ method }} {{ path }}?{{ query }} {{ body }} {{ timestamp }} {{ nonce }}',
    encoding: 'hex',
    placement: { in: 'header', name: 'X-Signature' },
    ...more,
  }
}

const aws: AwsInput = {
  type: 'signature',
  method: 'aws_sigv4',
  fields: [
    { name: 'id', required: true },
    { name: 'secret', secret: true, required: true },
    { name: 'session', secret: true },
  ],
  accessKeyId: '{{ config.id }}',
  secretAccessKey: '{{ config.secret }}',
  sessionToken: "{{ config.session | default('') }}",
  region: '{{ input.region }}',
  service: 'execute-api',
}

async function draftOf(auth: DefinitionInput['auth'], fields: Record<string, string>, more: Partial<RequestDraft>) {
  const parsed = authOf(auth)
  const context = { ...fixedContext, input: { region: 'eu-west-1' } }
  const authenticator = strategyOf(parsed).open(checkCredential(parsed, { fields }, now), context)
  const draft = { ...emptyDraft(), url: new URL('/v1/a%20b?z=1&a=%2B', server.origin), ...more }
  await authenticator.apply(draft)
  return draft
}

async function send(draft: RequestDraft) {
  await (await server.egress.send(serializeDraft(draft))).text()
  const seen = server.seen.at(-1)
  if (seen === undefined) throw new Error('nothing came')
  return seen
}

const json: DraftBody = { type: 'json', value: { b: 'ü', a: [1] } }
const sign = (message: string, hash = 'sha256', secret: string | Buffer = key) =>
  createHmac(hash, secret).update(message)

describe('an HMAC signature', () => {
  it.each<[string, Partial<HmacInput>, Partial<RequestDraft>, (seen: { url: string; body: string }) => string]>([
    [
      'method, path, query, body, time and nonce',
      {},
      { body: json },
      ({ body }) => sign(`POST /v1/a%20b?z=1&a=%2B ${body} ${seconds} example-nonce`).digest('hex'),
    ],
    ['no body', {}, { method: 'GET' }, () => sign(`GET /v1/a%20b?z=1&a=%2B  ${seconds} example-nonce`).digest('hex')],
    [
      'SHA-1 in base64',
      { hash: 'sha1', encoding: 'base64' },
      { method: 'get' },
      () => sign(`GET /v1/a%20b?z=1&a=%2B  ${seconds} example-nonce`, 'sha1').digest('base64'),
    ],
    [
      'SHA-512',
      { hash: 'sha512', message: '{{ body }}' },
      { body: json },
      ({ body }) => sign(body, 'sha512').digest('hex'),
    ],
    [
      'bytes of a body',
      { message: '{{ body }}' },
      { body: { type: 'raw', value: Buffer.from('\ufeffdata') } },
      () => sign('\ufeffdata').digest('hex'),
    ],
    [
      'a form',
      { message: '{{ body }}' },
      { body: { type: 'form', value: new URLSearchParams({ a: 'b c' }) } },
      () => sign('a=b+c').digest('hex'),
    ],
    ['the whole URL', { message: '{{ url }}' }, {}, ({ url }) => sign(`${server.origin}${url}`).digest('hex')],
    ['a line break at the end', { message: '{{ method }}\n' }, {}, () => sign('POST\n').digest('hex')],
    ['an input', { message: '{{ input.region }}' }, {}, () => sign('eu-west-1').digest('hex')],
    [
      'a prefix',
      { message: 'x', placement: { in: 'header', name: 'X-Signature', prefix: 'v1=' } },
      {},
      () => `v1=${sign('x').digest('hex')}`,
    ],
  ])('with %s', async (_name, more, draft, expected) => {
    const seen = await send(await draftOf(hmac(more), { key }, draft))
    expect(seen.headers['x-signature']).toBe(expected({ url: seen.url, body: seen.body.toString() }))
  })

  it.each<[string, HmacInput['keyEncoding'], string, Buffer]>([
    ['text', 'utf8', 'kéy', Buffer.from('kéy')],
    ['base64', 'base64', 'a2V5+/==', Buffer.from('a2V5+/==', 'base64')],
    ['hexadecimal', 'hex', 'DEADbeef', Buffer.from('deadbeef', 'hex')],
  ])('by a key in %s', async (_name, keyEncoding, text, bytes) => {
    const seen = await send(await draftOf(hmac({ keyEncoding, message: 'x' }), { key: text }, {}))
    expect(seen.headers['x-signature']).toBe(sign('x', 'sha256', bytes).digest('hex'))
  })

  it('adds timestamp and nonce before it signs', async () => {
    const auth = hmac({
      message: '{{ query }}|{{ timestamp }}|{{ nonce }}',
      timestamp: { in: 'query', name: 'ts', format: '%Y%m%dT%H%M%SZ' },
      nonce: { in: 'header', name: 'X-Nonce', prefix: 'n-' },
    })
    const seen = await send(await draftOf(auth, { key }, {}))
    expect(seen.url).toBe('/v1/a%20b?z=1&a=%2B&ts=20260102T030405Z')
    expect(seen.headers['x-nonce']).toBe('n-example-nonce')
    expect(seen.headers['x-signature']).toBe(
      sign('z=1&a=%2B&ts=20260102T030405Z|20260102T030405Z|example-nonce').digest('hex'),
    )
  })

  it.each<[HmacInput['placement'], DraftBody | undefined, (signature: string) => string]>([
    [
      { in: 'json', name: 'meta.sign' },
      { type: 'json', value: { a: 1 } },
      (signature) => `{"a":1,"meta":{"sign":"${signature}"}}`,
    ],
    [
      { in: 'form', name: 'sign' },
      { type: 'form', value: new URLSearchParams({ a: '1' }) },
      (signature) => `a=1&sign=${signature}`,
    ],
    [{ in: 'form', name: 'sign' }, undefined, (signature) => `sign=${signature}`],
  ])('is added to the body after the body was signed: %j', async (placement, body, expected) => {
    const seen = await send(
      await draftOf(hmac({ placement, message: '{{ body }}' }), { key }, body === undefined ? {} : { body }),
    )
    const before = body === undefined ? '' : body.type === 'json' ? '{"a":1}' : 'a=1'
    expect(seen.body.toString()).toBe(expected(sign(before).digest('hex')))
    expect(seen.headers['content-type']).toMatch(
      body?.type === 'json' ? 'application/json' : 'application/x-www-form-urlencoded',
    )
  })

  it('does not change the draft, which can be signed again', async () => {
    const draft = await draftOf(hmac(), { key }, { body: json })
    expect(serializeDraft(draft)).toEqual(serializeDraft(draft))
    expect(draft.headers.has('x-signature')).toBe(false)
    expect(serializeDraft(draft).credentialHeaders).toEqual(['x-signature'])
  })

  const stream = async function* () {
    yield Buffer.from('part')
  }

  it('rejects a stream if it signs the body, and accepts it otherwise', async () => {
    const body: DraftBody = { type: 'raw', value: stream() }
    const signed = await draftOf(hmac(), { key }, { body })
    expect(() => serializeDraft(signed)).toThrow(UnsupportedError)
    expect(() => serializeDraft(signed)).toThrow('cannot be streamed')
    const seen = await send(await draftOf(hmac({ message: '{{ path }}' }), { key }, { body }))
    expect(seen.body.toString()).toBe('part')
    expect(seen.headers['x-signature']).toBe(sign('/v1/a%20b').digest('hex'))
  })

  it('rejects bytes that are not text if it signs the body', async () => {
    const draft = await draftOf(hmac(), { key }, { body: { type: 'raw', value: Buffer.from([0xff, 0xfe]) } })
    expect(() => serializeDraft(draft)).toThrow('not UTF-8')
  })

  it.each<[HmacInput['keyEncoding'], string, string]>([
    ['hex', 'no-hex', 'The key is not valid hex.'],
    ['base64', 'n o', 'The key is not valid base64.'],
  ])('rejects a key that is not valid %s without repeating it', async (keyEncoding, text, message) => {
    const draft = await draftOf(hmac({ keyEncoding }), { key: text }, {})
    expect(() => serializeDraft(draft)).toThrow(message)
  })

  it('rejects a request that already has a value in its place', async () => {
    const draft = await draftOf(hmac(), { key }, { headers: new Headers({ 'x-signature': 'mine' }) })
    expect(() => serializeDraft(draft)).toThrow(PlacementConflictError)
  })
})

describe('a request that is signed for AWS', () => {
  const fields = { id: 'AKID', secret: 'aws-s3cret' }

  it('has date, signature, and the query in the form that is signed', async () => {
    const seen = await send(await draftOf(aws, fields, { body: json, url: new URL('/v1/x?z=a+b&a=*~', server.origin) }))
    expect(seen.url).toBe('/v1/x?a=%2A~&z=a%20b')
    expect(seen.headers['x-amz-date']).toBe('20260102T030405Z')
    expect(seen.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/20260102\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$/,
    )
    expect(seen.headers).not.toHaveProperty('x-amz-content-sha256')
  })

  it('signs the bytes that are sent', async () => {
    const signatures = await Promise.all(
      [json, { type: 'json', value: { b: 'u' } } as const].map(async (body) => await draftOf(aws, fields, { body })),
    )
    const [one, other] = signatures.map((draft) => new Map(serializeDraft(draft).headers).get('authorization'))
    expect(one).not.toBe(other)
  })

  it('contains and signs a session token', async () => {
    const seen = await send(await draftOf(aws, { ...fields, session: 'sess-t0ken' }, { method: 'GET' }))
    expect(seen.headers['x-amz-security-token']).toBe('sess-t0ken')
    expect(seen.headers.authorization).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token')
  })

  it('contains the hash of the body for S3', async () => {
    const seen = await send(
      await draftOf({ ...aws, service: 's3' }, fields, {
        method: 'PUT',
        body: { type: 'raw', value: Buffer.from('data') },
      }),
    )
    expect(seen.headers['x-amz-content-sha256']).toBe(createHash('sha256').update('data').digest('hex'))
    expect(seen.headers.authorization).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date')
  })

  it('sends a stream unsigned over https, and rejects it over http', async () => {
    const body: DraftBody = {
      type: 'raw',
      value: (async function* () {
        yield Buffer.from('x')
      })(),
    }
    const safe = serializeDraft(await draftOf(aws, fields, { body, url: new URL('https://api.example.com/x') }))
    expect(new Map(safe.headers).get('x-amz-content-sha256')).toBe('UNSIGNED-PAYLOAD')
    const plain = await draftOf(aws, fields, { body })
    expect(() => serializeDraft(plain)).toThrow('cannot be signed for a URL without https')
  })

  it('does not contain the secret key, which is in the list of secrets', async () => {
    const draft = await draftOf(aws, { ...fields, session: 'sess-t0ken' }, {})
    expect(JSON.stringify(serializeDraft(draft))).not.toContain('aws-s3cret')
    const parsed = authOf(aws)
    const stored = checkCredential(parsed, { fields: { ...fields, session: 'sess-t0ken' } }, now)
    expect(strategyOf(parsed).open(stored, { ...fixedContext, input: { region: 'x' } }).secrets).toEqual([
      'aws-s3cret',
      'sess-t0ken',
    ])
  })
})
