import type { Auth, AuthKind } from '../catalog/definition/auth.ts'
import type { AuthTypeName } from './strategy.ts'

const names: Record<AuthKind, AuthTypeName> = {
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

/** The API's word for a way of authenticating, also for a custom strategy that this deployment does not have. */
export function authTypeOf(auth: Auth): AuthTypeName {
  return names[auth.type]
}
