import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createIssuerMetadata, type IssuerMetadataOptions } from '../../../src/auth/oauth2/issuer-metadata.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts'

const PREFIX = '/.well-known/oauth-authorization-server'
const egress = createEgress({ allow: ['127.0.0.1'] })
const logger = createLogger({ level: 'warn', destination: { write: () => undefined } })
let server: ProviderServer
let status = 200

beforeAll(async () => {
  server = await startProvider(({ url }, response) => {
    const issuer = `${server.origin}${url.pathname.slice(PREFIX.length)}`
    sendJson(response, { issuer, authorization_response_iss_parameter_supported: true }, {}, status)
  })
})
beforeEach(() => {
  server.requests.length = 0
  status = 200
})
afterAll(async () => {
  await egress.close()
  await server.close()
})

const open = (options: IssuerMetadataOptions = {}) => createIssuerMetadata(egress, logger, options)
const issuer = (path = '/one') => `${server.origin}${path}`
const ANNOUNCED = { issParameter: true, challengeMethods: null }

describe('createIssuerMetadata', () => {
  it('reads once for concurrent and later calls', async () => {
    const metadata = open()
    const answers = await Promise.all(Array.from({ length: 20 }, () => metadata.ask({ issuer: issuer() })))
    expect(answers).toEqual(Array(20).fill(ANNOUNCED))
    expect(await metadata.ask({ issuer: issuer() })).toEqual(ANNOUNCED)
    expect(server.requests).toHaveLength(1)
  })

  it('reads again after goodForMs', async () => {
    const metadata = open({ goodForMs: 0 })
    await metadata.ask({ issuer: issuer() })
    await metadata.ask({ issuer: issuer() })
    expect(server.requests).toHaveLength(2)
  })

  it('caches a failure for failedForMs, and reads again after that', async () => {
    status = 500
    const patient = open({ failedForMs: 3_600_000 })
    for (let times = 0; times < 3; times += 1) {
      await expect(patient.inspect({ issuer: issuer() })).rejects.toMatchObject({ details: { retryable: true } })
      expect(await patient.ask({ issuer: issuer() })).toBeNull()
    }
    expect(server.requests).toHaveLength(1)
    const eager = open({ failedForMs: 0 })
    await expect(eager.inspect({ issuer: issuer() })).rejects.toMatchObject({ code: 'PROVIDER' })
    status = 200
    expect(await eager.ask({ issuer: issuer() })).toEqual(ANNOUNCED)
  })

  it('returns the last known metadata while it cannot be read', async () => {
    const metadata = open({ goodForMs: 0, failedForMs: 0 })
    expect(await metadata.ask({ issuer: issuer() })).toEqual(ANNOUNCED)
    status = 500
    expect(await metadata.ask({ issuer: issuer() })).toEqual(ANNOUNCED)
    expect(await metadata.ask({ issuer: issuer() })).toEqual(ANNOUNCED)
    expect(server.requests).toHaveLength(3)
  })

  it('forgets the least recently used issuer beyond maxIssuers', async () => {
    const metadata = open({ maxIssuers: 2 })
    for (const path of ['/one', '/two', '/three', '/three', '/two', '/one'])
      await metadata.ask({ issuer: issuer(path) })
    expect(server.requests.map(({ url }) => url.pathname.slice(PREFIX.length))).toEqual([
      ...['/one', '/two', '/three', '/one'],
    ])
  })

  it('inserts the well-known path before the path of the issuer', async () => {
    status = 404
    for (const path of ['', '/', '/a/b', '/a/b/']) await open().ask({ issuer: issuer(path) })
    expect(server.requests.map(({ url }) => url.pathname)).toEqual([
      ...[PREFIX, '/.well-known/openid-configuration', PREFIX, '/.well-known/openid-configuration'],
      ...[`${PREFIX}/a/b`, '/a/b/.well-known/openid-configuration', '/.well-known/openid-configuration/a/b'],
      ...[`${PREFIX}/a/b`, '/a/b/.well-known/openid-configuration', '/.well-known/openid-configuration/a/b'],
    ])
  })
})
