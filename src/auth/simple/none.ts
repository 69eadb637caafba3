import type { None } from '../../catalog/definition/auth.ts'
import { FieldErrors } from '../../kit/errors.ts'
import { acceptedKind, readFieldValues } from '../../wire/credential-fields.ts'
import { readStored, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy } from '../strategy.ts'

/** An API without authentication. The credential is `fields: {}`. */
export const none: AuthStrategy<None> = {
  type: 'none',
  describe: () => ({ type: 'NONE', scopes: [], credentialFields: [], options: [] }),
  check(_auth, input, { path }) {
    const errors = new FieldErrors()
    readFieldValues(input, acceptedKind(input, ['fields'], [], path), [], path, errors)
    errors.throwIfAny()
    return { type: 'none', fields: {} }
  },
  open(_auth, stored) {
    readStored(storedSchemas.none, stored)
    return { apply: () => {}, ready: true, refreshable: false, scopes: [], secrets: [] }
  },
}
