import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkSessions } from '../../../src/db/check-sessions.ts'
import { connectContacts, followJob, sharedEnv } from '../../program/main-job.ts'
import { openTestDatabase, serverAnswers, type TestDatabase } from '../../support/databases.ts'
import { startOidcServer } from '../../support/oidc-server.ts'
import { startPgbouncer } from '../../support/own-pgbouncer.ts'
import { inheritedEnv, repositoryRoot, SHORT_LIVED, startProgram } from '../../support/program.ts'
import { startRecordsUpstream } from '../../support/records-upstream.ts'
import { administer, hasPgbouncer, putInKolkata } from '../../support/services.ts'
import { openRefreshFixture } from './refresh-fixture.ts'

const pgbouncer = await hasPgbouncer()
const SESSION = { pool_mode: 'session', ignore_startup_parameters: 'options,extra_float_digits' }
const ROUNDS = 3
const CALLERS = 20

/** Runs the program, or one of its commands, until it exits. */
async function run(env: Record<string, string>, ...command: string[]): Promise<{ code: number; words: string }> {
  const child = spawn(process.execPath, [...SHORT_LIVED, 'src/main.ts', ...command], {
    cwd: repositoryRoot,
    env: { ...inheritedEnv(), ...(command.length === 0 ? { PORT: '0' } : {}), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = Promise.withResolvers<number>()
  child.once('error', ended.reject)
  child.once('close', (code) => ended.resolve(code ?? -1))
  const [code, ...words] = await Promise.all([ended.promise, text(child.stdout), text(child.stderr)])
  return { code, words: words.join('\n').replaceAll(/\s+/g, ' ') }
}

describe.skipIf(!pgbouncer || !serverAnswers)('Latchkey behind PgBouncer (RF-04)', () => {
  let test: TestDatabase
  beforeEach(async () => {
    test = await openTestDatabase('server')
    const name = new URL(test.url ?? '').pathname.slice(1)
    // PgBouncer does not pass the session settings on, so they are set for the database.
    await administer(`ALTER DATABASE ${name} SET timezone TO 'UTC'`)
  })
  afterEach(() => test.close())

  it('with a session for each client: processes share one renewal, and a killed process leaves no lock', async () => {
    await using bouncer = await startPgbouncer(SESSION)
    const url = bouncer.urlOf(test.url ?? '')
    const fixture = await openRefreshFixture(test)
    await using oidc = await startOidcServer()
    const connectionId = await fixture.addConnection(oidc)
    const dying = await fixture.startProcess({ url, killAt: 'locked' })
    dying.ask({ connectionId }).catch(() => undefined)
    await dying.exited
    const processes = await Promise.all([1, 2].map(() => fixture.startProcess({ url, requestTimeoutMs: 10_000 })))
    for (let round = 1; round <= ROUNDS; round += 1) {
      await fixture.expire(connectionId)
      const answers = (await Promise.all(processes.map((each) => each.ask({ connectionId, callers: CALLERS })))).flat()
      expect(new Set(answers.map(({ token, code }) => token ?? code)).size).toBe(1)
      expect(answers[0]?.token).toMatch(/^Bearer (?!the first)/)
      expect(oidc.tokenCalls).toBe(round)
    }
    expect(oidc.revokedGrants).toEqual([])
    expect(await oidc.isLiveRefreshToken(await fixture.refreshToken(connectionId))).toBe(true)
    for (const { child } of processes) child.kill('SIGKILL')
    await Promise.all(processes.map(({ exited }) => exited))
  })

  it('with a session for each client: the whole program works', async () => {
    await using bouncer = await startPgbouncer(SESSION)
    const env = { ...sharedEnv(), DATABASE_URL: bouncer.urlOf(test.url ?? '') }
    const upstream = await startRecordsUpstream(50)
    const program = await startProgram({ env })
    const { graphqlUrl, operatorKey } = program
    const { syncJobId } = await connectContacts(graphqlUrl, operatorKey, upstream)
    expect((await followJob(graphqlUrl, operatorKey, syncJobId)).at(-1)).toBe('SYNC_SUCCEEDED')
    expect(await program.stop()).toBe(0)
    await upstream.close()
    const { code, words } = await run(env, 'doctor')
    expect(words).toMatch(/ok database PostgreSQL \d+ answers/)
    expect(code).toBe(0)
  })

  const pooled = 'a pooler distributes the statements of one connection over several sessions of the server'
  it.each([
    ['by transaction', { ...SESSION, pool_mode: 'transaction' }],
    ['by transaction, round-robin', { ...SESSION, pool_mode: 'transaction', server_round_robin: '1' }],
    ['by transaction, with a pool of one', { ...SESSION, pool_mode: 'transaction', default_pool_size: '1' }],
    ['by statement', { ...SESSION, pool_mode: 'statement' }],
  ])('with sessions assigned %s: it does not start, and the doctor reports it', async (how, settings) => {
    await using bouncer = await startPgbouncer(settings)
    const url = bouncer.urlOf(test.url ?? '')
    await expect(checkSessions(url)).rejects.toThrow(pooled)
    if (how !== 'by transaction') return
    const env = { ...sharedEnv(), DATABASE_URL: url }
    for (const command of [[], ['doctor'], ['rotate-keys']]) {
      const { code, words } = await run(env, ...command)
      expect(code).toBe(1)
      expect(words).toContain(pooled)
      if (command[0] !== 'rotate-keys') expect(words).toContain('pool_mode = session')
    }
  })

  it('in its default configuration, which rejects session settings: it says what to set', async () => {
    await using bouncer = await startPgbouncer({})
    const { code, words } = await run({ ...sharedEnv(), DATABASE_URL: bouncer.urlOf(test.url ?? '') })
    expect(code).toBe(1)
    expect(words).toContain('ignore_startup_parameters = options')
  })

  it('with sessions that are not in UTC: it does not start, and says what to set', async () => {
    await putInKolkata(test.url ?? '')
    await using bouncer = await startPgbouncer(SESSION)
    const { code, words } = await run({ ...sharedEnv(), DATABASE_URL: bouncer.urlOf(test.url ?? '') })
    expect(code).toBe(1)
    expect(words).toContain("SET TimeZone = 'UTC'")
  })
})
