import './records.css'
import { useRef, useState } from 'react'
import { client, useDocument, useReloadOnEvents } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Empty, Loading, Notice, Problem } from '../../components/feedback.tsx'
import { Filter } from '../../components/form.tsx'
import { List, usePages } from '../../components/list.tsx'
import { Mark, Time } from '../../components/values.tsx'
import { setQuery, usePlace } from '../../router.ts'
import { formatNumber } from '../../texts.ts'
import { ApiHint } from './api-hint.tsx'
import { CountChangesDocument, RecordsDocument, type RecordsQuery } from './generated/graphql.ts'
import { RecordDialog } from './record-dialog.tsx'
import { t } from './texts.ts'

type Shown = Extract<RecordsQuery['node'], { __typename: 'Connection' }>
export type ShownRecord = Shown['records']['nodes'][number]

interface RecordListProps {
  workspaceId: string
  connectionId: string
  streams: readonly { name: string; recordCount: number }[]
}

/** Fields of a record that its row shows. */
const MAX_COLUMNS = 3
/** No record has changed since the list was read. */
const NONE = { totalCount: 0, totalCountIsExact: true }
/** Records that decide on the columns. */
const SAMPLE = 20

/**
 * The records of a connection, the last changed first. The stream and what is shown are in the address. While a sync writes, the list
 * stays as it is and says how many have changed.
 */
export function RecordList({ workspaceId, connectionId, streams }: RecordListProps) {
  const { query } = usePlace()
  const stream = query.get('stream')
  const since = query.get('since')
  const includeDeleted = query.get('show') === 'deleted'
  const filter = { connectionId, stream, changedAfter: since, includeDeleted }
  const { data, error, reload } = useDocument(RecordsDocument, { ...filter, isFirst: true })
  const [version, setVersion] = useState(0)
  const [waiting, setWaiting] = useState(NONE)
  const [opened, setOpened] = useState<string>()
  const [isAsked, setIsAsked] = useState(false)
  const key = `${JSON.stringify(filter)} ${version}`
  const page = recordsOf(data)
  const { items, loadMore } = usePages(page, key, async (after) => {
    return recordsOf((await client.query(RecordsDocument, { ...filter, after, isFirst: false }).toPromise()).data)
  })
  // It may be that of a deleted record, which the list does not have.
  const newest = data?.node?.__typename === 'Connection' ? data.node.lastChange?.nodes[0]?.changeCursor : undefined
  const latest = useRef({ key, newest })
  latest.current = { key, newest }

  const refresh = () => {
    setWaiting(NONE)
    setVersion((before) => before + 1)
    reload()
  }
  const countChanges = async () => {
    const asked = latest.current
    if (asked.newest === undefined) return refresh()
    const variables = { connectionId, stream, changedAfter: asked.newest }
    const { data: answer, error: failure } = await client.query(CountChangesDocument, variables).toPromise()
    const { key: keyNow, newest: newestNow } = latest.current
    if (keyNow !== asked.key || newestNow !== asked.newest) return
    // Changes that are no longer kept cannot be counted.
    if (failure !== undefined) return refresh()
    setWaiting(answer?.node?.__typename === 'Connection' ? answer.node.records : NONE)
  }
  useReloadOnEvents(
    workspaceId,
    () => void countChanges(),
    ({ connection, type }) => connection?.id === connectionId && type.startsWith('SYNC_'),
  )
  const change = (values: Record<string, string>) => {
    setWaiting(NONE)
    setQuery(values)
  }
  const columns = columnsOf(items)
  const place = items.findIndex(({ id }) => id === opened)
  return (
    <section className="records" aria-label={t('records.title')}>
      <div className="filters">
        <Filter
          label={t('records.stream')}
          value={stream ?? ''}
          options={streams.map(({ name, recordCount }) => [
            name,
            t('records.option', { name, count: formatNumber(recordCount) }),
          ])}
          onChange={(value) => change({ stream: value, since: '' })}
        />
        {since === null && (
          <label className="filter">
            <span>{t('records.show')}</span>
            <select value={includeDeleted ? 'deleted' : ''} onChange={(event) => change({ show: event.target.value })}>
              <option value="">{t('records.present')}</option>
              <option value="deleted">{t('records.deleted')}</option>
            </select>
          </label>
        )}
        <Button onClick={() => setIsAsked(true)}>{t('records.api')}</Button>
      </div>
      {since !== null && (
        <Notice tone="calm">
          <span>{t('records.since')}</span>
          <Button onClick={() => change({ since: '' })}>{t('records.sinceEnd')}</Button>
        </Notice>
      )}
      {error !== undefined && <Problem message={error} retry={reload} />}
      {page === undefined && error === undefined && <Loading lines={8} />}
      {page?.nodes.length === 0 && (
        <Empty
          title={t(since === null ? 'records.empty' : 'records.noChanges')}
          text={t(since === null ? 'records.emptyText' : 'records.noChangesText')}
        />
      )}
      <div className="waiting" role="status">
        {waiting.totalCount > 0 && (
          <Button kind="primary" onClick={refresh}>
            {t(waiting.totalCountIsExact ? 'records.new' : 'records.newAbout', { count: waiting.totalCount })}
          </Button>
        )}
      </div>
      {items.length > 0 && (
        <>
          <div className="record-head" aria-hidden="true">
            <span>{t('records.key')}</span>
            {columns.map((name) => (
              <span key={name}>{name}</span>
            ))}
            <span>{t('records.changed')}</span>
          </div>
          <List items={items} loadMore={loadMore} label={t('records.title')} rowHeight={41}>
            {(record) => (
              <RecordRow
                record={record}
                columns={columns}
                withStream={stream === null && streams.length > 1}
                open={() => setOpened(record.id)}
              />
            )}
          </List>
        </>
      )}
      {place >= 0 && items[place] !== undefined && (
        <RecordDialog
          key={opened}
          record={items[place]}
          previous={place > 0 ? () => setOpened(items[place - 1]?.id) : undefined}
          next={place < items.length - 1 ? () => setOpened(items[place + 1]?.id) : undefined}
          showChanges={() => {
            setOpened(undefined)
            change({ since: items[place]?.changeCursor ?? '', show: '' })
          }}
          onClose={() => setOpened(undefined)}
        />
      )}
      {isAsked && <ApiHint {...filter} onClose={() => setIsAsked(false)} />}
    </section>
  )
}

