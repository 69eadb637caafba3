import { describe, expect, it } from 'vitest'
import { RateLimitedError } from '../../src/kit/errors.ts'
import { createLogger, type Logger } from '../../src/kit/log.ts'

const CANARY = 'cAnArY-4711-secret'

interface Recorder {
  log: Logger
  text: () => string
  last: () => Record<string, unknown>
}

function recorder(level: 'trace' | 'info' = 'trace'): Recorder {
  const lines: string[] = []
  return {
    log: createLogger({ level, destination: { write: (line) => void lines.push(line) } }),
    text: () => lines.join(''),
    last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>,
  }
}

function under(depth: number, value: unknown): unknown {
  let nested = value
  for (let level = 0; level < depth; level += 1) nested = level % 2 === 0 ? { inner: nested } : [nested]
  return nested
}

describe('createLogger', () => {
  it('writes one line of JSON with level, time, fields and message', () => {
    const { log, last, text } = recorder()
    log.warn({ connectionId: 'con_1', attempt: 2, ok: true, none: null, list: [1, 'a'] }, 'refresh of %s is late', 'it')
    expect(last()).toMatchObject({
      level: 'warn',
      msg: 'refresh of it is late',
      connectionId: 'con_1',
      attempt: 2,
      ok: true,
      none: null,
      list: [1, 'a'],
    })
    expect(last()['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(text().match(/\n/g)).toHaveLength(1)
  })

  it('writes no entry below its level', () => {
    const { log, text } = recorder('info')
    log.debug('no')
    expect(text()).toBe('')
  })

  it.each([
    'authorization',
    'Authorization',
    'Proxy-Authorization',
    'cookie',
    'Set-Cookie',
    'token',
    'tokens',
    'access_token',
    'accessToken',
    'ACCESS-TOKEN',
    'refresh_token',
    'new_refresh_token',
    'id_token',
    'secret',
    'clientSecret',
    'client_secret',
    'client_secrets',
    'password',
    'dbPassword',
    'passphrase',
    'api_key',
    'X-Api-Key',
    'x-shopify-access-token',
    'private_key',
    'secretAccessKey',
    'LATCHKEY_ENCRYPTION_KEYS',
    'LATCHKEY_OPERATOR_KEY',
    'DATABASE_URL',
    'code',
    'code_verifier',
    'state',
    'handle',
    'variables',
    'credential',
    'credentials',
    'client_assertion',
    'signature',
    'rawHeaders',
    'body',
  ])('redacts the value of the key %s at any depth', (key) => {
    for (const depth of [0, 1, 2, 3, 5, 7, 9, 30]) {
      for (const value of [CANARY, [CANARY], { a: CANARY }, Buffer.from(CANARY)]) {
        const { log, text } = recorder()
        log.info({ fields: under(depth, { [key]: value, other: 1 }) }, 'message')
        log.info({ [key]: value })
        log.child({ fields: under(depth, { [key]: value }) }).info('message')
        log
          .child({ [key]: value })
          .child({ a: 1 })
          .info('message')
        log.info('with %j', { nested: under(depth, { [key]: value }) })
        log.info({ a: 1 }, 'and %o', { [key]: value })
        expect(text()).not.toContain(CANARY)
        expect(text()).not.toContain(Buffer.from(CANARY).toJSON().data.slice(0, 4).join(','))
        expect(text()).toContain('[redacted]')
      }
    }
  })

  it.each([
    'id',
    'connectionId',
    'connectSessionId',
    'keyId',
    'tokenType',
    'tokenUrl',
    'status',
    'errorCode',
    'reason',
  ])('does not redact the value of the key %s', (key) => {
    const { log, last } = recorder()
    log.info({ [key]: 'shown' })
    expect(last()).toHaveProperty(key, 'shown')
  })

  it('redacts the value next to a secret name in lists of headers and fields', () => {
    const { log, text } = recorder()
    log.info({ headers: [{ name: 'Authorization', value: CANARY }], pairs: [['X-Api-Key', CANARY]] })
    log.info({ fields: { key: 'client_secret', value: CANARY } })
    log.info({ headers: new Headers({ authorization: CANARY }), map: new Map([['token', CANARY]]) })
    expect(text()).not.toContain(CANARY)
  })

  it.each([
    `GET https://app.example/oauth/callback/int_1?code=${CANARY}&x=1`,
    `https://app.example/cb?x=1&state=${CANARY}#top`,
    `https://app.example/#access_token=${CANARY}`,
    `https://user:${CANARY}@db.example/latchkey failed`,
    `postgres://${CANARY}@db.example/latchkey`,
    `grant_type=refresh_token&refresh_token=${CANARY}&client_id=1`,
    `{"access_token": "${CANARY}", "x": 1}`,
    `{"password":"a\\"${CANARY}"}`,
    JSON.stringify({ body: JSON.stringify({ client_secret: CANARY }) }),
    `Authorization: Bearer ${CANARY}`,
    `sent authorization: ${CANARY}`,
    `set-cookie: session=${CANARY}; Path=/`,
    `x-api-key: ${CANARY}`,
    `curl -H 'bearer ${CANARY}'`,
    `Headers.append: "Custom ${CANARY}\n" is an invalid header value.`,
  ])('redacts the secret in the text %s', (message) => {
    const { log, text } = recorder()
    log.info(message)
    log.info('%s', message)
    log.info({ detail: message, [`list`]: [message] }, 'x')
    log.error(new Error(message))
    log.error({ err: new Error(message) })
    log.child({ detail: message }).info({ url: message })
    expect(text()).not.toContain(CANARY)
    expect(text().match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(6)
  })

  it('redacts the text that a JSON syntax error quotes', () => {
    const { log, text } = recorder()
    for (const source of [CANARY, `{"a": ${CANARY}, "b": "and some more text behind it"}`, `["x", "y" ${CANARY}]`]) {
      try {
        JSON.parse(source)
      } catch (error) {
        log.error(error)
        log.error({ err: error }, 'failed')
      }
    }
    expect(text()).not.toContain('cAnArY')
    expect(text().split('\n')).toHaveLength(7)
  })

  it('logs name, message, code and stack of an error, and no message of its causes', () => {
    const cause = Object.assign(new TypeError(`refused ${CANARY}`), { code: 'ECONNREFUSED', response: CANARY })
    const error = Object.assign(new RateLimitedError('Too many requests.', { retryAfterSeconds: 3, cause }), {
      response: { text: CANARY },
      note: CANARY,
    })
    const { log, last, text } = recorder()
    log.error({ err: error }, 'sync failed')
    expect(last()).toMatchObject({
      msg: 'sync failed',
      err: {
        name: 'RateLimitedError',
        message: 'Too many requests.',
        code: 'RATE_LIMITED',
        stack: expect.stringContaining('log.test.ts'),
        cause: { name: 'TypeError', code: 'ECONNREFUSED', stack: expect.stringContaining('log.test.ts') },
      },
    })
    expect(Object.keys(Object(last()['err'])).toSorted()).toEqual(['cause', 'code', 'message', 'name', 'stack'])
    expect(Object.keys(Object(Object(last()['err'])['cause'])).toSorted()).toEqual(['code', 'name', 'stack'])
    log.error(error)
    expect(last()).toMatchObject({ msg: 'Too many requests.', err: { name: 'RateLimitedError' } })
    log.error({ deep: { list: [error] } })
    expect(last()).toMatchObject({ deep: { list: [{ name: 'RateLimitedError' }] } })
    log.error({ err: new AggregateError([cause, CANARY], 'all failed') })
    expect(last()).toMatchObject({
      err: { message: 'all failed', errors: [{ name: 'TypeError', code: 'ECONNREFUSED' }] },
    })
    log.error({ err: new Error('outer', { cause: { token: CANARY, plain: CANARY } }) })
    expect(text()).not.toContain(CANARY)
  })

  it('does not log a message that looks like a stack as the stack', () => {
    const cause = new Error(`\n    at ${CANARY} (file.ts:1:1)`)
    const { log, text } = recorder()
    log.error(new Error('outer', { cause }))
    expect(text()).not.toContain(CANARY)
  })

  it('does not throw for values that cannot be read', () => {
    const loop: Record<string, unknown> = {}
    loop['self'] = loop
    const trap = {
      get boom() {
        throw new Error('no')
      },
    }
    let wide: unknown = 1
    for (let level = 0; level < 7; level += 1) wide = Array.from({ length: 50 }, () => wide)
    const { log, text } = recorder()
    log.info({ loop, trap, wide, big: 1n, fn: () => 1, date: new Date(Number.NaN), none: undefined, nan: Number.NaN })
    log.info({ long: 'x'.repeat(1_000_000), many: Array.from({ length: 10_000 }, (_, index) => index) })
    log.info(JSON.parse('{"__proto__":{"token":"x"},"a":1}'))
    log.info(null, 'nothing')
    log.info(undefined)
    expect(text().split('\n')).toHaveLength(6)
    expect(text().length).toBeLessThan(200_000)
  })

  it('redacts secrets in bindings that are set later', () => {
    const { log, text } = recorder()
    const child = log.child({ jobId: 'job_1' })
    child.setBindings({ token: CANARY, at: 'here' })
    child.info('message')
    expect(text()).not.toContain(CANARY)
    expect(text()).toContain('"jobId":"job_1"')
    expect(text()).toContain('"at":"here"')
  })

  it('keeps the options of a child logger', () => {
    const { log, text } = recorder()
    log.child({ part: 'sync' }, { level: 'error', msgPrefix: '[sync] ' }).info('not this')
    log.child({ part: 'sync' }, { msgPrefix: '[sync] ' }).info('this')
    expect(text()).toContain('"msg":"[sync] this"')
    expect(text()).not.toContain('not this')
  })
})
