import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import { hasClientHost } from '../../egress/host-rules.ts'
import { CredentialRefreshError } from '../../kit/errors.ts'
import { fixedHostOf } from '../client-hosts.ts'
import type { Authenticator } from '../strategy.ts'

/** What decides where the credential of an account at an auth provider may be sent. */
export interface AccountBinding {
  /** `hosts` of the auth provider. Empty: it does not limit them. */
  hosts: readonly string[]
  /** Slug of the integration's provider in the catalogue. Null: the workspace has written the definition. */
  provider: string | null
  definition: Pick<IntegrationDefinition, 'baseUrl'>
}

/**
 * Whether the credential of an account at an auth provider may be sent to a URL. Where the auth provider names hosts, that is to these, and
 * through a provider of the catalogue to the host that the catalogue fixes. A definition of the workspace and the values of a connection add nothing, because
 * whoever writes them may not be allowed to read the credential.
 */
export function accountReceivers({ hosts, provider, definition }: AccountBinding): (url: URL) => boolean {
  const fixed = provider === null ? null : fixedHostOf(definition.baseUrl)
  if (hosts.length === 0) return () => true
  return (url) => hasClientHost(hosts, url) || (fixed !== null && url.host === fixed)
}

/**
 * An authenticator that puts its credential only into requests to URLs that may receive it. The auth provider renews the credential: a
 * renewal of the definition could send it to another URL.
 */
export function boundTo(authenticator: Authenticator, mayReceive: (url: URL) => boolean): Authenticator {
  return {
    ...authenticator,
    // `apply` may add to the secrets.
    get secrets() {
      return authenticator.secrets
    },
    mayReceive,
    refreshable: false,
    refreshToken: undefined,
    apply(draft) {
      if (!mayReceive(draft.url)) {
        throw new CredentialRefreshError(unnamedHost(draft.url.host), { reason: 'INVALID_CLIENT', retryable: false })
      }
      return authenticator.apply(draft)
    },
  }
}

/** What to do about a host that the auth provider does not name. */
export function unnamedHost(host: string): string {
  return `The auth provider of this connection does not name the host ${host}, so its credentials are not sent there. Add the host to its hosts with updateAuthProvider.`
}
