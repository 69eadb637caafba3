/**
 * `npm run codegen`: writes docs/api/, the reference of the API, from the GraphQL schema: a page for each noun with its operations and types.
 * With `--check` it writes nothing and fails when a file differs.
 */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredInputField,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql'
import { slugOf } from '../docs/.vitepress/pages.ts'
import { buildSchema } from '../src/graphql/schema.ts'
import { exampleOf, readExampleOf } from './api-examples.ts'
import { writeGenerated } from './generated-folder.ts'

const FOLDER = 'docs/api'
const GENERATED =
  '<!-- Written by scripts/generate-api-docs.ts from the schema. Change the descriptions in src/graphql instead. -->'

interface Noun {
  file: string
  title: string
  intro: string
  /** Root fields, in the order of the page. A field that is a query and a subscription is named once. */
  operations: readonly string[]
  /** Fields that read the noun, such as `Workspace.connections`. */
  reads?: readonly string[]
  /** Types that belong to the page. The types that only they use follow them. */
  types: readonly string[]
}

const NOUNS: readonly Noun[] = [
  {
    file: 'workspaces',
    title: 'Workspaces',
    intro: 'A workspace is a tenant of the deployment. Everything else belongs to one. See [limits](../limits.md).',
    operations: ['viewer', 'workspace', 'workspaces', 'createWorkspace', 'updateWorkspace', 'deleteWorkspace'],
    types: ['Workspace', 'WorkspaceLimits', 'Viewer', 'Branding', 'BrandingInput', 'Confirmation'],
  },
  {
    file: 'end-users',
    title: 'End users',
    intro:
      'An end user is a user of your product, by your own id. Connections may belong to one. See [concepts](../concepts.md).',
    operations: ['upsertEndUser', 'deleteEndUser'],
    reads: ['Workspace.endUsers', 'Workspace.endUser', 'EndUser.connections'],
    types: ['EndUser'],
  },
  {
    file: 'catalogue',
    title: 'Catalogue of providers',
    intro: 'The providers that are built in, and their guides. See [providers](../providers.md).',
    operations: ['provider', 'providers', 'providerCategories'],
    types: ['Provider', 'ProviderCategory', 'ProviderGuide', 'AuthDefinition', 'AuthType', 'Stream', 'CredentialField'],
  },
  {
    file: 'integrations',
    title: 'Integrations',
    intro:
      'An integration is a provider, or a definition of your own, in a workspace. See [definitions](../definitions.md).',
    operations: ['createIntegration', 'updateIntegration', 'deleteIntegration', 'testIntegration', 'importDefinition'],
    reads: ['Workspace.integrations', 'Workspace.integration'],
    types: ['Integration', 'OAuthClient', 'OAuthClientInput', 'TestResult', 'ImportFormat', 'ImportResult'],
  },
  {
    file: 'connect-sessions',
    title: 'Connect sessions and OAuth',
    intro:
      'A connect session is a link to the hosted connect page. `startOAuth` is for pages of your own. See [connecting accounts](../connecting.md).',
    operations: [
      'createConnectSession',
      'connectSession',
      'confirmConnection',
      'revokeConnectSession',
      'startOAuth',
      'completeOAuth',
    ],
    types: ['ConnectSession', 'ConnectSessionStatus', 'ConnectSessionError'],
  },
  {
    file: 'connections',
    title: 'Connections',
    intro:
      'A connection is one account at an integration, with its credential. See [connecting accounts](../connecting.md) and [credential refresh](../refresh.md).',
    operations: [
      'createConnection',
      'updateConnection',
      'deleteConnection',
      'testConnection',
      'refreshConnection',
      'replaceCredential',
      'resolveConnection',
    ],
    reads: ['Workspace.connections'],
    types: ['Connection', 'ConnectionStatus', 'ConnectionFilter', 'CredentialStatus', 'CredentialInput'],
  },
  {
    file: 'auth-providers',
    title: 'Auth providers',
    intro:
      'An auth provider holds credentials for a workspace. See [external credentials](../refresh.md#external-credentials).',
    operations: ['createAuthProvider', 'updateAuthProvider', 'deleteAuthProvider'],
    reads: ['Workspace.authProviders'],
    types: ['AuthProvider', 'AuthProviderKind'],
  },
  {
    file: 'sync',
    title: 'Sync jobs',
    intro: 'A sync job reads the streams of a connection. See [definitions](../definitions.md).',
    operations: ['triggerSync', 'cancelSync'],
    reads: ['Workspace.syncJobs', 'Connection.syncJobs', 'Workspace.queue'],
    types: ['SyncJob', 'SyncJobStatus', 'SyncJobFilter', 'SyncQueue', 'Schedule', 'ScheduleInput'],
  },
  {
    file: 'records',
    title: 'Records and collections',
    intro:
      'A record is one object that a sync job read. See [copies of records](../subscriptions.md) and [export](../export.md).',
    operations: [],
    reads: ['Connection.records', 'Collection.records', 'Workspace.collections'],
    types: ['Record', 'Collection', 'ConnectionRecordsPage', 'CollectionRecordsPage'],
  },
  {
    file: 'requests',
    title: 'Requests and actions',
    intro:
      'Requests through a connection, with its credential. See [requests](../requests.md) and [actions](../actions.md).',
    operations: ['executeRequest', 'runAction'],
    types: ['HttpResponse', 'Action', 'HttpMethod', 'ResolveConnectionInput'],
  },
  {
    file: 'tool-sessions',
    title: 'Tool sessions',
    intro: 'A tool session is an MCP server for one end user. See [tools for agents](../mcp.md).',
    operations: ['createToolSession', 'revokeToolSession'],
    types: [],
  },
  {
    file: 'events',
    title: 'Events',
    intro:
      'Each step is an event in a durable log. Subscriptions replay it and follow it. See [subscriptions](../subscriptions.md).',
    operations: ['workspaceEvents', 'connectionEvents', 'syncJobEvents'],
    reads: ['Workspace.events', 'Connection.events', 'SyncJob.events'],
    types: ['EventType', 'Event'],
  },
  {
    file: 'webhooks',
    title: 'Webhook endpoints',
    intro: 'A webhook endpoint of your product gets the events of a workspace. See [webhooks](../webhooks.md).',
    operations: [
      'createWebhookEndpoint',
      'updateWebhookEndpoint',
      'deleteWebhookEndpoint',
      'testWebhookEndpoint',
      'rotateWebhookSecret',
      'redeliverWebhook',
    ],
    reads: ['Workspace.webhookEndpoints', 'WebhookEndpoint.deliveries'],
    types: ['WebhookEndpoint', 'WebhookDelivery', 'WebhookDeliveryStatus'],
  },
  {
    file: 'api-keys',
    title: 'API keys',
    intro: 'Keys of your backends. See [API keys](../api-keys.md).',
    operations: ['createApiKey', 'revokeApiKey'],
    reads: ['Workspace.apiKeys'],
    types: ['ApiKey', 'ApiKeyRole', 'ApiKeyScope'],
  },
  {
    file: 'oidc-issuers',
    title: 'OIDC issuers',
    intro:
      'An OIDC issuer signs tokens with which your end users call the API. See [OIDC issuers](../oidc-issuers.md).',
    operations: ['createOidcIssuer', 'verifyOidcIssuer', 'approveOidcIssuer', 'updateOidcIssuer', 'deleteOidcIssuer'],
    reads: ['Workspace.oidcIssuers'],
    types: ['OidcIssuer', 'SigningAlgorithm'],
  },
  {
    file: 'audit',
    title: 'Audit log',
    intro: 'Who did what. See [audit log](../audit.md).',
    operations: ['auditEvents'],
    reads: ['Workspace.auditEvents'],
    types: ['AuditEvent', 'AuditFilter'],
  },
  {
    file: 'errors',
    title: 'Errors',
    intro:
      'Expected failures are data: the result of a mutation is a union of its payload and of the errors below. Other failures are in `errors` of the response, with the same codes in `extensions.code`.',
    operations: [],
    types: ['ErrorCode', 'Error', 'FieldError'],
  },
]

