import { recordAudit } from '../access/audit.ts'
import { assertSees, type Caller, hasScope, notFound, seesIntegration } from '../access/caller.ts'
import { MAX_EXTERNAL_ID } from '../access/token-end-user.ts'
import { newToolToken } from '../access/tool-callers.ts'
import { ensureEndUser } from '../connections/end-users.ts'
import { findWorkspace, holdEndUser } from '../connections/lookups.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Integration, ToolSession } from '../db/generated/client.ts'
import { databaseNow } from '../db/sql.ts'
import { ForbiddenError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import type { Logger } from '../kit/log.ts'
import { type ActionTool, ALL, allowedKey, fullNameOf, READING, toolsOf } from './tool-catalog.ts'

/** Names of the tools that belong to no integration. */
export const CONNECTIONS_TOOL = 'connections'
export const CONNECT_TOOL = 'connect'

interface ToolSessionDeps {
  database: Database
  logger: Logger
}

interface NewToolSession {
  workspaceId: string
  /** Exactly one of endUserId and endUserExternalId is set. */
  endUserId: string | null
  endUserExternalId: string | null
  /** Slugs of the offered integrations. Null: all of the workspace, also later ones. */
  integrations: readonly string[] | null
  /** Names of tools, `<slug>_<action>`. Null: every action of the offered integrations that only reads, also later ones. */
  actions: readonly string[] | null
  expiresInSeconds: number
}

const MIN_SECONDS = 60
const MAX_SECONDS = 30 * 86_400
const MAX_INTEGRATIONS = 100
const MAX_ACTIONS = 500

/**
 * Creates a session for the MCP endpoint, in which one end user's tools are used. Only this result contains the token; the
 * database stores its hash. The session may do no more than the key that creates it, and not longer:
 * - actions that write need a key with the role ADMIN
 * - accounts can be connected if the key has the scope CONNECT and the role ADMIN; only then a new end user is created
 * - a key that is limited to integrations offers those
 *
 * @returns also the names of the tools that there are now
 * @throws InvalidInputError with every wrong field; ForbiddenError for actions that the key may not run; NotFoundError
 */
export async function createToolSession(
  { database, logger }: ToolSessionDeps,
  caller: Caller,
  input: NewToolSession,
): Promise<{ session: ToolSession; token: string; tools: string[] }> {
  const { workspaceId } = input
  const workspace = await findWorkspace(database, caller, workspaceId)
  const { apiKeyId } = caller
  if (caller.endUserId !== null || apiKeyId === null) {
    throw new ForbiddenError(
      'Only an API key can create a tool session. An end user can use the MCP endpoint with their JWT.',
    )
  }
  const check = checkInput()
  checkNewSession(check, input)
  const offered = await findOffered(database, caller, input, check)
  const readOnly = caller.role === 'READER'
  const actions = chooseActions(offered, input.actions, check, logger)
  check.done()
  assertRuns(caller, actions)
  const connects = !readOnly && hasScope(caller, 'CONNECT')
  const { token, prefix, hash } = newToolToken()
  const session = await database.transaction(async (tx) => {
    const endUserId = await endUserOf(tx, input, connects)
    const now = await databaseNow(tx)
    const id = newId()
    await recordAudit(tx, { type: 'ToolSession', id, workspaceId: workspace.id })
    return tx.prisma.toolSession.create({
      data: {
        ...{ id, workspaceId, endUserId, tokenHash: hash, prefix, readOnly, connects, apiKeyId },
        // A key that is limited to integrations offers those that there are now, and none that are created later.
        integrationIds:
          input.integrations === null && caller.integrationIds === undefined ? [] : offered.map(({ id }) => id),
        actions: actions?.map(({ integration, action }) => allowedKey(integration.id, action.name)) ?? [],
        expiresAt: new Date(
          Math.min(
            now.getTime() + input.expiresInSeconds * 1_000,
            caller.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
          ),
        ),
      },
    })
  })
  const tools = actions ?? toolsOf(offered, READING, logger)
  return { session, token, tools: [...ownTools(connects), ...tools.map(({ name }) => name)] }
}

/** The tools of every session. */
export function ownTools(connects: boolean): string[] {
  return connects ? [CONNECTIONS_TOOL, CONNECT_TOOL] : [CONNECTIONS_TOOL]
}

function checkNewSession(check: InputCheck, input: NewToolSession): void {
  const { integrations, actions, expiresInSeconds: seconds } = input
  check.text(['input', 'endUserExternalId'], input.endUserExternalId, MAX_EXTERNAL_ID)
  if ((input.endUserId === null) === (input.endUserExternalId === null)) {
    check.wrong(['input', 'endUserId'], 'Give exactly one of endUserId and endUserExternalId.')
  }
  if (integrations !== null && (integrations.length === 0 || integrations.length > MAX_INTEGRATIONS)) {
    check.wrong(['input', 'integrations'], `Give 1 to ${MAX_INTEGRATIONS} slugs, or leave the field out to offer all.`)
  }
  if (actions !== null && (actions.length === 0 || actions.length > MAX_ACTIONS)) {
    const message = `Give 1 to ${MAX_ACTIONS} names, or leave the field out for every action that only reads.`
    check.wrong(['input', 'actions'], message)
  }
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    check.wrong(['input', 'expiresInSeconds'], `Must be ${MIN_SECONDS} to ${MAX_SECONDS}.`)
  }
}

