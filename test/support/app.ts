import { randomBytes } from 'node:crypto'
import { type Client, type ClientOptions, createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { ensureOperatorKey } from '../../src/access/api-keys.ts'
import { type App, buildApp } from '../../src/app.ts'
import type { CustomStrategies } from '../../src/auth/custom/custom-strategy.ts'
import type { IssuerMetadataOptions } from '../../src/auth/oauth2/issuer-metadata.ts'
import { type Config, readConfig } from '../../src/config.ts'
import type { Database } from '../../src/db/database.ts'
import { createLocalWakeBus } from '../../src/db/wake-bus.ts'
import { createEgress } from '../../src/egress/egress.ts'
import { createLogger } from '../../src/kit/log.ts'
import { EncryptionKey, Keyring } from '../../src/vault/keyring.ts'
import { createVault, type Vault } from '../../src/vault/vault.ts'
import { type DatabaseKind, openTestDatabase } from './databases.ts'

export interface GraphQLResult {
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the document; the tests assert it
  data: any
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[]
}

export interface TestApp {
  app: App
  database: Database
  vault: Vault
  /** `http://127.0.0.1:<port>` */
  url: string
  operatorKey: string
  /** All lines that were logged. */
  log: string[]
  /** Sends one operation over HTTP. Default key: the operator's; null sends none. */
  request(query: string, variables?: Record<string, unknown>, key?: string | null): Promise<GraphQLResult>
  /** Sends a mutation of one field and returns its payload. Throws when the result is an error. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape depends on the document; the tests assert it
  mutate(query: string, input: Record<string, unknown>, key?: string): Promise<any>
  /** Opens a graphql-ws client. The test disposes of it. */
  webSocket(key?: string, options?: Partial<ClientOptions>): Client
  /** Creates a workspace and an ADMIN key for it. */
  createWorkspace(name?: string): Promise<{ id: string; slug: string; key: string }>
  stop(): Promise<void>
}

export interface TestAppOptions {
  kind?: DatabaseKind
  config?: Partial<Config>
  customStrategies?: CustomStrategies
  issuerMetadata?: IssuerMetadataOptions
  /** Certificate of an authority in PEM form that outgoing requests trust. */
  ca?: string
}

/** Starts the whole program in this process, on a new database, on a free port of 127.0.0.1. */
export async function startTestApp({
  kind = 'embedded',
  config = {},
  customStrategies = new Map(),
  issuerMetadata = {},
  ca,
}: TestAppOptions = {}): Promise<TestApp> {
  const test = await openTestDatabase(kind, 'app')
  const { database } = test
  const log: string[] = []
  const logger = createLogger({ level: 'debug', destination: { write: (line: string) => void log.push(line) } })
  const bus = createLocalWakeBus()
  const egress = createEgress({ allow: ['127.0.0.1', 'localhost', '[::1]'], ca })
  const vault = createVault(new Keyring([new EncryptionKey('test', randomBytes(32))]))
  const operatorKey = await ensureOperatorKey(database, undefined)
  if (operatorKey === null) throw new Error('ensureOperatorKey created no key in a new database.')
  const app = buildApp({
    config: { ...readConfig({}), port: 0, ...config },
    database,
    bus,
    vault,
    egress,
    logger,
    customStrategies,
    issuerMetadata,
    // The tests of federated callers measure it.
    rejectAfterMs: 0,
  })
  const address = await app.start()
  if (address === null) throw new Error('The app did not start to listen.')
  const url = `http://127.0.0.1:${address.port}`

  const request: TestApp['request'] = async (query, variables = {}, key = operatorKey) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as GraphQLResult
  }
  const mutate: TestApp['mutate'] = async (query, input, key = operatorKey) => {
    const { data, errors } = await request(query, { input }, key)
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    const [payload] = Object.values<{ __typename?: string }>(data)
    if (payload?.__typename?.endsWith('Error')) throw new Error(JSON.stringify(payload))
    return payload
  }
  return {
    app,
    database,
    vault,
    url,
    operatorKey,
    log,
    request,
    mutate,
    webSocket: (key = operatorKey, options = {}) =>
      createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${key}` },
        retryAttempts: 0,
        ...options,
      }),
    async createWorkspace(name = 'Acme') {
      const { workspace } = await mutate(
        `mutation ($input: CreateWorkspaceInput!) { createWorkspace(input: $input) {
          __typename ... on CreateWorkspacePayload { workspace { id slug } } ... on Error { message } } }`,
        { name },
      )
      const { key } = await mutate(
        `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
          __typename ... on CreateApiKeyPayload { key } ... on Error { message } } }`,
        { workspaceId: workspace.id, name: 'test', role: 'ADMIN' },
      )
      return { ...workspace, key }
    },
    async stop() {
      await app.stop()
      await egress.close()
      await bus.close()
      await test.close()
    },
  }
}
