import type { Auth } from '../catalog/definition/auth.ts'
import type { FieldOptions } from '../catalog/definition/auth-fields.ts'
import type { CredentialInput } from '../wire/credential-fields.ts'
import type { CustomStrategies } from './custom/custom-strategy.ts'
import { strategyOf } from './registry.ts'
import type { StoredCredential } from './stored-credential.ts'

interface CheckCredentialOptions extends FieldOptions {
  /** Where the credential stands in the caller's input. Default: `['input', 'credential']`. */
  path?: readonly string[]
  /** Those that the deployment adds. */
  customStrategies?: CustomStrategies
}

/**
 * What is stored of a credential that a caller supplies. The provider is not asked. Throws InvalidInputError with every
 * unknown, missing or malformed field by name at once; no message holds a value.
 */
export function checkCredential(
  auth: Auth,
  input: CredentialInput,
  now: Date,
  { path = ['input', 'credential'], hasOAuthClient = false, customStrategies }: CheckCredentialOptions = {},
): StoredCredential {
  return strategyOf(auth, customStrategies).check(input, { now, path, hasOAuthClient })
}
