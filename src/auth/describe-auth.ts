import type { Auth, AuthKind } from '../catalog/definition/auth.ts'
import type { FieldOptions } from '../catalog/definition/auth-fields.ts'
import { UnsupportedError } from '../kit/errors.ts'
import type { CustomStrategies } from './custom/custom-strategy.ts'
import { strategyOf } from './registry.ts'
import type { AuthTypeName, CredentialDescription } from './strategy.ts'

/**
 * Describes what a user supplies. For a stored definition whose custom strategy no longer exists in this deployment the
 * description is empty, so that the rest of the integration can still be read.
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

const AUTH_TYPE_NAMES: Record<AuthKind, AuthTypeName> = {
  none: 'NONE',
  basic: 'BASIC',
  bearer: 'BEARER',
  api_key: 'API_KEY',
  oauth2: 'OAUTH2',
  session_token: 'SESSION_TOKEN',
  jwt: 'JWT',
  signature: 'SIGNATURE',
  oauth1: 'OAUTH1',
  selective: 'SELECTIVE',
  custom: 'CUSTOM',
}

/** The API's AuthType, also for a custom strategy that this deployment does not have. */
export function authTypeOf({ type }: Pick<Auth, 'type'>): AuthTypeName {
  return AUTH_TYPE_NAMES[type]
}
