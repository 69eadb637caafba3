import { useEffect, useRef, useState } from 'react'
import { client } from '../../api.ts'
import { AuditTargetsDocument, type AuditTargetsQuery } from './generated/graphql.ts'

/** An object that a line of the audit log is about. */
export type Target = NonNullable<AuditTargetsQuery['nodes'][number]>

/** Objects that one request may ask for. */
const MAX_IDS = 100

/**
 * Looks up the objects of lines, each once.
 * @returns by global id. Null: it no longer exists, or it cannot be shown. Missing: it is not known yet
 */
export function useTargets(ids: readonly string[]): ReadonlyMap<string, Target | null> {
  const [targets, setTargets] = useState<ReadonlyMap<string, Target | null>>(new Map())
  const requested = useRef(new Set<string>())
  const key = ids.join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the ids
  useEffect(() => {
    const missing = [...new Set(ids)].filter((id) => !requested.current.has(id))
    for (let start = 0; start < missing.length; start += MAX_IDS) {
      const part = missing.slice(start, start + MAX_IDS)
      for (const id of part) requested.current.add(id)
      void client
        .query(AuditTargetsDocument, { ids: part })
        .toPromise()
        .then(({ data }) => {
          if (data === undefined) return
          setTargets(
            (before) => new Map([...before, ...part.map((id, place) => [id, data.nodes[place] ?? null] as const)]),
          )
        })
    }
  }, [key])
  return targets
}

/** The name of an object for people. Undefined: it has none. */
export function nameOf(target: Target): string | undefined {
  if ('displayName' in target) return target.displayName
  if ('name' in target) return target.name
  if ('externalId' in target) return target.externalId
  if ('issuer' in target) return target.issuer
  return 'url' in target ? target.url : undefined
}

/** The page of an object, below the workspace. Undefined: it has none. */
export function pathOf(target: Target): string | undefined {
  switch (target.__typename) {
    case 'ApiKey':
      return 'keys'
    case 'AuthProvider':
      return `auth-providers/${target.id}`
    case 'Connection':
      return `connections/${target.id}`
    case 'OidcIssuer':
      return `issuers/${target.id}`
    case 'SyncJob':
      return 'syncs'
    case 'WebhookEndpoint':
      return `webhooks/${target.id}`
    case 'Workspace':
      return 'branding/workspace'
    default:
      return undefined
  }
}
