import type { Authenticator } from '../../src/auth/strategy.ts'
import { type DefinitionInput, parseDefinition } from '../../src/catalog/definition/definition.ts'
import type { Placement } from '../../src/catalog/definition/placement.ts'
import type { Broker } from '../../src/credentials/broker.ts'
import type { OpenedConnection } from '../../src/credentials/credential-store.ts'
import { applyPlacement } from '../../src/wire/placement.ts'

export interface OpenedOptions {
  token?: string
  connectionId?: string
  workspaceId?: string
  integrationId?: string
  input?: Record<string, unknown>
  version?: number
}

/** A connection as the broker opens it, for definitions with auth `none`, `bearer` (field `token`) or `api_key`. */
export function openedConnection(definition: DefinitionInput, options: OpenedOptions = {}): OpenedConnection {
  const { token = 'good-token-0123456789', input = {} } = options
  const parsed = parseDefinition(definition)
  const { auth } = parsed
  const placement: Placement | undefined =
    auth.type === 'api_key'
      ? auth.placement
      : auth.type === 'bearer'
        ? { in: 'header', name: 'Authorization', prefix: 'Bearer' }
        : undefined
  const authenticator: Authenticator = {
    apply: (draft) => (placement === undefined ? undefined : applyPlacement(draft, placement, token)),
    ready: true,
    refreshable: false,
    scopes: [],
    secrets: placement === undefined ? [] : [token],
  }
  return {
    connectionId: options.connectionId ?? '01900000-0000-7000-8000-000000000001',
    workspaceId: options.workspaceId ?? '01900000-0000-7000-8000-000000000002',
    integrationId: options.integrationId ?? '01900000-0000-7000-8000-000000000003',
    definition: parsed,
    authenticator,
    scope: { config: { ...input, ...(placement === undefined ? {} : { token }) }, input, kept: {} },
    version: options.version ?? 1,
  }
}

/** A broker that always opens the given connection, or the one that `open` returns, and never renews. */
export function brokerOf(open: OpenedConnection | ((connectionId: string) => OpenedConnection)): Broker {
  const openedNow = (connectionId: string) => (typeof open === 'function' ? open(connectionId) : open)
  return {
    open: async (connectionId) => openedNow(connectionId),
    refresh: async () => false,
    async refused(refused) {
      const now = openedNow(refused.connectionId)
      return now.version === refused.version ? null : now
    },
    rejected: async () => undefined,
    accepted: async () => undefined,
    restore: async () => undefined,
    drain: async () => undefined,
  }
}
