import type { Auth } from '../catalog/definition/auth.ts'
import type { FieldOptions } from '../catalog/definition/auth-fields.ts'
import { UnsupportedError } from '../kit/errors.ts'
import { authTypeOf } from './auth-type.ts'
import type { CustomStrategies } from './custom/custom-strategy.ts'
import { strategyOf } from './registry.ts'
import type { CredentialDescription } from './strategy.ts'

/**
 * What a person supplies. A stored definition may name a custom strategy that the deployment has no more: then nothing
 * can be supplied, and the rest of the integration can still be read.
 */
export function describeAuth(
  auth: Auth,
  options: FieldOptions,
  customStrategies: CustomStrategies,
): CredentialDescription {
  try {
    return strategyOf(auth, customStrategies).describe(options)
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error
    return { type: authTypeOf(auth), scopes: [], credentialFields: [], options: [] }
  }
}