/** The integrations that a session offers, by name. */
async function findOffered(
  { prisma }: Database,
  caller: Caller,
  { workspaceId, integrations: slugs }: NewToolSession,
  check: InputCheck,
): Promise<Integration[]> {
  const rows = await prisma.integration.findMany({
    where: {
      workspaceId,
      deletedAt: null,
      id: { in: caller.integrationIds?.slice() },
      slug: slugs === null ? undefined : { in: [...slugs] },
    },
    orderBy: { displayName: 'asc' },
  })
  for (const [index, slug] of (slugs ?? []).entries()) {
    if (rows.some((row) => row.slug === slug)) continue
    check.wrong(['input', 'integrations', String(index)], 'The workspace has no integration with this slug.')
  }
  if (slugs === null && caller.integrationIds !== undefined && rows.length === 0) {
    check.wrong(['input', 'integrations'], 'The integrations of this API key have been deleted.')
  }
  return rows
}

/** The tools with these names. Null: every one that only reads. */
function chooseActions(
  offered: readonly Integration[],
  names: readonly string[] | null,
  check: InputCheck,
  logger: Logger,
): ActionTool[] | null {
  if (names === null) return null
  const every = new Map<string, ActionTool>()
  for (const tool of toolsOf(offered, ALL, logger)) {
    every.set(tool.name, tool).set(fullNameOf(tool.integration.slug, tool.action.name), tool)
  }
  const chosen = names.flatMap((name, index) => {
    const tool = every.get(name)
    if (tool !== undefined) return tool
    const message =
      name === CONNECTIONS_TOOL || name === CONNECT_TOOL
        ? 'Every session has this tool. Leave it out.'
        : 'The offered integrations have no action of this name. Names are <slug of the integration>_<name of the action>.'
    check.wrong(['input', 'actions', String(index)], message)
    return []
  })
  return [...new Set(chosen)]
}

/** @throws ForbiddenError that names the actions which the key may not run */
function assertRuns({ role }: Caller, actions: readonly ActionTool[] | null): void {
  const refused = role === 'READER' ? (actions ?? []).filter(({ action }) => !action.readOnly) : []
  if (refused.length === 0) return
  const names = refused.map(({ name }) => name).join(', ')
  throw new ForbiddenError(
    `Your key may only run actions that read, and these write: ${names}. Leave them out, or use a key with the role ADMIN.`,
  )
}

async function endUserOf(tx: Tx, input: NewToolSession, mayCreate: boolean): Promise<string> {
  const { workspaceId, endUserId, endUserExternalId } = input
  if (endUserId !== null) {
    await holdEndUser(tx, workspaceId, endUserId)
    return endUserId
  }
  const externalId = endUserExternalId ?? ''
  if (mayCreate) return ensureEndUser(tx, workspaceId, externalId)
  const found = await tx.prisma.endUser.findUnique({
    where: { workspaceId_externalId: { workspaceId, externalId } },
    select: { id: true },
  })
  if (found === null) throw notFound('end user')
  return found.id
}

/**
 * Ends a tool session at once. One that has ended is not changed.
 * @throws NotFoundError; ForbiddenError for end users
 */
export async function revokeToolSession(
  { database }: Pick<ToolSessionDeps, 'database'>,
  caller: Caller,
  id: string,
): Promise<void> {
  const session = await database.prisma.toolSession.findUnique({ where: { id, workspace: { deletedAt: null } } })
  if (session === null || caller.endUserId !== null) throw notFound('tool session')
  const { workspaceId, integrationIds } = session
  assertSees(caller, workspaceId, 'tool session')
  // A session without integrations offers all of them.
  const offersOthers = integrationIds.length === 0 || integrationIds.some((each) => !seesIntegration(caller, each))
  if (caller.integrationIds !== undefined && offersOthers) throw notFound('tool session')
  if (caller.role === 'READER' && session.apiKeyId !== caller.apiKeyId) {
    throw new ForbiddenError('A key with the role READER can revoke only the tool sessions that it has created.')
  }
  await database.transaction(async (tx) => {
    await recordAudit(tx, { type: 'ToolSession', id, workspaceId })
    await tx.query('UPDATE tool_session SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1::uuid', [id])
  })
}
