import { notFound } from '../../access/caller.ts'
import { isId } from '../../kit/ids.ts'

/** Types that have a global id: the names of GraphQL types that implement Node. */
export type NodeType =
  | 'ApiKey'
  | 'AuthProvider'
  | 'Collection'
  | 'Connection'
  | 'ConnectSession'
  | 'EndUser'
  | 'Integration'
  | 'OidcIssuer'
  | 'SyncJob'
  | 'Workspace'

/** How a type is called in a message to a person. */
const WORDS: Record<NodeType, string> = {
  ApiKey: 'API key',
  AuthProvider: 'auth provider',
  Collection: 'collection',
  Connection: 'connection',
  ConnectSession: 'connect session',
  EndUser: 'end user',
  Integration: 'integration',
  OidcIssuer: 'OIDC issuer',
  SyncJob: 'sync job',
  Workspace: 'workspace',
}

/** Opaque and stable: type and id together, so that an id of one type is not taken for another's. */
export function encodeGlobalId(type: NodeType | 'Record' | 'Event', id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64url')
}

/** The type and id, or null for what we never gave out. */
export function parseGlobalId(globalId: string): { type: NodeType; id: string } | null {
  const text = Buffer.from(globalId, 'base64url').toString('utf8')
  const colon = text.indexOf(':')
  const type = text.slice(0, colon)
  const id = text.slice(colon + 1)
  if (!isNodeType(type) || !isId(id) || encodeGlobalId(type, id) !== globalId) return null
  return { type, id }
}

/** @throws NotFoundError for an id of another type or of none: the same as for one that names nothing */
export function decodeGlobalId(type: NodeType, globalId: string): string {
  const parsed = parseGlobalId(globalId)
  if (parsed === null || parsed.type !== type) throw notFound(WORDS[type])
  return parsed.id
}

/** As `decodeGlobalId`, for an argument that may be left out. */
export function decodeOptionalId(type: NodeType, globalId: string | null | undefined): string | null {
  return globalId == null ? null : decodeGlobalId(type, globalId)
}

function isNodeType(name: string): name is NodeType {
  return Object.hasOwn(WORDS, name)
}
