import { describe, expect, it } from 'vitest'
import { openTestDatabase, serverAnswers } from '../support/databases.ts'
import { definitionWith, deliver, SECRET, WEBHOOK } from '../webhooks/in/hook-fixture.ts'
import { rowId } from '../webhooks/out/receiver.ts'
import { openCluster } from './cluster.ts'

const EVENTS = 400
const KILL_AFTER = 100

describe.skipIf(!serverAnswers)('Webhooks of a provider whose gateway is killed', () => {
  it('are in the log exactly once each, and none that was answered 200 is missing', async () => {
    const test = await openTestDatabase('server', 'app')
    const { database, url } = test
    await using cluster = openCluster({ DATABASE_URL: url ?? '' })
    const [killed, other] = await Promise.all([cluster.start('gateway'), cluster.start('gateway')])
    const client = cluster.client(other)
    const workspaceId = await cluster.workspace(client)
    const input = { workspaceId, slug: 'acme', definition: definitionWith(WEBHOOK), webhookSecret: SECRET }
    const { integration } = await cluster.mutate<{ integration: { id: string } }>(
      client,
      'createIntegration',
      input,
      'integration { id }',
    )
    const hook = { path: `/webhooks/${rowId(integration.id)}` }
    const ids = Array.from({ length: EVENTS }, (_, index) => `event-${index}`)
    const send = async (to: { url: string }, id: string) => (await deliver(to, hook, { id }, { id })) === 200

    // Some are sent to both gateways at the same time.
    const answered = new Set<string>()
    let killing: Promise<void> | undefined
    const queue = [...ids]
    const senders = Array.from({ length: 16 }, async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        const sent = [send(killed, id), ...(Number(id.slice(6)) % 3 === 0 ? [send(other, id)] : [])]
        const outcomes = await Promise.all(sent.map((each) => each.catch(() => false)))
        if (outcomes.includes(true)) answered.add(id)
        if (answered.size === KILL_AFTER) killing ??= killed.kill9()
      }
    })
    await Promise.all(senders)
    await killing
    expect(answered.size).toBeGreaterThanOrEqual(KILL_AFTER)
    expect(answered.size).toBeLessThan(EVENTS)

    const log = () =>
      database.sql.query<{ id: string }>(
        `SELECT payload->>'providerEventId' AS id FROM event
         WHERE workspace_id = $1::uuid AND type = 'PROVIDER_EVENT_RECEIVED' ORDER BY position`,
        [rowId(workspaceId)],
      )
    const stored = new Set((await log()).map(({ id }) => id))
    expect([...answered].filter((id) => !stored.has(id))).toEqual([])
    // The provider sends again what was not answered.
    const restarted = await cluster.start('gateway')
    for (const id of ids.filter((each) => !answered.has(each))) expect(await send(restarted, id)).toBe(true)
    expect((await log()).map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    await test.close()
  }, 90_000)
})