/** The page with what all operations share. */
const OVERVIEW: Noun = {
  file: 'README',
  title: 'API reference',
  intro: '',
  operations: ['node', 'nodes'],
  types: ['Node', 'PageInfo', 'Cursor', 'DateTime', 'JSON', 'Secret', 'Language'],
}

const schema = buildSchema()
const KINDS = ['Query', 'Mutation', 'Subscription'] as const
type Kind = (typeof KINDS)[number]

interface Operation {
  kind: Kind
  field: GraphQLField<unknown, unknown>
}

const operations: Operation[] = KINDS.flatMap((kind) =>
  Object.values((schema.getType(kind) as GraphQLObjectType).getFields()).map((field) => ({ kind, field })),
)
const named = (name: string) => {
  const found = operations.filter(({ field }) => field.name === name)
  if (found.length === 0) throw new Error(`scripts/generate-api-docs.ts names ${name}, which the schema does not have.`)
  return found
}

/** Types that are written where they are used: inputs and results of one mutation, pages and edges of lists. */
function isFolded(type: GraphQLNamedType): boolean {
  return (
    KINDS.some((kind) => kind === type.name) ||
    isSpecifiedScalarType(type) ||
    type.name.startsWith('__') ||
    isUnionType(type) ||
    /(?:Payload|PageEdge)$/.test(type.name) ||
    (type.name.endsWith('Page') && !NOUNS.some(({ types }) => types.includes(type.name))) ||
    isOperationInput(type)
  )
}

