import { recordAudit } from '../access/audit.ts'
import { assertWrites, type Caller, notFound } from '../access/caller.ts'
import { addsHosts } from '../auth/client-hosts.ts'
import { type AUTH_PROVIDER_KINDS, authProviderOf } from '../auth/external/registry.ts'
import { readPath } from '../catalog/definition/path.ts'
import type { AuthProvider } from '../db/generated/client.ts'
import { conflictOn } from '../db/violations.ts'
import { clientHostProblem } from '../egress/host-rules.ts'
import { newId } from '../kit/ids.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { authProviderIdentity } from '../vault/identities.ts'
import type { ConnectionDeps } from './connection-deps.ts'
import { findWritableWorkspace } from './lookups.ts'
import { withdrawFromAuthProvider } from './withdraw-credentials.ts'

type Kind = (typeof AUTH_PROVIDER_KINDS)[number]

interface NewAuthProvider {
  workspaceId: string
  name: string
  kind: Kind
  /** Its shape depends on the kind. Not secret. */
  config: unknown
  secret: string
  /** Hosts to which its credentials may be sent. Undefined or null: those that the catalogue fixes. */
  hosts?: readonly string[] | null | undefined
}

/** Undefined or null keeps the stored value. The name cannot change, because connections refer to it. */
interface AuthProviderChange {
  config?: unknown
  secret?: string | null | undefined
  /** Replaces the list. Another host needs the secret, like another address. */
  hosts?: readonly string[] | null | undefined
}

type Deps = Pick<ConnectionDeps, 'database' | 'bus' | 'vault'>

/** @throws InvalidInputError, NotFoundError, ForbiddenError, ConflictError when the name is taken */
export async function createAuthProvider(deps: Deps, caller: Caller, input: NewAuthProvider): Promise<AuthProvider> {
  const { workspaceId, name, kind } = input
  const check = checkInput()
  if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) {
    check.wrong(
      ['input', 'name'],
      'Must be 1 to 63 characters of a-z, 0-9, - and _, and start with a letter or a digit.',
    )
  }
  const config = check.part(() => authProviderOf(kind).checkConfig(input.config, ['input', 'config']))
  const problem = authProviderOf(kind).secretProblem(input.secret)
  if (problem !== null) check.wrong(['input', 'secret'], problem)
  checkHosts(check, input.hosts)
  check.done()
  if (config === undefined) throw new Error('A failed check was not reported.')
  await findWritableWorkspace(deps.database, caller, workspaceId)
  const id = newId()
  return conflictOn(
    () =>
      deps.database.transaction(async (tx) => {
        const data = {
          id,
          workspaceId,
          name,
          kind,
          config,
          hosts: [...(input.hosts ?? [])],
          version: 1,
          ...seal(deps, workspaceId, id, 1, input.secret),
        }
        const authProvider = await tx.prisma.authProvider.create({ data })
        await recordAudit(tx, { type: 'AuthProvider', id, workspaceId })
        return authProvider
      }),
    'An auth provider with this name already exists in the workspace. Choose another name, or update the existing one.',
  )
}

/**
 * Changes the given fields of an auth provider. Cached credentials that came from the old settings are no longer used. Settings that
 * move its address to another origin need the secret again, and take the connections that use it out of use. A host that the credentials
 * may be sent to in addition needs the secret again too: who names it may not be allowed to read them.
 * @throws InvalidInputError, NotFoundError, ForbiddenError
 */
