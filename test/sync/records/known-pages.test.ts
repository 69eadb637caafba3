import { expect, it } from 'vitest'
import { createKnownPages } from '../../../src/sync/records/known-pages.ts'
import { describeDatabases } from '../../support/databases.ts'
import { sendJson } from '../../support/provider-server.ts'
import { randomOf } from '../../support/random.ts'
import { hurriedClock } from '../read/read-fixture.ts'
import { syncSuite } from '../run/sync-suite.ts'
import type { TestConnection } from '../sync-fixture.ts'

type Item = { id: number; v?: number; note?: string }

const TOKEN = 'token-4711-of-the-connection'
/** Pages with fewer records are not remembered. */
const PAGE = 50

const items = (first: number, count = PAGE): Item[] =>
  Array.from({ length: count }, (_, index) => ({ id: first + index }))

describeDatabases('pages that earlier readings have met', (open) => {
  const suite = syncSuite(open)
  const sql = () => suite.fixture.database.sql

  async function sourceOf(pages: Item[][], stream: object = {}) {
    const source = {
      pages,
      connection: undefined as unknown as TestConnection,
      /** What stands before the list of the records in a response. */
      before: {} as Record<string, unknown>,
    }
    const token = (page: number) => 'x'.repeat(page + 2)
    const server = await suite.provider(({ url }, response) => {
      const page = Math.max(1, (url.searchParams.get('after') ?? '').length - 2)
      const next = page < source.pages.length ? token(page + 1) : null
      // The rest of the response may change without the records.
      sendJson(response, { ...source.before, data: source.pages[page - 1] ?? [], next, time: performance.now() })
    })
    const pagination = { type: 'cursor', path: 'next', param: 'after' } as const
    const streams = [{ name: 'items', path: '/items', primaryKey: ['id'], recordsPath: 'data', pagination, ...stream }]
    source.connection = await suite.fixture.connect(suite.paged(server, 10, { streams }), { token: TOKEN })
    suite.work({ clock: hurriedClock().clock })
    return source
  }
  const sync = async (connection: TestConnection, options: { fullRefresh?: boolean } = {}) =>
    suite.fixture.until(await connection.sync(options), 'SUCCEEDED', 'FAILED')
  const stored = async (connection: TestConnection) =>
    (await connection.records())
      .filter(({ deleted }) => !deleted)
      .map(({ data }) => data)
      .toSorted()
  /** What the source has: of several records with one id, the last. */
  const expected = (pages: Item[][]) =>
    [...new Map(pages.flat().map((item) => [item.id, JSON.stringify(item)])).values()].toSorted()
  const known = async ({ connectionId }: TestConnection) =>
    (
      await sql().query<{ number: number }>(
        'SELECT number FROM known_page WHERE connection_id = $1::uuid ORDER BY number',
        [connectionId],
      )
    ).map(({ number }) => number)
  /** A record that is compared by itself is written from now on, because its digest is wrong. */
  const spoilDigests = ({ connectionId }: TestConnection) =>
    sql().query(`UPDATE record SET digest = '\\x00' WHERE connection_id = $1::uuid`, [connectionId])

  it('are met again without a look at each record', async () => {
    const source = await sourceOf([items(1), items(51), items(101), items(151, PAGE - 1)])
    await sync(source.connection)
    expect(await known(source.connection)).toEqual([1, 2, 3])
    await spoilDigests(source.connection)
    expect(await sync(source.connection)).toMatchObject({
      ...{ status: 'SUCCEEDED', records_read: 199, pages_read: 4, records_deleted: 0 },
      // The last page is too small to be remembered.
      records_written: PAGE - 1,
    })
  })

  it('are known again after the reading that found a change in them', async () => {
    const source = await sourceOf([items(1), items(51)])
    await sync(source.connection)
    source.pages = [items(1), items(51).with(7, { id: 58, v: 2 })]
    expect(await sync(source.connection)).toMatchObject({ records_written: 1, records_deleted: 0 })
    await spoilDigests(source.connection)
    expect(await sync(source.connection)).toMatchObject({ records_written: 0, records_deleted: 0 })
    expect(await stored(source.connection)).toEqual(expected(source.pages))
  })

  it('are compared when one of their records was deleted', async () => {
    const source = await sourceOf([items(1), items(51)])
    await sync(source.connection)
    const { connectionId } = source.connection
    await sql().query(
      `WITH gone AS (
         UPDATE record SET deleted = true, position = nextval('record_position_seq')
         WHERE connection_id = $1::uuid AND data->>'id' = '3'
       )
       UPDATE stream_state SET record_count = record_count - 1 WHERE connection_id = $1::uuid`,
      [connectionId],
    )
    expect(await sync(source.connection)).toMatchObject({ records_written: 1, records_deleted: 0 })
    expect(await stored(source.connection)).toEqual(expected(source.pages))
    expect(await source.connection.state('items')).toMatchObject({ record_count: 2 * PAGE })
  })

  it('need no look at the table until something changes, and are compared when all is to be read anew', async () => {
    const source = await sourceOf([items(1), items(51), items(101, PAGE - 1)])
    await sync(source.connection)
    const { connectionId } = source.connection
    const loseOne = (id: number) =>
      sql().query(`DELETE FROM record WHERE connection_id = $1::uuid AND data->>'id' = $2`, [connectionId, String(id)])
    // Nothing but the hand of a person deletes a record, so that nobody looks.
    await loseOne(77)
    expect(await sync(source.connection)).toMatchObject({ records_read: 149, records_written: 0, records_deleted: 0 })
    expect(await sync(source.connection, { fullRefresh: true })).toMatchObject({ records_written: 1 })
    expect(await stored(source.connection)).toEqual(expected(source.pages))
    // The reading after a change looks, and the one after that does not.
    await loseOne(78)
    expect(await sync(source.connection)).toMatchObject({ records_written: 1 })
    expect(await sync(source.connection)).toMatchObject({ records_written: 0 })
    await loseOne(79)
    expect(await sync(source.connection)).toMatchObject({ records_written: 0 })
    // A page that changes is compared, and so are those after it.
    source.pages = [items(1).with(0, { id: 1, v: 2 }), items(51), items(101, PAGE - 1)]
    expect(await sync(source.connection)).toMatchObject({ records_written: 2, records_deleted: 0 })
    expect(await stored(source.connection)).toEqual(expected(source.pages))
  })

  it('are compared after a reading that met a record twice', async () => {
    const source = await sourceOf([items(1), items(51).with(0, { id: 1, v: 2 })])
    for (const written of [100, 2, 2]) {
      expect(await sync(source.connection)).toMatchObject({ records_written: written, records_deleted: 0 })
      expect(await stored(source.connection)).toEqual(expected(source.pages))
    }
    // Now only the first of the two pages has it, as it was at first.
    source.pages = [items(1), items(52, PAGE)]
    expect(await sync(source.connection)).toMatchObject({ status: 'SUCCEEDED' })
    expect(await stored(source.connection)).toEqual(expected(source.pages))
  })

  it('leave a record that is in two pages as in the last one', async () => {
    const source = await sourceOf([items(1), items(51), items(101).with(0, { id: 1, v: 2 })])
    for (const written of [150, 2, 2]) {
      expect(await sync(source.connection)).toMatchObject({ records_written: written, records_deleted: 0 })
      expect(await stored(source.connection)).toEqual(expected(source.pages))
    }
  })

  it('delete what is gone, and nothing else', async () => {
    const source = await sourceOf([items(1), items(51), items(101)])
    await sync(source.connection)
    await spoilDigests(source.connection)
    source.pages = [items(1), items(51)]
    expect(await sync(source.connection)).toMatchObject({ records_written: 0, records_deleted: PAGE })
    expect(await stored(source.connection)).toEqual(expected(source.pages))
    expect(await known(source.connection)).toEqual([1, 2])
  })

  it('are not remembered when they have the credential, a record twice, or one that cannot be stored', async () => {
    const source = await sourceOf(
      [
        items(1).with(3, { id: 4, note: TOKEN }),
        items(51).with(3, { id: 51 }),
        items(101).with(3, {} as Item),
        items(151),
      ],
      { tolerance: 1 },
    )
    await sync(source.connection)
    expect(await known(source.connection)).toEqual([4])
    expect(await sync(source.connection)).toMatchObject({ records_written: 0, records_deleted: 0 })
    expect((await stored(source.connection)).join()).not.toContain(TOKEN)
  })

  it('are compared when their list is elsewhere in the response', async () => {
    const source = await sourceOf([items(1), items(51)])
    await sync(source.connection)
    source.before = { took: 5 }
    expect(await sync(source.connection)).toMatchObject({ records_written: 0, records_deleted: 0 })
    // As many bytes before the same list as before the records of the reading before.
    source.before = { took: 5, dat2: items(1) }
    source.pages = [items(201)]
    expect(await sync(source.connection)).toMatchObject({ records_written: PAGE, records_deleted: 2 * PAGE })
    expect(await stored(source.connection)).toEqual(expected(source.pages))
  })

  it('are compared when the list would be read in another way', async () => {
    const source = await sourceOf([items(1)])
    await sync(source.connection)
    const { connectionId } = source.connection
    const [one, other] = ['a', 'b'].map((meaning) =>
      createKnownPages(sql(), { connectionId, stream: 'items', meaning }),
    )
    expect(one?.hash('[]')).not.toBe(other?.hash('[]'))
    expect(one?.hash('[]')).not.toBe(one?.hash('[ ]'))
  })

  it('leave what the source has, whatever changes between the readings', async () => {
    const random = randomOf(11)
    const below = (limit: number) => Math.floor(random() * limit)
    const source = await sourceOf([items(1), items(51), items(101), items(151)])
    const before: Item[][][] = []
    for (let round = 0; round < 24; round += 1) {
      before.push(source.pages)
      const pages = source.pages.map((page) => [...page])
      const [page, other] = [pages[below(pages.length)] ?? [], pages[below(pages.length)] ?? []]
      switch (below(6)) {
        case 0:
          page[below(page.length)] = { id: page[below(page.length)]?.id ?? 1, v: round }
          break
        case 1:
          // A record in two pages.
          page.push({ id: other[below(other.length)]?.id ?? 1, v: round })
          break
        case 2:
          page.splice(below(page.length), 1)
          break
        case 3:
          page.unshift({ id: 1_000 + round })
          break
        case 4:
          page.reverse()
          break
      }
      // Case 5: as it was some readings ago.
      source.pages = random() < 0.3 ? (before[below(before.length)] ?? pages) : pages
      for (let times = below(3); times >= 0; times -= 1) {
        expect(await sync(source.connection)).toMatchObject({ status: 'SUCCEEDED' })
        expect(await stored(source.connection), `round ${round}`).toEqual(expected(source.pages))
      }
    }
  }, 240_000)
})
