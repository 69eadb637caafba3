import type { Jwt } from '../../catalog/definition/auth.ts'
import { compileTemplate } from '../../catalog/template/template.ts'
import { TemplateError } from '../../catalog/template/value.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import { PrivateKeyError } from '../../kit/private-key.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { applyPlacement } from '../../wire/placement.ts'
import { checkFields } from '../check-fields.ts'
import { bearerPlacement } from '../simple/bearer.ts'
import { distinctSecrets, secretsOf } from '../simple/secret-value.ts'
import { readStored, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { lifetimeEnd, signingKey, signJwt } from './sign-jwt.ts'

/** A new JWT is created when less than this part of its lifetime is left. */
const RENEWAL_MARGIN = 0.2

/**
 * A JWT that Latchkey signs (RFC 7519): one for each request, or, with a lifetime, one for all requests of an opened
 * credential until it is about to expire. It is never stored and never renewed.
 */
export const jwt: AuthStrategy<Jwt> = {
  type: 'jwt',
  describe(auth, options) {
    return { type: 'JWT', scopes: [], credentialFields: describedFieldsOf(auth, options), options: [] }
  },
  check(auth, input, context) {
    const { values, pathOf } = checkFields(auth, input, context, ['secretText', 'fields'])
    const problem = keyProblem(auth, values)
    if (problem !== undefined) throw new InvalidInputError([{ path: pathOf(keyField(auth)), message: problem }])
    return { type: 'jwt', fields: values }
  },
  open(auth, stored, context) {
    const credential = readStored(storedSchemas.jwt, stored)
    const scope = scopeOf(auth, credential, context)
    const clock = context.clock ?? (() => new Date())
    const recent: string[] = []
    let last: { token: string; until: number } | undefined
    return {
      async apply(draft) {
        const now = clock()
        if (last === undefined || now.getTime() >= last.until) {
          const { token, expiresAt } = await signJwt(auth, scope, now)
          // A claim `exp` of the definition may be earlier than the end of the lifetime.
          const ends = [lifetimeEnd(auth, now) ?? now, expiresAt ?? new Date(Number.POSITIVE_INFINITY)]
          const end = Math.min(...ends.map((date) => date.getTime() || Number.POSITIVE_INFINITY))
          last = { token, until: end - (end - now.getTime()) * RENEWAL_MARGIN }
          recent.splice(0, recent.length - 1)
          recent.push(token)
        }
        applyPlacement(draft, auth.placement ?? bearerPlacement, last.token)
      },
      ready: true,
      refreshable: false,
      scopes: [],
      get secrets() {
        return distinctSecrets([...secretsOf(describedFieldsOf(auth, {}), credential.fields), ...recent])
      },
    }
  },
}

/** The problem of the key, unless its template also reads data that is not known yet. */
function keyProblem(auth: Jwt, values: Record<string, string>): string | undefined {
  try {
    signingKey(auth, { config: values, input: {}, kept: {} })
    return undefined
  } catch (error) {
    if (error instanceof PrivateKeyError) return error.problem
    if (error instanceof TemplateError && error.fault === 'missing') return undefined
    throw error
  }
}

/** The field that the key is read from. */
function keyField({ key, fields }: Jwt): string {
  const { references } = compileTemplate(key)
  return (fields.find(({ name }) => references.has(`config['${name}']`)) ?? fields[0])?.name ?? ''
}
