import './connections.css'
import { type LiveEvent, useDocument, useReloadOnEvents } from '../../api.ts'
import { Empty, Loading, PageHead, Problem } from '../../components/feedback.tsx'
import { Link } from '../../components/link.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { Logo, Status } from '../../components/values.tsx'
import type { WorkspacePageProps } from '../../routes.tsx'
import { language } from '../../texts.ts'
import { RecordList } from '../records/record-list.tsx'
import { Actions } from './actions.tsx'
import { ConnectionDocument, type ConnectionQuery } from './generated/graphql.ts'
import { EventsOfConnection, JobsOfConnection } from './history.tsx'
import { Overview } from './overview.tsx'
import { Requests } from './requests.tsx'
import { t } from './texts.ts'

export type ShownConnection = Extract<ConnectionQuery['node'], { __typename: 'Connection' }>

/** What every part of the page gets. */
export interface ConnectionProps {
  connection: ShownConnection
  workspaceId: string
  /** Path of the workspace. */
  base: string
  readOnly: string | undefined
  reload: () => void
}

const TABS = ['overview', 'jobs', 'records', 'events', 'requests'] as const

/** Progress of a sync changes the lists, but nothing of what the page shows of the connection itself. */
const isProgress = ({ type }: LiveEvent) => type === 'SYNC_PROGRESSED'

export function ConnectionPage({ workspace, base, readOnly, id, rest }: WorkspacePageProps & { id: string }) {
  const { data, error, reload } = useDocument(ConnectionDocument, { id, language: language === 'de' ? 'DE' : 'EN' })
  useReloadOnEvents(workspace.id, reload, (event) => event.connection?.id === id && !isProgress(event))
  const tab = TABS.find((each) => each === rest[1]) ?? 'overview'
  if (data === undefined) return error === undefined ? <Loading /> : <Problem message={error} retry={reload} />
  const connection = data.node?.__typename === 'Connection' ? data.node : null
  return (
    <>
      <Link to={`${base}/connections`} className="back">
        ← {t('connection.back')}
      </Link>
      {connection === null ? (
        <Empty title={t('common.noMatch')} text={t('connection.missing')} />
      ) : (
        <>
          <PageHead
            title={connection.displayName}
            logo={
              <Logo
                name={connection.integration.displayName}
                url={connection.integration.logoUrl}
                color={connection.integration.color}
                size="large"
              />
            }
          >
            <Status of={connection.status} prefix="status" />
          </PageHead>
          {error !== undefined && <Problem message={error} retry={reload} />}
          <Actions {...{ connection, base, readOnly, reload }} workspaceId={workspace.id} />
          <Tabs
            label={t('connection.parts')}
            base={`${base}/connections/${id}`}
            tabs={TABS.map((each) => [each, t(`connection.tab.${each}`)] as const)}
            current={tab}
          />
          <Part tab={tab} {...{ connection, base, readOnly, reload }} workspaceId={workspace.id} />
        </>
      )}
    </>
  )
}

function Part({ tab, ...props }: ConnectionProps & { tab: (typeof TABS)[number] }) {
  const { connection, workspaceId } = props
  if (tab === 'jobs') return <JobsOfConnection {...props} />
  if (tab === 'events') return <EventsOfConnection {...props} />
  if (tab === 'requests') return <Requests {...props} />
  if (tab === 'overview') return <Overview {...props} />
  return <RecordList workspaceId={workspaceId} connectionId={connection.id} streams={connection.streams} />
}
