import type { InputRef, ObjectRef } from '@pothos/core'
import { isForeignKeyViolation } from '../../db/violations.ts'
import { ForbiddenError, InvalidInputError, NotFoundError } from '../../kit/errors.ts'
import { illFormedText } from '../../kit/input.ts'
import { COMMON_ERRORS } from '../types/errors.ts'
import { builder } from './builder.ts'
import type { GraphQLContext } from './context.ts'

type PothosTypes = typeof builder.$inferSchemaTypes
// Constructors of errors take what they like; the plugin only asks `instanceof`.
// biome-ignore lint/suspicious/noExplicitAny: the parameter list of a constructor is contravariant
type ErrorClass = new (...args: any[]) => Error

interface MutationOptions<Input, Payload extends object> {
  description?: string
  input: InputRef<Input>
  /** `<Name>Payload`. */
  payload: ObjectRef<PothosTypes, Payload>
  /** Failures that this mutation may answer besides those that all may. */
  errors?: readonly ErrorClass[]
  resolve: (input: Input, context: GraphQLContext) => Promise<Payload>
}

/** A mutation `<name>(input: <Name>Input!): <Name>Result!` whose expected failures are members of the result's union. */
export function mutation<Input, Payload extends object>(name: string, options: MutationOptions<Input, Payload>): void {
  const typeName = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
  builder.mutationField(name, (t) =>
    t.field({
      type: options.payload,
      ...(options.description === undefined ? {} : { description: options.description }),
      args: { input: t.arg({ type: options.input }) },
      errors: {
        types: [...COMMON_ERRORS, ...(options.errors ?? [])],
        union: { name: `${typeName}Result` },
      },
      // The types of `errors` and of a generic payload cannot be brought together in general; each use is checked.
      resolve: (async (_root: unknown, { input }: { input: Input }, context: GraphQLContext) => {
        if (context.rateLimited !== null) throw context.rateLimited
        if (context.caller?.kind === 'CONNECT_SESSION') throw changesNothing()
        checkWellFormed(input, ['input'])
        try {
          return await options.resolve(input, context)
        } catch (error) {
          if (isForeignKeyViolation(error)) throw goneMeanwhile(error)
          throw error
        }
      }) as never,
    }),
  )
}

/** What a session connects is brought on its page, by the browser that has it. */
function changesNothing(): ForbiddenError {
  return new ForbiddenError('The token of a connect session changes nothing. Use an API key with the role ADMIN.')
}

/** Somebody deleted it between our look at it and our write. */
function goneMeanwhile(cause: unknown): NotFoundError {
  return new NotFoundError('Something that this refers to has just been deleted. Look again at what there is.', {
    cause,
  })
}

/**
 * Refuses what the database would refuse, or change in silence.
 * @throws InvalidInputError that names the place
 */
export function checkWellFormed(value: unknown, path: string[]): void {
  const problem = illFormedText(value)
  if (problem !== null) {
    throw new InvalidInputError([
      { path: [...path, ...problem.path.map(String)], message: `The value ${problem.reason}.` },
    ])
  }
}
