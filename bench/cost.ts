/**
 * `npm run bench -- cost`: the processor time of operations in the gateway's process, compared with the points that they are
 * charged (`src/http/graphql/limits/operation-cost.ts`). A ratio of one means that a point is a millisecond. Measure again when the
 * shares in that file change.
 * DATABASE_URL: a server on which a database may be created.
 */
import { parse } from 'graphql'
import { buildSchema } from '../src/graphql/schema.ts'
import { operationCost } from '../src/http/graphql/limits/operation-cost.ts'
import { documentPoints } from '../src/http/graphql/limits/rate-limit.ts'
import { addBusyTenant, largeResponse, shapesOf } from './busy-tenant.ts'
import { cpuMsOf, print, startUnderLoad } from './program-under-load.ts'
import { report } from './results.ts'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 4)
const CLIENTS = 4

const load = await startUnderLoad('latchkey_bench_cost', { LATCHKEY_ROLE: 'gateway' })
try {
  const tenant = await addBusyTenant(load)
  const schema = buildSchema()
  for (const [name, { query, variables }] of Object.entries({
    ...shapesOf(tenant),
    'executeRequest { status } of 8 MB': largeResponse(tenant),
  })) {
    const document = parse(query)
    const { points } = operationCost({ schema, document, variableValues: variables as Record<string, unknown> })
    const body = JSON.stringify({ query, variables })
    const send = async () => {
      const response = await fetch(load.program.graphqlUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.readerKey}` },
        body,
      })
      return (await response.text()).length
    }
    for (let warmUp = 0; warmUp < 10; warmUp += 1) await send()
    const before = await cpuMsOf(load.program.pid)
    const endsAt = performance.now() + SECONDS * 1_000
    let count = 0
    let bytes = 0
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (performance.now() < endsAt) {
          const length = await send()
          bytes += length
          count += 1
        }
      }),
    )
    const ms = ((await cpuMsOf(load.program.pid)) - before) / count
    const charged = points + documentPoints(query)
    report({
      name: `processor time of: ${name}`,
      note: `${ms.toFixed(2)} ms, ${charged.toFixed(2)} points in advance, ratio ${(ms / charged).toFixed(2)}; ${Math.round(bytes / count)} bytes`,
    })
  }
} catch (error) {
  print(load.program.stderr())
  throw error
} finally {
  await load.close()
}
