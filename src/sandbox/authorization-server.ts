import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import type OidcProvider from 'oidc-provider'
import { SANDBOX_CLIENT_ID, SANDBOX_ORIGIN, SANDBOX_PATH, SANDBOX_SCOPE } from '../catalog/sandbox-provider.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import { withOptionalPackage } from '../kit/optional-package.ts'
import { findAccount } from './accounts.ts'
import { messagePage } from './consent-page.ts'

export interface AuthorizationServer {
  /** Answers a request. The URL must be relative to the server's root. */
  handle(request: IncomingMessage, response: ServerResponse): void
  /** @returns the account of an access token; null: the token is not valid */
  ownerOf(token: string): Promise<string | null>
  /** Rejects when the browser has not started the interaction in the URL. */
  assertDeciding(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Completes an interaction. `accountId` null: the user declined. */
  decide(request: IncomingMessage, response: ServerResponse, accountId: string | null): Promise<void>
}

/** Removed from each request, so that every flow shows the consent page. */
export const SESSION_COOKIE = 'latchkey-sandbox-session'
const SECONDS_OF_A_DAY = 24 * 60 * 60

/**
 * A real OAuth server with PKCE, rotating refresh tokens, revocation, and access tokens that live ten minutes. The library is
 * loaded with the first request.
 *
 * @param mayRedirectTo whether the client may use a redirect URI
 * @throws MissingPackageError when the library is not installed
 */
export async function createAuthorizationServer(mayRedirectTo: (uri: string) => boolean): Promise<AuthorizationServer> {
  const { default: Provider } = await withOptionalPackage('oidc-provider', () => import('oidc-provider'))
  const provider: OidcProvider = new Provider(SANDBOX_ORIGIN, await configuration())
  // Takes the public address from the x-forwarded headers, which the sandbox sets.
  provider.proxy = true
  provider.Client.prototype.redirectUriAllowed = mayRedirectTo
  const handle = provider.callback()
  return {
    handle,
    async ownerOf(token) {
      const found = await provider.AccessToken.find(token)
      return found?.isValid === true && findAccount(found.accountId) !== undefined ? found.accountId : null
    },
    async assertDeciding(request, response) {
      await provider.interactionDetails(request, response)
    },
    async decide(request, response, accountId) {
      if (accountId === null) {
        const refusal = { error: 'access_denied', error_description: 'The user declined.' }
        return provider.interactionFinished(request, response, refusal)
      }
      const { params } = await provider.interactionDetails(request, response)
      const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) })
      grant.addOIDCScope(String(params['scope'] ?? SANDBOX_SCOPE))
      const consent = { grantId: await grant.save() }
      await provider.interactionFinished(request, response, { login: { accountId, remember: false }, consent })
    },
  }
}

async function configuration(): Promise<Record<string, unknown>> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const client = {
    client_id: SANDBOX_CLIENT_ID,
    client_name: 'Latchkey',
    // The library requires one. redirectUriAllowed decides.
    redirect_uris: [`${SANDBOX_ORIGIN}/callback`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
  return {
    adapter: createMemoryStore(),
    clients: [client],
    scopes: [SANDBOX_SCOPE],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      names: {
        session: SESSION_COOKIE,
        interaction: 'latchkey-sandbox-interaction',
        resume: 'latchkey-sandbox-resume',
      },
    },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
    },
    findAccount: (_context: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `${SANDBOX_PATH}/interaction/${uid}` },
    issueRefreshToken: () => true,
    // A connection lives longer than the sign-in of the person who made it.
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    renderError(
      context: { type: string; body: string },
      { error, error_description: description }: Record<string, string>,
    ) {
      context.type = 'html'
      context.body = messagePage('This request failed', `${description ?? error ?? ''}`)
    },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 14 * SECONDS_OF_A_DAY,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 14 * SECONDS_OF_A_DAY,
      Session: 600,
    },
  }
}

/** What oidc-provider stores. */
interface Payload {
  [key: string]: unknown
  grantId?: string
  uid?: string
  userCode?: string
}

const MAX_ENTRIES = 20_000

/**
 * The `adapter` of oidc-provider, in memory. After a restart all tokens are gone and sandbox connections must be connected
 * again.
 */
function createMemoryStore() {
  const entries = new BoundedMap<string, Payload>({ max: MAX_ENTRIES })

  return class MemoryAdapter {
    readonly #model: string

    constructor(model: string) {
      this.#model = model
    }

    async upsert(id: string, payload: Payload, expiresInSeconds = Number.POSITIVE_INFINITY): Promise<void> {
      entries.set(this.#key(id), payload, expiresInSeconds * 1000)
    }

    async find(id: string): Promise<Payload | undefined> {
      return entries.get(this.#key(id))
    }

    findByUid(uid: string): Promise<Payload | undefined> {
      return this.#findBy('uid', uid)
    }

    findByUserCode(userCode: string): Promise<Payload | undefined> {
      return this.#findBy('userCode', userCode)
    }

    async consume(id: string): Promise<void> {
      const payload = entries.get(this.#key(id))
      if (payload !== undefined) payload['consumed'] = Math.floor(Date.now() / 1000)
    }

    async destroy(id: string): Promise<void> {
      entries.delete(this.#key(id))
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      for (const key of [...entries.keys()]) if (entries.get(key)?.grantId === grantId) entries.delete(key)
    }

    #key(id: string): string {
      return `${this.#model}:${id}`
    }

    async #findBy(name: 'uid' | 'userCode', value: string): Promise<Payload | undefined> {
      // A copy of the keys, because `get` changes their order.
      for (const key of [...entries.keys()]) {
        if (!key.startsWith(this.#key(''))) continue
        const payload = entries.get(key)
        if (payload?.[name] === value) return payload
      }
      return undefined
    }
  }
}