const operationInputs = new Set(
  operations.flatMap(({ field }) =>
    field.args.filter(({ name }) => name === 'input').map(({ type }) => getNamedType(type).name),
  ),
)
const isOperationInput = ({ name }: GraphQLNamedType) =>
  operationInputs.has(name) && !NOUNS.some(({ types }) => types.includes(name))

/** Types that the fields of a type lead to, in their order. */
function usedBy(type: GraphQLNamedType): GraphQLNamedType[] {
  if (isUnionType(type)) return [...type.getTypes()]
  if (isObjectType(type) || isInterfaceType(type)) {
    return Object.values(type.getFields()).flatMap(({ type, args }) => [
      getNamedType(type),
      ...args.map((argument) => getNamedType(argument.type)),
    ])
  }
  return isInputObjectType(type) ? Object.values(type.getFields()).map((field) => getNamedType(field.type)) : []
}

/**
 * The types of each page: those that it names, and those that it leads to in fewer steps than every other page.
 */
function assignTypes(nouns: readonly Noun[]): Map<string, string[]> {
  const typesOf = new Map(nouns.map(({ file, types }) => [file, types.flatMap(withKinds)]))
  const seen = new Set([...typesOf.values()].flat())
  let edge = nouns.flatMap(({ file, operations }) => [
    ...(typesOf.get(file) ?? []).flatMap((name) => usedBy(typeNamed(name))).map((type) => ({ file, type })),
    ...operations
      .flatMap(named)
      .flatMap(({ field }) => [field.type, ...field.args.map(({ type }) => type)])
      .map((type) => ({ file, type: getNamedType(type) })),
  ])
  while (edge.length > 0) {
    const next: typeof edge = []
    for (const { file, type } of edge) {
      if (seen.has(type.name)) continue
      seen.add(type.name)
      if (!isFolded(type)) typesOf.get(file)?.push(type.name)
      next.push(...usedBy(type).map((used) => ({ file, type: used })))
    }
    edge = next
  }
  return typesOf
}

