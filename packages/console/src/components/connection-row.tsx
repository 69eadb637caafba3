import type { ConnectionLineFragment } from '../generated/graphql.ts'
import { Link } from './link.tsx'
import { Tags } from './metadata.tsx'
import { Logo, Status, Time } from './values.tsx'

interface ConnectionRowProps {
  connection: ConnectionLineFragment
  /** Path of the workspace. */
  base: string
  /** Where the row leads. Default: to the connection. */
  to?: string
}

/** One connection: its integration, its end user, its status with the reason, and its last sync. */
export function ConnectionRow({ connection, base, to }: ConnectionRowProps) {
  const { id, displayName, integration, endUser, status, statusReason, metadata, latestSyncJob } = connection
  return (
    <div className="row">
      <Logo name={integration.displayName} url={integration.logoUrl} color={integration.color} />
      <div className="main">
        <div className="line">
          <Link to={to ?? `${base}/connections/${id}`} className="title stretched">
            {displayName}
          </Link>
          <Status of={status} prefix="status" />
        </div>
        <div className="facts">
          <span>{integration.displayName}</span>
          {endUser !== null && <span>{endUser.displayName ?? endUser.externalId}</span>}
          <Tags metadata={metadata} />
        </div>
        {status !== 'ACTIVE' && statusReason !== null && <p className="reason">{statusReason}</p>}
      </div>
      <div className="side">
        {latestSyncJob !== null && (
          <>
            <Status of={latestSyncJob.status} prefix="job" />
            <Time at={latestSyncJob.finishedAt ?? latestSyncJob.queuedAt} />
          </>
        )}
      </div>
    </div>
  )
}
