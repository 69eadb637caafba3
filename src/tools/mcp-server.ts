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
import { isUsable, type OfferDeps, offerOf } from '../connecting/session-offers.ts'
import type { Integration } from '../db/generated/client.ts'
import { unavailableOr } from '../db/unavailable.ts'
import {
  type FieldError,
  InvalidInputError,
  LatchkeyError,
  RateLimitedError,
  ReconnectRequiredError,
  UnsupportedError,
} from '../kit/errors.ts'
import { globalIdOf } from '../kit/ids.ts'
import { illFormedText } from '../kit/input.ts'
import { stringifyJson } from '../kit/json.ts'
import type { Logger } from '../kit/log.ts'
import { type ActionDeps, type RunAction, runAction } from './actions.ts'
import { type ConnectLink, type ConnectLinkDeps, connectLink, type WantedLink } from './connect-links.ts'
import { fitJson, LEFT_OUT_LENGTH } from './fit-result.ts'
import {
  type Account,
  accountNamed,
  accountsAt,
  integrationsWithSeveral,
  listAccounts,
  listNotConnected,
  lostAccountAt,
} from './person-accounts.ts'
import { type ActionTool, allowedBy, fullNameOf, isSlug, slugIn, toolsOf } from './tool-catalog.ts'
import { CONNECT_TOOL, CONNECTIONS_TOOL, ownTools } from './tool-sessions.ts'

export interface McpDeps extends ActionDeps, ConnectLinkDeps, OfferDeps {
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
const BY_NAME = { orderBy: [{ displayName: 'asc' as const }, { id: 'asc' as const }], take: MAX_INTEGRATIONS }
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

/** What is shown of an integration, without its definition. */
type IntegrationName = Pick<Integration, 'id' | 'slug' | 'displayName'>

type Arguments = Record<string, unknown>

class ToolCalls {
  readonly #deps: McpDeps
  readonly #request: McpRequest

  constructor(deps: McpDeps, request: McpRequest) {
    this.#deps = deps
    this.#request = request
  }

  async list(cursor: string | undefined): Promise<ListToolsResult> {
    const { caller } = this.#request
    const { sql } = this.#deps.database
    const [integrations, several] = await Promise.all([this.#integrations(), integrationsWithSeveral(sql, caller)])
    const describe = () =>
      toolsOf(integrations, allowedBy(caller.tools), this.#deps.logger).map((tool) =>
        describeTool(tool, several.has(tool.integration.id)),
      )
    const offered = this.#request.work(describe)
    const all = [CONNECTIONS, ...(caller.tools.connects ? [connectTool(integrations)] : []), ...offered]
    const start = cursor === undefined ? 0 : Number(/^\d{1,6}$/.exec(cursor)?.[0] ?? Number.NaN)
    if (Number.isNaN(start))
      throw new McpError(ErrorCode.InvalidParams, 'The cursor is not valid. List from the start.')
    const end = start + PAGE_SIZE
    return { tools: all.slice(start, end), nextCursor: end < all.length ? String(end) : undefined }
  }

  async call(name: string, given: Arguments): Promise<CallToolResult> {
    if (ownTools(this.#request.caller.tools.connects).includes(name)) {
      return name === CONNECT_TOOL ? this.#connect(given) : this.#connections(given)
    }
    const tool = await this.#find(name)
    if (tool === undefined) {
      throw new McpError(ErrorCode.InvalidParams, 'There is no such tool, or it is not allowed. List the tools again.')
    }
    return this.#run(tool, given)
  }

  /** The allowed tool of this name. Only the integrations that can have it are read, which is one for almost every name. */
  async #find(name: string): Promise<ActionTool | undefined> {
    const slug = slugIn(name)
    if (slug === null) return undefined
    const integrations = await this.#deps.database.prisma.integration.findMany({
      where: { ...this.#offered(), slug: slug.isCut ? { startsWith: slug.text } : slug.text },
      take: MAX_INTEGRATIONS,
    })
    const { tools } = this.#request.caller
    return this.#request.work(() =>
      toolsOf(integrations, allowedBy(tools), this.#deps.logger).find(
        (each) => each.name === name || fullNameOf(each.integration.slug, each.action.name) === name,
      ),
    )
  }

