import type { ArgBuilder } from '@pothos/core'
import type { SqlRunner } from '../../db/sql.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import {
  countRecords,
  decodeRecordCursor,
  encodeRecordCursor,
  type RecordCount,
  type RecordRow,
  type RecordScope,
  readNewestPosition,
  readRecordsWithin,
} from '../../sync/records/records.ts'
import { builder, type PothosTypes } from '../kernel/builder.ts'
import { callerOf, type OperationBudget } from '../kernel/context.ts'
import { encodeGlobalId } from '../kernel/global-id.ts'
import { checkFirst, type Page, toPage } from '../kernel/page.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { CollectionRef, ConnectionRef } from './refs.ts'

/** A record in one list of records. Its change cursor is valid for that list. */
interface ListedRecord extends RecordRow {
  scopeId: string
}

const RecordRef = builder.objectRef<ListedRecord>('Record').implement({
  description: 'One record of a stream, as the source returned it.',
  fields: (t) => ({
    id: t.id({
      description: 'Global id: opaque and stable. `node` does not accept it.',
      resolve: ({ id }) => encodeGlobalId('Record', id),
    }),
    stream: t.exposeString('stream', { description: 'Name of the stream.' }),
    primaryKey: t.exposeStringList('primaryKey', {
      description:
        "Values of the fields of the stream's `primaryKey`, as strings. In a stream without one: a digest of the record's content, or its key in an object of records.",
    }),
    data: t.field({
      type: 'JSON',
      description: 'The record as the source returned it. For a deleted record, its last known state.',
      resolve: ({ data }) => data,
    }),
    deleted: t.exposeBoolean('deleted', { description: 'True if the source no longer has the record.' }),
    changedAt: t.expose('changedAt', {
      type: 'DateTime',
      description: 'When the stored record was created, last changed or marked as deleted.',
    }),
    changeCursor: t.field({
      type: 'Cursor',
      description:
        'Position of this record for the argument `changedAfter` of the same list, which then returns every later change.',
      resolve: ({ scopeId, changePosition, purgesSeen }) =>
        encodeRecordCursor('change', scopeId, changePosition, purgesSeen),
    }),
    connection: t.field({
      type: ConnectionRef,
      description: 'The connection through which the record was read.',
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
  }),
})

interface RecordArgs {
  stream?: string | null
  first?: number | null
  after?: string | null
  changedAfter?: string | null
  newestFirst?: boolean | null
  includeDeleted?: boolean | null
}

interface RecordPage extends Page<ListedRecord> {
  /** Called only if the query selects it. */
  totalCountIsExact: () => Promise<boolean>
}

/**
 * A page of records in the order in which they last changed.
 * @param scopeId id of the connection or collection whose list it is; the cursors are bound to it
 * @param budget of the operation. Data is read until the answer is full: the page is then shorter, and has a next page
 */
async function recordPage(
  sql: SqlRunner,
  scope: RecordScope,
  scopeId: string,
  { stream, first, after, changedAfter, newestFirst, includeDeleted }: RecordArgs,
  budget: OperationBudget,
): Promise<RecordPage> {
  const count = checkFirst(first)
  const newest = after == null && changedAfter == null ? 0n : await readNewestPosition(sql)
  const changes =
    changedAfter == null ? null : decodeRecordCursor('change', changedAfter, scopeId, newest, ['changedAfter'])
  const place = after == null ? null : decodeRecordCursor('list', after, scopeId, newest, ['after'])
  const filter = {
    stream: stream ?? null,
    changedAfter: changes?.position,
    includeDeleted: includeDeleted === true,
  }
  const { rows, isCut } = await oneAtATime(budget, async () => {
    const read = await readRecordsWithin(
      sql,
      scope,
      {
        ...filter,
        newestFirst: newestFirst === true,
        after: place?.position,
        // The cursor of the previous page belongs to the same reader and is newer than `changedAfter`.
        purgesSeen: place?.purgesSeen ?? changes?.purgesSeen,
        limit: count + 1,
      },
      Math.min(MAX_PAGE_BYTES, budget.bytesLeft) - count * RECORD_BYTES,
    )
    for (const { dataLength, primaryKey } of read.rows.slice(0, count)) {
      budget.bytesLeft -= dataLength + primaryKey.join().length + RECORD_BYTES
    }
    return read
  })
  let counting: Promise<RecordCount> | undefined
  // The query may select the number, whether it is exact, or both.
  const counted = () => (counting ??= countRecords(sql, scope, filter))
  const page = toPage(
    rows.map((row) => ({ ...row, scopeId })),
    count,
    after,
    ({ position, purgesSeen }) => encodeRecordCursor('list', scopeId, position, purgesSeen),
    async () => (await counted()).count,
  )
  const totalCountIsExact = async () => (await counted()).isExact
  return { ...page, hasNextPage: isCut || page.hasNextPage, totalCountIsExact }
}

/** Data of the records of one page. Larger pages would occupy the process for long. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024
/** What a record takes in an answer besides its data and its key: its ids and cursors. */
const RECORD_BYTES = 500

const reading = new WeakMap<OperationBudget, Promise<unknown>>()

/** Runs the reads of an operation one after another, so that each knows how much of the answer is left. */
function oneAtATime<T>(budget: OperationBudget, read: () => Promise<T>): Promise<T> {
  const run = (reading.get(budget) ?? Promise.resolve()).then(() => {
    if (budget.bytesLeft > 0 && budget.stopped === null) return read()
    budget.stopped ??= new InvalidInputError(
      [],
      'The answer is too large. Request the records of fewer connections in one operation, or fewer records (first).',
    )
    throw budget.stopped
  })
  reading.set(
    budget,
    run.catch(() => undefined),
  )
  return run
}

/** A page of a list whose number of records may be an estimate. */
function recordPageType(name: `${string}Page`, items: string) {
  const ref = pageType<ListedRecord, RecordPage>(name, items, RecordRef)
  builder.objectField(ref, 'totalCountIsExact', (t) =>
    t.boolean({
      description:
        'False: `totalCount` is an estimate. With `changedAfter` or `includeDeleted`, more than 10,000 records are not counted one by one: `totalCount` is then at least 10,000, and is estimated from the number of stored records of each stream and the share of its change positions that lie after the cursor. Without these arguments it is always exact.',
      resolve: (page) => page.totalCountIsExact(),
    }),
  )
  return ref
}

const ConnectionRecordsPage = recordPageType('ConnectionRecordsPage', 'records of a connection')
const CollectionRecordsPage = recordPageType('CollectionRecordsPage', 'records of a collection')

const recordArgs = (arg: ArgBuilder<PothosTypes>) => ({
  ...pageArgs(arg),
  stream: arg.string({ required: false, description: 'Name of a stream: return its records only. Default: all.' }),
  changedAfter: arg({
    type: 'Cursor',
    required: false,
    description:
      'A `changeCursor` of this list: return what changed after it, deleted records included. Deleted records are removed after a retention period. If one has been removed that this cursor has not seen, the result is INVALID_INPUT with `details.reason` CHANGES_NO_LONGER_KEPT: read all records again. Default: all records that are not deleted.',
  }),
})

builder.prismaObjectField(ConnectionRef, 'records', (t) =>
  t.field({
    type: ConnectionRecordsPage,
    description:
      'Records of the connection in the order in which they last changed. A record that changes while the list is read moves to its end, or with `newestFirst` to its start.',
    args: {
      ...recordArgs(t.arg),
      newestFirst: t.arg.boolean({
        defaultValue: false,
        description:
          'True: the records that changed last come first. For people: programs that copy records need the other order.',
      }),
      includeDeleted: t.arg.boolean({
        defaultValue: false,
        description: 'True: also return deleted records that are still stored. `changedAfter` always does.',
      }),
    },
    resolve: ({ id }, args, { services, budget }) =>
      recordPage(services.database.sql, { connectionId: id }, id, args, budget),
  }),
)

builder.prismaObjectField(CollectionRef, 'records', (t) =>
  t.field({
    type: CollectionRecordsPage,
    description:
      'Records of all connections of the collection in the order in which they last changed. A record that changes while the list is read moves to its end. A caller that acts for an end user gets the records of that end user.',
    args: recordArgs(t.arg),
    resolve: ({ id }, args, context) => {
      const { endUserId, integrationIds } = callerOf(context)
      const scope = { collectionId: id, endUserId, integrationIds }
      return recordPage(context.services.database.sql, scope, id, args, context.budget)
    },
  }),
)
