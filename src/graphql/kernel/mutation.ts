import type { InputRef, ObjectFieldsShape, ObjectRef } from '@pothos/core'
import { audited } from '../../access/audit.ts'
import { type ApiKeyScope, assertNotLimited, assertScope } from '../../access/caller.ts'
import { isReading, type RequestOfCaller } from '../../connections/lookups.ts'
import { isForeignKeyViolation } from '../../db/violations.ts'
import { ForbiddenError, InvalidInputError, NotFoundError } from '../../kit/errors.ts'
import { illFormedText } from '../../kit/input.ts'
import { COMMON_ERRORS } from '../types/errors.ts'
import { builder, type PothosTypes } from './builder.ts'
import { callerOf, type GraphQLContext } from './context.ts'
import { parseObjectId } from './global-id.ts'

// The parameters of an error's constructor do not matter here: the plugin only checks `instanceof`.
// biome-ignore lint/suspicious/noExplicitAny: the parameter list of a constructor is contravariant
type ErrorClass = new (...args: any[]) => Error

interface MutationOptions<Input, Payload extends object> {
  description: string
  /** The scope that an API key needs (FORBIDDEN without it). */
  scope: ApiKeyScope
  /**
   * True: the mutation concerns more than single integrations, so that keys that are limited to integrations may not call it
   * (FORBIDDEN). Default: its own checks hide other integrations.
   */
  wholeWorkspace?: boolean
  input: InputRef<Input>
  /**
   * The global id of the object that the input names, for the audit log of a refused call. Null: it names none, or by a secret.
   * The function that makes the change writes the line of a successful call (`recordAudit`, `auditLater`).
   */
  names: (input: Input) => string | null | undefined
  /** The request of the caller that the mutation sends to a provider. One that only reads is not logged. Default: none. */
  sends?: (input: Input) => RequestOfCaller
  /** Made with `payloadType`. */
  payload: ObjectRef<PothosTypes, Payload>
  /** The expected errors of this mutation, in addition to those of every mutation (`COMMON_ERRORS`). */
  errors?: readonly ErrorClass[]
  resolve: (input: Input, context: GraphQLContext) => Promise<Payload>
}

/**
 * Declares the mutation `<name>(input: <Name>Input!): <Name>Result!`. The result is the union of the payload and the
 * expected errors. Errors of other classes become top-level errors.
 */
export function mutation<Input, Payload extends object>(name: string, options: MutationOptions<Input, Payload>): void {
  const typeName = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  builder.mutationField(name, (t) =>
    t.field({
      type: options.payload,
      description: options.description,
      extensions: { scope: options.scope },
      // `callerOf` below throws what the scope of the type would.
      skipTypeScopes: true,
      args: { input: t.arg({ type: options.input, description: `Input of \`${name}\`.` }) },
      errors: {
        types: [...COMMON_ERRORS, ...(options.errors ?? [])],
        union: {
          name: `${typeName}Result`,
          description: `Result of \`${name}\`: \`${typeName}Payload\` on success, otherwise one of the errors.`,
        },
      },
      // The compiler cannot relate the types of `errors` to a generic payload. It checks each call of `mutation`.
      resolve: ((_root: unknown, { input }: { input: Input }, context: GraphQLContext) => {
        if (context.rateLimited !== null) throw context.rateLimited
        const caller = callerOf(context)
        const run = async () => {
          if (caller.kind === 'CONNECT_SESSION') throw sessionMayNotChange()
          assertScope(caller, options.scope)
          if (options.wholeWorkspace === true) assertNotLimited(caller)
          checkWellFormed(input, ['input'])
          try {
            return await options.resolve(input, context)
          } catch (error) {
            if (isForeignKeyViolation(error)) throw deletedConcurrently(error)
            throw error
          }
        }
        const sent = options.sends?.(input)
        if (sent !== undefined && isReading(sent)) return run()
        const { services, traceId, address } = context
        // Only an id that is valid is logged: the input may hold anything.
        const named = parseObjectId(options.names(input) ?? '')
        return audited(services, { caller, action: name, method: sent?.method, named, traceId, address }, run)
      }) as never,
    }),
  )
}

/** The success type of a mutation. @param name `<Name>Payload` */
export function payloadType<Payload extends object>(
  name: `${string}Payload`,
  fields: ObjectFieldsShape<PothosTypes, Payload>,
): ObjectRef<PothosTypes, Payload> {
  const mutationName = `${name.charAt(0).toLowerCase()}${name.slice(1, -'Payload'.length)}`
  return builder
    .objectRef<Payload>(name)
    .implement({ description: `Result of a \`${mutationName}\` that succeeded.`, fields })
}

/** A connect session submits credentials on its hosted page only, from the browser that opened it. */
function sessionMayNotChange(): ForbiddenError {
  return new ForbiddenError('The token of a connect session cannot run mutations. Use an API key with the role ADMIN.')
}

function deletedConcurrently(cause: unknown): NotFoundError {
  return new NotFoundError(
    'An object that the input refers to was deleted at the same time. Check the ids and retry.',
    {
      cause,
    },
  )
}

/**
 * Checks that the database stores the texts and numbers of a value unchanged.
 * @param path where the value stands in the arguments
 * @throws InvalidInputError with the path of the first one that it would refuse or change
 */
export function checkWellFormed(value: unknown, path: string[]): void {
  const problem = illFormedText(value)
  if (problem !== null) {
    throw new InvalidInputError([
      { path: [...path, ...problem.path.map(String)], message: `The value ${problem.reason}.` },
    ])
  }
}
