import type { Database } from '../db/database.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { type LatchkeyError, UnauthenticatedError } from '../kit/errors.ts'
import { type Caller, notFound } from './caller.ts'
import { isFederated } from './federated-callers.ts'

/** How often keys with live subscriptions are looked at, for revocations that no wake-up told of. */
const LOOK_EVERY_MS = 2_000

export interface LiveCallers {
  /**
   * @param workspaceId the workspace that is being watched, when it is one
   * @returns a signal that aborts, with an UnauthenticatedError, once the caller's key is revoked or expires, the settings of
   * the OIDC issuer whose token he has change, his connect session is revoked or expires, or his end user is deleted; and
   * with a NotFoundError once the workspace is deleted. End it with `release`.
   */
  watch(caller: Caller, workspaceId?: string | null): { signal: AbortSignal; release: () => void }
  close(): void
}

/** What is open, by the id of what it depends on. */
type OpenById = Map<string, Set<AbortController>>

/** Ends what a caller has open when he may no longer be served. */
export function createLiveCallers(
  database: Database,
  bus: WakeBus,
  onError: (error: unknown) => void,
  lookEveryMs = LOOK_EVERY_MS,
): LiveCallers {
  const byKey: OpenById = new Map()
  const byWorkspace: OpenById = new Map()
  /** By id and version. */
  const byIssuer: OpenById = new Map()
  const byEndUser: OpenById = new Map()
  const bySession: OpenById = new Map()
  const all = [byKey, byWorkspace, byIssuer, byEndUser, bySession]
  let looking = false
  const look = async () => {
    if (looking || all.every((open) => open.size === 0)) return
    looking = true
    // What is opened meanwhile is judged by the next look.
    const [keys, workspaces] = [new Map(byKey), new Map(byWorkspace)]
    const [issuers, endUsers, sessions] = [new Map(byIssuer), new Map(byEndUser), new Map(bySession)]
    try {
      const good = await database.sql.query<{ id: string }>(
        `SELECT k.id::text FROM api_key k LEFT JOIN workspace w ON w.id = k.workspace_id
         WHERE k.id = ANY($1::uuid[]) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
           AND (k.workspace_id IS NULL OR w.deleted_at IS NULL)
         UNION ALL SELECT w.id::text FROM workspace w WHERE w.id = ANY($2::uuid[]) AND w.deleted_at IS NULL
         UNION ALL SELECT v.name FROM unnest($3::text[]) AS v(name)
           JOIN oidc_issuer i ON i.id = split_part(v.name, ' ', 1)::uuid AND i.version::text = split_part(v.name, ' ', 2)
         UNION ALL SELECT u.id::text FROM end_user u WHERE u.id = ANY($4::uuid[])
         UNION ALL SELECT s.id::text FROM connect_session s
           WHERE s.id = ANY($5::uuid[]) AND s.status <> 'REVOKED' AND s.expires_at > now()`,
        [keys, workspaces, issuers, endUsers, sessions].map((open) => [...open.keys()]),
      )
      const still = new Set(good.map((row) => row.id))
      for (const open of [keys, issuers, endUsers, sessions]) abortOthers(open, still, ended)
      abortOthers(workspaces, still, () => notFound('workspace'))
    } catch (error) {
      onError(error)
    } finally {
      looking = false
    }
  }
  const timer = setInterval(look, lookEveryMs)
  timer.unref()
  const unsubscribe = bus.subscribe('access', (id) => {
    const hasIssuer = [...byIssuer.keys()].some((name) => name.startsWith(id))
    if (byKey.has(id) || byWorkspace.has(id) || byEndUser.has(id) || bySession.has(id) || hasIssuer) void look()
  })
  return {
    watch(caller, workspaceId = caller.workspaceId) {
      const controller = new AbortController()
      const releases = [
        caller.apiKeyId === null ? null : keep(byKey, caller.apiKeyId, controller),
        workspaceId === null ? null : keep(byWorkspace, workspaceId, controller),
        caller.connectSessionId === null ? null : keep(bySession, caller.connectSessionId, controller),
        ...(isFederated(caller)
          ? [
              keep(byIssuer, `${caller.oidcIssuerId} ${caller.oidcIssuerVersion}`, controller),
              keep(byEndUser, caller.endUserId, controller),
            ]
          : []),
      ]
      return {
        signal: controller.signal,
        release: () => {
          for (const release of releases) release?.()
        },
      }
    },
    close() {
      clearInterval(timer)
      unsubscribe()
      for (const open of all) abortOthers(open, new Set(), ended)
    },
  }
}

function keep(open: OpenById, id: string, controller: AbortController): () => void {
  const set = open.get(id) ?? new Set()
  open.set(id, set.add(controller))
  return () => {
    set.delete(controller)
    if (set.size === 0 && open.get(id) === set) open.delete(id)
  }
}

function abortOthers(open: OpenById, still: ReadonlySet<string>, why: () => LatchkeyError): void {
  for (const [id, controllers] of open) {
    if (!still.has(id)) for (const controller of controllers) controller.abort(why())
  }
}

function ended(): UnauthenticatedError {
  return new UnauthenticatedError('The key or token of this subscription has expired or was revoked.')
}
