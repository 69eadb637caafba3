import { GraphQLObjectType, type GraphQLSchema, getNamedType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLocalWakeBus } from '../../../src/db/wake-bus.ts'
import { encodeEventCursor } from '../../../src/events/event-cursor.ts'
import { appendEvents, readLogBounds } from '../../../src/events/event-log.ts'
import { encodeGlobalId, type NodeType, parseGlobalId } from '../../../src/graphql/kernel/global-id.ts'
import { buildSchema } from '../../../src/graphql/schema.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { canaries, formsOf } from '../../support/canaries.ts'
import { serverAnswers } from '../../support/databases.ts'
import { createGraphQLClient, GraphQLRequestError } from '../../support/graphql-client.ts'
import { type OidcIssuerServer, startOidcIssuer } from '../../support/oidc-issuer.ts'
import { type ProviderServer, startProvider } from '../../support/provider-server.ts'
import {
  answerTheWalk,
  CALLERS,
  type CallerName,
  type CanaryWorkspace,
  createCanaryWorkspace,
} from './canary-workspace.ts'
import { fieldsSeen, SchemaWalk } from './schema-walk.ts'
import { mutationsOf } from './walk-mutations.ts'

const schema: GraphQLSchema = buildSchema()
const ARGUMENTS = {
  'Query.workspaces': 'first: 5',
  'Query.connectSession': 'id: $sessionId',
  'Query.node': 'id: $workspaceId',
  'Query.nodes': 'ids: [$workspaceId]',
  'Query.provider': 'slug: "github"',
  'Query.resolveConnection': 'input: $input',
  'Query.workspace': 'id: $workspaceId',
  'Workspace.collection': 'name: "crm"',
  'Workspace.endUser': 'externalId: "ada"',
  'Workspace.integration': 'slug: "renews"',
}
const VARIABLES = { ids: '[ID!]!', input: 'ResolveConnectionInput!', sessionId: 'ID!', workspaceId: 'ID!' }
/** Depth below each field. The document limits allow little more. */
const DEPTH = 2

/** Tables of the types that have a global id. */
const TABLES: Record<NodeType, string> = {
  ApiKey: 'api_key',
  AuditEvent: 'audit_event',
  AuthProvider: 'auth_provider',
  Collection: 'collection',
  ConnectSession: 'connect_session',
  Connection: 'connection',
  EndUser: 'end_user',
  Integration: 'integration',
  OidcIssuer: 'oidc_issuer',
  SyncJob: 'sync_job',
  WebhookDelivery: 'webhook_delivery',
  WebhookEndpoint: 'webhook_endpoint',
  Workspace: 'workspace',
}

/** Fields that are selected but are always null in these tests. */
const NEVER_ANSWERED: ReadonlySet<string> = new Set([
  'ActionRun.syncJob',
  'AuditEvent.method',
  // The definitions of the workspace have no guide.
  'Connection.hint',
  'ConnectionDeleted.connection',
  'ConnectionHint.cause',
  'ConnectionHint.remedy',
  'ConnectionHint.url',
  // No source contradicts the documentation of the sandbox.
  'GuideSource.differs',
  'HttpResponse.details',
  // The sandbox has no logo.
  'Integration.logoUrl',
  'ProviderError.providerStatus',
  'ProviderEventReceived.syncJob',
  'ReconnectRequiredError.reconnectUrl',
  'SyncError.hint',
  // No job waits: each has a place of the worker, and the provider answers at once. `waitingFor` is the reason of SYNC_RETRYING.
  'SyncJob.waitingFor',
  'SyncJob.waitingUntil',
  'SyncJobStream.total',
  'SyncProgressed.percent',
  'SyncProgressed.total',
  'SyncQueue.oldestQueuedAt',
  'TestResult.hint',
  'WebhookEndpointDisabled.connection',
  'WebhookEndpointDisabled.syncJob',
  // This gateway has no rate limit.
  'WorkspaceLimits.keyPointsPerMinute',
  'WorkspaceLimits.pointsPerMinute',
])
/** Fields that these tests never reach: details of some errors, rate limits, skipped events. */
const NEVER_HERE = /Error\.details$|^(?:Connect|Credential)\w+\.syncJob$|^(?:RateLimitedError|EventsSkipped)\./

/** The answers are the same on both. The queries of these tests take several times as long on the embedded database. */
const kind = serverAnswers ? 'server' : 'embedded'

