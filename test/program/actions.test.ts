import { describe, expect, it } from 'vitest'
import { openTestDatabase, serverAnswers } from '../support/databases.ts'
import { sendJson, startProvider } from '../support/provider-server.ts'
import { openCluster } from './cluster.ts'

const FIELDS = 'output response { status }'
const KILLS = 3

describe.skipIf(!serverAnswers)('runAction whose process is killed while the provider answers', () => {
  it('sends a key once to a provider that takes no keys, and again with the key to one that takes it', async () => {
    const { database, url } = await openTestDatabase('server', 'app')
    let arrived = Promise.withResolvers<void>()
    let isHeld = true
    const provider = await startProvider((_seen, response) => {
      arrived.resolve()
      if (!isHeld) sendJson(response, { id: 1 })
    })
    await using cluster = openCluster({ DATABASE_URL: url ?? '', LATCHKEY_EGRESS_ALLOW: '127.0.0.1' })
    const keyed = { in: 'header', name: 'Idempotency-Key' }
    const action = (name: string, more: object = {}) => ({
      name,
      input: {},
      request: { method: 'POST', path: `/${name}`, json: { a: '{{ args.a }}' } },
      output: 'id',
      ...more,
    })
    const setUp = cluster.client(await cluster.start('gateway'))
    const workspaceId = await cluster.workspace(setUp)
    const definition = {
      displayName: 'Things',
      baseUrl: provider.origin,
      auth: { type: 'bearer' },
      actions: [action('plain'), action('keyed', { idempotencyKey: keyed })],
    }
    await cluster.mutate(setUp, 'createIntegration', { workspaceId, slug: 'things', definition }, 'integration { id }')
    const credential = { secretText: 'a-good-token-0123' }
    const created = await cluster.mutate<{ connection: { id: string } }>(
      setUp,
      'createConnection',
      { workspaceId, integration: 'things', credential },
      'connection { id }',
    )
    const connectionId = created.connection.id
    const sent = (path: string) => provider.requests.filter(({ url: { pathname } }) => pathname === path)

    for (let kill = 1; kill <= KILLS; kill += 1) {
      for (const name of ['plain', 'keyed']) {
        arrived = Promise.withResolvers()
        const gateway = await cluster.start('gateway')
        const input = { connectionId, action: name, arguments: { a: kill }, idempotencyKey: `key-${kill}` }
        const lost = cluster
          .mutate(cluster.client(gateway), 'runAction', input, FIELDS)
          .catch((error: unknown) => error)
        await arrived.promise
        await gateway.kill9()
        await lost
      }
    }
    // What a process that still runs has claimed stays claimed for a minute.
    const survivor = cluster.client(await cluster.start('gateway'))
    const again = (name: string, kill: number) =>
      survivor.request(
        `mutation ($input: RunActionInput!) { runAction(input: $input) { __typename
           ... on RunActionPayload { output } ... on Error { message } } }`,
        { input: { connectionId, action: name, arguments: { a: kill }, idempotencyKey: `key-${kill}` } },
      )
    expect(await again('plain', 1)).toMatchObject({ runAction: { __typename: 'ConflictError' } })
    expect(await again('keyed', 1)).toMatchObject({ runAction: { __typename: 'ConflictError' } })
    await database.sql.query("UPDATE action_key SET leased_until = now() - interval '1 second'")
    isHeld = false
    for (let kill = 1; kill <= KILLS; kill += 1) {
      expect(await again('plain', kill)).toMatchObject({
        runAction: { __typename: 'ConflictError', message: expect.stringContaining('not known') },
      })
      expect(await again('keyed', kill)).toMatchObject({ runAction: { output: 1 } })
    }
    expect(sent('/plain')).toHaveLength(KILLS)
    expect(sent('/keyed').map(({ headers }) => headers['idempotency-key'])).toEqual([
      'key-1',
      'key-2',
      'key-3',
      'key-1',
      'key-2',
      'key-3',
    ])
    await provider.close()
  }, 120_000)
})
