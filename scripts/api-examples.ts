import {
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
  parse,
  print,
} from 'graphql'

/** A document with variables that calls one operation. */
export interface Example {
  document: string
  variables: Record<string, unknown>
}

/** Fields of a nested object that say most about it, the best first. */
const TELLING = [
  'id',
  'slug',
  'name',
  'title',
  'displayName',
  'externalId',
  'status',
  'state',
  'url',
  'code',
  'message',
  'type',
  'kind',
  'role',
  'key',
  'label',
]
/** How many fields of a nested object an example selects. */
const NESTED = 3
/** How many leaf fields of a returned object an example selects. */
const RETURNED = 6

/** Optional inputs that an example sets, because the operation does little without them. */
const USEFUL: Readonly<Record<string, readonly string[]>> = {
  createApiKey: ['workspaceId', 'scopes'],
  createConnectSession: ['endUserExternalId', 'integrations', 'redirectUrl'],
  createConnection: ['integration', 'endUserExternalId', 'displayName'],
  createIntegration: ['provider', 'oauthClient'],
  createOidcIssuer: ['endUserClaim'],
  createToolSession: ['endUserExternalId', 'actions'],
  createWebhookEndpoint: ['types'],
  createWorkspace: ['slug'],
  createAuthProvider: ['hosts'],
  updateAuthProvider: ['hosts'],
  updateConnection: ['schedule'],
  updateIntegration: ['displayName'],
  updateOidcIssuer: ['audience'],
  updateWebhookEndpoint: ['enabled'],
  updateWorkspace: ['branding'],
  upsertEndUser: ['displayName', 'email'],
  startOAuth: ['integration', 'endUserExternalId'],
  completeOAuth: ['endUserExternalId'],
  confirmConnection: ['endUserExternalId'],
  testIntegration: ['integration', 'stream'],
  triggerSync: ['streams'],
  executeRequest: ['connectionId', 'query'],
  runAction: ['connectionId', 'arguments'],
  redeliverWebhook: ['deliveryId'],
  resolveConnection: ['endUserExternalId'],
  workspace: ['slug'],
  workspaceEvents: ['after', 'types'],
  connectionEvents: ['after'],
  syncJobEvents: ['after'],
  auditEvents: ['first', 'filter'],
  workspaces: ['first'],
  providers: ['first', 'search'],
  ScheduleInput: ['intervalSeconds'],
  BrandingInput: ['name', 'color'],
  AuditFilter: ['refused'],
  CredentialInput: ['oauthToken'],
  OAuthTokenInput: ['accessToken', 'refreshToken'],
}

/** Values by the name of the operation and the input, or by the name of the input. */
const VALUES: Readonly<Record<string, unknown>> = {
  'createApiKey.role': 'ADMIN',
  'createApiKey.scopes': ['READ', 'CONNECT'],
  'createApiKey.name': 'backend',
  'createAuthProvider.kind': 'COMPOSIO',
  'createAuthProvider.name': 'composio',
  'createAuthProvider.secret': 'the-api-key-of-composio',
  'createWorkspace.name': 'Acme',
  'createWorkspace.slug': 'acme',
  'createIntegration.slug': 'slack',
  'importDefinition.format': 'OPENAPI',
  'importDefinition.document': '{ "openapi": "3.1.0", "servers": [{ "url": "https://api.example.com" }], "paths": {} }',
  'createWebhookEndpoint.url': 'https://product.example.com/webhooks/latchkey',
  'runAction.action': 'send_message',
  'runAction.arguments': { channel: 'C0123456789', text: 'Hello' },
  'executeRequest.method': 'GET',
  'executeRequest.query': { limit: 10 },
  'provider.slug': 'slack',
  'providers.search': 'mail',
  'createToolSession.actions': ['slack_send_message'],
  'auditEvents.filter': { refused: true },
  'triggerSync.streams': ['channels'],
  'testIntegration.stream': 'channels',
  'connectSession.id': 'CONNECT_SESSION_ID',
  'confirmConnection.handle': 'the handle that the browser brought',
  'completeOAuth.code': 'the code of the callback',
  'completeOAuth.state': 'the state of the callback',
  'verifyOidcIssuer.token': 'a token of the issuer',
  accessToken: 'the access token',
  refreshToken: 'the refresh token',
  after: 'CURSOR',
  audience: 'latchkey',
  clientId: 'the client id',
  clientSecret: 'the client secret',
  color: '#3f5bd8',
  displayName: 'Acme',
  email: 'ada@example.com',
  enabled: true,
  endUserClaim: 'sub',
  endUserExternalId: 'user-1',
  externalId: 'user-1',
  first: 20,
  hosts: ['api.example.com'],
  integration: 'slack',
  integrations: ['slack'],
  intervalSeconds: 3600,
  issuer: 'https://login.example.com',
  name: 'Acme',
  path: '/conversations.list',
  provider: 'slack',
  redirectUrl: 'https://product.example.com/settings',
  secret: 'the secret',
  slug: 'acme',
  types: ['CONNECTION_NEEDS_REAUTH', 'SYNC_FAILED'],
  url: 'https://product.example.com/webhooks/latchkey',
}

/**
 * A document that calls a root field with its required inputs and the most useful of the others. It selects the most telling fields, and
 * every error of a union.
 */
export function exampleOf(kind: 'Query' | 'Mutation' | 'Subscription', field: GraphQLField<unknown, unknown>): Example {
  const useful = USEFUL[field.name] ?? []
  const args = field.args.filter((argument) => isRequiredArgument(argument) || useful.includes(argument.name))
  const declared = args.map(({ name, type }) => `$${name}: ${type}`).join(', ')
  const passed = args.map(({ name }) => `${name}: $${name}`).join(', ')
  const name = field.name.replace(/^./, (first) => first.toUpperCase())
  const source = `${kind.toLowerCase()} ${name} ${declared === '' ? '' : `(${declared})`} { ${field.name} ${passed === '' ? '' : `(${passed})`} ${returned(field.type)} }`
  const variables = Object.fromEntries(
    args.map((argument) => [argument.name, inputValue(argument.type, argument.name, field.name)]),
  )
  return { document: print(parse(source)), variables }
}

