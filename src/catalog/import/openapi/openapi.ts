import { readJsonOrYaml } from '../../../kit/structured-text.ts'
import { isRecord } from '../../template/value.ts'
import {
  checkedImport,
  type ImportReport,
  type NamedPart,
  refusedImport,
  reportOrRefusal,
  UnusableSourceError,
} from '../report.ts'
import { ActionTranslation, UnusableOperationError } from './openapi-actions.ts'
import { openApiAuthOf } from './openapi-auth.ts'
import {
  type Json,
  listOf,
  OpenApiDocument,
  type Operation,
  objectOf,
  operationsOf,
  TooComplexError,
  textOf,
} from './openapi-document.ts'
import { streamOf } from './openapi-streams.ts'

/** Limits of a definition, with some left for what else it has. */
const MAX_ITEMS = 200
const MAX_BYTES = 220 * 1024
const MAX_TEMPLATE_CHARACTERS = 30_000

/**
 * Translates an OpenAPI document of version 3.0 or 3.1, in JSON or YAML: security schemes to the authentication, lists to streams, and
 * all other operations to actions.
 */
export function importOpenApi(text: string): ImportReport {
  return reportOrRefusal(() => translateOpenApi(text))
}

/**
 * As `importOpenApi`.
 * @throws UnusableSourceError for a text that is no OpenAPI document of these versions
 */
export function translateOpenApi(text: string): ImportReport {
  const read = readJsonOrYaml(text)
  if ('problems' in read) throw new UnusableSourceError(read.problems)
  if (!isRecord(read.value)) throw new UnusableSourceError('It is not an OpenAPI document.')
  const version = String(read.value['openapi'] ?? '')
  if (!/^3\.[01](?:\.|$)/.test(version)) {
    if (version === '' && read.value['swagger'] === undefined) {
      throw new UnusableSourceError('It is not an OpenAPI document: it has no key openapi.')
    }
    const given = read.value['swagger'] === undefined ? `the version ${version}` : 'Swagger 2.0'
    throw new UnusableSourceError(`It has ${given.slice(0, 50)}. Convert it to OpenAPI 3.0 or 3.1.`)
  }
  try {
    return checkedImport(reportOf(new OpenApiDocument(read.value)))
  } catch (error) {
    if (!(error instanceof TooComplexError)) throw error
    return refusedImport(error.message)
  }
}

function reportOf(document: OpenApiDocument): ImportReport {
  const operations = operationsOf(document)
  const { auth, headers, part, places } = openApiAuthOf(document, operations)
  const { baseUrl, inputFields, notes } = baseUrlOf(document)
  part.notes.push(...notes)
  const info = objectOf(document.root['info'])
  const docs = objectOf(document.root['externalDocs'])['url']
  const definition: Record<string, unknown> = {
    displayName: textOf(info['title'], 200) ?? 'API',
    ...(typeof docs === 'string' && /^https?:/i.test(docs) && URL.canParse(docs) ? { docsUrl: docs } : {}),
    baseUrl,
    ...(inputFields.length > 0 ? { inputFields } : {}),
    auth,
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
  }
  if (part.result === 'refused') return { definition: null, auth: part, streams: [], actions: [] }
  const room = new Room(JSON.stringify(definition).length)
  const streams: NamedPart[] = []
  const actions: NamedPart[] = []
  const madeStreams: Json[] = []
  const madeActions: Json[] = []
  const translation = new ActionTranslation(document, places)
  const rest: Operation[] = []
  const names = new Set<string>()
  for (const operation of operations) {
    const stream = hasOwnServers(document, operation) ? undefined : streamOf(document, operation, places)
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
  for (const operation of rest) {
    const name = freeName(actionName(operation), names)
    try {
      if (hasOwnServers(document, operation)) throw new UnusableOperationError('has servers of its own')
      const { definition: made, notes: ownNotes } = translation.action(operation, name)
      const isFull = room.isFull(made, madeActions.length)
      if (!isFull) madeActions.push(made)
      actions.push(
        isFull ? tooMany(name) : { name, result: ownNotes.length > 0 ? 'partly' : 'imported', notes: ownNotes },
      )
    } catch (error) {
      if (!(error instanceof UnusableOperationError)) throw error
      actions.push({ name, result: 'refused', notes: [`It ${error.message}.`] })
    }
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
    if (isFull) return true
    this.#bytes += bytes
    this.#templateCharacters += characters
    return false
  }
}

/** Operations and paths may name servers besides those of the document. */
function hasOwnServers(document: OpenApiDocument, { path, value }: Operation): boolean {
  const item = document.object(objectOf(document.root['paths'])[path])
  return listOf(value['servers']).length > 0 || listOf(item['servers']).length > 0
}

/** The first server. Its variables become input fields. */
function baseUrlOf(document: OpenApiDocument): { baseUrl: string; inputFields: Json[]; notes: string[] } {
  const [server, ...others] = listOf(document.root['servers']).map((each) => document.object(each))
  const variables = objectOf(server?.['variables'])
  const inputFields: Json[] = []
  const notes: string[] = []
  if (others.length > 0) notes.push(`The document has ${others.length} further servers. The first one is used.`)
  let url = String(server?.['url'] ?? '/').replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    const { default: usual, enum: choices, description } = document.object(variables[name])
    const field = name.replaceAll(/[^A-Za-z0-9_.-]/g, '_')
    const listed = listOf(choices).map(String)
    inputFields.push({
      name: field,
      ...(textOf(description, 2_000) === undefined ? {} : { description: textOf(description, 2_000) }),
      ...(usual === undefined ? { required: true } : { example: String(usual) }),
      ...(listed.length > 0 ? { pattern: listed.map(escaped).join('|') } : {}),
    })
    return usual === undefined
      ? `{{ input['${field}'] }}`
      : `{{ input['${field}'] | default('${String(usual).replaceAll(/['\\]/g, '')}', true) }}`
  })
  if (!/^(?:https?:|\{\{)/i.test(url)) {
    notes.push('The document has no host. The person supplies it.')
    inputFields.push({ name: 'base_url', label: 'Base URL', required: true, example: 'https://api.example.com' })
    const path = url.startsWith('/') ? url : `/${url}`
    url = `{{ input['base_url'] }}${path === '/' ? '' : path}`
  }
  return { baseUrl: url.replace(/\/+$/, ''), inputFields, notes }
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