  async #connections({ integration = null, ...others }: Arguments): Promise<CallToolResult> {
    const faults = unknownArguments(others)
    const slug = typeof integration === 'string' && isSlug(integration) ? integration : null
    if (integration !== null && slug === null) {
      faults.push({ path: ['integration'], message: 'Must be the slug of an integration.' })
    }
    if (faults.length > 0) return faulty(faults)
    const { caller, work } = this.#request
    const { sql } = this.#deps.database
    const [accounts, missing] = await Promise.all([
      listAccounts(sql, caller, slug),
      listNotConnected(sql, caller, slug),
    ])
    return work(() => {
      const connections = accounts.rows.map((account) => ({
        ...presentAccount(account),
        integration: account.integration,
        statusReason: account.statusReason,
      }))
      const notConnected = missing.rows.map(({ integration, displayName }) => ({ integration, displayName }))
      return presentConnections({ connections, notConnected }, [accounts.total, missing.total])
    })
  }

  async #connect(given: Arguments): Promise<CallToolResult> {
    const { integration: slug, connectionId = null, ...others } = given
    const faults = unknownArguments(others)
    const { caller } = this.#request
    const { sql } = this.#deps.database
    const integration = typeof slug === 'string' && isSlug(slug) ? await this.#integrationOf(slug) : null
    if (integration === null) {
      const names = (await this.#names()).map((each) => each.slug)
      faults.push({ path: ['integration'], message: `Must be one of ${names.join(', ')}.` })
    }
    const isNamed = connectionId !== null
    const account =
      integration === null || !isNamed ? null : await accountNamed(sql, caller, integration.id, connectionId)
    if (isNamed && account === null) {
      faults.push({
        path: ['connectionId'],
        message: 'Must be the id of a connection of this integration. Call "connections".',
      })
    }
    if (faults.length > 0 || integration === null) return faulty(faults)
    if (account?.status === 'DISABLED') return disabled(account)
    const lost = isNamed ? null : await lostAccountAt(sql, caller, integration.id)
    const link = await this.#link({ integration, connectionId: (account ?? lost)?.id ?? null, afresh: true })
    const text = describeLink(integration, link)
    return { content: [{ type: 'text', text }], structuredContent: presentLink(integration, link) }
  }

  async #run({ integration, action }: ActionTool, given: Arguments): Promise<CallToolResult> {
    const { caller } = this.#request
    const { sql } = this.#deps.database
    const accountName = accountArgument(action.inputSchema)
    const { [accountName]: name, ...args } = given
    if (name !== undefined) {
      const account = await accountNamed(sql, caller, integration.id, name)
      if (account !== null) return this.#runWith({ integration, action, account, args })
    }
    const accounts = await accountsAt(sql, caller, integration.id)
    if (name !== undefined && accounts.length > 0) return unclearAccount(accountName, accounts, NO_SUCH_ACCOUNT)
    const usable = accounts.filter(({ status }) => status === 'ACTIVE' || status === 'ERROR')
    const [account, ...others] = usable.length > 0 ? usable : accounts
    if (account === undefined) return this.#missing(integration, null)
    // One that can be used is preferred to one that is lost, and a person can have several of each.
    if (others.length > 0) return unclearAccount(accountName, usable.length > 0 ? usable : accounts, SEVERAL_ACCOUNTS)
    return this.#runWith({ integration, action, account, args })
  }

  async #runWith({
    integration,
    action,
    account,
    args,
  }: Pick<ActionTool, 'integration' | 'action'> & { account: Account; args: Arguments }) {
    if (account.status === 'DISABLED') return disabled(account)
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
    const link = await this.#link({ integration, connectionId })
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

  /** @throws UnsupportedError when the product has to do something first */
  #link(wanted: WantedLink): Promise<ConnectLink> {
    const { caller, work } = this.#request
    const offer = work(() => offerOf(this.#deps, wanted.integration))
    if (offer === null || !isUsable(offer)) {
      const reason = offer?.methods.find(({ missing }) => missing !== null)?.missing ?? 'Its definition cannot be used.'
      throw new UnsupportedError(
        `The person cannot connect an account at ${wanted.integration.displayName} yet: the product has to set up the integration. ${reason}`,
      )
    }
    return connectLink(this.#deps, caller, wanted)
  }

  /** Which integrations are offered. */
  #offered() {
    const { workspaceId, integrationIds } = this.#request.caller
    return { workspaceId, deletedAt: null, id: { in: integrationIds?.slice() } }
  }

  /** The integrations that are offered now, by name, with their definitions. */
  #integrations(): Promise<Integration[]> {
    return this.#deps.database.prisma.integration.findMany({ where: this.#offered(), ...BY_NAME })
  }

  #names(): Promise<IntegrationName[]> {
    const select = { id: true, slug: true, displayName: true }
    return this.#deps.database.prisma.integration.findMany({ where: this.#offered(), ...BY_NAME, select })
  }

  #integrationOf(slug: string): Promise<Integration | null> {
    return this.#deps.database.prisma.integration.findFirst({ where: { ...this.#offered(), slug } })
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

function unknownArguments(others: Arguments): FieldError[] {
  return Object.keys(others).map((name) => ({ path: [name], message: 'There is no such argument.' }))
}

function disabled({ displayName }: Account): CallToolResult {
  return failure(`The connection ${stringifyJson(displayName)} is disabled. Only the product can enable it.`)
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

function presentRun({ output, ok, response }: RunAction, account: Account): CallToolResult {
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

function presentAccount({ id, displayName, status }: Pick<Account, 'id' | 'displayName' | 'status'>) {
  return { connectionId: globalIdOf('Connection', id), displayName, status }
}

/** @param totals how many there are of each, listed or not */
function presentConnections(
  all: { connections: object[]; notConnected: object[] },
  [connected, missing]: readonly [number, number],
): CallToolResult {
  const room = MAX_RESULT_LENGTH - LEFT_OUT_LENGTH - FEWER.length
  const { connections, notConnected } = fitJson(all, room, 'output').value as typeof all
  const leftOut = [
    { path: 'connections', items: connected - connections.length },
    { path: 'notConnected', items: missing - notConnected.length },
  ].filter(({ items }) => items > 0)
  return answer({ connections, notConnected, ...(leftOut.length === 0 ? {} : { leftOut, hint: FEWER }) })
}

const FEWER = 'There are more than one result can hold. Name an integration to list those of it only.'

const SEVERAL_ACCOUNTS = 'The person has several accounts.'
const NO_SUCH_ACCOUNT = 'The person has no account with this id.'

function unclearAccount(argument: string, accounts: readonly Account[], why: string): CallToolResult {
  const choices = accounts.map(presentAccount)
  // A name may have line breaks.
  const lines = choices.map(
    ({ connectionId, displayName, status }) => `- ${connectionId}: ${stringifyJson(displayName)} (${status})`,
  )
  return {
    ...failure(
      [
        `${why} Call the tool again with the argument "${argument}", which is one of these ids, or another one that "${CONNECTIONS_TOOL}" lists:`,
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

const LEFT_OUT_SCHEMA = {
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
    leftOut: LEFT_OUT_SCHEMA,
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
  inputSchema: {
    type: 'object',
    properties: {
      integration: { type: 'string', description: 'Lists only what belongs to this integration. Default: all.' },
    },
    additionalProperties: false,
  },
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
      leftOut: LEFT_OUT_SCHEMA,
      hint: { type: 'string' },
    },
    required: ['connections', 'notConnected'],
  },
  annotations: { title: 'Connected accounts', readOnlyHint: true, openWorldHint: false },
}

function connectTool(integrations: readonly IntegrationName[]): Tool {
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
