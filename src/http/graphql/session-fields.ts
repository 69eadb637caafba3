import {
  type ExecutionArgs,
  type ExecutionResult,
  getNamedType,
  getOperationAST,
  OperationTypeNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { ForbiddenError } from '../../kit/errors.ts'
import { refusalResponse } from './present-error.ts'

/** The fields that the token of a connect session may query, by type: the session itself and its progress. */
const SESSION_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Query: ['viewer', 'connectSession', 'node', 'nodes'],
  Node: ['id'],
  Subscription: ['connectSession'],
  Viewer: ['kind', 'role', 'expiresAt', 'workspace', 'endUser'],
  Workspace: ['id', 'name', 'slug', 'branding'],
  Branding: ['name', 'logoUrl', 'color'],
  EndUser: ['id', 'externalId', 'displayName'],
  ConnectSession: ['id', 'status', 'expiresAt', 'endUser', 'integrations', 'confirmation', 'connection', 'error'],
  ConnectSessionError: ['code', 'message', 'providerError', 'providerErrorDescription'],
  Integration: ['id', 'slug', 'displayName', 'logoUrl', 'color'],
  Connection: ['id', 'displayName', 'status', 'statusReason', 'hint', 'method', 'createdAt', 'integration', 'endUser'],
  ConnectionHint: ['cause', 'remedy', 'url'],
}

/**
 * Restricts callers with the token of a connect session to the fields that a connect page needs. Mutations check the caller
 * themselves.
 *
 * @returns null: the caller may query all fields of the operation
 */
export function refusalOfSession({
  schema,
  document,
  operationName,
  contextValue,
}: ExecutionArgs): ExecutionResult | null {
  const { caller } = contextValue as GraphQLContext
  if (caller?.kind !== 'CONNECT_SESSION') return null
  if (getOperationAST(document, operationName)?.operation === OperationTypeNode.MUTATION) return null
  const field = firstForbiddenField(schema, document)
  if (field === null) return null
  return refusalResponse(
    new ForbiddenError(`The token of a connect session cannot query ${field}. Use an API key of the workspace.`),
  )
}

/** The first field of a document that is not in `SESSION_FIELDS`; null: there is none. Introspection is allowed. */
function firstForbiddenField(schema: ExecutionArgs['schema'], document: ExecutionArgs['document']): string | null {
  const types = new TypeInfo(schema)
  let forbidden: string | null = null
  visit(
    document,
    visitWithTypeInfo(types, {
      Field({ name }) {
        const parent = types.getParentType()
        if (forbidden !== null || parent == null || name.value.startsWith('__')) return
        const { name: typeName } = getNamedType(parent)
        if (typeName.startsWith('__') || SESSION_FIELDS[typeName]?.includes(name.value) === true) return
        forbidden = `${typeName}.${name.value}`
      },
    }),
  )
  return forbidden
}
