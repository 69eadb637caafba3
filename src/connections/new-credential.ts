import type { Caller } from '../access/caller.ts'
import { checkCredential } from '../auth/check-credential.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { strategyOf } from '../auth/registry.ts'
import type { StoredAuthProvider, StoredCredential } from '../auth/stored-credential.ts'
import type { Authenticator, ConnectionContext } from '../auth/strategy.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import type { Database } from '../db/database.ts'
import type { ConnectionMethod } from '../db/generated/client.ts'
import { ForbiddenError, UnsupportedError } from '../kit/errors.ts'
import type { InputCheck } from '../kit/input.ts'
import { type CredentialInput, givenKinds } from '../wire/credential-fields.ts'

export type NewStoredCredential = StoredCredential | StoredAuthProvider
export type KnownOfCredential = Pick<Authenticator, 'expiresAt' | 'refreshable' | 'scopes'>

interface Options {
  hasOAuthClient: boolean
  customStrategies: CustomStrategies
}

const PATH = ['input', 'credential']
/** What an auth provider gives out is one secret, or a user name and a password. */
const PROVIDABLE: ReadonlySet<Auth['type']> = new Set(['oauth2', 'bearer', 'api_key', 'basic'])
const MAX_ACCOUNT_ID = 500

/**
 * What is stored of a credential that a caller gives a connection.
 * @throws InvalidInputError, UnsupportedError
 */
export function checkNewCredential(auth: Auth, credential: CredentialInput, options: Options): NewStoredCredential {
  const { authProvider } = credential
  if (authProvider == null || givenKinds(credential).length !== 1) {
    return checkCredential(auth, credential, new Date(), options)
  }
  if (!PROVIDABLE.has(auth.type)) {
    throw new UnsupportedError(
      'This integration’s way of authenticating cannot take its credential from an auth provider.',
    )
  }
  return { type: 'auth_provider', provider: authProvider.provider, accountId: authProvider.accountId }
}

/** What may be known of a credential without asking anybody. */
export function openNewCredential(
  auth: Auth,
  stored: NewStoredCredential,
  context: ConnectionContext,
  { hasOAuthClient, customStrategies }: Options,
): KnownOfCredential {
  if (stored.type === 'auth_provider') return { refreshable: false, scopes: [] }
  return strategyOf(auth, customStrategies).open(stored, { ...context, hasOAuthClient })
}

/**
 * Which of the workspace's auth providers keeps the credential, and under which account. An end user may not say so: he
 * could name the account of another one.
 * @throws ForbiddenError
 */
export async function checkAuthProvider(
  database: Database,
  caller: Caller,
  workspaceId: string,
  { authProvider }: CredentialInput,
  check: InputCheck,
): Promise<void> {
  if (authProvider == null) return
  if (caller.endUserId !== null) {
    throw new ForbiddenError('Only an API key of the workspace may connect an account that an auth provider keeps.')
  }
  const { provider: name, accountId } = authProvider
  check.text([...PATH, 'authProvider', 'accountId'], accountId, MAX_ACCOUNT_ID)
  const where = { workspaceId_name: { workspaceId, name } }
  const found = await database.prisma.authProvider.findUnique({ where, select: { id: true } })
  if (found === null) {
    check.wrong([...PATH, 'authProvider', 'provider'], 'There is no auth provider of this name in the workspace.')
  }
}

export function methodOf(credential: CredentialInput): ConnectionMethod {
  const [kind] = givenKinds(credential)
  return kind === 'oauthToken' ? 'TOKEN_INJECTION' : kind === 'authProvider' ? 'AUTH_PROVIDER' : 'SECRET'
}
