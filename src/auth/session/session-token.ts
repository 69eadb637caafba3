import type { SessionToken } from '../../catalog/definition/auth.ts'
import { UnsupportedError } from '../../kit/errors.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { applyPlacement } from '../../wire/placement.ts'
import { checkFields } from '../check-fields.ts'
import { distinctSecrets, secretsOf } from '../simple/secret-value.ts'
import { readStored, type StoredSessionToken, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy, Renewal } from '../strategy.ts'
import { logIn, type Resolve } from './session-login.ts'

/**
 * A token that a login request gives for the fields of the credential. Without a lifetime and without an expiry in the
 * answer it is good for one request, so that a login goes before each.
 */
export function sessionToken(resolve: Resolve): AuthStrategy<SessionToken> {
  return {
    type: 'session_token',
    describe(auth, options) {
      return { type: 'SESSION_TOKEN', scopes: [], credentialFields: describedFieldsOf(auth, options), options: [] }
    },
    check(auth, input, context) {
      return { type: 'session_token', fields: checkFields(auth, input, context).values }
    },
    open(auth, stored) {
      const { fields, token, expiresAt } = readStored(storedSchemas.session_token, stored)
      return {
        apply(draft) {
          if (token === undefined)
            throw new UnsupportedError('There is no session token yet: a login has to come first.')
          applyPlacement(draft, auth.placement, token)
        },
        ready: token !== undefined,
        ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
        refreshable: true,
        ...(isSingleUse(auth) ? { singleUse: true } : {}),
        scopes: [],
        secrets: distinctSecrets([token, ...secretsOf(describedFieldsOf(auth, {}), fields)]),
      }
    },
    async renew(auth, stored, context): Promise<Renewal> {
      const credential = readStored(storedSchemas.session_token, stored)
      const { token, expiresAt } = await logIn(auth, credential.fields, context, resolve)
      const end = expiresAt ?? context.now
      const renewed: StoredSessionToken = { ...credential, token, expiresAt: end.toISOString() }
      return { stored: renewed, expiresAt: end, scopes: [] }
    },
  }
}

function isSingleUse({ lifetime, expiry }: SessionToken): boolean {
  return lifetime === undefined && expiry === undefined
}
