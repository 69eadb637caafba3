import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  type ListToolsResult,
  McpError,
  type Tool,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/sdk/types.js'
import { audited } from '../access/audit.ts'
import type { ToolCaller } from '../access/tool-callers.ts'
import type { Connection, Integration } from '../db/generated/client.ts'
import type { Row } from '../db/sql.ts'
import { unavailableOr } from '../db/unavailable.ts'
import {
  type FieldError,
  InvalidInputError,
  LatchkeyError,
  RateLimitedError,
  ReconnectRequiredError,
} from '../kit/errors.ts'
import { globalIdOf } from '../kit/ids.ts'
import { illFormedText } from '../kit/input.ts'
import { stringifyJson } from '../kit/json.ts'
import type { Logger } from '../kit/log.ts'
import { type ActionDeps, type RunAction, runAction } from './actions.ts'
import { type ConnectLink, type ConnectLinkDeps, connectLink } from './connect-links.ts'
import { fitJson, LEFT_OUT_LENGTH } from './fit-result.ts'
import { type ActionTool, allowedBy, fullNameOf, toolsOf } from './tool-catalog.ts'
import { CONNECT_TOOL, CONNECTIONS_TOOL, ownTools } from './tool-sessions.ts'

export interface McpDeps extends ActionDeps, ConnectLinkDeps {
  logger: Logger
}

/** A request to the MCP endpoint. */
export interface McpRequest {
  caller: ToolCaller
  /** Whether the client can show a person a URL (capability `elicitation.url`). */
  elicitsUrls: boolean
  traceId: string
  /** The client's IP address; null: not known. */
  address: string | null
  /** Does synchronous work and charges its time to the caller. */
  work<T>(work: () => T): T
}

/** Version of the tools that belong to no integration. */
const VERSION = '1'
/** Tools of one page of `tools/list`. */
const PAGE_SIZE = 200
/** Integrations whose actions are offered. */
const MAX_INTEGRATIONS = 500
/** Connections of one end user that `connections` lists. */
const MAX_CONNECTIONS = 200
/** Characters of one result. The text and the structured content each have as many at most. */
export const MAX_RESULT_LENGTH = 64 * 1024

const INSTRUCTIONS = `Tools of one person's accounts. Call "${CONNECTIONS_TOOL}" to see which accounts are connected. A tool whose account is not connected answers with a link: show it to the person, and call the tool again after they have connected the account.`

/**
 * An MCP server for one request. Nothing is kept between requests, so that any process can answer any of them: the tools are read
 * from the definitions each time.
 */
export function createMcpServer(deps: McpDeps, request: McpRequest): Server {
  const server = new Server(
    { name: 'latchkey', title: 'Latchkey', version: VERSION },
    {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      // For forms of its own, which this server does not show.
      jsonSchemaValidator: { getValidator: () => () => ({ valid: false, data: undefined, errorMessage: 'not used' }) },
    },
  )
  const session = new ToolCalls(deps, request)
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) =>
    session.reported('tools/list', () => session.list(params?.cursor)),
  )
  server.setRequestHandler(CallToolRequestSchema, ({ params }) =>
    session.reported(params.name, () => session.call(params.name, params.arguments ?? {})),
  )
  return server
}

interface AccountRow extends Row {
  id: string
  integrationId: string
  displayName: string
  status: Connection['status']
  statusReason: string | null
}

type Arguments = Record<string, unknown>

class ToolCalls {
  readonly #deps: McpDeps
  readonly #request: McpRequest

  constructor(deps: McpDeps, request: McpRequest) {
    this.#deps = deps
    this.#request = request
  }

