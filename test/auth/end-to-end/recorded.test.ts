import { createHmac } from 'node:crypto'
import { jwtVerify } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../../src/catalog/definition/definition.ts'
import {
  type ProviderRequestSeen,
  type ProviderServer,
  sendJson,
  startProvider,
} from '../../support/provider-server.ts'
import { ec256, ecPem } from '../signature/keys.ts'
import {
  itemsPage,
  itemsStream,
  type StrategyFixture,
  type SyncOptions,
  startStrategyFixture,
} from './strategy-fixture.ts'
import { isOAuth1, isSigV4 } from './verify.ts'

const KEY = 'k3y+of/the=account'
const keyField = { name: 'key', secret: true, required: true }
const TOTAL = 3
const SIZE = 2

interface Case extends SyncOptions {
  auth: DefinitionInput['auth']
  credential: Record<string, unknown>
  /** Whether the server accepts the request. Implemented here, independently of the code under test. */
  accepts(request: ProviderRequestSeen): boolean | Promise<boolean>
  /** A stream that is read by POST. */
  json?: Record<string, unknown>
  post?: boolean
}

const jsonOf = (body: string): Record<string, Record<string, unknown>> => JSON.parse(body)
const apiKey = (placement: Extract<DefinitionInput['auth'], { type: 'api_key' }>['placement']) => ({
  auth: { type: 'api_key' as const, placement },
  credential: { secretText: KEY },
})

const cases: Record<string, Case> = {
  nothing: {
    auth: { type: 'none' },
    credential: { fields: {} },
    accepts: ({ headers }) => headers.authorization === undefined,
  },
  'a bearer token': {
    auth: { type: 'bearer' },
    credential: { secretText: KEY },
    accepts: ({ headers }) => headers.authorization === `Bearer ${KEY}`,
  },
  'an API key in a header': {
    ...apiKey({ in: 'header', name: 'X-Key', prefix: 'Token ' }),
    accepts: ({ headers }) => headers['x-key'] === `Token ${KEY}`,
  },
  'an API key in the query': {
    ...apiKey({ in: 'query', name: 'key' }),
    accepts: ({ url }) => url.searchParams.get('key') === KEY && url.search.includes('k3y%2Bof%2Fthe%3Daccount'),
  },
  'an API key in a form': {
    ...apiKey({ in: 'form', name: ['auth', 'key'] }),
    post: true,
    accepts: ({ method, body }) => method === 'POST' && new URLSearchParams(body).get('auth[key]') === KEY,
  },
  'an API key in JSON': {
    ...apiKey({ in: 'json', name: ['auth', 'key'] }),
    json: { filter: { all: true } },
    accepts: ({ body }) => jsonOf(body)['auth']?.['key'] === KEY && jsonOf(body)['filter']?.['all'] === true,
  },
  'an API key in a cookie': {
    ...apiKey({ in: 'cookie', name: 'session' }),
    accepts: ({ headers }) =>
      headers.cookie === `session=${encodeURIComponent(KEY)}` || headers.cookie === `session=${KEY}`,
  },
  'a JWT that is signed for the request': {
    auth: {
      type: 'jwt',
      algorithm: 'ES256',
      key: '{{ config.key }}',
      lifetime: 'PT5M',
      claims: { iss: '{{ config.app }}', aud: 'items' },
      fields: [keyField, { name: 'app', required: true }],
    },
    credential: { fields: { key: ecPem, app: 'app-7' } },
    async accepts({ headers }) {
      const token = headers.authorization?.replace('Bearer ', '') ?? ''
      const { payload } = await jwtVerify(token, ec256.publicKey, {
        issuer: 'app-7',
        audience: 'items',
        maxTokenAge: '5m',
      })
      return (payload.exp ?? 0) - (payload.iat ?? 0) === 300
    },
  },
  'an HMAC over the request': {
    auth: {
      type: 'signature',
      method: 'hmac',
      fields: [keyField],
      key: '{{ config.key }}',
      hash: 'sha512',
      message: '{{ method }}\n{{ path }}\n{{ query }}\n{{ timestamp }}\n{{ nonce }}\n{{ body }}',
      encoding: 'base64',
      placement: { in: 'header', name: 'X-Signature' },
      timestamp: { in: 'header', name: 'X-Time', format: 'epoch' },
      nonce: { in: 'header', name: 'X-Nonce' },
    },
    credential: { secretText: KEY },
    json: { all: true },
    accepts({ method, url, headers, body }) {
      const parts = [method, url.pathname, url.search.slice(1), headers['x-time'], headers['x-nonce'], body]
      const recent = Math.abs(Number(headers['x-time']) - Date.now() / 1000) < 300
      return recent && headers['x-signature'] === createHmac('sha512', KEY).update(parts.join('\n')).digest('base64')
    },
  },
  'AWS Signature Version 4': {
    auth: {
      type: 'signature',
      method: 'aws_sigv4',
      fields: [{ name: 'id', required: true }, keyField],
      accessKeyId: '{{ config.id }}',
      secretAccessKey: '{{ config.key }}',
      region: 'eu-west-1',
      service: 'execute-api',
    },
    credential: { fields: { id: 'AKIDEXAMPLE', key: KEY } },
    json: { name: 'ü' },
    accepts: (request) => isSigV4(request, KEY),
  },
  'OAuth 1.0a with a consumer of the connection': {
    auth: oauth1(),
    credential: { fields: { consumer_key: 'ck', consumer_secret: KEY, token: 'tk', token_secret: 't&s' } },
    accepts: (request) => isOAuth1(request, KEY, 't&s'),
  },
  'OAuth 1.0a with the client of the integration': {
    auth: oauth1(),
    credential: { fields: { token: 'tk', token_secret: 't&s' } },
    oauthClient: { clientId: 'ck', clientSecret: KEY },
    accepts: (request) => isOAuth1(request, KEY, 't&s'),
  },
  'one of several ways': {
    auth: {
      type: 'selective',
      options: [
        { key: 'token', label: 'Token', auth: { type: 'bearer' } },
        { key: 'key', label: 'Key', auth: { type: 'api_key', placement: { in: 'header', name: 'X-Key' } } },
      ],
    },
    credential: { fields: { auth_method: 'key', api_key: KEY } },
    accepts: ({ headers }) => headers['x-key'] === KEY && headers.authorization === undefined,
  },
}

