/** The part of oidc-provider that the tests use. The package has no types. */
declare module 'oidc-provider' {
  import type { EventEmitter } from 'node:events'
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface StoredToken {
    readonly jti: string
    readonly accountId: string
    readonly grantId: string
    readonly consumed?: unknown
    readonly isValid: boolean
    /** The resource that it was issued for (RFC 8707). */
    readonly aud?: string | string[]
    save(): Promise<string>
    destroy(): Promise<void>
  }

  interface TokenModel {
    new (payload: Record<string, unknown>): StoredToken
    find(value: string): Promise<StoredToken | undefined>
  }

  export interface Client {
    readonly clientSecret?: string
    readonly redirectUris: string[]
    metadata(): Record<string, unknown>
  }

  export interface Grant {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }

  export interface Interaction {
    prompt: { name: string; details: { missingOIDCScope?: string[]; missingResourceScopes?: Record<string, string[]> } }
    params: Record<string, unknown>
    session?: { accountId: string }
    grantId?: string
  }

  /** A token request with an authenticated client. `body` and `status` are the response. */
  export interface GrantContext {
    readonly oidc: { readonly client: object; readonly params: Record<string, string | undefined> }
    body: unknown
    status: number
  }

  export const errors: { InvalidTarget: new () => Error }

  export default class Provider extends EventEmitter {
    constructor(issuer: string, configuration: Record<string, unknown>)
    readonly AccessToken: TokenModel
    readonly RefreshToken: TokenModel
    readonly ClientCredentials: TokenModel
    readonly Client: {
      find(id: string): Promise<Client | undefined>
      /** Where the clients are that were registered dynamically. */
      adapter: { destroy(id: string): Promise<void> }
      prototype: { redirectUriAllowed(uri: string): boolean }
    }
    /** Whether it trusts X-Forwarded-Host and X-Forwarded-Proto. */
    proxy: boolean
    readonly Grant: {
      new (payload: { accountId: string; clientId: string }): Grant
      find(id: string): Promise<Grant | undefined>
    }
    /** @param parameters form fields that the grant reads, besides `grant_type` */
    registerGrantType(name: string, handler: (context: GrantContext) => Promise<void>, parameters: string[]): void
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
  }
}