  async list(cursor: string | undefined): Promise<ListToolsResult> {
    const { tools: allowed } = this.#request.caller
    const [integrations, accounts] = await Promise.all([this.#integrations(), this.#accounts()])
    const describe = () =>
      toolsOf(integrations, allowedBy(allowed), this.#deps.logger).map((tool) =>
        describeTool(tool, accounts.filter(({ integrationId }) => integrationId === tool.integration.id).length > 1),
      )
    const offered = this.#request.work(describe)
    const all = [CONNECTIONS, ...(allowed.connects ? [connectTool(integrations)] : []), ...offered]
    const start = cursor === undefined ? 0 : Number(/^\d{1,6}$/.exec(cursor)?.[0] ?? Number.NaN)
    if (Number.isNaN(start))
      throw new McpError(ErrorCode.InvalidParams, 'The cursor is not valid. List from the start.')
    const end = start + PAGE_SIZE
    return { tools: all.slice(start, end), nextCursor: end < all.length ? String(end) : undefined }
  }

  async call(name: string, given: Arguments): Promise<CallToolResult> {
    const { tools: allowed } = this.#request.caller
    if (ownTools(allowed.connects).includes(name)) {
      return name === CONNECT_TOOL ? this.#connect(given) : this.#connections()
    }
    const integrations = await this.#integrations()
    const tool = toolsOf(integrations, allowedBy(allowed), this.#deps.logger).find(
      (each) => each.name === name || fullNameOf(each.integration.slug, each.action.name) === name,
    )
    if (tool === undefined) {
      throw new McpError(ErrorCode.InvalidParams, 'There is no such tool, or it is not allowed. List the tools again.')
    }
    return this.#run(tool, given)
  }

  async #connections(): Promise<CallToolResult> {
    const [integrations, accounts] = await Promise.all([this.#integrations(), this.#accounts()])
    const slugs = new Map(integrations.map(({ id, slug }) => [id, slug]))
    const connections = accounts.flatMap(({ integrationId, ...account }) => {
      const integration = slugs.get(integrationId)
      return integration === undefined
        ? []
        : { ...presentAccount(account), integration, statusReason: account.statusReason }
    })
    const connected = new Set(accounts.map(({ integrationId }) => integrationId))
    const notConnected = integrations
      .filter(({ id }) => !connected.has(id))
      .map(({ slug, displayName }) => ({ integration: slug, displayName }))
    return answer({ connections, notConnected })
  }

  async #connect(given: Arguments): Promise<CallToolResult> {
    const { integration: slug, connectionId = null, ...others } = given
    const faults: FieldError[] = Object.keys(others).map((name) => ({
      path: [name],
      message: 'There is no such argument.',
    }))
    const integrations = await this.#integrations()
    const integration = integrations.find((each) => each.slug === slug)
    if (integration === undefined) {
      faults.push({
        path: ['integration'],
        message: `Must be one of ${integrations.map((each) => each.slug).join(', ')}.`,
      })
    }
    const accounts = await this.#accounts()
    const account = accounts.find(
      ({ id, integrationId }) => integrationId === integration?.id && globalIdOf('Connection', id) === connectionId,
    )
    if (connectionId !== null && account === undefined) {
      faults.push({
        path: ['connectionId'],
        message: 'Must be the id of a connection of this integration. Call "connections".',
      })
    }
    if (faults.length > 0 || integration === undefined) return faulty(faults)
    const lost = accounts.find(
      ({ integrationId, status }) => integrationId === integration.id && status === 'NEEDS_REAUTH',
    )
    const target = account ?? lost
    const link = await connectLink(this.#deps, this.#request.caller, {
      ...{ integration, connectionId: target?.id ?? null, afresh: true },
    })
    const text = describeLink(integration, link)
    return { content: [{ type: 'text', text }], structuredContent: presentLink(integration, link) }
  }

  async #run({ integration, action }: ActionTool, given: Arguments): Promise<CallToolResult> {
    const accountName = accountArgument(action.inputSchema)
    const { [accountName]: named, ...args } = given
    const accounts = (await this.#accounts()).filter(({ integrationId }) => integrationId === integration.id)
    const usable = accounts.filter(({ status }) => status === 'ACTIVE' || status === 'ERROR')
    if (named !== undefined && accounts.length > 0) {
      const account = accounts.find(({ id }) => globalIdOf('Connection', id) === named)
      return account === undefined
        ? unclearAccount(accountName, accounts)
        : this.#runWith({ integration, action, account, args })
    }
    const [account, ...others] = usable.length > 0 ? usable : accounts
    if (account === undefined) return this.#missing(integration, null)
    // One that can be used is preferred to one that is lost, and a person can have several of each.
    if (others.length > 0) return unclearAccount(accountName, usable.length > 0 ? usable : accounts)
    return this.#runWith({ integration, action, account, args })
  }

  async #runWith({
    integration,
    action,
    account,
    args,
  }: Pick<ActionTool, 'integration' | 'action'> & { account: AccountRow; args: Arguments }) {
    if (account.status === 'DISABLED') {
      return failure(`The connection "${account.displayName}" is disabled. Only the product can enable it.`)
    }
    if (account.status === 'NEEDS_REAUTH') return this.#missing(integration, account.id)
    const { caller, traceId, address } = this.#request
    const illFormed = illFormedText(args)
    if (illFormed !== null) {
      return faulty([{ path: illFormed.path.map(String), message: `The value ${illFormed.reason}.` }])
    }
    const named = { type: 'Connection', id: account.id }
    const input = {
      connectionId: account.id,
      resolve: null,
      action: action.name,
      arguments: args,
      idempotencyKey: null,
    }
    const work = () => runAction(this.#deps, caller, input)
    try {
      const run = await audited(this.#deps, { caller, action: 'runAction', named, traceId, address }, work)
      return this.#request.work(() => presentRun(run, account))
    } catch (error) {
      if (error instanceof ReconnectRequiredError) return this.#missing(integration, account.id)
      if (error instanceof InvalidInputError) return faulty(error.fields.map(withoutPrefix))
      throw error
    }
  }

  /** The account is missing or lost: by URL elicitation where the client has it, otherwise a result whose text holds the link. */
  async #missing(integration: Integration, connectionId: string | null): Promise<CallToolResult> {
    const { caller, elicitsUrls } = this.#request
    const state = connectionId === null ? 'is not connected' : 'has to be connected again'
    if (!caller.tools.connects) {
      return failure(
        `The person's account at ${integration.displayName} ${state}. They can do that in the product only.`,
      )
    }
    const link = await connectLink(this.#deps, caller, { integration, connectionId })
    const message = `The person's account at ${integration.displayName} ${state}. ${describeLink(integration, link)}`
    if (elicitsUrls && link.url !== null) {
      const elicitation = {
        mode: 'url' as const,
        elicitationId: link.sessionId,
        url: link.url,
        message: elicitationText(integration, link),
      }
      throw new UrlElicitationRequiredError([elicitation], message)
    }
    return { ...failure(message), structuredContent: presentLink(integration, link) }
  }

  /** The integrations that are offered now, by name. */
  #integrations(): Promise<Integration[]> {
    const { workspaceId, integrationIds } = this.#request.caller
    return this.#deps.database.prisma.integration.findMany({
      where: { workspaceId, deletedAt: null, id: { in: integrationIds?.slice() } },
      orderBy: [{ displayName: 'asc' }, { id: 'asc' }],
      take: MAX_INTEGRATIONS,
    })
  }

  /** The person's connections, without those that were never finished. */
  #accounts(): Promise<AccountRow[]> {
    const { workspaceId, endUserId, integrationIds } = this.#request.caller
    return this.#deps.database.sql.query<AccountRow>(
      `SELECT id, integration_id AS "integrationId", display_name AS "displayName", status::text AS status,
         status_reason AS "statusReason"
       FROM connection
       WHERE workspace_id = $1::uuid AND end_user_id = $2::uuid AND deleted_at IS NULL AND status <> 'PENDING'
         AND ($3::uuid[] IS NULL OR integration_id = ANY($3::uuid[]))
       ORDER BY id LIMIT $4::int`,
      [workspaceId, endUserId, integrationIds?.slice() ?? null, MAX_CONNECTIONS],
    )
  }

  /** Runs a request. An expected failure becomes a result that the model can read, any other one is logged. */
  async reported<T>(tool: string, work: () => Promise<T>): Promise<T | CallToolResult> {
    const { traceId } = this.#request
    const { logger } = this.#deps
    try {
      return await work()
    } catch (thrown) {
      if (thrown instanceof McpError) throw thrown
      const error = unavailableOr(thrown, logger, { traceId })
      const isList = tool === 'tools/list'
      if (error instanceof LatchkeyError) {
        if (isList) throw new McpError(ErrorCode.InternalError, error.message)
        return failure(describeError(error))
      }
      logger.error({ traceId, err: error }, 'a tool failed')
      const message = `Something went wrong on our side. Ask the operator to look for ${traceId} in the log.`
      if (isList) throw new McpError(ErrorCode.InternalError, message)
      return failure(message)
    }
  }
}

