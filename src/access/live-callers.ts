import type { Database } from '../db/database.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { type LatchkeyError, UnauthenticatedError } from '../kit/errors.ts'
import { createLoop } from '../kit/loop.ts'
import { type Caller, notFound } from './caller.ts'
import { USABLE_SESSIONS } from './console-sessions.ts'
import { isFederated } from './federated-callers.ts'

/** How often the callers of live subscriptions are checked, for revocations whose wake-up was lost. */
const CHECK_EVERY_MS = 2_000

export interface LiveCallers {
  /**
   * Watches a caller while it has something open. End the watch with `release`.
   * @param workspaceId the workspace that is subscribed to; default: the caller's
   * @param controller aborts; default: one of its own
   * @returns a signal that aborts with an UnauthenticatedError when the API key is revoked or expires, the settings of the OIDC
   * issuer change, the connect session is revoked or expires, the session of the console ends, or the end user is deleted; and with a
   * NotFoundError when the workspace is deleted
   */
  watch(
    caller: Caller,
    workspaceId?: string | null,
    controller?: AbortController,
  ): { signal: AbortSignal; release: () => void }
  /** Aborts everything that is open. */
  close(): void
}

/** Open subscriptions by the id of what they depend on. */
type OpenById = Map<string, Set<AbortController>>

/** Ends the subscriptions and streams of callers that are no longer authorized. */
export function createLiveCallers(
  database: Database,
  bus: WakeBus,
  onError: (error: unknown) => void,
  everyMs = CHECK_EVERY_MS,
): LiveCallers {
  const byKey: OpenById = new Map()
  const byWorkspace: OpenById = new Map()
  /** By id and version, separated by a space. */
  const byIssuer: OpenById = new Map()
  const byEndUser: OpenById = new Map()
  const bySession: OpenById = new Map()
  const byConsole: OpenById = new Map()
  const all = [byKey, byWorkspace, byIssuer, byEndUser, bySession, byConsole]

  async function check(): Promise<void> {
    if (all.every((open) => open.size === 0)) return
    // Copies, because what is opened while the query runs must not be judged by its result.
    const [keys, workspaces] = [new Map(byKey), new Map(byWorkspace)]
    const [issuers, endUsers, sessions] = [new Map(byIssuer), new Map(byEndUser), new Map(bySession)]
    const consoles = new Map(byConsole)
    const valid = await database.sql.query<{ id: string }>(
      `SELECT k.id::text FROM api_key k LEFT JOIN workspace w ON w.id = k.workspace_id
       WHERE k.id = ANY($1::uuid[]) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
         AND (k.workspace_id IS NULL OR w.deleted_at IS NULL)
       UNION ALL SELECT w.id::text FROM workspace w WHERE w.id = ANY($2::uuid[]) AND w.deleted_at IS NULL
       UNION ALL SELECT v.name FROM unnest($3::text[]) AS v(name)
         JOIN oidc_issuer i ON i.id = split_part(v.name, ' ', 1)::uuid AND i.version::text = split_part(v.name, ' ', 2)
       UNION ALL SELECT u.id::text FROM end_user u WHERE u.id = ANY($4::uuid[])
       UNION ALL SELECT s.id::text FROM connect_session s
         WHERE s.id = ANY($5::uuid[]) AND s.status <> 'REVOKED' AND s.expires_at > now()
       UNION ALL SELECT s.id::text FROM ${USABLE_SESSIONS} AND s.id = ANY($6::uuid[])`,
      [keys, workspaces, issuers, endUsers, sessions, consoles].map((open) => [...open.keys()]),
    )
    const ids = new Set(valid.map((row) => row.id))
    for (const open of [keys, issuers, endUsers, sessions, consoles]) abortOthers(open, ids, unauthenticated)
    abortOthers(workspaces, ids, () => notFound('workspace'))
  }

  const loop = createLoop({ everyMs, maxBackoffMs: everyMs, runAtStart: false, work: check, onError })
  loop.start()
  const unsubscribe = bus.subscribe('access', (id) => {
    const hasIssuer = [...byIssuer.keys()].some((name) => name.startsWith(id))
    if (hasIssuer || [byKey, byWorkspace, byEndUser, bySession, byConsole].some((open) => open.has(id))) loop.wake()
  })
  return {
    watch(caller, workspaceId = caller.workspaceId, controller = new AbortController()) {
      const releases = [
        caller.apiKeyId === null ? null : keep(byKey, caller.apiKeyId, controller),
        workspaceId === null ? null : keep(byWorkspace, workspaceId, controller),
        caller.connectSessionId === null ? null : keep(bySession, caller.connectSessionId, controller),
        caller.consoleSessionId === undefined ? null : keep(byConsole, caller.consoleSessionId, controller),
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
      void loop.stop()
      unsubscribe()
      for (const open of all) abortOthers(open, new Set(), unauthenticated)
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

function abortOthers(open: OpenById, valid: ReadonlySet<string>, reason: () => LatchkeyError): void {
  for (const [id, controllers] of open) {
    if (!valid.has(id)) for (const controller of controllers) controller.abort(reason())
  }
}

function unauthenticated(): UnauthenticatedError {
  return new UnauthenticatedError('The key or token of this subscription has expired or was revoked.')
}
