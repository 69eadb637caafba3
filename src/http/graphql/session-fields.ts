import {
  type ExecutionArgs,
  getNamedType,
  getOperationAST,
  OperationTypeNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { GraphQLContext } from '../../graphql/kernel/context.ts'
import { ForbiddenError } from '../../kit/errors.ts'
import { refusalResponse } from './present-error.ts'

/** What the page of a connect session needs, by type: to know itself, and how the connecting goes. */
const SESSION_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Query: ['viewer', 'connectSession', 'node', 'nodes'],
  Node: ['id'],
  Subscription: ['connectSession'],
  Viewer: ['kind', 'role', 'expiresAt', 'workspace', 'endUser'],
  Workspace: ['id', 'name', 'slug', 'branding'],
  Branding: ['name', 'logoUrl', 'color'],
  EndUser: ['id', 'externalId', 'displayName'],
  ConnectSession: [...['id', 'status', 'expiresAt', 'endUser', 'integrations', 'confirmation', 'connection', 'error']],
  ConnectSessionError: ['code', 'message', 'providerError', 'providerErrorDescription'],
  Integration: ['id', 'slug', 'displayName'],
  Connection: ['id', 'displayName', 'status', 'statusReason', 'method', 'createdAt', 'integration', 'endUser'],
}

/**
 * Lets whoever holds the token of a connect session ask for nothing that a page for connecting does not need. Mutations
 * answer for themselves that he may not.
 */
export function useSessionFields(): Plugin<GraphQLContext> {
  const refused = ({ schema, document, operationName, contextValue }: ExecutionArgs) => {
    const { caller } = contextValue as GraphQLContext
    if (caller?.kind !== 'CONNECT_SESSION') return null
    if (getOperationAST(document, operationName)?.operation === OperationTypeNode.MUTATION) return null
    const field = firstOther(schema, document)
    if (field === null) return null
    return refusalResponse(
      new ForbiddenError(`A connect session may not ask for ${field}. Use an API key of the workspace.`),
    )
  }
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const result = refused(args)
      if (result !== null) setResultAndStopExecution(result)
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const result = refused(args)
      if (result !== null) setResultAndStopExecution(result)
    },
  }
}

/** The first field of a document that is not in the list; null: there is none. The schema's own are everybody's. */
function firstOther(schema: ExecutionArgs['schema'], document: ExecutionArgs['document']): string | null {
  const types = new TypeInfo(schema)
  let other: string | null = null
  visit(
    document,
    visitWithTypeInfo(types, {
      Field({ name }) {
        const parent = types.getParentType()
        if (other !== null || parent == null || name.value.startsWith('__')) return
        const { name: typeName } = getNamedType(parent)
        if (typeName.startsWith('__') || SESSION_FIELDS[typeName]?.includes(name.value) === true) return
        other = `${typeName}.${name.value}`
      },
    }),
  )
  return other
}
