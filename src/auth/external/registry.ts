import { errorMap, fieldErrorsOf } from '../../catalog/definition/zod-errors.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import type {
  AccountReference,
  AuthProviderContext,
  AuthProviderKind,
  AuthProviderStrategy,
  ExternalCredential,
} from './auth-provider.ts'
import { composio } from './composio.ts'
import { pipedream } from './pipedream.ts'
import { tokenCallback } from './token-callback.ts'

/** A kind of auth provider without the type of its settings. */
interface BoundAuthProvider {
  /** Checks settings and adds defaults. @throws InvalidInputError with every invalid field and no value */
  checkConfig(config: unknown, path: readonly string[]): Record<string, string>
  secretProblem(secret: string): string | null
  /** Rejects with RenewalError, or with ZodError when the stored settings are not valid. */
  fetch(
    config: unknown,
    secret: string,
    account: AccountReference,
    context: AuthProviderContext,
  ): Promise<ExternalCredential>
}

/** All kinds of auth providers. */
const AUTH_PROVIDERS: Readonly<Record<AuthProviderKind, BoundAuthProvider>> = {
  COMPOSIO: bind(composio),
  PIPEDREAM: bind(pipedream),
  TOKEN_CALLBACK: bind(tokenCallback),
}

export const AUTH_PROVIDER_KINDS = [
  'COMPOSIO',
  'PIPEDREAM',
  'TOKEN_CALLBACK',
] as const satisfies readonly AuthProviderKind[]

export function authProviderOf(kind: AuthProviderKind): BoundAuthProvider {
  return AUTH_PROVIDERS[kind]
}

function bind<Config extends Record<string, string>>(strategy: AuthProviderStrategy<Config>): BoundAuthProvider {
  return {
    checkConfig(config, path) {
      const parsed = strategy.config.safeParse(config ?? {}, { error: errorMap })
      if (parsed.success) return parsed.data
      throw new InvalidInputError(fieldErrorsOf(parsed.error, path))
    },
    secretProblem: (secret) => strategy.secretProblem(secret),
    fetch: (config, secret, account, context) =>
      strategy.fetch(strategy.config.parse(config), secret, account, context),
  }
}
