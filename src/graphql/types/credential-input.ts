import { builder } from '../kernel/builder.ts'

const OAuthTokenInput = builder.inputType('OAuthTokenInput', {
  description:
    'At least one of accessToken and refreshToken. An expired accessToken with a refreshToken is accepted, and renewed when needed.',
  fields: (t) => ({
    accessToken: t.field({ type: 'Secret', required: false }),
    refreshToken: t.field({ type: 'Secret', required: false }),
    tokenType: t.string({ required: false }),
    expiresAt: t.field({ type: 'DateTime', required: false, description: 'At most one of expiresAt and expiresIn.' }),
    expiresIn: t.int({ required: false, description: 'Seconds from now.' }),
    scopes: t.stringList({ required: false }),
    clientId: t.string({
      required: false,
      description: "The client that the token was issued to, where it is not the integration's.",
    }),
    clientSecret: t.field({ type: 'Secret', required: false }),
    extra: t.field({ type: 'JSON', required: false }),
  }),
})

const BasicCredentialInput = builder.inputType('BasicCredentialInput', {
  fields: (t) => ({ username: t.string(), password: t.field({ type: 'Secret', required: false }) }),
})

const AuthProviderCredentialInput = builder.inputType('AuthProviderCredentialInput', {
  fields: (t) => ({ provider: t.string(), accountId: t.string() }),
})

export const CredentialInput = builder.inputType('CredentialInput', {
  description:
    "Checked against the integration's definition: unknown and missing fields are InvalidInput, all at once. The provider is not asked.",
  isOneOf: true,
  fields: (t) => ({
    oauthToken: t.field({ type: OAuthTokenInput, required: false, description: 'Token injection.' }),
    secretText: t.field({ type: 'Secret', required: false, description: 'API key or bearer token.' }),
    basic: t.field({ type: BasicCredentialInput, required: false }),
    fields: t.field({
      type: 'JSON',
      required: false,
      description: 'By the names of credentialFields; treated as secret as a whole.',
    }),
    authProvider: t.field({
      type: AuthProviderCredentialInput,
      required: false,
      description: 'The credential stays with an auth provider.',
    }),
  }),
})
