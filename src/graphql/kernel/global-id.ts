import { notFound } from '../../access/caller.ts'
import { globalIdOf, isId } from '../../kit/ids.ts'

/** The GraphQL types that implement Node, each with its name in messages. */
const NODE_TYPES = {
  ApiKey: 'API key',
  AuditEvent: 'audit event',
  AuthProvider: 'auth provider',
  Collection: 'collection',
  Connection: 'connection',
  ConnectSession: 'connect session',
  EndUser: 'end user',
  Integration: 'integration',
  OidcIssuer: 'OIDC issuer',
  SyncJob: 'sync job',
  WebhookDelivery: 'webhook delivery',
  WebhookEndpoint: 'webhook endpoint',
  Workspace: 'workspace',
} as const

export type NodeType = keyof typeof NODE_TYPES

/** The global id of a row. It contains the type, so that the id of one type is never accepted as the id of another. */
export function encodeGlobalId(type: NodeType | 'Record' | 'Event', id: string): string {
  return globalIdOf(type, id)
}

/** The type and row id of a global id; null if it is malformed or its type is not a Node. */
export function parseGlobalId(globalId: string): { type: NodeType; id: string } | null {
  const text = Buffer.from(globalId, 'base64url').toString('utf8')
  const colon = text.indexOf(':')
  const type = text.slice(0, colon)
  const id = text.slice(colon + 1)
  if (!isNodeType(type) || !isId(id) || encodeGlobalId(type, id) !== globalId) return null
  return { type, id }
}

/** @throws NotFoundError for a malformed id and for one of another type, as for an id that does not exist */
export function decodeGlobalId(type: NodeType, globalId: string): string {
  const parsed = parseGlobalId(globalId)
  if (parsed === null || parsed.type !== type) throw notFound(NODE_TYPES[type])
  return parsed.id
}

/** `decodeGlobalId` for an optional argument. */
export function decodeOptionalId(type: NodeType, globalId: string | null | undefined): string | null {
  return globalId == null ? null : decodeGlobalId(type, globalId)
}

function isNodeType(name: string): name is NodeType {
  return Object.hasOwn(NODE_TYPES, name)
}
