/** The API's CredentialInput: exactly one of the five is given. Null counts as not given. */
export interface CredentialInput {
  oauthToken?: OAuthTokenInput | null
  secretText?: string | null
  basic?: BasicCredentialInput | null
  /** By the names of the credential fields. */
  fields?: unknown
  authProvider?: AuthProviderCredentialInput | null
}

export interface OAuthTokenInput {
  accessToken?: string | null
  refreshToken?: string | null
  tokenType?: string | null
  expiresAt?: Date | null
  /** Seconds from now. */
  expiresIn?: number | null
  scopes?: readonly string[] | null
  clientId?: string | null
  clientSecret?: string | null
  /** What else the provider told: text and numbers, readable in templates as `kept`. */
  extra?: unknown
}

export interface BasicCredentialInput {
  username: string
  password?: string | null
}

export interface AuthProviderCredentialInput {
  provider: string
  accountId: string
}

export const credentialKinds = ['oauthToken', 'secretText', 'basic', 'fields', 'authProvider'] as const
export type CredentialKind = (typeof credentialKinds)[number]

export function givenKinds(input: CredentialInput): CredentialKind[] {
  return credentialKinds.filter((kind) => input[kind] !== undefined && input[kind] !== null)
}
