import type { Auth, LoginAuth } from '../../catalog/definition/auth.ts'
import { authMethodField } from '../../catalog/definition/auth-fields.ts'
import { type StoredCredential, StoredCredentialError } from '../stored-credential.ts'

/** The credential of a way of authenticating that stands inside another one and reads the same fields. */
export function storedFor(auth: LoginAuth, fields: Record<string, string>): StoredCredential {
  if (auth.type === 'custom') return { type: 'custom', strategy: auth.strategy, fields, data: {} }
  if (auth.type !== 'selective') return { type: auth.type, fields }
  const option = auth.options.find(({ key }) => key === fields[authMethodField.name])
  if (option === undefined || !isLoginAuth(option.auth)) {
    throw new StoredCredentialError(`The field ${authMethodField.name} names no way to log in.`)
  }
  return { type: 'selective', fields: { [authMethodField.name]: option.key }, inner: storedFor(option.auth, fields) }
}

function isLoginAuth(auth: Auth): auth is LoginAuth {
  return auth.type !== 'oauth2' && auth.type !== 'session_token'
}
