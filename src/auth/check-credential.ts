import type { Auth } from '../catalog/definition/auth.ts'
import type { FieldOptions } from '../catalog/definition/auth-fields.ts'
import type { CredentialInput } from '../wire/credential-fields.ts'
import type { CustomStrategies } from './custom/custom-strategy.ts'
import { strategyOf } from './registry.ts'
import type { StoredCredential } from './stored-credential.ts'

interface CheckCredentialOptions extends FieldOptions {
  /** Path of the credential in the caller's input. Default: `['input', 'credential']`. */
  path?: readonly string[]
  /** Strategies that the deployment adds. */
  customStrategies?: CustomStrategies
}

/**
 * Checks a credential that a caller supplies and returns what is stored of it. Sends nothing to the provider.
 *
 * @throws InvalidInputError that names every unknown, missing or malformed field and contains no value
 */
export function checkCredential(
  auth: Auth,
  input: CredentialInput,
  now: Date,
  { path = ['input', 'credential'], hasOAuthClient = false, customStrategies }: CheckCredentialOptions = {},
): StoredCredential {
  return strategyOf(auth, customStrategies).check(input, { now, path, hasOAuthClient })
}
