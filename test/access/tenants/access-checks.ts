import { randomBytes } from 'node:crypto'
import type { CallerAuthenticator } from '../../../src/access/authenticate.ts'
import type { Caller } from '../../../src/access/caller.ts'
import { type App, buildApp } from '../../../src/app.ts'
import { readConfig } from '../../../src/config.ts'
import type { Database } from '../../../src/db/database.ts'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { createEgress } from '../../../src/egress/egress.ts'
import { type ScopeOf, scopeOfCaller } from '../../../src/http/graphql/tenant-scope.ts'
import { UnauthenticatedError } from '../../../src/kit/errors.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { EncryptionKey, Keyring } from '../../../src/vault/keyring.ts'
import { createVault, type Vault } from '../../../src/vault/vault.ts'

/** Which of the two layers of access checks are on. */
export interface AccessChecks {
  /** The checks of the application. When off, every caller is treated as an operator. */
  application: boolean
  /** Row-level security. */
  database: boolean
}

export interface CheckedApp {
  /** Ends in `/graphql`. */
  url: string
  /** The response to an operation with its status; `open` for an accepted subscription. */
  ask(
    token: string,
    operation: { query: string; variables: Record<string, unknown> },
    stream?: boolean,
  ): Promise<string>
  stop(): Promise<void>
}

export const testVault = (): Vault => createVault(new Keyring([new EncryptionKey('test', randomBytes(32))]))

/** The program on a shared database, with callers that authenticate with plain words. */
export async function startCheckedApp(
  database: Database,
  vault: Vault,
  callers: ReadonlyMap<string, Caller>,
  checks: AccessChecks,
): Promise<CheckedApp> {
  const disguised = new WeakMap<Caller, Caller>()
  const authenticator: CallerAuthenticator = {
    async authenticate(authorization: string | null | undefined) {
      const caller = callers.get(authorization?.replace('Bearer ', '') ?? '')
      if (caller === undefined) throw new UnauthenticatedError('Nobody knows you.')
      if (checks.application) return caller
      const operator: Caller = { ...caller, kind: 'OPERATOR', role: 'OPERATOR', workspaceId: null, endUserId: null }
      disguised.set(operator, caller)
      return operator
    },
    close: () => undefined,
  }
  const scopeOf: ScopeOf = (caller) =>
    checks.database && caller !== null ? scopeOfCaller(disguised.get(caller) ?? caller) : null
  const bus = createLocalWakeBus()
  const egress = createEgress({ allow: ['127.0.0.1'] })
  const app: App = buildApp({
    config: { ...readConfig({}), port: 0, role: 'gateway', rateLimit: 0 },
    database,
    bus,
    vault,
    egress,
    logger: createLogger({ level: 'silent', destination: { write: () => undefined } }),
    authenticator,
    scopeOf,
  })
  const address = await app.start()
  return {
    url: `http://127.0.0.1:${address?.port}/graphql`,
    async ask(token, operation, stream = false) {
      const left = new AbortController()
      const response = await app.fetch(
        new Request('http://localhost/graphql', {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: stream ? 'text/event-stream' : 'application/json',
            authorization: `Bearer ${token}`,
          },
          body: JSON.stringify(operation),
          signal: left.signal,
        }),
      )
      const text = stream ? await firstOf(response) : await response.text()
      if (stream) left.abort()
      return `${response.status} ${text}`
    },
    async stop() {
      await app.stop()
      await egress.close()
      await bus.close()
    },
  }
}

/** How long to wait for the rejection of a subscription. An accepted one sends nothing. */
const SILENCE_MS = 2_000

/** The first message of a stream: the error when it is rejected. */
async function firstOf(response: Response): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  const silence = Promise.withResolvers<'silence'>()
  const timer = setTimeout(() => silence.resolve('silence'), SILENCE_MS)
  let text = ''
  for (;;) {
    const part = await Promise.race([reader?.read(), silence.promise])
    if (part === 'silence') text = 'open'
    if (part === undefined || part === 'silence' || part.done) break
    text += part.value
    if (/event: (?:next|complete)\n/.test(text) && text.endsWith('\n\n')) break
  }
  clearTimeout(timer)
  await reader?.cancel().catch(() => undefined)
  return text
}
