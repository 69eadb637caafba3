import { type ExecutionResult, GraphQLError } from 'graphql'
import type { LatchkeyError } from '../../kit/errors.ts'

/** The whole result of an operation that is not run, or not to its end. */
export function refusalResponse(error: LatchkeyError): ExecutionResult {
  return { errors: [new GraphQLError(error.message, { originalError: error })] }
}
