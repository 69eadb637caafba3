import type { ExecutionResult } from 'graphql'
import type { OperationBudget } from '../../../graphql/kernel/context.ts'
import { InvalidInputError } from '../../../kit/errors.ts'
import { refusalResponse } from '../present-error.ts'

/** The most bytes of an answer, by default. */
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/**
 * Refuses answers of more than `maxBytes` bytes before they are written. Lists of records are shorter instead (see
 * `recordPage`), so this concerns everything else that is large. Counts the bytes for the rate limit.
 */
export function limitAnswer(
  result: ExecutionResult,
  { budget, maxBytes, isMutation }: { budget: OperationBudget; maxBytes: number; isMutation: boolean },
): ExecutionResult {
  if (result.data == null) return result
  budget.answerBytes = sizeOf(result.data, maxBytes)
  return budget.answerBytes <= maxBytes ? result : refusalResponse(tooLarge(maxBytes, isMutation))
}

export function tooLarge(maxBytes: number, isMutation: boolean): InvalidInputError {
  const limit = `The answer is larger than ${maxBytes} bytes.`
  return new InvalidInputError(
    [],
    isMutation
      ? `${limit} The mutation has taken effect; only its result cannot be returned. Select less of it.`
      : `${limit} Request fewer items per page (first), or fewer lists in one operation.`,
  )
}

/** What JSON adds to a value: quotes, separators, digits. */
const VALUE_BYTES = 4

/**
 * The approximate size of a value as JSON, in bytes.
 * @returns a number above `max` as soon as that is exceeded
 */
export function sizeOf(value: unknown, max: number): number {
  if (typeof value === 'string') return VALUE_BYTES + (value.length > 1_000 ? Buffer.byteLength(value) : value.length)
  if (typeof value !== 'object' || value === null) return VALUE_BYTES
  let bytes = VALUE_BYTES
  if (Array.isArray(value)) {
    for (const item of value) {
      bytes += sizeOf(item, max)
      if (bytes > max) return bytes
    }
    return bytes
  }
  for (const key in value) {
    bytes += key.length + VALUE_BYTES + sizeOf((value as Record<string, unknown>)[key], max)
    if (bytes > max) return bytes
  }
  return bytes
}
