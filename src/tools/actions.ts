import { isDeepStrictEqual } from 'node:util'
import { auditLater, auditNothing, nameAuditTarget } from '../access/audit.ts'
import { assertSeesConnection, type Caller, notFound, type OwnedConnection } from '../access/caller.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { ActionDefinition } from '../catalog/definition/action.ts'
import type { JsonSchema } from '../catalog/definition/argument-schema.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { readPath } from '../catalog/definition/path.ts'
import { templateIn } from '../catalog/template/template.ts'
import { assertMayRequest, isReading } from '../connections/lookups.ts'
import type { Resolution } from '../connections/resolve-connection.ts'
import type { OpenedConnection } from '../credentials/credential-store.ts'
import { runInScope } from '../db/scope.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { EgressError } from '../egress/egress-error.ts'
import type { EgressResponse } from '../egress/egress-response.ts'
import { appendEvents } from '../events/event-log.ts'
import { ConflictError, InvalidInputError, NotFoundError, ProviderError, UnsupportedError } from '../kit/errors.ts'
import { checkInput } from '../kit/input.ts'
import type { Logger } from '../kit/log.ts'
import type { CallerMeter } from '../requests/caller-meters.ts'
import { CALLER_REQUEST, type ConnectionSource, responseFor, storedConnection } from '../requests/send.ts'
import type { Vault } from '../vault/vault.ts'
import type { ProviderFailure } from '../wire/verdict.ts'
import { claimKey, endLease, type KeyClaim, releaseKey, storeAnswer } from './action-keys.ts'
import { actionRequest, withArgumentPaths, withArguments } from './action-request.ts'
import { type Arguments, canonical, checkArguments } from './arguments.ts'
import {
  checkNamesConnection,
  connectionOf,
  type ExecuteDeps,
  type ExecutedResponse,
  presentResponse,
} from './execute-request.ts'

/** What callers see of an action. */
export interface Action {
  name: string
  title: string
  description: string | null
  /** JSON Schema 2020-12 of the arguments, which are an object. */
  inputSchema: JsonSchema
  /** The action changes nothing. */
  readOnly: boolean
  /** The action deletes or overwrites something. */
  destructive: boolean
}

export function actionsOf(definition: IntegrationDefinition): Action[] {
  return (definition.actions ?? []).map((action) => describeAction(action, definition))
}

/** The action with this name; undefined: there is none. */
export function findAction({ actions = [] }: IntegrationDefinition, name: string): ActionDefinition | undefined {
  return actions.find((action) => action.name === name)
}

function describeAction(action: ActionDefinition, definition: IntegrationDefinition): Action {
  const { name, title = titleOf(name), description = null, input, request } = action
  return {
    name,
    title,
    description,
    inputSchema: input['type'] === undefined ? { type: 'object', ...input } : input,
    readOnly: isReadOnly(action, definition),
    destructive: action.destructive ?? (request.method === 'DELETE' && action.readOnly !== true),
  }
}

/**
 * Whether the action changes nothing: what the definition says, for any method. Default: only a GET changes nothing that no server can
 * take for another method.
 */
function isReadOnly(
  { readOnly, request, idempotencyKey: key }: ActionDefinition,
  definition: IntegrationDefinition,
): boolean {
  if (readOnly !== undefined) return readOnly
  const { method, path, query = {}, headers = {} } = request
  const worstPath = worstQueryIn(path)
  if (worstPath === undefined) return false
  const parameters = [...Object.entries(definition.query ?? {}), ...Object.entries(query)].flatMap(([name, given]) =>
    [typeof given === 'object' && 'whenEmpty' in given ? given.value : given]
      .flat()
      .map((source) => [name, hasExpression(source) ? 'delete' : source] as const),
  )
  return isReading({
    method,
    path: worstPath,
    // The caller selects the key.
    query: key?.in === 'query' ? [...parameters, [key.name, 'delete']] : parameters,
    headerNames: [
      ...Object.keys(definition.headers ?? {}),
      ...Object.keys(headers),
      ...(key?.in === 'header' ? [key.name] : []),
    ],
  })
}

