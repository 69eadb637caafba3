import type { Auth } from '../catalog/definition/auth.ts'
import { authMethodField, credentialFieldsOf } from '../catalog/definition/auth-fields.ts'
import type { TemplateScope } from '../catalog/template/template.ts'
import type { StoredCredential } from './stored-credential.ts'
import type { ConnectionContext } from './strategy.ts'

/**
 * The variables that a connection's templates read: `config` has everything that was supplied, including secrets, `input` the
 * part that is not secret, `kept` the values that the provider returned.
 */
export function scopeOf(auth: Auth, stored: StoredCredential, { input, kept }: ConnectionContext): TemplateScope {
  if (stored.type === 'selective') {
    const chosen = { ...input, ...stored.fields }
    return scopeOf(optionOf(auth, stored.fields) ?? auth, stored.inner, { input: chosen, kept })
  }
  const extra = stored.type === 'oauth2' ? stored.extra : undefined
  return {
    config: { ...input, ...stored.fields },
    input: { ...input, ...plainFields(auth, stored.fields) },
    kept: { ...kept, ...extra },
  }
}

function optionOf(auth: Auth, fields: Readonly<Record<string, string>>): Auth | undefined {
  if (auth.type !== 'selective') return undefined
  return auth.options.find(({ key }) => key === fields[authMethodField.name])?.auth
}

function plainFields(auth: Auth, fields: Readonly<Record<string, string>>): Record<string, string> {
  const plain = new Set(credentialFieldsOf(auth).flatMap(({ name, secret }) => (secret === true ? [] : [name])))
  return Object.fromEntries(Object.entries(fields).filter(([name]) => plain.has(name)))
}
