import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { UnsupportedError } from '../../kit/errors.ts'
import { FieldErrors } from '../../kit/field-errors.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { acceptedKind, readFieldValues } from '../../wire/field-values.ts'
import { applyPlacement } from '../../wire/placement.ts'
import { distinctSecrets, secretsOf } from '../simple/secret-value.ts'
import { readStored, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy, GrantName } from '../strategy.ts'
import { isRefreshable, tokenPlacement } from './oauth2-client.ts'
import { checkInjectedToken } from './oauth2-token-input.ts'
import { renewOAuth2 } from './renew.ts'

const grantNames: Record<OAuth2['grant'], GrantName> = {
  authorization_code: 'AUTHORIZATION_CODE',
  refresh_token: 'REFRESH_TOKEN',
  client_credentials: 'CLIENT_CREDENTIALS',
  jwt_bearer: 'JWT_BEARER',
  custom: 'CUSTOM',
}

/**
 * An access token, however it came to be: injected by the caller, or obtained with the credential fields of the grant.
 * A credential of fields has no access token until it is renewed for the first time.
 */
export const oauth2: AuthStrategy<OAuth2> = {
  type: 'oauth2',
  describe(auth, options) {
    return {
      type: 'OAUTH2',
      grant: grantNames[auth.grant],
      scopes: auth.scopes ?? [],
      credentialFields: describedFieldsOf(auth, options),
      options: [],
    }
  },
  check(auth, input, context) {
    const fields = describedFieldsOf(auth, context)
    const byFields = auth.grant !== 'authorization_code'
    const kind = acceptedKind(input, byFields ? ['oauthToken', 'fields'] : ['oauthToken'], fields, context.path)
    const errors = new FieldErrors()
    if (kind === 'oauthToken') {
      const token = checkInjectedToken(auth, input.oauthToken ?? {}, tokenPlacement(auth), context, errors)
      errors.throwIfAny()
      return token
    }
    // The client secret of private_key_jwt and the key of an assertion are PEM texts of several lines.
    const { values } = readFieldValues(input, kind, fields, context.path, errors, { multiline: true })
    errors.throwIfAny()
    const refreshToken = auth.refreshToken === undefined ? values['refresh_token'] : undefined
    return {
      type: 'oauth2',
      fields: values,
      scopes: auth.scopes ?? [],
      ...(refreshToken === undefined ? {} : { refreshToken }),
    }
  },
  open(auth, stored, context) {
    const credential = readStored(storedSchemas.oauth2, stored)
    const { accessToken, expiresAt } = credential
    return {
      apply(draft) {
        if (accessToken === undefined)
          throw new UnsupportedError('There is no access token yet: it has to be obtained first.')
        applyPlacement(draft, tokenPlacement(auth), accessToken)
      },
      ready: accessToken !== undefined,
      ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
      refreshable: isRefreshable(auth, credential, context),
      scopes: credential.scopes,
      secrets: distinctSecrets([
        accessToken,
        credential.refreshToken,
        credential.clientSecret,
        ...secretsOf(describedFieldsOf(auth, {}), credential.fields),
      ]),
    }
  },
  renew: (auth, stored, context) => renewOAuth2(auth, readStored(storedSchemas.oauth2, stored), context),
}
