import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import {
  createFederatedCallers,
  type FederatedCallers,
  type FederatedCallersDeps,
} from '../../src/access/federated-callers.ts'
import { createIssuerKeys, type IssuerKeysOptions } from '../../src/access/issuer-keys.ts'
import type { Database } from '../../src/db/database.ts'
import type { EndUser, OidcIssuer } from '../../src/db/generated/client.ts'
import { createLocalWakeBus, type WakeBus } from '../../src/db/wake-bus.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { UnauthenticatedError } from '../../src/kit/errors.ts'
import { newId } from '../../src/kit/ids.ts'
import { createLogger } from '../../src/kit/log.ts'
import { openTestDatabase, type TestDatabase } from '../support/databases.ts'
import { type OidcIssuerServer, startOidcIssuer } from '../support/oidc-issuer.ts'

/** Two issuers, and a new workspace and audience for each test. */
export interface Federation {
  readonly database: Database
  readonly bus: WakeBus
  readonly idp: OidcIssuerServer
  readonly other: OidcIssuerServer
  readonly workspaceId: string
  readonly audience: string
  /** Lines that were logged in this test. */
  log: string[]
  newWorkspace(): Promise<string>
  /** Adds an OIDC issuer. Default: `idp` with the audience, in this workspace, proved, with createEndUsers. */
  configure(settings?: Partial<OidcIssuer>): Promise<OidcIssuer>
  callersOf(
    options?: IssuerKeysOptions & Pick<FederatedCallersDeps, 'issuerApproval' | 'rejectAfterMs'>,
    egress?: ReturnType<typeof createEgress>,
  ): FederatedCallers
  endUsers(): Promise<EndUser[]>
  /** Expects a rejection with the public message, with this reason and without the token in the log. */
  expectRefused(callers: FederatedCallers, token: string, reason: string): Promise<void>
}

/** The message for every token that is not verified. */
export const NOT_VALID = 'This token is not valid, or the keys of its issuer cannot be read at the moment.'

/** Call once at the top of a test file. Its properties are set when tests run. */
export function useFederation(): Federation {
  let test: TestDatabase
  let idp: OidcIssuerServer
  let other: OidcIssuerServer
  let workspaceId = ''
  let audience = ''
  const reachesLoopback = createEgress({ allow: ['127.0.0.1'] })
  const log: string[] = []
  const logger = createLogger({ level: 'debug', destination: { write: (line: string) => void log.push(line) } })
  const bus = createLocalWakeBus()
  const open: FederatedCallers[] = []

  const federation: Federation = {
    bus,
    log,
    get database() {
      return test.database
    },
    get idp() {
      return idp
    },
    get other() {
      return other
    },
    get workspaceId() {
      return workspaceId
    },
    get audience() {
      return audience
    },
    async newWorkspace() {
      const id = newId()
      await test.database.prisma.workspace.create({ data: { id, name: 'Acme', slug: id } })
      return id
    },
    configure: (settings: Partial<OidcIssuer> = {}) =>
      test.database.prisma.oidcIssuer.create({
        data: {
          id: newId(),
          workspaceId,
          issuer: idp.issuer,
          audience,
          allowedAlgorithms: ['RS256', 'ES256', 'EdDSA', 'PS256'],
          createEndUsers: true,
          provedAt: new Date(),
          ...settings,
        },
      }),
    callersOf(given = {}, egress = reachesLoopback) {
      const { issuerApproval, rejectAfterMs, ...options } = { rejectAfterMs: 0, ...given }
      const keys = createIssuerKeys(egress, logger, options)
      const callers = createFederatedCallers({
        ...{ database: test.database, bus, keys, logger, issuerApproval, rejectAfterMs },
      })
      open.push(callers)
      return callers
    },
    endUsers: () => test.database.prisma.endUser.findMany({ where: { workspaceId } }),
    async expectRefused(callers: FederatedCallers, token: string, reason: string) {
      log.length = 0
      const error = await callers.authenticate(token).catch((thrown: unknown) => thrown)
      if (!(error instanceof UnauthenticatedError)) throw new Error('The token was not refused.', { cause: error })
      const { message, details, cause } = error
      expect({ message, details, cause }).toEqual({ message: NOT_VALID })
      const refusals = log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'a token was rejected')
      expect(refusals.map((line) => line.reason)).toEqual([reason])
      for (const part of token.split('.').slice(1)) if (part !== '') expect(log.join()).not.toContain(part)
    },
  }

  beforeAll(async () => {
    ;[test, idp, other] = await Promise.all([openTestDatabase('embedded'), startOidcIssuer(), startOidcIssuer()])
  })
  beforeEach(async () => {
    workspaceId = await federation.newWorkspace()
    audience = `https://${randomUUID()}.example`
    log.length = 0
  })
  afterEach(() => {
    for (const callers of open.splice(0)) callers.close()
    for (const server of [idp, other]) {
      Object.assign(server, { away: false, answer: null, requests: [] })
    }
  })
  afterAll(async () => {
    await Promise.all([idp.close(), other.close(), reachesLoopback.close(), test.close()])
  })
  return federation
}

export const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
export const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds
