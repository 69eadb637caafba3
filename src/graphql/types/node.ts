import type DataLoader from 'dataloader'
import { InvalidInputError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import type { GraphQLContext } from '../kernel/context.ts'
import { type NodeType, parseGlobalId } from '../kernel/global-id.ts'
import { type Loaders, nullIfGone } from '../kernel/loaders.ts'
import { MAX_FIRST } from '../kernel/page.ts'

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description:
      'Looks up any object by its global id. Null if it does not exist or the caller cannot see it, for example because it belongs to another workspace.',
    args: { id: t.arg.id({ description: 'Global id of the object.' }) },
    resolve: async (_root, { id }, context) => (await loadNodes(context, [id]))[0] ?? null,
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: 'Looks up objects by their global ids, in the order of `ids`. An item is null as it is for `node`.',
    args: {
      ids: t.arg.idList({ description: `Global ids of the objects, at most ${MAX_FIRST}; more are INVALID_INPUT.` }),
    },
    resolve: (_root, { ids }, context) => {
      if (ids.length > MAX_FIRST) {
        throw new InvalidInputError([{ path: ['ids'], message: `Must have at most ${MAX_FIRST} ids.` }])
      }
      return loadNodes(context, ids)
    },
  }),
}))

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
 * The rows that global ids name, in the same order; null for null, and for an id that does not exist or that the caller cannot see.
 * Reads one statement for each type, whatever the number of ids.
 */
export function loadNodes(
  { loaders, caller }: Pick<GraphQLContext, 'loaders' | 'caller'>,
  globalIds: readonly (string | null)[],
): Promise<(NodeRow | null)[]> {
  return Promise.all(
    globalIds.map(async (globalId) => {
      const parsed = globalId === null ? null : parseGlobalId(globalId)
      if (parsed === null) return null
      const row = await nullIfGone(loaderOf(loaders, parsed.type).load(parsed.id))
      if (row === null) return null
      // The rows of a deleted workspace exist until they are purged. Only an operator is not already kept from them.
      const { workspaceId } = row
      const outlives = parsed.type === 'AuditEvent'
      const anyWorkspace = caller?.workspaceId === null && workspaceId != null && !outlives
      if (anyWorkspace && (await nullIfGone(loaders.workspace.load(workspaceId))) === null) return null
      return { ...row, __typename: parsed.type }
    }),
  )
}

function loaderOf(loaders: Loaders, type: NodeType): DataLoader<string, TenantRow> {
  switch (type) {
    case 'ApiKey':
      return loaders.apiKey
    case 'AuditEvent':
      return loaders.auditEvent
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
    case 'WebhookDelivery':
      return loaders.webhookDelivery
    case 'WebhookEndpoint':
      return loaders.webhookEndpoint
    case 'Workspace':
      return loaders.workspace
  }
}
