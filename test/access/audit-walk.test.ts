import { randomUUID } from 'node:crypto'
import { type GraphQLField, GraphQLInputObjectType, GraphQLObjectType, getNamedType, isUnionType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeGlobalId, parseGlobalId, parseObjectId } from '../../src/graphql/kernel/global-id.ts'
import { buildSchema } from '../../src/graphql/schema.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { canaries, canary, formsOf } from '../support/canaries.ts'
import { serverAnswers } from '../support/databases.ts'
import { type OidcIssuerServer, startOidcIssuer } from '../support/oidc-issuer.ts'
import { type ProviderServer, startProvider } from '../support/provider-server.ts'
import { answerTheWalk, type CanaryWorkspace, createCanaryWorkspace } from './tenants/canary-workspace.ts'
import { INPUTS } from './tenants/inputs.ts'
import { requiredArguments } from './tenants/places.ts'
import type { Tenant } from './tenants/two-tenants.ts'
import { mutationsOf } from './tenants/walk-mutations.ts'

const schema = buildSchema()
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})
const kind = serverAnswers ? 'server' : 'embedded'

/** Only an operator may run these with the inputs of the walk. */
const OF_OPERATORS = ['createWorkspace', 'approveOidcIssuer', 'deleteWorkspace']
/** The type of the object that is not in the payload. */
const WITHOUT_OBJECT: Readonly<Record<string, string>> = {
  testIntegration: 'Integration',
  testWebhookEndpoint: 'WebhookEndpoint',
  redeliverWebhook: 'WebhookEndpoint',
  createToolSession: 'ToolSession',
  revokeToolSession: 'ToolSession',
}

/** These only read, so that they leave a line only where the caller may not run them. */
const READING = ['importDefinition']

interface Line {
  [column: string]: unknown
  workspaceId: string | null
  actor: string
  actorKind: string
  action: string
  method: string | null
  target: string | null
  outcome: string
}

/** The selection of the object that a mutation returns: a field whose type has a global id, or `deletedId`. */
function objectOf({ name, type }: GraphQLField<unknown, unknown>): { field: string; selection: string } | null {
  const result = getNamedType(type)
  const payload = isUnionType(result) ? result.getTypes().find((each) => each.name.endsWith('Payload')) : undefined
  if (payload === undefined) throw new Error(`${name} has no payload.`)
  for (const field of Object.values(payload.getFields())) {
    const of = getNamedType(field.type)
    const isNode = of instanceof GraphQLObjectType && of.getInterfaces().some((each) => each.name === 'Node')
    if (isNode) return { field: field.name, selection: `... on ${payload.name} { ${field.name} { id } }` }
    if (field.name === 'deletedId') return { field: 'deletedId', selection: `... on ${payload.name} { deletedId }` }
  }
  return null
}