describe('every field of the schema, selected by every kind of caller (CS-09)', () => {
  let app: TestApp
  let api: ProviderServer
  let idp: OidcIssuerServer
  let workspace: CanaryWorkspace
  const seen = new Set<string>()
  const answers: { asked: string; text: string }[] = []

  beforeAll(async () => {
    ;[app, api, idp] = await Promise.all([
      startTestApp({ kind, config: { rateLimit: 0, publicUrl: 'http://127.0.0.1:0' } }),
      startProvider(answerTheWalk),
      startOidcIssuer(),
    ])
    workspace = await createCanaryWorkspace(app, api.origin, idp)
  })
  afterAll(async () => {
    // The provider still holds some responses.
    await api.close()
    await app.stop()
    await idp.close()
  })

  async function send(caller: CallerName, query: string, variables: Record<string, unknown>): Promise<Sent> {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${workspace.callers[caller]}` },
      body: JSON.stringify({ query, variables }),
    })
    const text = await response.text()
    answers.push({ asked: `${caller}: ${query.slice(0, 200)}`, text })
    const sent: Sent = JSON.parse(text)
    fieldsSeen(sent.data, seen)
    return sent
  }

  /** @param walk fields that this caller must not select are left out after their first rejection */
  async function query(
    caller: CallerName,
    walk: SchemaWalk,
    part: () => string,
    variables: { ids?: string[]; [name: string]: unknown },
  ): Promise<void> {
    for (;;) {
      const asked = part()
      const declared = Object.entries(VARIABLES).filter(([name]) => asked.includes(`$${name}`))
      const head = declared.length === 0 ? '' : `(${declared.map(([name, type]) => `$${name}: ${type}`).join(', ')})`
      const { data, errors } = await send(caller, `query ${head} { __typename ${asked} }`, { ...variables })
      if (data !== undefined) return
      const { ids = [] } = variables
      if (/too expensive/.test(errors?.[0]?.message ?? '') && ids.length > 1) {
        const half = Math.ceil(ids.length / 2)
        for (const part of [ids.slice(0, half), ids.slice(half)]) await query(caller, walk, () => asked, { ids: part })
        return
      }
      const left = /cannot query (\w+\.\w+)/.exec(errors?.[0]?.message ?? '')?.[1]
      // A rejected document evaluates nothing.
      if (left === undefined) throw new Error(`${asked}\n${errors?.[0]?.message}`)
      walk.leaveOut(left)
    }
  }

  async function idsOf(type: NodeType): Promise<string[]> {
    const rows = await app.database.sql.query<{ id: string }>(`SELECT id FROM ${TABLES[type]} ORDER BY id LIMIT 50`)
    return rows.map(({ id }) => encodeGlobalId(type, id))
  }

  it.each(CALLERS)('in queries, by the %s', async (caller) => {
    const walk = new SchemaWalk(schema, ARGUMENTS)
    const input = { workspaceId: workspace.id, integration: 'renews', externalId: 'renews', endUserExternalId: 'ada' }
    const variables = { input, workspaceId: workspace.id, sessionId: workspace.sessionId }
    for (const part of walk.partsOf(objectType('Query'), DEPTH + 1, 2)) await query(caller, walk, part, variables)
    for (const name of Object.keys(TABLES)) {
      const ids = await idsOf(name as NodeType)
      expect([name, ids.length]).not.toEqual([name, 0])
      for (const part of walk.partsOf(objectType(name), DEPTH)) {
        await query(caller, walk, () => `nodes(ids: $ids) { ... on ${name} { __typename ${part()} } }`, { ids })
      }
    }
  })

  /** Everything that a caller's subscriptions deliver, up to an event that is appended as the end mark. */
  async function listen(caller: CallerName, field: string, id: string): Promise<void> {
    const answered = schema.getSubscriptionType()?.getFields()[field]
    if (answered === undefined) throw new Error(`There is no subscription ${field}.`)
    const name = answered.args.find((each) => each.type.toString() === 'ID!')?.name
    const replays = answered.args.some((each) => each.name === 'after')
    const walk = new SchemaWalk(schema, ARGUMENTS)
    const text = `subscription ($id: ID!${replays ? ', $after: Cursor' : ''}) {
      ${field}(${name}: $id${replays ? ', after: $after' : ''}) ${walk.selection(getNamedType(answered.type), 1)} }`
    const workspaceId = parseGlobalId(workspace.id)?.id ?? ''
    await app.database.bulkTransaction((tx) => {
      const connectionId = parseGlobalId(field === 'connectionEvents' ? id : workspace.connectionId)?.id ?? ''
      return appendEvents(tx, createLocalWakeBus(), workspaceId, [{ type: 'CONNECTION_ACTIVATED', connectionId }])
    })
    const { head } = await readLogBounds(app.database.sql, workspaceId)
    const last = encodeEventCursor(workspaceId, head)
    const client = createGraphQLClient({ url: `${app.url}/graphql`, key: workspace.callers[caller] })
    const after = replays ? { after: encodeEventCursor(workspaceId, 0n) } : {}
    try {
      for await (const message of client.sse<Record<string, { cursor?: string }>, object>(text, { id, ...after })) {
        answers.push({ asked: `${caller}: ${text.slice(0, 200)}`, text: JSON.stringify(message) })
        fieldsSeen({ __typename: 'Subscription', ...message }, seen)
        if (!replays || message[field]?.cursor === last) break
      }
    } catch (error) {
      if (!(error instanceof GraphQLRequestError)) throw error
      answers.push({ asked: `${caller}: ${text.slice(0, 200)}`, text: error.message })
    } finally {
      await client.close()
    }
  }

  it.each(CALLERS)('in subscriptions, by the %s', async (caller) => {
    await listen(caller, 'workspaceEvents', workspace.id)
    await listen(caller, 'connectionEvents', workspace.connectionId)
    await listen(caller, 'connectSession', workspace.sessionId)
    for (const id of workspace.endedJobIds) await listen(caller, 'syncJobEvents', id)
  })

  // The caller with the fewest rights comes first, so that what others change still exists.
  it.each(CALLERS.toReversed())('in mutations, by the %s', async (caller) => {
    const walk = new SchemaWalk(schema, ARGUMENTS)
    const mutations = mutationsOf(workspace, await workspace.fresh(), api.origin)
    const fields = objectType('Mutation').getFields()
    expect(Object.keys(fields).filter((name) => !mutations.some(([each]) => each === name))).toEqual([])
    for (const [name, input] of mutations) {
      const answered = fields[name]?.type
      if (answered === undefined) throw new Error(`There is no mutation ${name}.`)
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
      const text = `mutation ($input: ${type}!) { __typename ${name}(input: $input) ${walk.selection(getNamedType(answered), DEPTH)} }`
      const { data, errors } = await send(caller, text, { input })
      // Inputs whose secret is not a string are invalid.
      if (data === undefined && !/Secret/.test(errors?.[0]?.message ?? '')) throw new Error(errors?.[0]?.message)
    }
  })

  it('was returned at least once', () => {
    const never = [...new SchemaWalk(schema, ARGUMENTS).fields()].filter((field) => !seen.has(field))
    expect(never.filter((field) => !NEVER_ANSWERED.has(field) && !NEVER_HERE.test(field))).toEqual([])
  })

  it('never returns a secret or the stored form of one', async () => {
    expect(canaries.size).toBeGreaterThan(100)
    const forms = new Map([...canaries].map(([name, secret]) => [name, formsOf(secret)]))
    for (const [name, bytes] of await storedBytes(app)) {
      forms.set(name, [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')])
    }
    const hits = answers.flatMap(({ asked, text }) =>
      [...forms].flatMap(([name, each]) => (each.some((form) => text.includes(form)) ? [`${name} in ${asked}`] : [])),
    )
    expect(hits).toEqual([])
  })
})

interface Sent {
  /** Undefined when the whole document was rejected. */
  data?: unknown
  errors?: { message: string }[]
}

function objectType(name: string): GraphQLObjectType {
  const type = schema.getType(name)
  if (!(type instanceof GraphQLObjectType)) throw new Error(`There is no type ${name}.`)
  return type
}

/** All values of all bytea columns: encrypted values and hashes. An empty hash stands for no secret. */
async function storedBytes({ database }: TestApp): Promise<Map<string, Buffer>> {
  const columns = await database.sql.query<{ table: string; column: string }>(
    `SELECT table_name::text AS table, column_name::text AS column FROM information_schema.columns
     WHERE table_schema = 'public' AND data_type = 'bytea'`,
  )
  const found = new Map<string, Buffer>()
  for (const { table, column } of columns) {
    const rows = await database.sql.query<{ value: Uint8Array | null }>(`SELECT "${column}" AS value FROM "${table}"`)
    for (const [index, { value }] of rows.entries()) {
      if (value !== null && value.length > 0) found.set(`${table}.${column} ${index}`, Buffer.from(value))
    }
  }
  return found
}
