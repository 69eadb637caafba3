import type { Auth, AuthKind } from '../catalog/definition/auth.ts'
import type { FieldOptions } from '../catalog/definition/auth-fields.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import type { OAuth2 } from '../catalog/definition/oauth2.ts'
import type { Egress } from '../egress/egress.ts'
import type { CredentialField, CredentialInput } from '../wire/credential-fields.ts'
import type { RequestDraft } from '../wire/request-draft.ts'
import type { StoredCredential } from './stored-credential.ts'

/** The API's AuthType. AUTH_PROVIDER is a way to hold a credential, not one that a definition names. */
export type AuthTypeName = Uppercase<AuthKind> | 'AUTH_PROVIDER'
export type GrantName = Uppercase<OAuth2['grant']>

/** What a form, a typed client or a person needs to supply a credential; the same list checks it. */
export interface CredentialDescription {
  type: AuthTypeName
  grant?: GrantName
  scopes: readonly string[]
  credentialFields: readonly CredentialField[]
  options: readonly { key: string; label: string; auth: CredentialDescription }[]
}

export interface CheckContext extends FieldOptions {
  now: Date
  /** Where the credential stands in the caller's input: paths of errors begin with it. */
  path: readonly string[]
}

/** What belongs to the connection besides its credential. */
export interface ConnectionContext {
  /** By the definition's inputFields; not secret. */
  input: Readonly<Record<string, unknown>>
  /** What the provider told. */
  kept: Readonly<Record<string, unknown>>
}

/** A client that is registered with the provider; without a secret it is a public one. */
export interface OAuthClient {
  clientId: string
  /** With private_key_jwt this is the private key. */
  clientSecret?: string
}

export interface OpenContext extends ConnectionContext, FieldOptions {
  /** The integration's client: OAuth 1.0a signs every request with its secret. */
  oauthClient?: OAuthClient
  /** For signatures and JWTs that are made for each request. Default: this machine's clock. */
  clock?: () => Date
  /** For signatures. Default: 32 random hexadecimal digits. */
  nonce?: () => string
}

/** An opened credential. The secret lives in the closure that made it. */
export interface Authenticator {
  /** Puts the credential into a request; throws PlacementConflictError where its place is taken. */
  apply(draft: RequestDraft): void | Promise<void>
  /** False: there is nothing to apply yet, it has to be renewed first. */
  readonly ready: boolean
  /** Undefined: it does not expire, or nobody knows when. */
  readonly expiresAt?: Date
  readonly refreshable: boolean
  /** It is good for one request: renewed, used, and renewed again. `expiresAt` is then never in the future. */
  readonly singleUse?: boolean
  readonly scopes: readonly string[]
  /** Every secret text that it puts on the wire or was made of, to be kept out of logs and errors. May grow by `apply`. */
  readonly secrets: readonly string[]
}

/** What a renewal may use. Nothing of it is kept. */
export interface RenewContext extends ConnectionContext {
  egress: Egress
  /** The database's clock: expiries that the provider tells as durations count from here. */
  now: Date
  signal?: AbortSignal
  /** Of the whole renewal. Default: 20,000. */
  timeoutMs?: number
  /** The integration's client; a client of the connection's own wins over it. */
  oauthClient?: OAuthClient
  /** The definition's; they hold for logins and token requests too. */
  responseErrors?: IntegrationDefinition['responseErrors']
}

/** What has to be stored after a renewal. */
export interface Renewal {
  /** Replaces the stored credential as a whole. */
  stored: StoredCredential
  /** Undefined: nobody knows. Not after `now`: the credential is good for one request. */
  expiresAt?: Date
  /** The end of the refresh token, where the provider tells it. */
  refreshExpiresAt?: Date
  scopes: readonly string[]
  /** What the provider told besides, to be kept with the connection; added to what is kept already. */
  kept?: Record<string, unknown>
}

/** One way of authenticating. It knows neither the database nor the API. */
export interface AuthStrategy<A extends Auth> {
  readonly type: A['type']
  describe(auth: A, options: FieldOptions): CredentialDescription
  /** Throws InvalidInputError with every unknown, missing or malformed field by name; never echoes a value. */
  check(auth: A, input: CredentialInput, context: CheckContext): StoredCredential
  /** Throws StoredCredentialError where `stored` does not fit, TemplateError where an input is missing. */
  open(auth: A, stored: unknown, context: OpenContext): Authenticator
  /**
   * Asks the provider for another credential, once: whether and when to ask again is the caller's decision. Rejects with
   * RenewalError; before anything is sent also with StoredCredentialError and TemplateError.
   */
  renew?(auth: A, stored: unknown, context: RenewContext): Promise<Renewal>
}

/** A strategy together with the auth of one definition. */
export interface BoundStrategy {
  describe(options?: FieldOptions): CredentialDescription
  check(input: CredentialInput, context: CheckContext): StoredCredential
  open(stored: unknown, context: OpenContext): Authenticator
  /** See AuthStrategy. Rejects with UnsupportedError where the auth type has nothing to renew. */
  renew(stored: unknown, context: RenewContext): Promise<Renewal>
}
