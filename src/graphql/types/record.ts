import {
  countRecords,
  decodeRecordCursor,
  encodeRecordCursor,
  type RecordRow,
  type RecordScope,
  readNewestPosition,
  readRecords,
} from '../../sync/records/records.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf, type GraphQLContext } from '../kernel/context.ts'
import { encodeGlobalId } from '../kernel/global-id.ts'
import { checkFirst, type Page, toPage } from '../kernel/page.ts'
import { pageType } from '../kernel/page-type.ts'
import { CollectionRef, ConnectionRef } from './refs.ts'

/** A record as one list of records shows it: its change cursor is of that list. */
interface ListedRecord extends RecordRow {
  scopeId: string
}

const RecordRef = builder.objectRef<ListedRecord>('Record').implement({
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => encodeGlobalId('Record', id) }),
    stream: t.exposeString('stream'),
    primaryKey: t.exposeStringList('primaryKey'),
    data: t.field({
      type: 'JSON',
      description: "The source's own; what it was, when deleted.",
      resolve: ({ data }) => data,
    }),
    deleted: t.exposeBoolean('deleted', { description: 'The source no longer has it.' }),
    changedAt: t.expose('changedAt', { type: 'DateTime' }),
    changeCursor: t.field({
      type: 'Cursor',
      description: 'For `changedAfter`: who asks for changes after it misses nothing.',
      resolve: ({ scopeId, changePosition, purgesSeen }) =>
        encodeRecordCursor('change', scopeId, changePosition, purgesSeen),
    }),
    connection: t.field({
      type: ConnectionRef,
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
  }),
})

interface RecordArgs {
  stream?: string | null
  first?: number | null
  after?: string | null
  changedAfter?: string | null
}

/** A page of records in the order in which they last changed. */
async function recordPage(
  context: GraphQLContext,
  scope: RecordScope,
  scopeId: string,
  { stream, first, after, changedAfter }: RecordArgs,
): Promise<Page<ListedRecord>> {
  const { sql } = context.services.database
  const count = checkFirst(first)
  const newest = after == null && changedAfter == null ? 0n : await readNewestPosition(sql)
  const changes =
    changedAfter == null ? null : decodeRecordCursor('change', changedAfter, scopeId, newest, ['changedAfter'])
  const place = after == null ? null : decodeRecordCursor('list', after, scopeId, newest, ['after'])
  const filter = { stream: stream ?? null, changedAfter: changes?.position }
  const rows = await readRecords(sql, scope, {
    ...filter,
    after: place?.position,
    // That of a page before is of the same reader, and later.
    purgesSeen: place?.purgesSeen ?? changes?.purgesSeen,
    limit: count + 1,
  })
  return toPage(
    rows.map((row) => ({ ...row, scopeId })),
    count,
    after,
    ({ position, purgesSeen }) => encodeRecordCursor('list', scopeId, position, purgesSeen),
    async () => (await countRecords(sql, scope, filter)).get(scopeId) ?? 0,
  )
}

const ConnectionRecordsPage = pageType<ListedRecord>('ConnectionRecordsPage', RecordRef)
const CollectionRecordsPage = pageType<ListedRecord>('CollectionRecordsPage', RecordRef)

const description =
  'In the order in which they last changed. With `changedAfter`: what changed since, deleted records included; without: what there is now. Deleted records are kept for a time. Where some are gone that `changedAfter` has yet to tell of, the answer is INVALID_INPUT with the details `reason: CHANGES_NO_LONGER_KEPT`: read all records again.'

builder.prismaObjectField(ConnectionRef, 'records', (t) =>
  t.field({
    type: ConnectionRecordsPage,
    description,
    args: {
      stream: t.arg.string({ required: false }),
      first: t.arg.int({ required: false }),
      after: t.arg.string({ required: false }),
      changedAfter: t.arg({ type: 'Cursor', required: false }),
    },
    resolve: ({ id }, args, context) => recordPage(context, { connectionIds: [id] }, id, args),
  }),
)

builder.prismaObjectField(CollectionRef, 'records', (t) =>
  t.field({
    type: CollectionRecordsPage,
    description,
    args: {
      stream: t.arg.string({ required: false }),
      first: t.arg.int({ required: false }),
      after: t.arg.string({ required: false }),
      changedAfter: t.arg({ type: 'Cursor', required: false }),
    },
    resolve: ({ id }, args, context) =>
      recordPage(context, { collectionId: id, endUserId: callerOf(context).endUserId }, id, args),
  }),
)
