import { notFound } from '../../access/caller.ts'
import { BoundedMap } from '../../kit/bounded-map.ts'
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

/** Objects that have an id and are no type of the schema. */
const OTHER_TYPES = { ToolSession: 'tool session' } as const

const NAMES = { ...NODE_TYPES, ...OTHER_TYPES }

type ObjectType = keyof typeof NAMES

/** The global id of a row. It contains the type, so that the id of one type is never accepted as the id of another. */
export function encodeGlobalId(type: ObjectType | 'Record' | 'Event', id: string): string {
  return globalIdOf(type, id)
}

/** The type and row id of a global id; null if it is malformed or its type is not a Node. */
export function parseGlobalId(globalId: string): { type: NodeType; id: string } | null {
  const parsed = parseObjectId(globalId)
  return parsed === null || !isNode(parsed) ? null : parsed
}

interface ObjectId {
  readonly type: ObjectType
  readonly id: string
}

/** Valid ids that were parsed lately: clients use the same ones again and again. */
const parsedIds = new BoundedMap<string, ObjectId>({ max: 2_000 })

/** As `parseGlobalId`, also for objects that are not in the schema. */
export function parseObjectId(globalId: string): ObjectId | null {
  const known = parsedIds.get(globalId)
  if (known !== undefined) return known
  const text = Buffer.from(globalId, 'base64url').toString('utf8')
  const colon = text.indexOf(':')
  const type = text.slice(0, colon)
  const id = text.slice(colon + 1)
  if (!isObjectType(type) || !isId(id) || encodeGlobalId(type, id) !== globalId) return null
  const parsed = { type, id }
  parsedIds.set(globalId, parsed)
  return parsed
}

/** @throws NotFoundError for a malformed id and for one of another type, as for an id that does not exist */
export function decodeGlobalId(type: ObjectType, globalId: string): string {
  const parsed = parseObjectId(globalId)
  if (parsed === null || parsed.type !== type) throw notFound(NAMES[type])
  return parsed.id
}

/** `decodeGlobalId` for an optional argument. */
export function decodeOptionalId(type: NodeType, globalId: string | null | undefined): string | null {
  return globalId == null ? null : decodeGlobalId(type, globalId)
}

function isObjectType(name: string): name is ObjectType {
  return Object.hasOwn(NAMES, name)
}

function isNode(parsed: { type: ObjectType; id: string }): parsed is { type: NodeType; id: string } {
  return Object.hasOwn(NODE_TYPES, parsed.type)
}
