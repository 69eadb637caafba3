import type { GuideHint, ProviderGuide } from '../catalog/guide.ts'
import { matchHint } from '../catalog/match-hint.ts'
import type { StoredRefreshError } from '../credentials/credential-store.ts'
import type { SyncError } from '../sync/jobs/sync-error.ts'
import { refusalIn } from '../wire/verdict.ts'

/** What is stored of the failures of a connection. Null: nothing. */
export interface ConnectionFailures {
  /** Of the newest OAuth flow, which is stored for some minutes. */
  flow: FlowError | null
  /** Of the last renewal. */
  refresh: StoredRefreshError | null
  /** Why the connection has its status. */
  statusReason: string | null
  /** Of the newest sync job. */
  sync: SyncError | null
}

/** The error in the outcome of an OAuth flow. */
export interface FlowError {
  providerError: string | null
  providerErrorDescription: string | null
}

/** The hint for the first failure that its provider's guide knows. Null: it knows none of them. */
export function connectionHint(guide: ProviderGuide, failures: ConnectionFailures): GuideHint | null {
  const { flow, refresh, statusReason, sync } = failures
  const refusal = statusReason === null ? null : refusalIn(statusReason)
  return (
    // Consent, exchange of the code, or a request about the account: it is not stored which of them failed.
    (flow && matchHint(guide, { error: flow.providerError, message: flow.providerErrorDescription })) ??
    (refresh && refreshHint(guide, refresh)) ??
    (refusal && matchHint(guide, { at: 'request', ...refusal })) ??
    (sync && syncHint(guide, sync))
  )
}

function refreshHint(guide: ProviderGuide, { words = {} }: StoredRefreshError): GuideHint | null {
  const { providerError: error, providerErrorDescription: message, providerStatus: status } = words
  return matchHint(guide, { at: 'token', error, message, status })
}

/** The hint for the error of a sync job. */
export function syncHint(
  guide: ProviderGuide,
  { code, providerError: error, providerMessage: message, providerStatus: status }: SyncError,
): GuideHint | null {
  // A job also fails when its credential cannot be renewed, with the words of the token endpoint.
  return matchHint(guide, { at: code === 'PROVIDER' ? 'request' : undefined, error, message, status })
}
