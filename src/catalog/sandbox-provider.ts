import type { Provider } from './definition/definition.ts'
import { parseDefinition } from './definition/definition.ts'

/**
 * Where the sandbox is for everything but browsers. The name does not exist (RFC 2606 section 2): only a process that runs the
 * sandbox knows the way there, and nobody can be led elsewhere by it.
 */
export const SANDBOX_ORIGIN = 'https://sandbox.latchkey.invalid'
/** Where browsers find it under the public URL, and whoever knows the way under the process' own address. */
export const SANDBOX_PATH = '/sandbox'
/** The one client of the sandbox. It is public (RFC 6749 section 2.1): a secret that everybody can read would be none. */
export const SANDBOX_CLIENT_ID = 'latchkey'
export const SANDBOX_SCOPE = 'records.read'

let provider: Provider | undefined

/**
 * A third party with which everything can be tried and nobody has an account: an OAuth server and a small records API. It
 * always means the same, wherever the deployment is reached, so that an integration with it can be read also where the
 * sandbox does not run.
 */
export function sandboxProvider(): Provider {
  provider ??= { slug: 'sandbox', definition: parseDefinition(definition) }
  return provider
}

/** The address of a page for a browser, which does not know the sandbox's own name. */
export function inBrowser(page: string, publicUrl: string): string {
  return page.startsWith(`${SANDBOX_ORIGIN}/`)
    ? `${publicUrl}${SANDBOX_PATH}${page.slice(SANDBOX_ORIGIN.length)}`
    : page
}

const stream = (name: string) => ({
  name,
  path: `/${name}`,
  recordsPath: 'data',
  primaryKey: ['id'],
  pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 50 },
  incremental: { cursorField: 'updated_at', param: 'updated_since' },
})

const definition = {
  displayName: 'Sandbox',
  categories: ['development'],
  baseUrl: `${SANDBOX_ORIGIN}/api`,
  auth: {
    type: 'oauth2',
    grant: 'authorization_code',
    issuer: SANDBOX_ORIGIN,
    clientId: SANDBOX_CLIENT_ID,
    clientAuth: 'none',
    authorizationUrl: `${SANDBOX_ORIGIN}/auth`,
    tokenUrl: `${SANDBOX_ORIGIN}/token`,
    revocation: { url: `${SANDBOX_ORIGIN}/token/revocation` },
    scopes: [SANDBOX_SCOPE],
    rotation: 'strict',
  },
  testRequest: { path: '/me' },
  streams: ['users', 'projects', 'tasks'].map(stream),
}