function recordsOf(data: RecordsQuery | undefined): Shown['records'] | undefined {
  return data?.node?.__typename === 'Connection' ? data.node.records : undefined
}

interface RecordRowProps {
  record: ShownRecord
  columns: readonly string[]
  withStream: boolean
  open: () => void
}

function RecordRow({ record, columns, withStream, open }: RecordRowProps) {
  const data = fieldsOf(record)
  const name = nameOf(record)
  return (
    <div className={record.deleted ? 'row record deleted' : 'row record'}>
      <span className="key">
        <button type="button" className="stretched" onClick={open} aria-label={t('records.open', { key: name })}>
          <code>{name}</code>
        </button>
        {withStream && <span className="faint">{record.stream}</span>}
        {record.deleted && <Mark tone="bad">{t('records.isDeleted')}</Mark>}
      </span>
      {columns.map((column) => (
        <span key={column} className="value" data-name={column}>
          {shortText(data[column])}
        </span>
      ))}
      <Time at={record.changedAt} />
    </div>
  )
}

/** The key of a record as one text. */
export function nameOf({ primaryKey }: ShownRecord): string {
  return primaryKey.join(' · ')
}

function fieldsOf({ data }: ShownRecord): Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : {}
}

/** The fields of a plain value that most of the first records have, apart from those that are the key, in the order of the source. */
function columnsOf(records: readonly ShownRecord[]): string[] {
  const sample = records.slice(0, SAMPLE)
  const counts = new Map<string, number>()
  for (const record of sample) {
    for (const [name, value] of Object.entries(fieldsOf(record))) {
      const isPlain = ['string', 'number', 'boolean'].includes(typeof value)
      if (isPlain && value !== '' && !record.primaryKey.includes(String(value))) {
        counts.set(name, (counts.get(name) ?? 0) + 1)
      }
    }
  }
  return [...counts.keys()].filter((name) => (counts.get(name) ?? 0) * 2 > sample.length).slice(0, MAX_COLUMNS)
}

const MAX_TEXT = 120

function shortText(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}
