import type { Auth } from '../catalog/definition/auth.ts'
import { FieldErrors } from '../kit/field-errors.ts'
import { describedFieldsOf } from '../wire/credential-fields.ts'
import type { CredentialInput } from '../wire/credential-input.ts'
import { acceptedKind, type FieldValues, fieldKinds, readFieldValues } from '../wire/field-values.ts'
import type { CheckContext } from './strategy.ts'

/**
 * The checked fields of a credential that may be given by any kind of input that fills them, keys of several lines among
 * them. Throws InvalidInputError with every wrong one.
 */
export function checkFields(
  auth: Auth,
  input: CredentialInput,
  context: CheckContext,
  kinds: readonly ('secretText' | 'basic' | 'fields')[] = ['basic', 'secretText', 'fields'],
): FieldValues {
  const fields = describedFieldsOf(auth, context)
  const accepted = fieldKinds(fields, kinds).filter((kind) => kind !== 'oauthToken' && kind !== 'authProvider')
  const kind = acceptedKind(input, accepted, fields, context.path)
  const errors = new FieldErrors()
  const read = readFieldValues(input, kind, fields, context.path, errors, { multiline: true })
  errors.throwIfAny()
  return read
}
