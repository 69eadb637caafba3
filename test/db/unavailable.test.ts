import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { isDatabaseUnavailable, unavailableOr } from '../../src/db/unavailable.ts'
import { EgressError } from '../../src/egress/egress-error.ts'
import { UnavailableError } from '../../src/kit/errors.ts'
import { createLogger } from '../../src/kit/log.ts'

const withCode = (code: string, message = 'no') => Object.assign(new Error(message), { code })
const stateOf = (state: string) => Object.assign(new pg.DatabaseError('no', 2, 'error'), { code: state })
const ofDriver = (originalCode: string) =>
  Object.assign(withCode('P2010'), { meta: { driverAdapterError: { cause: { originalCode, kind: 'postgres' } } } })

describe('isDatabaseUnavailable', () => {
  it.each([
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'].map((code) => withCode(code)),
    ...['08000', '08006', '08P01', '53300', '57P01', '57P02', '57P03', '25006', '25P03'].map(stateOf),
    ...['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037'].map((code) => withCode(code)),
    ofDriver('57P01'),
    Object.assign(withCode('ENOENT'), { syscall: 'connect' }),
    new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]),
    new Error('Connection terminated unexpectedly'),
    new Error('Connection terminated due to connection timeout'),
    new Error('timeout expired'),
    new Error('timeout exceeded when trying to connect'),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('\nInvalid `prisma.workspace.findFirst()` invocation:\n\n\nConnection terminated unexpectedly'),
  ])('is true for %s', (error) => {
    expect(isDatabaseUnavailable(error)).toBe(true)
  })

  it.each([
    ...['23505', '42P01', '57014', '57P04', '40001', '28P01'].map(stateOf),
    ...['P2002', 'P2003', 'P2025', 'P2010'].map((code) => withCode(code)),
    ofDriver('42601'),
    withCode('ENOENT'),
    withCode('EACCES'),
    new EgressError('connect', 'The connection failed.', { cause: withCode('ECONNREFUSED') }),
    new TypeError('fetch failed', { cause: withCode('ECONNREFUSED') }),
    new Error('the Connection terminated in the middle of a text'),
    'ECONNREFUSED',
    undefined,
    Object.defineProperty(new Error(''), 'code', {
      get() {
        throw withCode('ECONNREFUSED')
      },
    }),
  ])('is false for %s', (error) => {
    expect(isDatabaseUnavailable(error)).toBe(false)
  })
})

describe('unavailableOr', () => {
  it('logs the first failure of an outage with its cause, and not each of the others', () => {
    const lines: string[] = []
    const logger = createLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } })
    for (let failure = 0; failure < 100; failure += 1) {
      const shown = unavailableOr(withCode('ECONNREFUSED', 'connect ECONNREFUSED 10.1.2.3:5432'), logger)
      expect(shown).toBeInstanceOf(UnavailableError)
      expect(String(shown)).not.toContain('10.1.2.3')
    }
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('ECONNREFUSED')
  })

  it('returns other errors as they are', () => {
    const error = new Error('a defect')
    expect(unavailableOr(error, createLogger({ level: 'silent' }))).toBe(error)
  })
})
