import type { ConnectionLineFragment } from '../generated/graphql.ts'
import { Link } from './link.tsx'
import { Logo, Status, Time } from './values.tsx'

/** One connection: its integration, its end user, its status with the reason, and its last sync. */
export function ConnectionRow({ connection, base }: { connection: ConnectionLineFragment; base: string }) {
  const { id, displayName, integration, endUser, status, statusReason, latestSyncJob } = connection
  return (
    <div className="row">
      <Logo name={integration.displayName} url={integration.logoUrl} />
      <div className="main">
        <div className="line">
          <Link to={`${base}/connections/${id}`} className="title stretched">
            {displayName}
          </Link>
          <Status of={status} prefix="status" />
        </div>
        <div className="facts">
          <span>{integration.displayName}</span>
          {endUser !== null && <span>{endUser.displayName ?? endUser.externalId}</span>}
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
