import type { AuthTypeName, CredentialDescription, GrantName } from '../../auth/strategy.ts'
import type { CredentialField } from '../../wire/credential-fields.ts'
import { builder } from '../kernel/builder.ts'

const AUTH_TYPES = [
  'NONE',
  'BASIC',
  'BEARER',
  'API_KEY',
  'OAUTH2',
  'SESSION_TOKEN',
  'JWT',
  'SIGNATURE',
  'OAUTH1',
  'SELECTIVE',
  'AUTH_PROVIDER',
  'CUSTOM',
] as const satisfies readonly AuthTypeName[]

export const AuthTypeRef = builder.enumType('AuthType', { values: AUTH_TYPES })

const GRANTS = [
  'AUTHORIZATION_CODE',
  'REFRESH_TOKEN',
  'CLIENT_CREDENTIALS',
  'JWT_BEARER',
  'CUSTOM',
] as const satisfies readonly GrantName[]

const OAuth2GrantRef = builder.enumType('OAuth2Grant', { values: GRANTS })

const CredentialFieldRef = builder.objectRef<CredentialField>('CredentialField').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    label: t.exposeString('label'),
    description: t.string({ nullable: true, resolve: (field) => field.description ?? null }),
    secret: t.exposeBoolean('secret'),
    required: t.exposeBoolean('required'),
    pattern: t.string({ nullable: true, resolve: (field) => field.pattern ?? null }),
    example: t.string({ nullable: true, resolve: (field) => field.example ?? null }),
  }),
})

/** A description of how to authenticate, with the fields of the definition that are not secret. */
export interface DescribedAuth {
  auth: CredentialDescription
  inputFields: readonly CredentialField[]
}

export const AuthDefinitionRef = builder.objectRef<DescribedAuth>('AuthDefinition')

const AuthOptionRef = builder.objectRef<{ key: string; label: string; auth: DescribedAuth }>('AuthOption').implement({
  fields: (t) => ({
    key: t.exposeString('key'),
    label: t.exposeString('label'),
    auth: t.expose('auth', { type: AuthDefinitionRef }),
  }),
})

AuthDefinitionRef.implement({
  description: 'What a form, a typed client or a person needs to supply a credential; the same list validates it.',
  fields: (t) => ({
    type: t.field({ type: AuthTypeRef, resolve: ({ auth }) => auth.type }),
    grant: t.field({ type: OAuth2GrantRef, nullable: true, resolve: ({ auth }) => auth.grant ?? null }),
    scopes: t.stringList({ resolve: ({ auth }) => [...auth.scopes] }),
    credentialFields: t.field({ type: [CredentialFieldRef], resolve: ({ auth }) => [...auth.credentialFields] }),
    inputFields: t.field({ type: [CredentialFieldRef], resolve: ({ inputFields }) => [...inputFields] }),
    options: t.field({
      type: [AuthOptionRef],
      resolve: ({ auth, inputFields }) =>
        auth.options.map((option) => ({ ...option, auth: { auth: option.auth, inputFields } })),
    }),
  }),
})
