import { setImmediate } from 'node:timers/promises'
import { type ExecutionArgs, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { describe, expect, it } from 'vitest'
import type { Caller } from '../../../src/access/caller.ts'
import { currentScope, runInScope, type Scope } from '../../../src/db/scope.ts'
import { newBudget } from '../../../src/graphql/kernel/context.ts'
import { createOperationExecutor } from '../../../src/http/graphql/execute-operation.ts'
import { createAdmission } from '../../../src/http/graphql/limits/admission.ts'
import { createOperationGuard } from '../../../src/http/graphql/limits/operation-limits.ts'
import { scopeOfCaller, useTenantScope } from '../../../src/http/graphql/tenant-scope.ts'
import { createResultPresenter } from '../../../src/http/graphql/typed-errors.ts'
import { createPointLimits } from '../../../src/http/server/point-limits.ts'
import { createLogger } from '../../../src/kit/log.ts'
import { createMetrics } from '../../../src/kit/metrics.ts'

const scopeNow = async () => {
  await setImmediate()
  // Without what it has used so far.
  return JSON.stringify(currentScope(), (key, value: unknown) => (key === 'usage' ? undefined : value))
}

async function* twice() {
  for (const _ of [1, 2]) yield { source: await scopeNow() }
}

/** Its resolvers return the scope in which they run. */
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { scope: { type: GraphQLString, resolve: scopeNow } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      scopes: {
        type: new GraphQLObjectType({
          name: 'Scopes',
          fields: { source: { type: GraphQLString }, event: { type: GraphQLString, resolve: scopeNow } },
        }),
        subscribe: twice,
        resolve: (source: unknown) => source,
      },
    },
  }),
})

const caller: Caller = {
  kind: 'FEDERATED_USER',
  role: 'READER',
  workspaceId: 'w',
  endUserId: 'e',
  apiKeyId: null,
  connectSessionId: null,
  expiresAt: null,
}
const callers: Record<string, { caller: Caller | null; scope: Scope | null }> = {
  'an end user': { caller, scope: { workspaceId: 'w', endUserId: 'e' } },
  'a key of a workspace': { caller: { ...caller, endUserId: null }, scope: { workspaceId: 'w', endUserId: null } },
  'an operator': { caller: { ...caller, workspaceId: null, endUserId: null }, scope: null },
  'an unknown caller': { caller: null, scope: null },
}

const logger = createLogger({ level: 'silent' })

const query = '{ scope }'
const subscription = 'subscription { scopes { source event } }'

describe.each(Object.entries(callers))('An operation of %s', (_name, { caller: calling, scope }) => {
  const executor = createOperationExecutor({
    logger,
    metrics: createMetrics(),
    presenter: createResultPresenter(logger, { schemaNames: true }),
    guard: createOperationGuard(schema),
    points: createPointLimits({ perCaller: 0 }),
    admission: createAdmission(),
    scopeOf: scopeOfCaller,
  })
  const contextOf = () => ({ caller: calling, budget: newBudget(), rateLimited: null, traceId: 'a-trace-id' })
  const yoga = createYoga({
    schema,
    logging: false,
    context: contextOf,
    plugins: [
      { onExecute: ({ setExecuteFn }) => setExecuteFn(executor) } as Plugin,
      useTenantScope(scopeOfCaller) as unknown as Plugin,
    ],
  })
  const expected = JSON.stringify(scope)
  const post = (document: string, accept: string) =>
    yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query: document }),
    })

  it('uses the database in the caller’s scope over HTTP', async () => {
    const response = await post(query, 'application/json')
    expect(await response.json()).toEqual({ data: { scope: expected } })
    expect(currentScope()).toBeNull()
  })

  it('uses that scope for every event of a subscription over SSE', async () => {
    const text = await (await post(subscription, 'text/event-stream')).text()
    const events = [...text.matchAll(/^data: (\{.+)$/gm)].map(([, data]) => JSON.parse(data ?? ''))
    const event = { data: { scopes: { source: expected, event: expected } } }
    expect(events).toEqual([event, event])
  })

  it('uses that scope for every event over WebSocket, whoever requests the next event', async () => {
    const { execute, subscribe } = yoga.getEnveloped({})
    const args = (text: string): ExecutionArgs => ({
      schema,
      document: parse(text),
      contextValue: contextOf(),
    })
    expect(await execute(args(query))).toEqual({ data: { scope: expected } })
    const elsewhere = { workspaceId: 'other', endUserId: null }
    const events = await subscribe(args(subscription))
    const next = await runInScope(elsewhere, () => events.next())
    expect(next.value).toEqual({ data: { scopes: { source: expected, event: expected } } })
    await events.return()
  })
})
