import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import type OidcProvider from 'oidc-provider'
import { SANDBOX_CLIENT_ID, SANDBOX_ORIGIN, SANDBOX_PATH, SANDBOX_SCOPE } from '../catalog/sandbox-provider.ts'
import { findAccount } from './accounts.ts'
import { messagePage } from './consent-page.ts'

export interface AuthorizationServer {
  /** Answers a request whose URL is under the server's root. */
  handle(request: IncomingMessage, response: ServerResponse): void
  /** @returns whose access token it is; null: it is not good */
  ownerOf(token: string): Promise<string | null>
  /** Rejects where the browser of a request is not at the consent page that it asks for. */
  assertDeciding(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Ends the consent page of a request. `accountId` null: the person refuses. */
  decide(request: IncomingMessage, response: ServerResponse, accountId: string | null): Promise<void>
}

/** Every visit begins anew: the consent page is what there is to be seen here. */
export const SESSION_COOKIE = 'latchkey-sandbox-session'
const SECONDS_OF_A_DAY = 24 * 60 * 60

/**
 * A real OAuth server, with PKCE, refresh tokens that rotate, revocation, and access tokens of ten minutes. Loaded only where
 * somebody comes to it.
 * @param mayRedirectTo which redirect URIs the one client may use
 */
export async function createAuthorizationServer(mayRedirectTo: (uri: string) => boolean): Promise<AuthorizationServer> {
  const { default: Provider } = await import('oidc-provider')
  const provider: OidcProvider = new Provider(SANDBOX_ORIGIN, await configuration())
  // Behind what ends TLS the request itself does not know the public address; the listener sets it.
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
        const refusal = { error: 'access_denied', error_description: 'The person refused.' }
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
    // One has to be named; which ones are taken is said by redirectUriAllowed.
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
    rotateRefreshToken: true,
    renderError(context: { type: string; body: string }, { error, error_description: words }: Record<string, string>) {
      context.type = 'html'
      context.body = messagePage('This cannot be done', `${words ?? error ?? ''}`)
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

interface Payload {
  [key: string]: unknown
  grantId?: string
  uid?: string
  userCode?: string
}

interface Entry {
  payload: Payload
  expiresAtMs: number
}

/** More than a person makes in a day of trying things out. */
const MAX_ENTRIES = 20_000

/**
 * What oidc-provider remembers (its `adapter`), in this process alone: after a restart the sandbox knows nobody any more, and
 * its connections ask to be connected again. The oldest entries give way when there are too many.
 */
function createMemoryStore() {
  const entries = new Map<string, Entry>()

  function keep(key: string, entry: Entry): void {
    entries.delete(key)
    entries.set(key, entry)
    for (const [oldest] of entries) {
      if (entries.size <= MAX_ENTRIES) return
      entries.delete(oldest)
    }
  }

  return class MemoryAdapter {
    readonly #model: string

    constructor(model: string) {
      this.#model = model
    }

    async upsert(id: string, payload: Payload, expiresInSeconds = Number.POSITIVE_INFINITY): Promise<void> {
      keep(this.#key(id), { payload, expiresAtMs: Date.now() + expiresInSeconds * 1000 })
    }

    async find(id: string): Promise<Payload | undefined> {
      const entry = entries.get(this.#key(id))
      return entry !== undefined && entry.expiresAtMs > Date.now() ? entry.payload : undefined
    }

    findByUid(uid: string): Promise<Payload | undefined> {
      return this.#findBy('uid', uid)
    }

    findByUserCode(userCode: string): Promise<Payload | undefined> {
      return this.#findBy('userCode', userCode)
    }

    async consume(id: string): Promise<void> {
      const entry = entries.get(this.#key(id))
      if (entry !== undefined) entry.payload['consumed'] = Math.floor(Date.now() / 1000)
    }

    async destroy(id: string): Promise<void> {
      entries.delete(this.#key(id))
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key)
    }

    #key(id: string): string {
      return `${this.#model}:${id}`
    }

    async #findBy(name: 'uid' | 'userCode', value: string): Promise<Payload | undefined> {
      for (const [key, { payload }] of entries) {
        if (key.startsWith(`${this.#model}:`) && payload[name] === value)
          return this.find(key.slice(this.#model.length + 1))
      }
      return undefined
    }
  }
}