function describeError(error: LatchkeyError): string {
  const wait = error instanceof RateLimitedError ? ` Wait ${error.retryAfterSeconds} seconds.` : ''
  return `${error.code}: ${error.message}${wait}`
}

function failure(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true }
}

/** Every fault of the arguments with its place, so that the model can mend them all. */
function faulty(faults: readonly FieldError[]): CallToolResult {
  const lines = faults.map(
    ({ path, message }) => `- ${path.length === 0 ? 'the arguments' : path.join('.')}: ${message}`,
  )
  return {
    ...failure(['The arguments are not valid:', ...lines].join('\n')),
    structuredContent: { faults: faults.map(({ path, message }) => ({ path, message })) },
  }
}

/** The arguments of a tool are those of the action, which the API has under `input.arguments`. */
function withoutPrefix({ path, message }: FieldError): FieldError {
  const [first, second, ...rest] = path
  return first === 'input' && second === 'arguments' ? { path: rest, message } : { path, message }
}

/** @param content small, or cut already */
function answer(content: Record<string, unknown>): CallToolResult {
  return { content: [{ type: 'text', text: stringifyJson(content) }], structuredContent: content }
}

const NARROWER =
  'The result was too large. Call the tool again with arguments that ask for less, such as a filter or a smaller page, or with those of the next page.'