function oauth1() {
  return {
    type: 'oauth1' as const,
    requestTokenUrl: 'https://api.example.com/request',
    authorizationUrl: 'https://api.example.com/authorize',
    accessTokenUrl: 'https://api.example.com/access',
  }
}

describe('A sync job', () => {
  let fixture: StrategyFixture
  let server: ProviderServer
  let accepts: Case['accepts']
  const seen: string[] = []
  beforeAll(async () => {
    fixture = await startStrategyFixture()
    server = await startProvider(async (request, response) => {
      const good = await Promise.resolve(request)
        .then((each) => accepts(each))
        .catch(() => false)
      seen.push(good ? 'accepted' : `refused ${request.method} ${request.url} ${JSON.stringify(request.headers)}`)
      sendJson(response, good ? itemsPage(request.url, TOTAL, SIZE) : { error: 'refused' }, {}, good ? 200 : 401)
    })
  })
  beforeEach(() => void seen.splice(0))
  afterAll(async () => {
    await server?.close()
    await fixture?.[Symbol.asyncDispose]()
  })

  it.each(Object.entries(cases))(
    'authenticates each request with %s',
    async (_name, { auth, credential, json, post, ...each }) => {
      accepts = each.accepts
      const stream = {
        ...itemsStream(SIZE),
        ...(json === undefined ? {} : { json }),
        ...(post ? { method: 'POST' as const } : {}),
      }
      const { job } = await fixture.sync(
        { displayName: 'Recorded', baseUrl: server.origin, auth, streams: [{ ...stream, query: { 'a b': "x+y/'*" } }] },
        credential,
        each,
      )
      expect(seen).toEqual(['accepted', 'accepted'])
      expect(job).toMatchObject({ status: 'SUCCEEDED', recordsRead: TOTAL, error: null })
      const log = fixture.app.log.join('')
      expect(log).not.toContain(KEY)
      expect(log).not.toContain(encodeURIComponent(KEY))
    },
  )
  it.each(['an HMAC over the request', 'AWS Signature Version 4', 'OAuth 1.0a with a consumer of the connection'])(
    'fails if the server has another key for %s',
    async (name) => {
      const each = cases[name]
      if (each === undefined) throw new Error('There is no such case.')
      accepts = each.accepts
      const credential = JSON.parse(JSON.stringify(each.credential).replaceAll(KEY, 'an0ther key'))
      const { job } = await fixture.sync(
        { displayName: 'Recorded', baseUrl: server.origin, auth: each.auth, streams: [itemsStream(SIZE)] },
        credential,
      )
      expect(seen).toEqual([expect.stringMatching(/^refused GET/)])
      expect(job).toMatchObject({ status: 'FAILED', error: { providerStatus: 401 } })
    },
  )
})
