import type { ApiKey } from '../../catalog/definition/auth.ts'
import { valueTemplateOf } from '../../catalog/definition/auth-fields.ts'
import { renderTemplate } from '../../catalog/template/template.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { readStored, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { checkSecretFields, secretsOf, valueAuthenticator } from './secret-value.ts'

/** A key in a header, the query, a form, a JSON body or a cookie. The definition says where. */
export const apiKey: AuthStrategy<ApiKey> = {
  type: 'api_key',
  describe(auth, options) {
    return { type: 'API_KEY', scopes: [], credentialFields: describedFieldsOf(auth, options), options: [] }
  },
  check(auth, input, context) {
    const value = { template: keyTemplate(auth), placement: auth.placement }
    return { type: 'api_key', fields: checkSecretFields(auth, input, context, ['secretText', 'fields'], value) }
  },
  open(auth, stored, context) {
    const credential = readStored(storedSchemas.api_key, stored)
    const key = renderTemplate(keyTemplate(auth), scopeOf(auth, credential, context))
    return valueAuthenticator(auth.placement, key, secretsOf(describedFieldsOf(auth, {}), credential.fields))
  },
}

function keyTemplate(auth: ApiKey): string {
  return valueTemplateOf(auth) ?? "{{ config['api_key'] }}"
}
