import type { None } from '../../catalog/definition/auth.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { checkFields } from '../check-fields.ts'
import { readStored, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy } from '../strategy.ts'
import { distinctSecrets, secretsOf } from './secret-value.ts'

/** An API without authentication, whose credential is `fields: {}`; or one whose whole authentication is the client certificate. */
export const none: AuthStrategy<None> = {
  type: 'none',
  describe(auth, options) {
    return { type: 'NONE', scopes: [], credentialFields: describedFieldsOf(auth, options), options: [] }
  },
  check(auth, input, context) {
    return { type: 'none', fields: checkFields(auth, input, context, ['fields']).values }
  },
  open(auth, stored) {
    const { fields } = readStored(storedSchemas.none, stored)
    const secrets = distinctSecrets(secretsOf(describedFieldsOf(auth, {}), fields))
    return { apply: () => {}, ready: true, refreshable: false, scopes: [], secrets }
  },
}
