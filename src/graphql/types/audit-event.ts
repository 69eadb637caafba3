import { type AuditFilter, auditConditions } from '../../access/audit.ts'
import { assertOperator, assertReadsAudit } from '../../access/caller.ts'
import type { AuditEvent } from '../../db/generated/client.ts'
import { condition } from '../../db/sql.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeOptionalId, encodeGlobalId, parseGlobalId } from '../kernel/global-id.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'
import { AuditEventRef, WorkspaceRef } from './refs.ts'
import { ViewerKindRef } from './viewer.ts'
import { NODE_ID } from './wording.ts'

const ACTOR =
  'Who it was: name and first characters of an API key, the external id of an end user, the global id of a connect session, or `operator`.'
const ACTION = 'Name of the mutation, `proxy` for a request through `/proxy`, or `consoleSignIn` and `consoleSignOut`.'
const TARGET_ID =
  'Global id of the object that was changed, or that the input of a refused action named. It may no longer exist.'

builder.prismaObjectFields(AuditEventRef, (t) => ({
  id: t.id({ description: NODE_ID, resolve: ({ id }) => encodeGlobalId('AuditEvent', id) }),
  occurredAt: t.expose('occurredAt', {
    type: 'DateTime',
    description: 'When it happened, by the clock of the database.',
  }),
  actor: t.exposeString('actor', { description: ACTOR }),
  actorKind: t.field({
    type: ViewerKindRef,
    description: 'How the caller authenticated.',
    resolve: ({ actorKind }) => actorKind as 'OPERATOR',
  }),
  actorId: t.id({
    nullable: true,
    description:
      'Global id of the API key, the end user, the connect session or the session of the console. It may no longer exist. Null: not known.',
    resolve: ({ actorType, actorId }) => globalIdIn(actorType, actorId),
  }),
  action: t.exposeString('action', { description: ACTION }),
  method: t.exposeString('method', {
    nullable: true,
    description: "HTTP method of the caller's request to a provider. Null: the action sends no such request.",
  }),
  targetType: t.exposeString('targetType', {
    nullable: true,
    description: 'GraphQL type of the target. Null: there is no target, or the input named none by its id.',
  }),
  targetId: t.id({
    nullable: true,
    description: `${TARGET_ID} Null: there is none, or the input named it by a secret or by text that is not an id.`,
    resolve: ({ targetType, targetId }) => globalIdIn(targetType, targetId),
  }),
  outcome: t.exposeString('outcome', {
    description: 'OK if something was changed or sent, otherwise the ErrorCode with which it was refused.',
  }),
  traceId: t.exposeString('traceId', {
    description: 'Id of the request, also in the response header x-request-id and in the log lines.',
  }),
  address: t.exposeString('address', {
    nullable: true,
    description: 'IP address of the client. Null: not known.',
  }),
  workspaceId: t.id({
    nullable: true,
    description: 'Global id of the workspace. It may no longer exist. Null: no workspace, such as for operator keys.',
    resolve: ({ workspaceId }) => (workspaceId === null ? null : encodeGlobalId('Workspace', workspaceId)),
  }),
}))

/** The global id of an object whose type a line names. */
function globalIdIn(type: string | null, id: string | null): string | null {
  return type === null || id === null ? null : encodeGlobalId(type as 'Event', id)
}

const AuditFilterInput = builder.inputType('AuditFilter', {
  description: 'Selects lines of the audit log. All given fields must match.',
  fields: (t) => ({
    actor: t.string({ required: false, description: 'The exact `actor`. Default: any.' }),
    action: t.string({ required: false, description: `${ACTION} Default: any.` }),
    targetId: t.id({
      required: false,
      description: 'Global id of the target; one that is unknown matches no line. Default: any.',
    }),
    refused: t.boolean({
      required: false,
      description: 'True: only actions that were refused. False: only those with the outcome OK. Default: both.',
    }),
    since: t.field({ type: 'DateTime', required: false, description: 'Only lines from this time on. Default: all.' }),
  }),
})

const FILTER = { type: AuditFilterInput, required: false, description: 'Selects lines. Default: all.' } as const

/** Conditions for the lines that an argument `filter` selects. */
function conditionsOf({ targetId, ...filter }: Omit<AuditFilter, 'target'> & { targetId?: string | null | undefined }) {
  return auditConditions({ ...filter, target: targetId == null ? undefined : parseGlobalId(targetId) })
}

const WorkspacePage = pageType('WorkspaceAuditEventsPage', 'audit events of a workspace', AuditEventRef)

builder.prismaObjectField(WorkspaceRef, 'auditEvents', (t) =>
  t.field({
    type: WorkspacePage,
    description:
      'The audit log of the workspace, newest first: one line for each mutation that changed something and for each one that was refused. FORBIDDEN without the scope ADMIN, and for keys that are limited to integrations.',
    args: { ...pageArgs(t.arg), filter: t.arg(FILTER) },
    resolve: ({ id }, { filter, ...args }, context) => {
      assertReadsAudit(callerOf(context))
      const where = conditionsOf(filter ?? {})
      return context.loaders.lists.page<AuditEvent>(
        { table: 'audit_event', parentColumn: 'workspace_id', newestFirst: true, where, ...args },
        id,
      )
    },
  }),
)

const QueryPage = pageType('QueryAuditEventsPage', 'audit events of the deployment', AuditEventRef)

builder.queryField('auditEvents', (t) =>
  t.field({
    type: QueryPage,
    description:
      'The audit log of the whole deployment, newest first, with what belongs to no workspace and what belonged to deleted ones. Operators only (FORBIDDEN).',
    args: {
      ...pageArgs(t.arg),
      filter: t.arg(FILTER),
      workspaceId: t.arg.id({
        required: false,
        description: 'Global id of a workspace, also of a deleted one. Default: all lines.',
      }),
    },
    resolve: (_root, { filter, workspaceId, ...args }, context) => {
      assertOperator(callerOf(context))
      const id = decodeOptionalId('Workspace', workspaceId)
      const where = [...conditionsOf(filter ?? {}), ...(id === null ? [] : [condition('t.workspace_id = ?::uuid', id)])]
      return context.loaders.lists.page<AuditEvent>(
        { table: 'audit_event', parentColumn: null, newestFirst: true, where, ...args },
        null,
      )
    },
  }),
)