/** A document that reads a field of a workspace, which is looked up by its slug, or of another object, by its id. */
export function readExampleOf(owner: string, field: GraphQLField<unknown, unknown>): Example {
  const isList = field.args.some(({ name }) => name === 'after')
  const args = field.args.filter(
    (argument) => isRequiredArgument(argument) || (isList && (argument.name === 'first' || argument.name === 'after')),
  )
  const passed = args.length === 0 ? '' : `(${args.map(({ name }) => `${name}: $${name}`).join(', ')})`
  const selected = `${field.name} ${passed} ${returned(field.type)}`
  const [lookup, declared, variables] =
    owner === 'Workspace'
      ? [`workspace(slug: $workspace) { ${selected} }`, '$workspace: String!', { workspace: 'acme' }]
      : [`node(id: $id) { ... on ${owner} { ${selected} } }`, '$id: ID!', { id: constantCase(`${owner}Id`).slice(1) }]
  const declarations = [declared, ...args.map(({ name, type }) => `$${name}: ${type}`)].join(', ')
  const name = `${owner}${field.name.replace(/^./, (first) => first.toUpperCase())}`
  // The first page needs no cursor.
  const given = args.filter(({ name }) => name !== 'after')
  return {
    document: print(parse(`query ${name}(${declarations}) { ${lookup} }`)),
    variables: {
      ...variables,
      ...Object.fromEntries(
        given.map((argument) => [argument.name, inputValue(argument.type, argument.name, field.name)]),
      ),
    },
  }
}

/** The selection of what an operation returns. */
function returned(type: GraphQLOutputType): string {
  const result = getNamedType(type)
  if (isLeafType(result)) return ''
  if (isUnionType(result)) {
    const payloads = result.getTypes().filter((member) => !member.getInterfaces().some(({ name }) => name === 'Error'))
    const parts = payloads.map((payload) => `... on ${payload.name} ${payloadSelection(payload)}`)
    return `{ ${parts.join(' ')} ... on Error { code message } }`
  }
  if (isObjectType(result) && result.name.endsWith('Page')) {
    const item = result.getFields()['nodes']?.type
    const nodes = item === undefined ? '' : `nodes ${nested(getNamedType(item), RETURNED)}`
    return `{ ${nodes} pageInfo { hasNextPage endCursor } }`
  }
  if (result.name === 'Event') {
    return '{ type cursor occurredAt ... on SyncProgressed { stream recordsRead } ... on SyncFailed { error { code message } } }'
  }
  if (result.name === 'Node') return '{ id ... on Connection { displayName status } }'
  return payloadSelection(result)
}

function payloadSelection(type: GraphQLNamedType): string {
  if (!isObjectType(type)) return nested(type, RETURNED)
  let leaves = 0
  const parts = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument)) return []
    const named = getNamedType(field.type)
    if (isLeafType(named)) return leaves++ < RETURNED ? [field.name] : []
    // Objects of a payload. Those of a noun lead to the whole graph.
    return type.name.endsWith('Payload') ? [`${field.name} ${nested(named, NESTED)}`] : []
  })
  return `{ ${parts.join(' ')} }`
}

/** The most telling leaf fields of an object; `__typename` if it has none. */
function nested(type: GraphQLNamedType, count: number): string {
  if (!isObjectType(type) && !isAbstractType(type)) return ''
  if (isUnionType(type)) return '{ __typename }'
  const leaves = Object.values(type.getFields()).filter(
    (field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument),
  )
  const rank = ({ name }: { name: string }) => (TELLING.includes(name) ? TELLING.indexOf(name) : TELLING.length)
  const chosen = leaves.toSorted((a, b) => rank(a) - rank(b)).slice(0, count)
  return `{ ${chosen.length === 0 ? '__typename' : chosen.map(({ name }) => name).join(' ')} }`
}

/** @param owner name of the operation or of the input object */
function inputValue(type: GraphQLInputType, name: string, owner: string): unknown {
  const own = VALUES[`${owner}.${name}`]
  if (own !== undefined) return own
  const named = getNamedType(type)
  if (isInputObjectType(named)) return objectOf(Object.values(named.getFields()), named.name, owner, named.isOneOf)
  if (named.name === 'ID') {
    const id = name === 'id' || name === 'ids' ? 'CONNECTION_ID' : constantCase(name)
    return isListType(getNullableType(type)) ? [id] : id
  }
  const value = VALUES[name]
  if (value !== undefined) return value
  if (isEnumType(named)) return named.getValues()[0]?.name
  throw new Error(`scripts/api-examples.ts has no value for ${owner}.${name}. Add one to VALUES.`)
}

function objectOf(fields: GraphQLInputField[], type: string, operation: string, isOneOf: boolean): unknown {
  const owner = type.endsWith('Input') && type.toLowerCase() === `${operation}input`.toLowerCase() ? operation : type
  const useful = USEFUL[owner] ?? []
  const chosen = fields.filter((field) => useful.includes(field.name) || (!isOneOf && isRequiredInputField(field)))
  return Object.fromEntries(chosen.map((field) => [field.name, inputValue(field.type, field.name, owner)]))
}

/** `connectionId` as `CONNECTION_ID`. */
function constantCase(name: string): string {
  return name.replaceAll(/([A-Z])/g, '_$1').toUpperCase()
}
