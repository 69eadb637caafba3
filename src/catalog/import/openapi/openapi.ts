import { InvalidInputError } from '../../../kit/errors.ts'
import { readJsonOrYaml } from '../../../kit/structured-text.ts'
import { parseDefinition } from '../../definition/definition.ts'
import { isRecord } from '../../template/value.ts'
import {
  checkedImport,
  type ImportReport,
  type NamedPart,
  refusedImport,
  reportOrRefusal,
  UnusableSourceError,
} from '../report.ts'
import { ActionTranslation } from './openapi-actions.ts'
import { openApiAuthOf } from './openapi-auth.ts'
import {
  DEPRECATED,
  type Json,
  listOf,
  OpenApiDocument,
  type Operation,
  objectOf,
  operationsOf,
  ownOf,
  TooComplexError,
  textOf,
  UnusableOperationError,
} from './openapi-document.ts'
import { streamOf } from './openapi-streams.ts'
import { fromSwagger } from './swagger.ts'

/** Limits of a definition, with some left for what else it has. */
const MAX_ITEMS = 200
const MAX_BYTES = 220 * 1024
const MAX_TEMPLATE_CHARACTERS = 30_000

/**
 * Translates an OpenAPI document of version 3.0 or 3.1, or of Swagger 2.0, in JSON or YAML: security schemes to the authentication, lists to
 * streams, and all other operations to actions.
 * @param options.only tags, and beginnings of paths such as `/orders`: operations without any of these are left out. Default: all
 */
export function importOpenApi(text: string, options: { only?: readonly string[] | undefined } = {}): ImportReport {
  return reportOrRefusal(() => translateOpenApi(text, options))
}

/**
 * As `importOpenApi`.
 * @throws UnusableSourceError for a text that is no OpenAPI document of these versions
 */
export function translateOpenApi(
  text: string,
  { only = [] }: { only?: readonly string[] | undefined } = {},
): ImportReport {
  const read = readJsonOrYaml(text)
  if ('problems' in read) throw new UnusableSourceError(read.problems)
  if (!isRecord(read.value)) throw new UnusableSourceError('It is not an OpenAPI document.')
  const swagger = read.value['swagger']
  const version = String(read.value['openapi'] ?? '')
  const isSwagger = swagger !== undefined && /^2\.0?$/.test(String(swagger))
  if (!isSwagger && !/^3\.[01](?:\.|$)/.test(version)) {
    if (version === '' && swagger === undefined) {
      throw new UnusableSourceError('It is not an OpenAPI document: it has no key openapi.')
    }
    const given = swagger === undefined ? `the version ${version}` : `Swagger ${String(swagger)}`
    throw new UnusableSourceError(`It has ${given.slice(0, 50)}. Convert it to OpenAPI 3.0 or 3.1.`)
  }
  try {
    const { root, notes } = isSwagger ? fromSwagger(read.value) : { root: read.value, notes: [] }
    const report = reportOf(new OpenApiDocument(root), only)
    report.auth.notes.push(...notes)
    return checkedImport(report)
  } catch (error) {
    if (!(error instanceof TooComplexError)) throw error
    return refusedImport(error.message)
  }
}

function isWanted({ path, value }: Operation, only: readonly string[]): boolean {
  const tags = listOf(value['tags']).map(String)
  return only.length === 0 || only.some((each) => (each.startsWith('/') ? path.startsWith(each) : tags.includes(each)))
}