/** An interface is followed by the types that have it, so that all errors are on one page, and all events. */
function withKinds(name: string): string[] {
  const type = typeNamed(name)
  if (!isInterfaceType(type) || name === 'Node') return [name]
  return [name, ...schema.getPossibleTypes(type).map((possible) => possible.name)]
}

function typeNamed(name: string): GraphQLNamedType {
  const type = schema.getType(name)
  if (type === undefined)
    throw new Error(`scripts/generate-api-docs.ts names the type ${name}, which the schema does not have.`)
  return type
}

const nouns = [OVERVIEW, ...NOUNS]
const left = operations.filter(({ field }) => !nouns.some(({ operations }) => operations.includes(field.name)))
if (left.length > 0) {
  throw new Error(
    `Add to a page of scripts/generate-api-docs.ts: ${left.map(({ field }) => field.name).join(', ')}. Its reference has to be somewhere.`,
  )
}
const typesOf = assignTypes([...NOUNS, OVERVIEW])
const anchors = new Map<string, string>()
for (const noun of nouns) {
  for (const name of typesOf.get(noun.file) ?? []) anchors.set(name, `${noun.file}.md#${slugOf(`type ${name}`)}`)
}

/** One line of Markdown. A `<` would begin HTML, and a `|` a cell. */
const inline = (text: string) =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll('<', '\\<')))
    .join('')
    .replaceAll('|', '\\|')
    .replaceAll(/\s+/g, ' ')
    .trim()
const code = (text: string) => `\`${text}\``
const cell = (items: readonly string[]) => (items.length === 0 ? '–' : items.join(', '))

/** A type as code, with a link to its description. */
function typeLink(type: GraphQLInputType | GraphQLOutputType, page: string): string {
  return link(getNamedType(type).name, page, String(type))
}

