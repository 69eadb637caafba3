import type { Bearer } from '../../catalog/definition/auth.ts'
import { valueTemplateOf } from '../../catalog/definition/auth-fields.ts'
import type { Placement } from '../../catalog/definition/placement.ts'
import { renderTemplate } from '../../catalog/template/template.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { readStored, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { checkSecretFields, secretsOf, valueAuthenticator } from './secret-value.ts'

/** RFC 6750 section 2.1. */
export const bearerPlacement: Placement = { in: 'header', name: 'Authorization', prefix: 'Bearer ' }

/** A token that the user created at the provider, sent as `Authorization: Bearer …`. */
export const bearer: AuthStrategy<Bearer> = {
  type: 'bearer',
  describe(auth, options) {
    return { type: 'BEARER', scopes: [], credentialFields: describedFieldsOf(auth, options), options: [] }
  },
  check(auth, input, context) {
    const value = { template: tokenTemplate(auth), placement: bearerPlacement }
    return { type: 'bearer', fields: checkSecretFields(auth, input, context, ['secretText', 'fields'], value) }
  },
  open(auth, stored, context) {
    const credential = readStored(storedSchemas.bearer, stored)
    const token = renderTemplate(tokenTemplate(auth), scopeOf(auth, credential, context))
    return valueAuthenticator(bearerPlacement, token, secretsOf(describedFieldsOf(auth, {}), credential.fields))
  },
}

function tokenTemplate(auth: Bearer): string {
  return valueTemplateOf(auth) ?? "{{ config['token'] }}"
}
