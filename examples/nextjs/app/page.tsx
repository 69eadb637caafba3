import { Connect, Live } from './accounts'
import { latchkey, signedInUser, url, workspaceId } from './latchkey'

export const dynamic = 'force-dynamic'

const WORDS = {
  ...{ ACTIVE: 'Connected', PENDING: 'Not finished', NEEDS_REAUTH: 'Connect again', ERROR: 'Trying again' },
  ...{ DISABLED: 'Switched off', QUEUED: 'Sync queued', RUNNING: 'Syncing …', SUCCEEDED: 'Up to date' },
  ...{ FAILED: 'Sync failed', CANCELLED: 'Sync stopped', CANCELLING: 'Stopping …' },
}

/** The connections of the user with their status, which stays up to date. */
export default async function Page() {
  // Before the list, so that no change falls between the two.
  const newest = await latchkey.events.list({ workspaceId, first: 1, newestFirst: true })
  const filter = { endUserExternalId: await signedInUser() }
  const { nodes } = await latchkey.connections.list({ workspaceId, filter })
  return (
    <main>
      <h1>Connected accounts</h1>
      <p>Signed in as Ada</p>
      <Connect url={url} />
      <ul aria-label="Your accounts">
        {nodes.map(({ id, displayName, integration, status, statusReason, latestSyncJob }) => (
          <li key={id}>
            <div>
              {displayName}
              <small>{statusReason ?? integration.displayName}</small>
            </div>
            <span>{WORDS[status === 'ACTIVE' ? (latestSyncJob?.status ?? status) : status]}</span>
          </li>
        ))}
      </ul>
      <Live after={newest.nodes[0]?.cursor ?? null} />
    </main>
  )
}
