import type DataLoader from 'dataloader'
import { NotFoundError } from '../../kit/errors.ts'
import type { GraphQLContext } from './context.ts'
import { type NodeType, parseGlobalId } from './global-id.ts'
import type { Loaders } from './loaders.ts'

/** A row of the model with the name of its GraphQL type. */
interface NodeRow {
  __typename: NodeType
  id: string
}

interface TenantRow {
  id: string
  workspaceId?: string | null
}

/**
 * The things that global ids name, in the same order; null for what does not exist and for what the caller may not see.
 * One statement for each type, whatever the number of ids.
 */
export function loadNodes(
  { loaders, caller }: GraphQLContext,
  globalIds: readonly string[],
): Promise<(NodeRow | null)[]> {
  return Promise.all(
    globalIds.map(async (globalId) => {
      const parsed = parseGlobalId(globalId)
      if (parsed === null) return null
      const row = await nullIfGone(loaderOf(loaders, parsed.type)?.load(parsed.id))
      if (row === null) return null
      // What belongs to a deleted workspace is there until its turn to go comes. Only operators could still find it.
      const { workspaceId } = row
      const anyWorkspace = caller?.workspaceId === null && workspaceId != null
      if (anyWorkspace && (await nullIfGone(loaders.workspace.load(workspaceId))) === null) return null
      return { ...row, __typename: parsed.type }
    }),
  )
}

function loaderOf(loaders: Loaders, type: NodeType): DataLoader<string, TenantRow> | undefined {
  switch (type) {
    case 'ApiKey':
      return loaders.apiKey
    case 'AuthProvider':
      return loaders.authProvider
    case 'Collection':
      return loaders.collection
    case 'Connection':
      return loaders.connection
    case 'ConnectSession':
      return loaders.connectSession
    case 'EndUser':
      return loaders.endUser
    case 'Integration':
      return loaders.integration
    case 'OidcIssuer':
      return loaders.oidcIssuer
    case 'SyncJob':
      return loaders.syncJob
    case 'Workspace':
      return loaders.workspace
  }
}

/** What a loader reads; null where it is not found. */
export async function nullIfGone<T>(loading: Promise<T> | undefined): Promise<T | null> {
  try {
    return (await loading) ?? null
  } catch (error) {
    if (error instanceof NotFoundError) return null
    throw error
  }
}
