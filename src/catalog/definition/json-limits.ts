import { FieldErrors } from '../../kit/field-errors.ts'
import { illFormedText } from '../../kit/well-formed.ts'

/**
 * Refuses what cannot be stored and read back the same, and more than `maxBytes` of JSON.
 * Throws InvalidInputError at the place that is wrong.
 */
export function checkJsonLimits(value: unknown, path: readonly string[], maxBytes: number): void {
  const errors = new FieldErrors()
  const illFormed = illFormedText(value)
  if (illFormed !== null) errors.add([...path, ...illFormed.path], illFormed.reason)
  errors.throwIfAny()
  const json = JSON.stringify(value)
  if (Buffer.byteLength(json ?? '') > maxBytes) errors.add(path, `must be at most ${maxBytes} bytes of JSON`)
  errors.throwIfAny()
}