function presentRun({ output, ok, response }: RunAction, account: AccountRow): CallToolResult {
  const name = ok ? 'output' : 'body'
  const body = ok && output !== null ? output : (response.body ?? response.text ?? binaryOf(response))
  const around = { status: response.status, account: presentAccount(account) }
  const room = MAX_RESULT_LENGTH - stringifyJson({ ...around, [name]: null }).length
  const whole = fitJson(body, room, name)
  if (whole.leftOut.length === 0) return presented(ok, { ...around, [name]: whole.value })
  const { value, leftOut, more } = fitJson(body, room - LEFT_OUT_LENGTH - NARROWER.length, name)
  const rest = more === 0 ? {} : { moreLeftOut: more }
  return presented(ok, { ...around, [name]: value, leftOut, ...rest, hint: NARROWER })
}

function presented(ok: boolean, content: Record<string, unknown>): CallToolResult {
  return ok ? answer(content) : { ...answer(content), isError: true }
}

/** What is said of a body that is no text. The agent cannot fetch it in another way. */
function binaryOf({ details }: RunAction['response']) {
  if (details === null) return null
  return { binary: true, bytes: details.bytes, hint: 'The body is not text, so it cannot be shown.' }
}

function presentAccount({ id, displayName, status }: Pick<AccountRow, 'id' | 'displayName' | 'status'>) {
  return { connectionId: globalIdOf('Connection', id), displayName, status }
}

function unclearAccount(argument: string, accounts: readonly AccountRow[]): CallToolResult {
  const choices = accounts.map(presentAccount)
  const lines = choices.map(({ connectionId, displayName, status }) => `- ${connectionId}: ${displayName} (${status})`)
  return {
    ...failure(
      [
        `The person has several accounts. Call the tool again with the argument "${argument}", which is one of these ids:`,
        ...lines,
      ].join('\n'),
    ),
    structuredContent: { accounts: choices },
  }
}

function presentLink({ slug }: Integration, { url, expiresAt, state, confirms }: ConnectLink) {
  return { connect: { integration: slug, state, url, expiresAt, confirmationRequired: confirms } }
}

function describeLink({ displayName }: Integration, { url, state, confirms }: ConnectLink): string {
  if (state === 'awaiting' || url === null) {
    return 'The person has connected it, and the product still has to confirm the connection. Call the tool again after that.'
  }
  const then = confirms
    ? 'Afterwards the product has to confirm the connection. Call the tool again after that.'
    : 'Call the tool again after they have connected.'
  return `The person connects ${displayName} with this link: ${url} ${then}`
}

function elicitationText({ displayName }: Integration, { confirms }: ConnectLink): string {
  return `Connect your account at ${displayName}.${confirms ? ' The product confirms the connection afterwards.' : ''}`
}

/** The argument that names the account, under a name that the action does not use itself. */
function accountArgument(schema: Readonly<Record<string, unknown>>): string {
  const { properties } = schema
  const isTaken = typeof properties === 'object' && properties !== null && Object.hasOwn(properties, 'connectionId')
  return isTaken ? 'latchkeyConnectionId' : 'connectionId'
}

/** Not a list of types, which some clients do not accept. */
const TEXT_OR_NULL = { anyOf: [{ type: 'string' }, { type: 'null' }] }

const ACCOUNT_SCHEMA = {
  type: 'object',
  properties: { connectionId: { type: 'string' }, displayName: { type: 'string' }, status: { type: 'string' } },
  required: ['connectionId', 'displayName', 'status'],
}

