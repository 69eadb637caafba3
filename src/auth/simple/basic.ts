import type { Basic } from '../../catalog/definition/auth.ts'
import { passwordTemplateOf, valueTemplateOf } from '../../catalog/definition/auth-fields.ts'
import type { Placement } from '../../catalog/definition/placement.ts'
import { compileTemplate, renderTemplate } from '../../catalog/template/template.ts'
import { TemplateError } from '../../catalog/template/value.ts'
import { FieldErrors } from '../../kit/errors.ts'
import { acceptedKind, describedFieldsOf, fieldKinds, readFieldValues } from '../../wire/credential-fields.ts'
import { readStored, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { distinctSecrets, isFieldKind, secretsOf, valueAuthenticator } from './secret-value.ts'

const BASIC_PLACEMENT: Placement = { in: 'header', name: 'Authorization', prefix: 'Basic ' }

/** HTTP Basic authentication (RFC 7617), in UTF-8. The password may be empty. The user name must not contain a colon. */
export const basic: AuthStrategy<Basic> = {
  type: 'basic',
  describe(auth, options) {
    return { type: 'BASIC', scopes: [], credentialFields: describedFieldsOf(auth, options), options: [] }
  },
  check(auth, input, context) {
    const { path } = context
    const fields = describedFieldsOf(auth, context)
    const kinds = fieldKinds(fields, ['basic', 'secretText', 'fields']).filter(isFieldKind)
    const errors = new FieldErrors()
    const { values, pathOf } = readFieldValues(input, acceptedKind(input, kinds, fields, path), fields, path, errors)
    const inUsername = compileTemplate(usernameTemplate(auth)).references
    for (const [name, value] of Object.entries(values)) {
      if (value.includes('\t')) errors.add(pathOf(name), 'must not hold control characters')
      else if (value.includes(':') && inUsername.has(`config['${name}']`))
        errors.add(pathOf(name), 'must not hold a colon')
    }
    errors.throwIfAny()
    return { type: 'basic', fields: values }
  },
  open(auth, stored, context) {
    const credential = readStored(storedSchemas.basic, stored)
    const scope = scopeOf(auth, credential, context)
    const username = renderTemplate(usernameTemplate(auth), scope)
    if (username.includes(':')) throw new TemplateError('unusable', 'The user name must not hold a colon.')
    const password = renderTemplate(passwordTemplateOf(auth), scope)
    const value = Buffer.from(`${username}:${password}`, 'utf8').toString('base64')
    const secrets = secretsOf(describedFieldsOf(auth, {}), credential.fields)
    return valueAuthenticator(BASIC_PLACEMENT, value, distinctSecrets([password, ...secrets]))
  },
}

function usernameTemplate(auth: Basic): string {
  return valueTemplateOf(auth) ?? "{{ config['username'] }}"
}
