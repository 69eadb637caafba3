import type { TemplateScope } from '../catalog/template.ts'
import type { StoredCredential } from './stored-credential.ts'
import type { ConnectionContext } from './strategy.ts'

/**
 * What the templates of a connection read: `config` is everything that was supplied, secrets included, `input` the part
 * that is not secret, `kept` what the provider told.
 */
export function scopeOf(stored: StoredCredential, { input, kept }: ConnectionContext): TemplateScope {
  const inner = stored.type === 'selective' ? stored.inner : undefined
  const extra = stored.type === 'oauth2' ? stored.extra : undefined
  if (inner !== undefined) return scopeOf(inner, { input: { ...input, ...stored.fields }, kept })
  return { config: { ...input, ...stored.fields }, input, kept: { ...kept, ...extra } }
}