/** Stands for an expression. No parameter has it in its name. */
const EXPRESSION = '\0'

/**
 * The path with the name of a method in place of each value that has an expression.
 * @returns undefined when the name of a parameter has an expression, which may render to any name
 */
function worstQueryIn(source: string): string | undefined {
  const parts = templateIn(source)?.parts ?? [{ text: source }]
  const path = parts.map((part) => ('text' in part ? part.text : EXPRESSION)).join('')
  const mark = path.indexOf('?')
  if (mark === -1) return path
  const pairs = path.slice(mark + 1).split(/[&;]/)
  if (pairs.some((pair) => pair.split('=', 1)[0]?.includes(EXPRESSION))) return undefined
  const worst = pairs.map((pair) => (pair.includes(EXPRESSION) ? `${pair.slice(0, pair.indexOf('='))}=delete` : pair))
  return `${path.slice(0, mark)}?${worst.join('&')}`
}

function hasExpression(source: string): boolean {
  return templateIn(source)?.parts.some((part) => !('text' in part)) ?? false
}

/** `create_issue` becomes `Create issue`. */
function titleOf(name: string): string {
  const words = name.replaceAll(/[_.-]+/g, ' ').trim()
  return words === '' ? name : `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

export interface ActionToRun {
  /** Exactly one of the two. */
  connectionId: string | null
  resolve: Resolution | null
  /** Name of the action. */
  action: string
  /** A JSON object. Null: no arguments. */
  arguments: unknown
  /**
   * A second call with the same key, for the same connection and action and within 24 hours, gets the answer of the first one, unless the
   * action is read-only. Null: the request is sent in any case.
   */
  idempotencyKey: string | null
}

export interface RunAction {
  /** Null: the response has no value there, or is a failure. */
  output: unknown
  /** Whether the response is a success. Some failures have the status 200. */
  ok: boolean
  response: ExecutedResponse
  connectionId: string
  /** Whether the credential was renewed for this request. */
  refreshed: boolean
}

export interface ActionDeps extends ExecuteDeps {
  bus: WakeBus
  vault: Vault
  logger: Logger
}

/** What is stored with an idempotency key. */
interface Answer {
  response: ExecutedResponse
  /** Whether the response is a success. */
  ok: boolean
}

/** A call whose caller, action and arguments were checked. */
interface CheckedCall {
  caller: Caller
  connection: OwnedConnection & { id: string }
  action: ActionDefinition
  readOnly: boolean
  args: Arguments
  idempotencyKey: string | null
  meter: CallerMeter | undefined
}

const MAX_KEY_LENGTH = 255

/**
 * Runs an action of a connection's integration. A response with an error status is a result too.
 *
 * Who may send every request through the connection may run every action. Who may only read may run those that change nothing, for
 * which the definition is believed: a search can be a POST.
 *
 * @throws InvalidInputError with every fault of the arguments; NotFoundError for a connection that the caller does not see, and for
 * an action that its integration does not have; ForbiddenError; ConflictError of an idempotency key; errors of `resolveConnection` and
 * of the broker; ProviderError when there is no response; RateLimitedError
 */
export async function runAction(deps: ActionDeps, caller: Caller, input: ActionToRun): Promise<RunAction> {
  checkCall(input)
  const connectionId = await connectionOf(deps, caller, input)
  const { connection, definition } = await readDefinition(deps, caller, connectionId)
  assertMayRequest(caller, connection, READING)
  const action = findAction(definition, input.action)
  if (action === undefined) throw noSuchAction(definition)
  const readOnly = isReadOnly(action, definition)
  assertMayRun(caller, connection, readOnly)
  const target = { type: 'Connection', id: connectionId, workspaceId: connection.workspaceId } as const
  if (readOnly) auditNothing()
  else nameAuditTarget(target)
  const meter = await deps.meters?.open(caller)
  try {
    const check = () => checkArguments(action.input, input.arguments, ARGUMENTS)
    const args = meter === undefined ? check() : meter.work(check)
    const { idempotencyKey } = input
    const call = { caller, connection, action, readOnly, args, idempotencyKey, meter }
    // What changes nothing can be sent again, so nothing of it is stored.
    const claimed =
      idempotencyKey === null || readOnly ? { claim: null } : await claimKey(deps, keyedCall(call, idempotencyKey))
    if ('answer' in claimed) {
      const answer = claimed.answer as Answer
      return {
        output: outputOf(action, answer),
        ok: answer.ok,
        response: answer.response,
        connectionId,
        refreshed: false,
      }
    }
    const { answer, refreshed } = await sendAction(deps, call, claimed.claim)
    if (!readOnly) auditLater(target, action.request.method)
    return { output: outputOf(action, answer), ok: answer.ok, response: answer.response, connectionId, refreshed }
  } finally {
    meter?.close()
  }
}

const ARGUMENTS = ['input', 'arguments']

function checkCall({ connectionId, resolve, idempotencyKey }: ActionToRun): void {
  const check = checkInput()
  checkNamesConnection(check, { connectionId, resolve })
  if (idempotencyKey !== null && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
    check.wrong(
      ['input', 'idempotencyKey'],
      `Must have 1 to ${MAX_KEY_LENGTH} characters of printable ASCII, without spaces.`,
    )
  }
  check.done()
}

/** A connection that the caller sees, and the definition of its integration. */
async function readDefinition({ database }: ActionDeps, caller: Caller, id: string) {
  const connection = await database.prisma.connection.findUnique({
    where: { id, deletedAt: null, workspace: { deletedAt: null } },
    include: { integration: true },
  })
  if (connection === null) throw notFound('connection')
  assertSeesConnection(caller, connection, 'connection')
  return { connection, definition: definitionOf(connection.integration) }
}

function noSuchAction({ actions = [] }: IntegrationDefinition): NotFoundError {
  return new NotFoundError(
    actions.length === 0
      ? 'The integration of this connection has no actions.'
      : 'The integration of this connection has no action with this name. Its names are in Integration.actions.',
  )
}

/** A request that every caller who may send requests may send. */
const READING = { method: 'GET', path: '', headerNames: [] }

function assertMayRun(caller: Caller, connection: OwnedConnection, readOnly: boolean): void {
  assertMayRequest(caller, connection, readOnly ? READING : { ...READING, method: 'POST' })
}

/** Whether the request of a key may be sent again although it may have been sent: the provider knows the key. */
function isRepeatable(action: ActionDefinition): boolean {
  return action.idempotencyKey !== undefined
}

function keyedCall({ connection, action, args }: CheckedCall, idempotencyKey: string) {
  return {
    workspaceId: connection.workspaceId,
    connectionId: connection.id,
    action: action.name,
    idempotencyKey,
    arguments: canonical(args),
    isRepeatable: isRepeatable(action),
  }
}

/** @param claim null: the call has no idempotency key */
async function sendAction(
  deps: ActionDeps,
  { caller, connection, action, readOnly, args, idempotencyKey, meter }: CheckedCall,
  claim: KeyClaim | null,
): Promise<{ answer: Answer; refreshed: boolean }> {
  const requests = { made: 0, refused: 0, answered: 0 }
  const source = withScope(
    storedConnection(deps.broker, connection.id, (owner) => assertMayRun(caller, owner, readOnly)),
    args,
    () => {
      requests.refused += 1
      requests.answered -= 1
    },
  )
  const request = (opened: OpenedConnection) => {
    assertUnchanged(opened.definition, action)
    const made = actionRequest(action, opened.scope, idempotencyKey)
    requests.made += 1
    return made
  }
  const finish = (outcome: Outcome) => recordOutcome(deps, { connection, action, claim }, outcome)
  try {
    const read = (received: EgressResponse) => {
      requests.answered += 1
      return received.bytes()
    }
    const sent = await deps.sender.send(source, request, { policy: CALLER_REQUEST, meter, read })
    const { response, body, refreshed, secrets, failure } = responseFor(sent)
    const present = () => presentResponse(response, body ?? new Uint8Array(), secrets)
    const presented = meter === undefined ? present() : meter.work(present)
    const answer = { response: presented, ok: failure === null && response.status < 400 }
    const keeps = answer.ok || !(isRefusal(response.status, failure) || isRepeatable(action))
    await finish({ ok: answer.ok, status: response.status, key: keeps ? { answer } : 'release' })
    return { answer, refreshed }
  } catch (error) {
    const open = requests.made - requests.refused
    const key = requests.answered > 0 || mayHaveAnEffect(error, open) ? 'unknown' : 'release'
    await finish({ ok: false, status: null, key, isSilent: requests.made === 0 })
    throw withArgumentPaths(error, ARGUMENTS)
  }
}

/** Whether a response says that the request had no effect: a 4xx, or a 2xx that a rule calls a failure. Others may follow an effect. */
function isRefusal(status: number, failure: ProviderFailure | null): boolean {
  if (failure === null || failure.as === 'retry' || status === 408) return false
  return status < 300 || (status >= 400 && status < 500)
}

/**
 * The connection with the arguments among the variables of templates.
 * @param onRefused called when the provider has refused the credential of a request, which then had no effect
 */
function withScope(source: ConnectionSource, args: Arguments, onRefused: () => void): ConnectionSource {
  const view = (opened: OpenedConnection) => ({ ...opened, scope: withArguments(opened.scope, args) })
  return {
    ...source,
    open: async () => view(await source.open()),
    refused: async (opened) => {
      onRefused()
      const other = await source.refused(opened)
      return other === null ? null : view(other)
    },
  }
}

/** The arguments were checked by the definition as it was, so the request must be made by the same one. */
function assertUnchanged(definition: IntegrationDefinition, action: ActionDefinition): void {
  const current = findAction(definition, action.name)
  if (current !== action && !isDeepStrictEqual(current, action)) {
    throw new ConflictError('The definition of this action has been changed meanwhile. Run the action again.')
  }
}

/**
 * Whether a call without a response may have had an effect.
 * @param requests how many were made, without those whose credential was refused
 */
function mayHaveAnEffect(error: unknown, requests: number): boolean {
  if (requests !== 1) return requests > 0
  // Of a single request, these mean that it was not sent.
  if (error instanceof InvalidInputError || error instanceof UnsupportedError) return false
  const cause = error instanceof ProviderError ? error.cause : undefined
  return !(cause instanceof EgressError) || cause.sentBytes
}

interface Outcome {
  ok: boolean
  /** HTTP status of the response; null: there is none. */
  status: number | null
  /** What becomes of the idempotency key. `unknown`: the request may have had an effect. */
  key: { answer: Answer } | 'release' | 'unknown'
  /** No event is written, because nothing was sent. Default: false. */
  isSilent?: boolean
}

/**
 * Writes the event and the answer. The action has been run, so the caller gets its response although these cannot be written.
 * A key without an answer stays used.
 */
async function recordOutcome(
  { database, bus, vault, logger }: ActionDeps,
  { connection, action, claim }: Pick<CheckedCall, 'connection' | 'action'> & { claim: KeyClaim | null },
  { ok, status, key, isSilent = false }: Outcome,
): Promise<void> {
  if (isSilent && claim === null) return
  const { id: connectionId, workspaceId } = connection
  const payload = { action: action.name, ok, providerStatus: status }
  try {
    await runInScope(null, () =>
      database.bulkTransaction(async (tx) => {
        if (claim !== null) {
          if (key === 'release') await releaseKey(tx, claim)
          else if (key === 'unknown') await endLease(tx, claim)
          else await storeAnswer(tx, vault, claim, key.answer)
        }
        if (!isSilent) await appendEvents(tx, bus, workspaceId, [{ type: 'ACTION_RUN', connectionId, payload }])
      }),
    )
  } catch (error) {
    logger.error({ err: error, connectionId, action: action.name }, 'the outcome of an action could not be written')
  }
}

function outputOf({ output = [] }: ActionDefinition, { response, ok }: Answer): unknown {
  return ok ? (readPath(response.body, output) ?? null) : null
}
