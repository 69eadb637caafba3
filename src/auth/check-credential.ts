import type { Auth } from '../catalog/definition/auth.ts'
import type { FieldOptions } from '../catalog/definition/auth-fields.ts'
import { InvalidInputError } from '../kit/errors.ts'
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
 * UTF-8 bytes of all values of a credential together. Each may have 16 KiB, and each is searched in many forms in what the provider
 * answers.
 */
const MAX_CREDENTIAL_BYTES = 64 * 1024

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
  const stored = strategyOf(auth, customStrategies).check(input, { now, path, hasOAuthClient })
  if (bytesIn(stored) > MAX_CREDENTIAL_BYTES) {
    const message = `is too long: its values together may have at most ${MAX_CREDENTIAL_BYTES / 1024} KiB. Supply shorter values, or only those that the API needs`
    throw new InvalidInputError([{ path: [...path], message }])
  }
  return stored
}

function bytesIn(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value !== 'object' || value === null) return 0
  return Object.values(value).reduce((bytes: number, item: unknown) => bytes + bytesIn(item), 0)
}
