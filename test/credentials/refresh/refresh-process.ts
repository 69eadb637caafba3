/**
 * A process with its own broker on a shared database. It receives orders over IPC, and kills or stops itself at a given step
 * of a renewal.
 */
import { createBroker } from '../../../src/credentials/broker.ts'
import { openDatabase } from '../../../src/db/open-database.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { CredentialRefreshError, LatchkeyError, ReconnectRequiredError } from '../../../src/kit/errors.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { parseKeyring } from '../../../src/vault/keyring.ts'
import { createVault } from '../../../src/vault/vault.ts'
import type { Answer, Order, Setting } from './refresh-fixture.ts'

const setting: Setting = JSON.parse(process.argv[2] ?? '')
if (setting.clockOffsetMs !== undefined) {
  const now = Date.now.bind(Date)
  const offsetMs = setting.clockOffsetMs
  Date.now = () => now() + offsetMs
}
const database = await openDatabase({ url: setting.url }, { onError: () => undefined })
const broker = createBroker({
  database,
  bus: createLocalWakeBus(),
  vault: createVault(parseKeyring(setting.keys)),
  egress: createEgress({ allow: ['127.0.0.1'] }),
  logger: createLogger({ level: 'silent' }),
  requestTimeoutMs: setting.requestTimeoutMs,
  lateResponseMs: setting.lateResponseMs,
  onStep: (step) => {
    if (setting.killAt === step) process.kill(process.pid, 'SIGKILL')
    if (setting.stopAt === step) {
      setting.stopAt = undefined
      process.kill(process.pid, 'SIGSTOP')
    }
    process.send?.({ step })
  },
})

async function tokenOf(order: Order): Promise<string> {
  if (order.force === true) await broker.refresh(order.connectionId, true)
  const opened = await broker.open(order.connectionId)
  const request = new Headers()
  await opened.authenticator.apply({
    method: 'GET',
    url: new URL('https://api.example.com/'),
    headers: request,
    credentialHeaders: new Set(),
  })
  if (order.refused === true) {
    const again = await broker.refused(opened)
    return again === null ? 'none' : `version ${again.version}`
  }
  return request.get('authorization') ?? ''
}

async function answerOf(order: Order): Promise<Answer> {
  try {
    return { token: await tokenOf(order) }
  } catch (error) {
    if (!(error instanceof LatchkeyError)) return { code: 'BUG', message: String(error) }
    const cause = error instanceof ReconnectRequiredError ? error.cause : error
    const reason = cause instanceof CredentialRefreshError ? { reason: cause.reason } : {}
    return { code: error.code, message: error.message, ...reason }
  }
}

async function selects(count: number): Promise<void> {
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    const begun = performance.now()
    await database.sql.query('SELECT 1 AS one')
    times.push(performance.now() - begun)
  }
  process.send?.({ times })
}

process.on('message', (order: Order | 'drain' | { selects: number }) => {
  if (order === 'drain') {
    void broker.drain().then(() => process.exit(0))
    return
  }
  if ('selects' in order) return void selects(order.selects)
  void Promise.all(Array.from({ length: order.callers ?? 1 }, () => answerOf(order))).then((answers) =>
    process.send?.({ id: order.id, answers }),
  )
})
process.send?.({ ready: true })