function link(name: string, page: string, text = name): string {
  const target = anchors.get(name)
  if (target === undefined) return code(text)
  return `[${code(text)}](${target.startsWith(`${page}.md#`) ? target.slice(page.length + 3) : target})`
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [
    `| ${columns.join(' | ')} |`,
    `|${'---|'.repeat(columns.length)}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
}

/** A description without its sentence `Default: …`, and the default. */
function withoutDefault({ description, defaultValue }: GraphQLArgument | GraphQLInputField): [string, string] {
  const text = inline(description ?? '')
  const [sentence, words] = /(?:^| )Default: (.+?)\.(?= |$)/.exec(text) ?? []
  const rest = sentence === undefined ? text : text.replace(sentence, '').trim()
  if (words !== undefined) return [rest, words]
  return [rest, defaultValue === undefined ? '' : code(JSON.stringify(defaultValue))]
}

function inputTable(items: readonly (GraphQLArgument | GraphQLInputField)[], page: string): string {
  // Required ones first: those that a reader has to know.
  const sorted = items.toSorted((a, b) => Number(isRequired(b)) - Number(isRequired(a)))
  return table(
    ['name', 'type', 'default', 'description'],
    sorted.map((item) => {
      const [description, fallback] = withoutDefault(item)
      return [
        code(item.name),
        typeLink(item.type, page),
        isRequired(item) ? '**required**' : fallback || '–',
        description,
      ]
    }),
  )
}

const isRequired = (item: GraphQLArgument | GraphQLInputField) => isRequiredInputField(item as GraphQLInputField)

/** Fields of an object. Arguments are below the description of their field, except those that every list has. */
function fieldTable(fields: readonly GraphQLField<unknown, unknown>[], page: string): string {
  return table(
    ['field', 'type', 'description'],
    fields.map((field) => {
      const isList = getNamedType(field.type).name.endsWith('Page')
      const own = field.args.filter(({ name }) => !(isList && (name === 'first' || name === 'after')))
      const args = own.map((argument) => {
        const [description, fallback] = withoutDefault(argument)
        const end = fallback === '' ? '' : ` Default: ${fallback}.`
        return `<br>${code(`${argument.name}:`)} ${typeLink(argument.type, page)} ${description}${end}`
      })
      return [code(field.name), outputLink(field.type, page), `${inline(field.description ?? '')}${args.join('')}`]
    }),
  )
}

/** Lists link to the type of their items. */
function outputLink(type: GraphQLOutputType, page: string): string {
  const node = getNamedType(type)
  if (!isObjectType(node) || !node.name.endsWith('Page') || anchors.has(node.name)) return typeLink(type, page)
  const item = node.getFields()['nodes']?.type
  return item === undefined ? typeLink(type, page) : `[list](README.md#lists) of ${link(getNamedType(item).name, page)}`
}

function operationSection(operation: Operation, page: string): string[] {
  const { kind, field } = operation
  const input = field.args.find(({ name }) => name === 'input')
  const inputType = input === undefined ? undefined : getNamedType(input.type)
  const { document, variables } = exampleOf(kind, field)
  return [
    `### ${field.name}`,
    `${kind}. ${inline(field.description ?? '')}`,
    ...(isInputObjectType(inputType)
      ? ['**Input**', inputTable(Object.values(inputType.getFields()), page)]
      : field.args.length > 0
        ? ['**Arguments**', inputTable(field.args, page)]
        : []),
    ...resultParts(field.type, page),
    '**Example**',
    `\`\`\`graphql\n${document}\n\`\`\``,
    ...(Object.keys(variables).length === 0 ? [] : [`\`\`\`json\n${JSON.stringify(variables, null, 2)}\n\`\`\``]),
  ]
}

/** A field that reads the noun, with an example from the object that has it. */
function readSection(read: string, page: string): string[] {
  const [owner = '', name = ''] = read.split('.')
  const type = typeNamed(owner)
  const field = isObjectType(type) ? type.getFields()[name] : undefined
  if (field === undefined)
    throw new Error(`scripts/generate-api-docs.ts names ${read}, which the schema does not have.`)
  const { document, variables } = readExampleOf(owner, field)
  return [
    `### Field ${read}`,
    `Field of ${link(owner, page)}. ${inline(field.description ?? '')}`,
    ...(field.args.length > 0 ? ['**Arguments**', inputTable(field.args, page)] : []),
    `**Returns** ${outputLink(field.type, page)}`,
    '**Example**',
    `\`\`\`graphql\n${document}\n\`\`\``,
    `\`\`\`json\n${JSON.stringify(variables, null, 2)}\n\`\`\``,
  ]
}

function resultParts(type: GraphQLOutputType, page: string): string[] {
  const result = getNamedType(type)
  if (!isUnionType(result)) return [`**Returns** ${outputLink(type, page)}`]
  const members = result.getTypes()
  const errors = members.filter((member) => member.getInterfaces().some(({ name }) => name === 'Error'))
  const payloads = members.filter((member) => !errors.includes(member))
  return [
    ...payloads.flatMap((payload) => [
      anchors.has(payload.name) ? `**Returns** ${link(payload.name, page)}` : `**Returns** ${code(payload.name)}`,
      ...(anchors.has(payload.name) ? [] : [fieldTable(Object.values(payload.getFields()), page)]),
    ]),
    `**Errors** ${errors.map(({ name }) => link(name, page)).join(', ')}`,
  ]
}

function typeSection(name: string, page: string): string[] {
  const type = typeNamed(name)
  return [`### Type ${name}`, inline(type.description ?? ''), ...bodyOf(type, page)]
}

function bodyOf(type: GraphQLNamedType, page: string): string[] {
  if (isEnumType(type)) {
    return [
      table(
        ['value', 'meaning'],
        type.getValues().map(({ name, description }) => [code(name), inline(description ?? '')]),
      ),
    ]
  }
  if (isInputObjectType(type)) {
    const fields = inputTable(Object.values(type.getFields()), page)
    return type.isOneOf ? ['Exactly one of the fields is given.', fields] : [fields]
  }
  if (isScalarType(type)) return type.specifiedByURL == null ? [] : [`Specified by <${type.specifiedByURL}>.`]
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  const interfaces = type.getInterfaces()
  const inherited = new Set(
    interfaces.filter(({ name }) => name !== 'Node').flatMap((each) => Object.keys(each.getFields())),
  )
  const own = Object.values(type.getFields()).filter(({ name }) => !inherited.has(name))
  const shared = interfaces
    .filter(({ name }) => name !== 'Node')
    .map(({ name }) => `Has the fields of ${link(name, page)}${own.length === 0 ? '.' : ', and:'}`)
  return [...shared, ...(own.length === 0 ? [] : [fieldTable(own, page)])]
}

function contentOf(noun: Noun): string[] {
  const page = noun.file
  const found = noun.operations.flatMap(named)
  const titles = { Query: 'Queries', Mutation: 'Mutations', Subscription: 'Subscriptions' } as const
  const sections = KINDS.flatMap((kind) => {
    const own = found.filter((operation) => operation.kind === kind)
    return own.length === 0 ? [] : [`## ${titles[kind]}`, ...own.flatMap((each) => operationSection(each, page))]
  })
  const types = typesOf.get(page) ?? []
  const reads = noun.reads ?? []
  return [
    ...(reads.length === 0 ? [] : ['## Reading', ...reads.flatMap((read) => readSection(read, page))]),
    ...sections,
    ...(types.length === 0 ? [] : ['## Types', ...types.flatMap((name) => typeSection(name, page))]),
  ]
}

function pageOf(noun: Noun): string {
  return `${[`# ${noun.title}`, GENERATED, `${noun.intro} [All pages of the reference](README.md).`, ...contentOf(noun)].join('\n\n')}\n`
}

function overview(): string {
  const rows = NOUNS.map(({ file, title, operations, reads = [] }) => [
    `[${title}](${file}.md)`,
    cell(reads.map((read) => `[${code(read)}](${file}.md#${slugOf(`Field ${read}`)})`)),
    cell(operations.map((name) => `[${code(name)}](${file}.md#${slugOf(name)})`)),
  ])
  const parts = [
    `# ${OVERVIEW.title}`,
    GENERATED,
    'The API is one GraphQL endpoint, `/graphql`. It takes queries and mutations by POST, and subscriptions by Server-Sent Events or by WebSocket (`graphql-transport-ws`). This reference is made from [schema/schema.graphql](../../schema/schema.graphql). Outside production, GraphiQL is at the same address.',
    table(['page', 'fields that read it', 'operations'], rows),
    '## Calling it',
    'Send the key or token as `Authorization: Bearer …` ([API keys](../api-keys.md), [tokens of your own issuer](../oidc-issuers.md)). The examples use variables: ids such as `WORKSPACE_ID` stand for the global ids that the API returns.',
    '```sh\ncurl http://127.0.0.1:4000/graphql \\\n  -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\\n  -d \'{"query":"{ viewer { kind role } }"}\'\n```',
    '## Results of mutations',
    'A mutation returns a union of its payload and its errors. `... on Error { code message }` selects every error. The [codes](errors.md#type-errorcode) stay the same; messages are for people.',
    '## Lists',
    'Lists are Relay cursor lists; their types end in `Page`. `first` is the number of items (0 to 100, default 20), and `after` is the `endCursor` of the page before. Each page has `nodes`, `edges` with a cursor each, `pageInfo` and `totalCount`.',
    '```graphql\nquery ($slug: String!, $after: String) {\n  workspace(slug: $slug) {\n    connections(first: 50, after: $after) {\n      nodes {\n        id\n        status\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n}\n```',
    ...contentOf(OVERVIEW),
  ]
  return `${parts.join('\n\n')}\n`
}

const pages = new Map([['README.md', overview()], ...NOUNS.map((noun) => [`${noun.file}.md`, pageOf(noun)] as const)])
await writeGenerated(FOLDER, 'the schema', pages)