export async function updateAuthProvider(
  deps: Deps,
  caller: Caller,
  id: string,
  change: AuthProviderChange,
): Promise<AuthProvider> {
  const { workspaceId, kind, name } = await findOwn(deps, caller, id)
  const secret = change.secret ?? null
  const check = checkInput()
  const config =
    change.config == null
      ? null
      : check.part(() => authProviderOf(kind).checkConfig(change.config, ['input', 'config']))
  const problem = secret === null ? null : authProviderOf(kind).secretProblem(secret)
  if (problem !== null) check.wrong(['input', 'secret'], problem)
  checkHosts(check, change.hosts)
  check.done()
  const changed = await deps.database.transaction(async (tx) => {
    // The version is part of the associated data, so concurrent updates must not use the same one.
    const [held] = await tx.query<{ version: number; config: unknown; hosts: string[] }>(
      'SELECT version, config, hosts FROM auth_provider WHERE id = $1::uuid FOR UPDATE',
      [id],
    )
    if (held === undefined) throw notFound('auth provider')
    const moved = config != null && originIn(config) !== originIn(held.config)
    if (moved && secret === null) {
      const message = 'Must be given again, because the change moves the address to another origin.'
      check.wrong(['input', 'secret'], message)
    } else if (secret === null && widens(held.hosts, change.hosts)) {
      const message = 'Must be given again, because the change adds a host to which the credentials may be sent.'
      check.wrong(['input', 'secret'], message)
    }
    check.done()
    const version = held.version + 1
    const updated = await tx.prisma.authProvider.update({
      where: { id },
      data: {
        config: config ?? undefined,
        hosts: change.hosts == null ? undefined : [...change.hosts],
        ...(secret === null ? {} : { version, ...seal(deps, workspaceId, id, version, secret) }),
      },
    })
    await recordAudit(tx, { type: 'AuthProvider', id, workspaceId })
    if (moved) await withdrawFromAuthProvider(tx, deps, { workspaceId, name }, MOVED)
    return updated
  })
  deps.bus.publish('access', id)
  return changed
}

const MAX_HOSTS = 100

/** Whether a change allows hosts that were not allowed. Without hosts, all are allowed. */
function widens(before: readonly string[], after: readonly string[] | null | undefined): boolean {
  if (after == null || before.length === 0) return false
  return after.length === 0 || addsHosts(before, after)
}

function checkHosts(check: InputCheck, hosts: readonly string[] | null | undefined): void {
  if (hosts == null) return
  if (hosts.length > MAX_HOSTS) check.wrong(['input', 'hosts'], `Give at most ${MAX_HOSTS} hosts.`)
  for (const [index, host] of hosts.slice(0, MAX_HOSTS).entries()) {
    const problem = clientHostProblem(host)
    if (problem !== undefined) check.wrong(['input', 'hosts', String(index)], `This ${problem}.`)
  }
}

const MOVED = 'The address of the auth provider moved to another origin. Connect the account again.'

/** The origin of the address in the settings of an auth provider, which is `baseUrl` or `url`. */
function originIn(config: unknown): string | null {
  const address = readPath(config, ['baseUrl']) ?? readPath(config, ['url'])
  return typeof address === 'string' ? (URL.parse(address)?.origin ?? null) : null
}

/**
 * Deletes an auth provider. Connections that use it fail until an auth provider with the same name exists again.
 * @throws NotFoundError, ForbiddenError
 */
export async function deleteAuthProvider(deps: Deps, caller: Caller, id: string): Promise<void> {
  const { workspaceId } = await findOwn(deps, caller, id)
  await deps.database.transaction(async (tx) => {
    const { count } = await tx.prisma.authProvider.deleteMany({ where: { id } })
    if (count > 0) await recordAudit(tx, { type: 'AuthProvider', id, workspaceId })
  })
  deps.bus.publish('access', id)
}

async function findOwn({ database }: Deps, caller: Caller, id: string): Promise<AuthProvider> {
  const found = await database.prisma.authProvider.findFirst({ where: { id, workspace: { deletedAt: null } } })
  // End users do not see auth providers.
  if (found === null || caller.endUserId !== null) throw notFound('auth provider')
  assertWrites(caller, found.workspaceId, 'auth provider')
  return found
}

function seal({ vault }: Deps, workspaceId: string, id: string, version: number, secret: string) {
  return { sealed: vault.seal({ secret }, authProviderIdentity(workspaceId, id, version)), keyId: vault.currentKeyId }
}
