import type { Auth, AuthKind } from '../catalog/definition/auth.ts'
import type { FieldOptions } from '../catalog/definition/auth-fields.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import type { OAuth2 } from '../catalog/definition/oauth2.ts'
import type { Egress } from '../egress/egress.ts'
import type { CredentialField, CredentialInput } from '../wire/credential-fields.ts'
import type { PresentedCertificate, RequestDraft } from '../wire/request-draft.ts'
import type { StoredCredential } from './stored-credential.ts'

/** The API's AuthType. No definition has AUTH_PROVIDER: it marks credentials that an auth provider holds. */
export type AuthTypeName = Uppercase<AuthKind> | 'AUTH_PROVIDER'
export type GrantName = Uppercase<OAuth2['grant']>

/** What a form or a client needs to ask for a credential. The same fields validate it. */
export interface CredentialDescription {
  type: AuthTypeName
  grant?: GrantName
  scopes: readonly string[]
  credentialFields: readonly CredentialField[]
  options: readonly { key: string; label: string; auth: CredentialDescription }[]
}

export interface CheckContext extends FieldOptions {
  now: Date
  /** Path of the credential in the caller's input. Paths of errors begin with it. */
  path: readonly string[]
}

/** The data of a connection besides its credential. */
export interface ConnectionContext {
  /** Values of the definition's inputFields. Not secret. */
  input: Readonly<Record<string, unknown>>
  /** Values that the provider returned and that are kept with the connection. */
  kept: Readonly<Record<string, unknown>>
  /** Connections that present a client certificate are shared only within a workspace. Default: they are not shared. */
  workspaceId?: string
}

/** Methods of client authentication for which a client can be registered dynamically. */
export type RegisteredClientAuth = Exclude<NonNullable<OAuth2['clientAuth']>, 'private_key_jwt'>

/** An OAuth client that is registered with the provider. Without a secret it is a public client. */
export interface OAuthClient {
  clientId: string
  /** For private_key_jwt, the private key. */
  clientSecret?: string
  /** How a client that was registered dynamically authenticates, where the definition does not say. */
  clientAuth?: RegisteredClientAuth
  /** When the secret of a client that was registered dynamically expires. */
  secretExpiresAt?: Date | undefined
  /** Whether it may be sent to a URL. Absent: it belongs to the connection, which decides where it is sent. */
  mayBeSentTo?: (url: URL) => boolean
}

export interface OpenContext extends ConnectionContext, FieldOptions {
  /** The integration's client. OAuth 1.0a signs every request with its secret. */
  oauthClient?: OAuthClient
  /** For signatures and JWTs that are created for each request. Default: this machine's clock. */
  clock?: () => Date
  /** Nonces for signatures. Default: 32 random hexadecimal digits. */
  nonce?: () => string
}

/** The refresh token that a renewal sends. Secret. */
export interface RefreshToken {
  readonly value: string
  /** Where it is sent and for which client. A token is the same grant only at the same place. @throws TemplateError */
  readonly place: string
  /** False: the definition says that a renewal does not replace it, so it may be sent again at any time. */
  readonly rotates: boolean
  /** How long it lives without being used, as an ISO 8601 duration. */
  readonly lifetime?: string
}

/** An opened credential. Its secret is held in the closure of the functions. */
export interface Authenticator {
  /** Puts the credential into a request. @throws PlacementConflictError when its place is taken */
  apply(draft: RequestDraft): void | Promise<void>
  /** False: there is nothing to apply before the first renewal. */
  readonly ready: boolean
  /** Undefined: the credential does not expire, or its expiry is unknown. */
  readonly expiresAt?: Date
  readonly refreshable: boolean
  /** Undefined: a renewal sends no refresh token, so it may be repeated without loss. */
  readonly refreshToken?: RefreshToken
  /** The credential is valid for one request and is renewed before each. `expiresAt` is then never in the future. */
  readonly singleUse?: boolean
  readonly scopes: readonly string[]
  /** Every secret string that is sent or was used to create what is sent. Redacted from logs and errors. `apply` may add to it. */
  readonly secrets: readonly string[]
  /**
   * Obtains another token in place of one that the API has refused, where that concerns nothing but this authenticator.
   * @param sentAtMs when the refused request was sent, by `performance.now()`
   * @returns false: there is no other token
   */
  readonly replace?: (sentAtMs: number) => Promise<boolean>
  /** Whether it may be sent to a URL, where not only the definition decides that. Default: it may. */
  readonly mayReceive?: (url: URL) => boolean
  /** Presented with each request. @throws TemplateError when the credential lacks what it consists of */
  readonly clientCertificate?: PresentedCertificate | undefined
}

/** The inputs of a renewal. Nothing of them is stored. */
export interface RenewContext extends ConnectionContext {
  egress: Egress
  /** Time of the database's clock. Lifetimes in the provider's response count from it. */
  now: Date
  signal?: AbortSignal
  /** Called when a connection is open, just before the request is written to it; throws EgressError to send nothing. */
  beforeSend?: () => void
  /** Time limit of the whole renewal. Default: 20,000. */
  timeoutMs?: number
  /** The integration's client. A client of the connection itself wins over it. */
  oauthClient?: OAuthClient
  /** The definition's rules. They apply to logins and token requests too. */
  responseErrors?: IntegrationDefinition['responseErrors']
  /** Presented with the request. `renew` of a bound strategy sets it. Default: none. */
  clientCertificate?: PresentedCertificate | undefined
}

/** The result of a renewal, to be stored. */
export interface Renewal {
  /** Replaces the whole stored credential. */
  stored: StoredCredential
  /** Undefined: unknown. A time not after `now`: the credential is valid for one request. */
  expiresAt?: Date
  /** When the refresh token expires, if the provider or the definition says so. */
  refreshExpiresAt?: Date
  scopes: readonly string[]
  /** Other values from the provider. Added to the values that are kept with the connection. */
  kept?: Record<string, unknown>
}

/** One way of authenticating. It knows neither the database nor the API. */
export interface AuthStrategy<A extends Auth> {
  readonly type: A['type']
  describe(auth: A, options: FieldOptions): CredentialDescription
  /** Checks a supplied credential. @throws InvalidInputError that names every invalid field, without values */
  check(auth: A, input: CredentialInput, context: CheckContext): StoredCredential
  /** @throws StoredCredentialError when `stored` has another shape; TemplateError when an input is missing */
  open(auth: A, stored: unknown, context: OpenContext): Authenticator
  /**
   * Obtains another credential from the provider. Tries once; the caller decides whether and when to try again. Rejects with
   * RenewalError, and before anything is sent also with StoredCredentialError and TemplateError.
   */
  renew?(auth: A, stored: unknown, context: RenewContext): Promise<Renewal>
}

/** A strategy bound to the auth of one definition. */
export interface BoundStrategy {
  describe(options?: FieldOptions): CredentialDescription
  check(input: CredentialInput, context: CheckContext): StoredCredential
  open(stored: unknown, context: OpenContext): Authenticator
  /** See AuthStrategy. Rejects with UnsupportedError when credentials of this type cannot be renewed. */
  renew(stored: unknown, context: RenewContext): Promise<Renewal>
}
