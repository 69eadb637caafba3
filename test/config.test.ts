import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig, unknownVariables } from '../src/config.ts'

function problemsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
}

/** A secret that stands in a wrong value, and must not be in the message. */
const SECRET = 's3cret-of-this-test'

describe('readConfig', () => {
  it.each([
    ['PORT', 'none', 'must be a whole number from 0 to 65535.'],
    ['PORT', ' ', 'must be a whole number from 0 to 65535.'],
    ['PORT', '65536', 'must be a whole number from 0 to 65535.'],
    ['HOST', 'http://127.0.0.1', 'must be an IP address or a host name'],
    ['HOST', '127.0.0.1:4000', 'must be an IP address or a host name'],
    [
      'LATCHKEY_PUBLIC_URL',
      'latchkey.example.com',
      'must begin with https:// or http://, such as https://latchkey.example.com.',
    ],
    ['LATCHKEY_PUBLIC_URL', 'localhost:4000', 'must begin with https:// or http://'],
    ['LATCHKEY_PUBLIC_URL', 'ftp://latchkey.example.com', 'must begin with https:// or http://'],
    ['LATCHKEY_PUBLIC_URL', 'https://', 'must be an http or https URL'],
    ['LATCHKEY_PUBLIC_URL', `https://user:${SECRET}@latchkey.example.com`, 'must have no user name and no password'],
    ['LATCHKEY_PUBLIC_URL', 'https://example.com/latchkey', 'must have no path, no query and no fragment'],
    ['LATCHKEY_PUBLIC_URL', `https://example.com?key=${SECRET}`, 'must have no path, no query and no fragment'],
    ['LATCHKEY_PUBLIC_URL', 'https://example.com/#', 'must have no path, no query and no fragment'],
    [
      'DATABASE_URL',
      `mysql://user:${SECRET}@host/db`,
      'must be a URL such as postgresql://user:password@host:5432/database.',
    ],
    ['DATABASE_URL', `postgresql://user:a#${SECRET}@host/db`, 'Percent-encode special characters of the password'],
    ['DATABASE_URL', `postgresql://user:%${SECRET}@host/db`, 'Write %25 for a % in the password.'],
    ['REDIS_URL', 'localhost:6379', 'must be a URL such as redis://host:6379.'],
    ['LATCHKEY_ROLE', 'web', 'must be one of: all, gateway, worker.'],
    ['LATCHKEY_OPERATOR_KEY', SECRET, 'must have at least 32 characters.'],
    ['LATCHKEY_EVENT_RETENTION', '30d', 'must be an ISO 8601 duration longer than zero, such as P30D.'],
    ['LATCHKEY_DELETED_RECORD_RETENTION', 'PT0S', 'must be an ISO 8601 duration longer than zero, such as P30D.'],
    ['LATCHKEY_TOKEN_TIMEOUT', '15', 'must be an ISO 8601 duration longer than zero, such as PT15S.'],
    ['LATCHKEY_TOKEN_TIMEOUT', 'P30D', 'such as PT15S, and at most P24D.'],
    ['LATCHKEY_SYNC_TIMEOUT', 'P25D', 'such as PT6H, and at most P24D.'],
    ['LATCHKEY_STOP_TIMEOUT', '30', 'must be an ISO 8601 duration longer than zero, such as PT22S.'],
    ['LATCHKEY_RATE_LIMIT', '-1', 'must be a whole number from 0 to 1000000000.'],
    ['LATCHKEY_ISSUER_APPROVAL', 'nobody', 'must be one of: workspace, operator.'],
    ['LATCHKEY_REQUEST_LIMIT', '0', 'must be a whole number from 1 to 1000000.'],
    ['LATCHKEY_SOCKET_LIMIT', '0', 'must be a whole number from 1 to 1000000.'],
    ['LATCHKEY_SUBSCRIPTION_LIMIT', '0', 'must be a whole number from 1 to 1000000.'],
    ['LATCHKEY_LOG_LEVEL', 'verbose', 'must be one of: silent, error, warn, info, debug.'],
    ['LATCHKEY_FEDERATION', 'User', 'must be a type of your product and its key field, such as User.id.'],
    ['LATCHKEY_FEDERATION', 'User.id.name', 'such as User.id.'],
    ['LATCHKEY_FEDERATION', '__Type.name', 'such as User.id.'],
    ['LATCHKEY_INSECURE', 'yes', 'must be one of: 0, 1.'],
    ['LATCHKEY_METRICS_TOKEN', 'short', 'must be 16 to 512 visible ASCII characters.'],
    ['NODE_ENV', 'prod', 'is not production, but looks like it. Write exactly: production.'],
  ])('explains a wrong %s (%s) in one line that names it', (name, value, message) => {
    const problems = problemsOf({ [name]: value })
    expect(problems).toEqual([expect.stringContaining(message)])
    expect(problems[0]).toMatch(new RegExp(`^${name} `))
    expect(problems[0]).not.toContain(SECRET)
  })

  it.each(['127.0.0.1', '127.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST', 'app.localhost'])(
    'listens on %s outside production, which only this machine reaches',
    (HOST) => {
      expect(readConfig({ HOST }).host).toBe(HOST)
    },
  )

  it.each([
    '0.0.0.0',
    '0',
    '::',
    '10.0.0.1',
    '::ffff:10.0.0.1',
    'latchkey.local',
    'localhost.example.com',
    '127.0.0.1.nip.io',
  ])('listens on %s only in production, or with LATCHKEY_INSECURE=1', (HOST) => {
    expect(problemsOf({ HOST })).toEqual([
      expect.stringMatching(
        /^HOST must be an address of this machine only.*NODE_ENV=production, or LATCHKEY_INSECURE=1/,
      ),
    ])
    expect(problemsOf({ HOST, LATCHKEY_INSECURE: '0' })).toHaveLength(1)
    expect(problemsOf({ HOST, NODE_ENV: 'test' })).toHaveLength(1)
    expect(readConfig({ HOST, LATCHKEY_INSECURE: '1' }).host).toBe(HOST)
    const production = {
      NODE_ENV: 'production',
      LATCHKEY_ENCRYPTION_KEYS: 'k',
      LATCHKEY_PUBLIC_URL: 'https://a.example',
    }
    expect(readConfig({ HOST, ...production }).host).toBe(HOST)
  })

  it('gives a process time to stop for the token request that was sent last, and for storing its response', () => {
    expect(readConfig({})).toMatchObject({ tokenTimeoutMs: 15_000, stopTimeoutMs: 22_000 })
    expect(readConfig({ LATCHKEY_TOKEN_TIMEOUT: 'PT1M' }).stopTimeoutMs).toBe(67_000)
    const stops = (token: string, stop: string) => ({ LATCHKEY_TOKEN_TIMEOUT: token, LATCHKEY_STOP_TIMEOUT: stop })
    expect(readConfig(stops('PT10S', 'PT15S'))).toMatchObject({ tokenTimeoutMs: 10_000, stopTimeoutMs: 15_000 })
    expect(problemsOf(stops('PT10S', 'PT14.9S'))).toEqual([
      'LATCHKEY_STOP_TIMEOUT must be at least 5 seconds longer than LATCHKEY_TOKEN_TIMEOUT, so that a renewal that was sent can end before the process does. Set LATCHKEY_STOP_TIMEOUT to PT15S or longer, or LATCHKEY_TOKEN_TIMEOUT to PT9.9S or shorter.',
    ])
    expect(problemsOf({ LATCHKEY_STOP_TIMEOUT: 'PT5S' })).toEqual([
      expect.stringMatching(/Set LATCHKEY_STOP_TIMEOUT to PT20S or longer, or unset it\.$/),
    ])
  })

  it('limits the sync jobs of a workspace, an integration and a host, each by a share unless it is given', () => {
    expect(readConfig({}).syncCaps).toEqual({})
    const env = {
      LATCHKEY_SYNC_WORKSPACE_CONCURRENCY: '20',
      LATCHKEY_SYNC_INTEGRATION_CONCURRENCY: '10',
      LATCHKEY_SYNC_HOST_CONCURRENCY: '5',
    }
    expect(readConfig(env).syncCaps).toEqual({ workspace: 20, integration: 10, host: 5 })
    for (const name of Object.keys(env)) {
      expect(problemsOf({ [name]: '0' })).toEqual([`${name} must be a whole number from 1 to 1000.`])
    }
  })

  it('reports all problems at once', () => {
    const env = {
      PORT: 'x',
      LATCHKEY_ROLE: 'worker',
      LATCHKEY_PUBLIC_URL: 'x',
      LATCHKEY_LOGLEVEL: 'info',
      NODE_ENV: 'production',
    }
    const problems = problemsOf(env)
    expect(problems).toHaveLength(5)
    for (const name of [
      'PORT ',
      'LATCHKEY_PUBLIC_URL must',
      'LATCHKEY_ROLE ',
      'LATCHKEY_LOGLEVEL ',
      'LATCHKEY_ENCRYPTION_KEYS is needed',
    ]) {
      expect(problems.filter((problem) => problem.startsWith(name))).toHaveLength(1)
    }
  })

  it('reports the problems of values that other layers check, without ending at the first', () => {
    const refuse = (value: string) => {
      throw new Error(`LATCHKEY_EGRESS_ALLOW has ${value.length} letters.`)
    }
    expect(() => readConfig({ PORT: 'x', LATCHKEY_EGRESS_ALLOW: 'ab' }, { LATCHKEY_EGRESS_ALLOW: refuse })).toThrow(
      /^PORT [^\n]*\nLATCHKEY_EGRESS_ALLOW has 2 letters\.$/,
    )
  })

  it.each([
    ['LATCHKEY_PUBLICURL', 'LATCHKEY_PUBLIC_URL'],
    ['LATCHKEY_PUBLIC_ULR', 'LATCHKEY_PUBLIC_URL'],
    ['LATCHEY_PUBLIC_URL', 'LATCHKEY_PUBLIC_URL'],
    ['latchkey_public_url', 'LATCHKEY_PUBLIC_URL'],
    ['LATCHKEY_ENCRYPTION_KEY', 'LATCHKEY_ENCRYPTION_KEYS'],
    ['LATCHKEY_DATABASE_URL', 'DATABASE_URL'],
    ['LATCHKEY_PORT', 'PORT'],
    ['LATCHKEY_ROEL', 'LATCHKEY_ROLE'],
  ])('refuses the misspelt name %s and suggests %s', (name, meant) => {
    expect(problemsOf({ [name]: SECRET })).toEqual([`${name} is not a variable of Latchkey. Did you mean ${meant}?`])
  })

  it('names a variable that resembles none, and starts nevertheless', () => {
    const env = {
      LATCHKEY_COLOUR: 'blue',
      LATCHKEY_MODE: 'x',
      LATCHKEY_EMPTY: '',
      OTHER_PUBLIC_URL: 'x',
      LATCHKEY_ROLE: 'all',
    }
    expect(problemsOf(env)).toEqual([])
    expect(unknownVariables(env)).toEqual(['LATCHKEY_COLOUR', 'LATCHKEY_MODE'])
  })

  it('ignores what Kubernetes sets for a service named latchkey', () => {
    const env = {
      LATCHKEY_SERVICE_HOST: '10.0.0.1',
      LATCHKEY_SERVICE_PORT_HTTP: '4000',
      LATCHKEY_PORT: 'tcp://10.0.0.1:4000',
      LATCHKEY_PORT_4000_TCP_ADDR: '10.0.0.1',
      LATCHKEY_GATEWAY_PORT: 'tcp://10.0.0.1:4000',
    }
    expect(problemsOf(env)).toEqual([])
    expect(unknownVariables(env)).toEqual([])
  })

  it.each([
    ['https://latchkey.example.com/', 'https://latchkey.example.com'],
    ['HTTPS://Latchkey.example.com:443', 'https://latchkey.example.com'],
    ['http://[::1]:4000', 'http://[::1]:4000'],
  ])('reads the public URL %s as %s', (value, publicUrl) => {
    expect(readConfig({ LATCHKEY_PUBLIC_URL: value })).toMatchObject({ publicUrl })
  })
})
