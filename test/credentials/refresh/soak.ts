import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { RenewalStep } from '../../../src/credentials/renewer.ts'
import type { OidcServer } from '../../support/oidc-server.ts'
import { SHORT_LIVED } from '../../support/program.ts'
import { randomOf } from '../../support/random.ts'
import type { RefreshFixture } from './refresh-fixture.ts'

export interface SoakSetting {
  url: string
  keys: string
  requestTimeoutMs: number
  connectionIds: string[]
}

export type SoakMessage =
  | 'ready'
  | { step: RenewalStep; connectionId: string }
  | { served: string }
  | { failed: string; error: string }

export interface SoakOptions {
  oidc: OidcServer
  /** At least. On a slow machine, it takes longer until some tokens have been renewed twice. */
  seconds: number
  /** The signal that ends about one process a second, at random. */
  signal: 'SIGKILL' | 'SIGTERM'
  /** Seed of the random choices. */
  seed: number
}

export interface SoakReport {
  ended: number
  /** Requests that reached the token endpoint. */
  calls: number
  /** Renewals that were stored. */
  commits: number
  served: number
  /** Errors other than RECONNECT_REQUIRED. */
  errors: string[]
  /** Connections that a process was renewing when it was ended, once for each time. */
  exposed: string[]
  /** Connections in NEEDS_REAUTH, with the reason. */
  flagged: Map<string, string>
  /** Connections that are not in `flagged` and whose stored refresh token the provider does not accept. */
  silentlyLost: string[]
}

const CONNECTIONS = 60
const PROCESSES = 3
/** A part of the tokens has been renewed twice. */
const ENOUGH_CALLS = 1.5 * CONNECTIONS
/** How much longer the processes may need for that. */
const SLOW_MACHINE_MS = 30_000
/** Long enough for a busy machine. A request that takes longer counts as lost. */
const REQUEST_TIMEOUT_MS = 4_000

const running = new Set<ChildProcess>()
// No process is left when a test fails.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Three processes use sixty connections whose tokens last seconds. They are ended and started again at random. */
export async function soak(fixture: RefreshFixture, options: SoakOptions): Promise<SoakReport> {
  const { oidc, seconds, signal, seed } = options
  const random = randomOf(seed)
  const used = new Set<string>()
  oidc.provider.on('refresh_token.consumed', (token: { jti: string }) => used.add(token.jti))
  const connectionIds = await Promise.all(Array.from({ length: CONNECTIONS }, () => fixture.addConnection(oidc)))
  const setting = { url: fixture.test.url ?? '', keys: fixture.keys, requestTimeoutMs: REQUEST_TIMEOUT_MS }
  const report: SoakReport = {
    ended: 0,
    calls: 0,
    commits: 0,
    served: 0,
    errors: [],
    exposed: [],
    flagged: new Map(),
    silentlyLost: [],
  }
  const start = (ids: string[]) => startUser({ ...setting, connectionIds: ids }, report)
  const starting = new Set<Promise<void>>()
  const users = new Set<User>()
  const startOne = () => {
    const started: Promise<void> = start(connectionIds).then((user) => {
      users.add(user)
      starting.delete(started)
    })
    starting.add(started)
    return started
  }
  await Promise.all(Array.from({ length: PROCESSES }, startOne))
  const until = performance.now() + seconds * 1000
  const isEnough = () => oidc.tokenCalls >= ENOUGH_CALLS || performance.now() >= until + SLOW_MACHINE_MS
  while (performance.now() < until || !isEnough()) {
    // The random lifetime of a process is part of the test.
    await sleep(500 + random() * 1_000)
    if (users.size === 0) await Promise.race(starting)
    const user = [...users][Math.floor(random() * users.size)]
    if (user === undefined) continue
    users.delete(user)
    void startOne()
    await user.end(signal)
    report.ended += 1
  }
  await Promise.all(starting)
  await Promise.all([...users].map((user) => user.end('SIGTERM')))
  await settle(fixture, start, connectionIds, report)
  for (const connectionId of connectionIds) {
    const { version, status, last_error } = await fixture.credential(connectionId)
    report.commits += version - 1
    if (status === 'NEEDS_REAUTH') {
      report.flagged.set(connectionId, last_error?.reason ?? '')
      continue
    }
    const stored = await fixture.refreshToken(connectionId)
    if (used.has(stored) || !(await oidc.isLiveRefreshToken(stored))) report.silentlyLost.push(connectionId)
  }
  report.calls = oidc.tokenCalls
  return report
}

/** Uses every connection once more, so that each open attempt ends in a renewal or a failure. */
async function settle(
  fixture: RefreshFixture,
  start: (ids: string[]) => Promise<User>,
  connectionIds: string[],
  report: SoakReport,
): Promise<void> {
  const left: string[] = []
  for (const id of connectionIds) if ((await fixture.credential(id)).attempt_id !== null) left.push(id)
  if (left.length === 0) return
  for (const id of left) await fixture.expire(id)
  const last = await start(left)
  try {
    while (left.length > 0) {
      const { status, attempt_id } = await fixture.credential(left[0] ?? '')
      if (status === 'NEEDS_REAUTH' || attempt_id === null) left.shift()
      else await sleep(50)
    }
  } finally {
    // The process is in use. It must not be ended during a renewal, which another test covers.
    await last.end('SIGTERM')
    report.exposed.push(...last.exposed())
  }
}

interface User {
  exposed(): string[]
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

async function startUser(setting: SoakSetting, report: SoakReport): Promise<User> {
  const child = fork(fileURLToPath(new URL('./soak-process.ts', import.meta.url)), [JSON.stringify(setting)], {
    execArgv: SHORT_LIVED,
  })
  const exited = once(child, 'exit')
  running.add(child)
  void exited.then(() => running.delete(child))
  const renewing = new Set<string>()
  const ready = Promise.withResolvers<void>()
  child.on('message', (message: SoakMessage) => {
    if (message === 'ready') ready.resolve()
    else if ('served' in message) report.served += 1
    else if ('failed' in message) {
      if (message.error !== 'RECONNECT_REQUIRED') report.errors.push(message.error)
    } else if (message.step === 'attempt written') renewing.add(message.connectionId)
    else if (message.step === 'stored') renewing.delete(message.connectionId)
  })
  await ready.promise
  return {
    exposed: () => [...renewing],
    async end(signal) {
      child.kill(signal)
      await exited
      report.exposed.push(...renewing)
    },
  }
}