function reportOf(document: OpenApiDocument, only: readonly string[]): ImportReport {
  const all = operationsOf(document)
  const operations = all.filter((operation) => isWanted(operation, only))
  const { baseUrl, inputFields, notes, url } = baseUrlOf(document)
  const { auth, headers, query, part, places, lacksFor } = openApiAuthOf(document, operations, url)
  part.notes.push(...notes)
  if (operations.length < all.length) {
    part.notes.push(`Of ${all.length} operations, ${operations.length} have one of ${only.join(', ').slice(0, 500)}.`)
  }
  const info = objectOf(document.root['info'])
  const docs = objectOf(document.root['externalDocs'])['url']
  const definition: Record<string, unknown> = {
    displayName: textOf(info['title'], 200) ?? 'API',
    ...(typeof docs === 'string' && /^https?:/i.test(docs) && URL.canParse(docs) ? { docsUrl: docs } : {}),
    baseUrl,
    ...(inputFields.length > 0 ? { inputFields } : {}),
    auth,
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(Object.keys(query).length > 0 ? { query } : {}),
  }
  if (part.result === 'refused') return { definition: null, auth: part, streams: [], actions: [] }
  const room = new Room(JSON.stringify(definition).length)
  const streams: NamedPart[] = []
  const actions: NamedPart[] = []
  const madeStreams: Json[] = []
  const madeActions: Json[] = []
  const rest: Operation[] = []
  const names = new Set<string>()
  for (const operation of operations) {
    const isElsewhere = hasOwnServers(document, operation)
    const lacks = lacksFor(operation)
    const stream = isElsewhere || lacks !== undefined ? undefined : streamOf(document, operation, places)
    if (stream === undefined) {
      rest.push(operation)
      continue
    }
    const name = freeName(streamName(operation.path), names)
    const made = { ...stream.definition, name }
    const isFull = room.isFull(made, madeStreams.length)
    if (!isFull) madeStreams.push(made)
    streams.push(isFull ? tooMany(name) : { name, result: 'partly', notes: stream.notes })
  }
  names.clear()
  const translation = new ActionTranslation(document, places, Math.min(rest.length, MAX_ITEMS))
  for (const operation of rest) {
    const name = freeName(actionName(operation), names)
    try {
      if (hasOwnServers(document, operation)) throw new UnusableOperationError('has servers of its own')
      const { definition: made, notes: ownNotes } = translation.action(operation, name)
      ownNotes.push(...[lacksFor(operation) ?? []].flat())
      const isFull = room.isFull(made, madeActions.length)
      if (!isFull) madeActions.push(made)
      actions.push(
        isFull
          ? tooMany(name)
          : { name, result: ownNotes.some((note) => note !== DEPRECATED) ? 'partly' : 'imported', notes: ownNotes },
      )
    } catch (error) {
      if (!(error instanceof UnusableOperationError)) throw error
      actions.push({ name, result: 'refused', notes: [`It ${error.message}.`] })
    }
  }
  const leftOut = operations.length - madeStreams.length - madeActions.length
  if (room.wasFull) {
    part.notes.push(
      `${leftOut} of ${operations.length} operations are left out. Import those that you need with --only and a tag or the beginning of a path.`,
    )
  }
  if (madeStreams.length > 0) definition['streams'] = madeStreams
  if (madeActions.length > 0) definition['actions'] = madeActions
  return { definition, auth: part, streams, actions }
}

function tooMany(name: string): NamedPart {
  const note = `It is left out, because a definition has at most ${MAX_ITEMS} streams and ${MAX_ITEMS} actions, and 256 KiB.`
  return { name, result: 'refused', notes: [note] }
}