describe('The audit log of every mutation', () => {
  let app: TestApp
  let api: ProviderServer
  let idp: OidcIssuerServer
  let workspace: CanaryWorkspace
  let inputs: ReturnType<typeof mutationsOf>
  let other: Awaited<ReturnType<TestApp['createWorkspace']>>

  beforeAll(async () => {
    ;[app, api, idp] = await Promise.all([
      startTestApp({ kind, config: { rateLimit: 0, publicUrl: 'http://127.0.0.1:0' } }),
      startProvider(answerTheWalk),
      startOidcIssuer(),
    ])
    workspace = await createCanaryWorkspace(app, api.origin, idp)
    other = await app.createWorkspace('Other')
    inputs = mutationsOf(workspace, await workspace.fresh(), api.origin)
    const { connectionId } = Object.fromEntries(inputs)['testConnection'] as { connectionId: string }
    const execute = inputs.findIndex(([name]) => name === 'executeRequest')
    const body = { secret: canary('request-body') }
    inputs.splice(execute, 0, ['executeRequest', { connectionId, method: 'POST', path: '/me', body }])
  })
  afterAll(async () => {
    await api.close()
    await app.stop()
    await idp.close()
  })

  /** Runs a mutation. @returns its result and the lines that it left */
  async function run(name: string, input: unknown, key: string) {
    const field = mutations.find((each) => each.name === name)
    if (field === undefined) throw new Error(`There is no mutation ${name}.`)
    const object = objectOf(field)
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`
    const traceId = randomUUID()
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'x-request-id': traceId },
      body: JSON.stringify({
        query: `mutation ($input: ${type}!) { ${name}(input: $input) { __typename ... on Error { code message } ${object?.selection ?? ''} } }`,
        variables: { input },
      }),
    })
    const { data } = (await response.json()) as { data?: Record<string, Record<string, unknown>> }
    const result = data?.[name]
    const made = object === null ? undefined : result?.[object.field]
    const id = made instanceof Object ? (made as { id: string }).id : (made as string | undefined)
    return { result, id, lines: await linesOf(traceId) }
  }

  async function linesOf(traceId: string): Promise<Line[]> {
    const rows = await app.database.sql.query<Line & { type: string | null; id: string | null }>(
      `SELECT workspace_id AS "workspaceId", actor, actor_kind AS "actorKind", action, method, target_type AS type,
         target_id AS id, outcome FROM audit_event WHERE trace_id = $1::text`,
      [traceId],
    )
    return rows.map(({ type, id, ...line }) => ({
      ...line,
      target: type === null || id === null ? null : encodeGlobalId(type as 'Workspace', id),
    }))
  }
  const rowIdOf = (globalId: string) => parseGlobalId(globalId)?.id ?? null

  it('has one line for each that is refused, of the caller, with the ids of another workspace as they were given', async () => {
    const unlogged: string[] = []
    const before = await countOf(rowIdOf(workspace.id))
    for (const [name, input] of inputs) {
      if (name === 'createWorkspace' || READING.includes(name)) continue
      const { result, lines } = await run(name, input, other.key)
      // A variable of another type is refused before the mutation begins, and so is not logged.
      const begun = result !== undefined
      const reads = name === 'executeRequest' && input['method'] === 'GET'
      const code = result?.['code']
      if (begun) expect([name, code]).not.toEqual([name, undefined])
      const ids = Object.values(input).filter((each) => typeof each === 'string' && parseObjectId(each) !== null)
      const expected = {
        ...{
          workspaceId: rowIdOf(other.id),
          actor: expect.stringMatching(/^test \(lk_.{6}…\)$/),
          actorKind: 'API_KEY',
        },
        ...{ action: name, method: name === 'executeRequest' ? 'POST' : null, outcome: code },
        target: ids.length === 0 ? null : expect.toBeOneOf(ids),
      }
      if (reads || !begun) unlogged.push(name)
      expect([name, lines]).toEqual([name, reads || !begun ? [] : [expected]])
    }
    // The other workspace sees nothing of it.
    expect(await countOf(rowIdOf(workspace.id))).toBe(before)
    expect(unlogged).toEqual([...Array(4).fill('executeRequest'), 'replaceCredential'])
  })

  async function countOf(workspaceId: string | null): Promise<number> {
    const [row] = await app.database.sql.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM audit_event WHERE workspace_id = $1::uuid',
      [workspaceId],
    )
    return row?.count ?? 0
  }

  it('has one line for each that a READER and a connect session tries', async () => {
    const sample = { id: () => workspace.id }
    const ids = { workspaceId: rowIdOf(workspace.id), webhookEndpointId: randomUUID() }
    const tenant = { slug: 'x', ...ids, own: {}, others: {} } as Tenant
    for (const caller of ['reader', 'connect session'] as const) {
      for (const { name, args } of mutations) {
        const type = getNamedType(args.find((each) => each.name === 'input')?.type)
        if (!(type instanceof GraphQLInputObjectType)) throw new Error(`${name} has no input.`)
        const given = { ...requiredArguments(Object.values(type.getFields()), sample), ...INPUTS[name]?.(tenant, []) }
        const input = name === 'executeRequest' ? { ...given, method: 'DELETE' } : given
        const { result, lines } = await run(name, input, workspace.callers[caller])
        const actorKind = caller === 'reader' ? 'API_KEY' : 'CONNECT_SESSION'
        const actor = caller === 'reader' ? expect.stringMatching(/^reader \(/) : workspace.sessionId
        expect([name, lines]).toEqual([
          name,
          [expect.objectContaining({ action: name, actorKind, actor, outcome: result?.['code'] })],
        ])
        expect(result?.['code']).toMatch(/^(?:FORBIDDEN|NOT_FOUND|INVALID_INPUT)$/)
      }
    }
  })

  it('has one line for each that succeeds, about the object that the answer returns, and one for each that fails', async () => {
    const succeeded = new Set<string>()
    for (const [name, input] of inputs) {
      const isOperator = OF_OPERATORS.includes(name)
      const { result, id, lines } = await run(name, input, isOperator ? app.operatorKey : workspace.callers.admin)
      if (result === undefined || (name === 'executeRequest' && input['method'] === 'GET')) {
        expect([name, lines]).toEqual([name, []])
        continue
      }
      const outcome = result['code'] ?? 'OK'
      if (READING.includes(name)) {
        expect([name, lines]).toEqual([name, []])
        if (outcome === 'OK') succeeded.add(name)
        continue
      }
      expect([name, lines, result['message']]).toEqual([
        name,
        [expect.objectContaining({ action: name, outcome, actorKind: isOperator ? 'OPERATOR' : 'API_KEY' })],
        result['message'],
      ])
      const [line] = lines
      if (outcome !== 'OK') continue
      succeeded.add(name)
      const type = WITHOUT_OBJECT[name]
      if (type === undefined) expect([name, line?.target]).toEqual([name, id])
      else expect([name, parseObjectId(line?.target ?? '')?.type]).toEqual([name, type])
      const home = name === 'createWorkspace' || name === 'deleteWorkspace' ? id : workspace.id
      expect([name, line?.workspaceId]).toEqual([name, rowIdOf(home ?? '')])
    }
    expect(mutations.map(({ name }) => name).filter((name) => !succeeded.has(name))).toEqual([])
  })

  it('names an end user by the external id, whose own changes it has too', async () => {
    const jwt = workspace.callers['end user']
    const actor = { actor: 'ada', actorKind: 'FEDERATED_USER', workspaceId: rowIdOf(workspace.id) }
    const credential = { secretText: canary('of-end-user') }
    const made = await run('createConnection', { workspaceId: workspace.id, integration: 'bearer', credential }, jwt)
    expect(made.lines).toEqual([expect.objectContaining({ ...actor, outcome: 'OK', target: made.id })])
    const refused = await run('updateWorkspace', { workspaceId: workspace.id, name: 'mine' }, jwt)
    expect(refused.lines).toEqual([expect.objectContaining({ ...actor, outcome: 'FORBIDDEN', target: workspace.id })])
  })

  it('holds no secret and no value of an input', async () => {
    expect(canaries.size).toBeGreaterThan(50)
    const rows = await app.database.sql.query<{ text: string }>('SELECT t::text AS text FROM audit_event t')
    const text = rows.map((row) => row.text).join('\n')
    const hits = [...canaries].flatMap(([name, secret]) =>
      formsOf(secret).some((each) => text.includes(each)) ? [name] : [],
    )
    expect(hits).toEqual([])
    expect(text).not.toContain('-made')
  })

  it('does not log what stands in the place of an id', async () => {
    const secret = canary('instead-of-an-id')
    for (const id of [secret, Buffer.from(`Connection:${secret}`).toString('base64url')]) {
      const { lines } = await run('deleteConnection', { connectionId: id }, workspace.callers.admin)
      expect(lines).toEqual([expect.objectContaining({ outcome: 'NOT_FOUND', target: null })])
    }
  })

  it('has no line for requests without a caller', async () => {
    const { result, lines } = await run('createWorkspace', { name: 'x' }, `lk_${'a'.repeat(43)}`)
    expect([result, lines]).toEqual([undefined, []])
  })
})