/** Nothing is required, because clients check the structured content of errors against it too. */
const OUTPUT_SCHEMA: Tool['outputSchema'] = {
  type: 'object',
  properties: {
    status: { type: 'integer', description: 'HTTP status of the provider.' },
    account: ACCOUNT_SCHEMA,
    output: {
      description: 'What the provider returned.',
      anyOf: ['object', 'array', 'string', 'number', 'boolean', 'null'].map((type) => ({ type })),
    },
    leftOut: {
      type: 'array',
      description: 'What was left out of a result that was too large.',
      items: {
        type: 'object',
        properties: {
          path: { type: 'string' },
          items: { type: 'integer' },
          fields: { type: 'integer' },
          characters: { type: 'integer' },
        },
        required: ['path'],
      },
    },
    moreLeftOut: { type: 'integer', description: 'How many more places something was left out at.' },
    hint: { type: 'string' },
  },
}

function describeTool({ name, integration, action }: ActionTool, hasSeveral: boolean): Tool {
  const { title, description, inputSchema, readOnly, destructive } = action
  const label = `${integration.displayName}: ${title}`
  return {
    name,
    title: label,
    description: description === null ? `${label}.` : `${integration.displayName}: ${description}`,
    inputSchema: hasSeveral ? withAccount(asToolSchema(inputSchema)) : asToolSchema(inputSchema),
    outputSchema: OUTPUT_SCHEMA,
    annotations: {
      title: label,
      readOnlyHint: readOnly,
      destructiveHint: destructive,
      idempotentHint: readOnly,
      openWorldHint: true,
    },
  }
}

/** MCP clients require that the schema of each argument is an object. In JSON Schema it may be true or false, too. */
function asToolSchema(schema: Readonly<Record<string, unknown>>): Tool['inputSchema'] {
  const { properties } = schema
  if (typeof properties !== 'object' || properties === null) return { ...schema, type: 'object' }
  const entries = Object.entries(properties).map(([name, each]) => [
    name,
    each === true ? {} : each === false ? { not: {} } : each,
  ])
  return { ...schema, type: 'object', properties: Object.fromEntries(entries) }
}

function withAccount(schema: Tool['inputSchema']): Tool['inputSchema'] {
  const argument = {
    type: 'string',
    description: `Which of the person's accounts: the id of a connection, as "${CONNECTIONS_TOOL}" lists them. Required if several can be used.`,
  }
  return { ...schema, properties: { ...schema.properties, [accountArgument(schema)]: argument } }
}

const CONNECTIONS: Tool = {
  name: CONNECTIONS_TOOL,
  title: 'Connected accounts',
  description: 'Lists which accounts of the person are connected, with their status, and which are not connected yet.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  outputSchema: {
    type: 'object',
    properties: {
      connections: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            ...ACCOUNT_SCHEMA.properties,
            integration: { type: 'string' },
            statusReason: TEXT_OR_NULL,
          },
          required: [...ACCOUNT_SCHEMA.required, 'integration'],
        },
      },
      notConnected: {
        type: 'array',
        items: {
          type: 'object',
          properties: { integration: { type: 'string' }, displayName: { type: 'string' } },
          required: ['integration', 'displayName'],
        },
      },
    },
    required: ['connections', 'notConnected'],
  },
  annotations: { title: 'Connected accounts', readOnlyHint: true, openWorldHint: false },
}

function connectTool(integrations: readonly Integration[]): Tool {
  return {
    name: CONNECT_TOOL,
    title: 'Connect an account',
    description: 'Makes a link with which the person connects an account, or connects one again.',
    inputSchema: {
      type: 'object',
      properties: {
        integration: {
          type: 'string',
          description: 'Where the account is.',
          ...(integrations.length === 0 ? {} : { enum: integrations.map(({ slug }) => slug) }),
        },
        connectionId: {
          type: 'string',
          description: `The connection to connect again, by its id. Default: one that is lost, otherwise a new one. "${CONNECTIONS_TOOL}" lists the ids.`,
        },
      },
      required: ['integration'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: {
        connect: {
          type: 'object',
          properties: {
            integration: { type: 'string' },
            state: { type: 'string', enum: ['open', 'awaiting'] },
            url: TEXT_OR_NULL,
            expiresAt: { type: 'string' },
            confirmationRequired: { type: 'boolean' },
          },
          required: ['integration', 'state', 'url', 'expiresAt', 'confirmationRequired'],
        },
      },
    },
    annotations: {
      title: 'Connect an account',
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    },
  }
}