/** What still fits into a definition. */
class Room {
  #bytes: number
  #templateCharacters = 0
  /** Whether an item did not fit. */
  wasFull = false

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Whether an item does not fit. One that does is counted. @param count items of its kind so far */
  isFull(item: Json, count: number): boolean {
    const text = JSON.stringify(item)
    const bytes = Buffer.byteLength(text)
    const characters = [...text.matchAll(/"[^"]*\{\{[^"]*"/g)].reduce((sum, [each]) => sum + each.length + 16, 0)
    const isFull =
      count >= MAX_ITEMS ||
      this.#bytes + bytes > MAX_BYTES ||
      this.#templateCharacters + characters > MAX_TEMPLATE_CHARACTERS
    if (isFull) this.wasFull = true
    if (isFull) return true
    this.#bytes += bytes
    this.#templateCharacters += characters
    return false
  }
}

/** Whether an operation or its path names servers that do not have the one of the document. */
function hasOwnServers(document: OpenApiDocument, { path, value }: Operation): boolean {
  const item = document.object(objectOf(document.root['paths'])[path])
  const urlsOf = (servers: unknown) => listOf(servers).map((each) => String(document.object(each)['url']))
  const own = urlsOf(value['servers'])
  const given = own.length > 0 ? own : urlsOf(item['servers'])
  const [usual = '/'] = urlsOf(document.root['servers'])
  return given.length > 0 && !given.includes(usual)
}

/** Names of fields of credentials, which inputs must not have. */
const CREDENTIAL_NAMES = new Set([
  ...['username', 'password', 'token', 'api_key', 'client_id', 'client_secret', 'refresh_token', 'auth_method'],
  'base_url',
])

interface BaseUrl {
  baseUrl: string
  inputFields: Json[]
  notes: string[]
  /** With the defaults of its variables. Undefined: a person supplies it. */
  url: URL | undefined
}

/** The first server. Its variables become input fields. */
function baseUrlOf(document: OpenApiDocument): BaseUrl {
  const servers = listOf(document.root['servers']).map((each) => document.object(each))
  const [server] = servers
  const notes: string[] = []
  if (servers.length > 1) {
    const others = servers.slice(1, 6).map((each) => String(each['url']).slice(0, 200))
    notes.push(
      `The first server of the document is used. The others are ${others.join(', ')}${servers.length > 6 ? ' and more' : ''}.`,
    )
  }
  const variables = objectOf(server?.['variables'])
  const fields = new Map<string, Json>()
  const usualOf = (name: string): string | undefined => {
    const { default: usual, enum: choices } = document.object(ownOf(variables, name))
    const given = usual ?? listOf(choices)[0]
    return given === undefined ? undefined : String(given)
  }
  let source = String(server?.['url'] ?? '/').trim()
  if (source.startsWith('//')) source = `https:${source}`
  // A scheme is no input.
  source = source.replace(/^\{([^{}]+)\}(?=:\/\/)/, (_, name: string) => usualOf(name) ?? 'https')
  const plain = source.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => usualOf(name) ?? 'x')
  const baseUrl = source.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    const { enum: choices, description } = document.object(ownOf(variables, name))
    const usual = usualOf(name)
    const short = name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 50)
    const field = CREDENTIAL_NAMES.has(short) || !/^[A-Za-z_]/.test(short) ? `server_${short}` : short
    const listed = listOf(choices).map(String)
    const about = textOf(description, 2_000)
    const isFitting = usual !== undefined && usual !== '' && (listed.length === 0 || listed.includes(usual))
    fields.set(field, {
      name: field,
      ...(about === undefined ? {} : { description: about }),
      ...(usual === undefined ? { required: true } : isFitting ? { example: usual.slice(0, 1_000) } : {}),
      ...(listed.length > 0 ? { pattern: listed.map(escaped).join('|') } : {}),
    })
    return usual === undefined
      ? `{{ input['${field}'] }}`
      : `{{ input['${field}'] | default('${usual.replaceAll(/['\\{}]/g, '')}', true) }}`
  })
  const made = { baseUrl: baseUrl.replace(/\/+$/, ''), inputFields: [...fields.values()] }
  const url = URL.parse(plain) ?? undefined
  if (/^https?:/i.test(source) && /^[a-z0-9._[\]:-]+$/i.test(url?.host ?? '') && isUsable(made))
    return { ...made, notes, url }
  const isRelative = /^\/?[\w./~-]*$/.test(source)
  notes.push(
    isRelative
      ? 'The document has no host. The person supplies it.'
      : 'The first server of the document is no URL that can be used. The person supplies it.',
  )
  const path = isRelative ? source.replace(/^\/?/, '/').replace(/\/+$/, '') : ''
  const field = { name: 'base_url', label: 'Base URL', required: true, example: 'https://api.example.com' }
  return { baseUrl: `{{ input['base_url'] }}${path}`, inputFields: [field], notes, url: undefined }
}

function isUsable({ baseUrl, inputFields }: Pick<BaseUrl, 'baseUrl' | 'inputFields'>): boolean {
  try {
    parseDefinition({ displayName: 'x', baseUrl, inputFields, auth: { type: 'none' } })
    return true
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return false
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

/** The name of a list: its path without versions. */
function streamName(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && !/^(?:v\d+(?:\.\d+)?|api|rest)$/i.test(part))
  const name = parts
    .join('/')
    .replace(/\.json$/, '')
    .replaceAll(/[^A-Za-z0-9_./-]/g, '_')
  return /^[A-Za-z0-9_]/.test(name) ? name.slice(0, 90) : `list${name}`.slice(0, 90)
}

function actionName({ method, path, value }: Operation): string {
  const { operationId } = value
  const given = typeof operationId === 'string' && operationId !== '' ? operationId : `${method}_${streamName(path)}`
  const name = given.replaceAll(/[^A-Za-z0-9_.-]/g, '_').replace(/^[^A-Za-z0-9_]+/, '')
  return (name === '' ? 'action' : name).slice(0, 60)
}

function freeName(name: string, taken: Set<string>): string {
  let free = name
  for (let count = 2; taken.has(free); count += 1) free = `${name}_${count}`
  taken.add(free)
  return free
}
