/**
 * `node scripts/run-imports.ts <folder>`: imports every Airbyte manifest below a folder, and syncs each definition against a local source
 * that is made from the manifest alone. Each stream of the source has two small pages. A manifest passes if its job ends SUCCEEDED and
 * exactly the served records are stored. Streams that are not imported are left out. `--only <text>` selects files by name.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { importAirbyte } from '../src/catalog/import/airbyte/import-manifest.ts'
import {
  type Component,
  objectAt,
  objectsAt,
  readManifest,
  textAt,
  typeOf,
} from '../src/catalog/import/airbyte/manifest.ts'
import type { ImportReport } from '../src/catalog/import/report.ts'
import { documents } from '../test/graphql/documents.ts'
import { createGraphQLClient, type GraphQLClient } from '../test/support/graphql-client.ts'
import { startProgram } from '../test/support/program.ts'

type Json = Record<string, unknown>

/** What the source knows of a stream. */
interface SourceStream {
  name: string
  method: string
  url: RegExp
  /** Constant parameters, which tell streams with one path apart. */
  constants: [string, string][]
  stream: Component
  /** Keys that the records need, because children or the cursor read them. */
  keys: Set<string>
}

/** A source for one manifest. It answers under `/h/<host>/<path>`. */
class Source {
  readonly #streams: SourceStream[]
  readonly #manifest: Component
  /** Markers of the served records, by stream. */
  readonly served = new Map<string, Set<string>>()
  readonly unknown = new Set<string>()

  constructor(manifest: Component) {
    this.#manifest = manifest
    const all = new Map<string, Component>()
    const parentKeys = new Map<string, Set<string>>()
    const visit = (stream: Component): void => {
      const name = textAt(stream, 'name') ?? ''
      if (!all.has(name)) all.set(name, stream)
      for (const router of [objectAt(stream, 'retriever')?.['partition_router'] ?? []].flat() as Component[]) {
        for (const config of objectsAt(router, 'parent_stream_configs')) {
          const parent = objectAt(config, 'stream')
          if (parent === undefined) continue
          const key = parentKeys.get(textAt(parent, 'name') ?? '') ?? new Set()
          parentKeys.set(textAt(parent, 'name') ?? '', key.add(textAt(config, 'parent_key') ?? ''))
          visit(parent)
        }
      }
    }
    for (const stream of objectsAt(manifest, 'streams')) visit(stream)
    this.#streams = [...all].map(([name, stream]) => {
      const requester = objectAt(objectAt(stream, 'retriever'), 'requester')
      const base = (textAt(requester, 'url_base') ?? '').trim()
      const path = (textAt(requester, 'path') ?? textAt(requester, 'url') ?? '').trim()
      const whole = /^https?:/.test(path)
        ? path
        : path === ''
          ? base
          : `${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
      const parameters = objectAt(requester, 'request_parameters') ?? objectAt(requester, 'request_body_json') ?? {}
      const constants = Object.entries(parameters).filter(
        ([, value]) => typeof value === 'string' && value !== '' && !value.includes('{'),
      )
      return {
        ...{ name, stream, method: (textAt(requester, 'http_method') ?? 'GET').toUpperCase(), url: urlPattern(whole) },
        constants: constants as [string, string][],
        keys: new Set([
          ...(parentKeys.get(name) ?? []),
          textAt(objectAt(stream, 'incremental_sync'), 'cursor_field') ?? '',
        ]),
      }
    })
  }

  async answer(request: IncomingMessage, response: ServerResponse, prefix: string): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://source')
    const path = decodeURIComponent(url.pathname.replace(/^\/h\//, ''))
    let body = ''
    for await (const chunk of request) body += chunk
    const sent = `${body}${url.search}`
    const login = this.#login(path)
    if (login !== undefined) return send(response, login)
    const candidates = this.#streams.filter((each) => each.method === request.method && each.url.test(path))
    const [found] = candidates.toSorted((one, other) => scoreOf(other, sent, path) - scoreOf(one, sent, path))
    if (found === undefined) {
      this.unknown.add(`${request.method} ${path}`)
      response.writeHead(400)
      return void response.end('{"error":"no such path"}')
    }
    const page = pageOf(found.stream, url, body, request)
    send(response, ...this.#page(found, path, page, `${prefix}${url.pathname}`))
  }

  /** The answer of a token or login endpoint. */
  #login(path: string): Json | undefined {
    for (const authenticator of componentsIn(
      this.#manifest,
      (type) => type === 'OAuthAuthenticator' || type === 'SessionTokenAuthenticator',
    )) {
      const requester = objectAt(authenticator, 'login_requester')
      const address =
        textAt(authenticator, 'token_refresh_endpoint') ??
        `${textAt(requester, 'url_base')?.replace(/\/+$/, '')}/${textAt(requester, 'path')?.replace(/^\/+/, '') ?? ''}`
      if (!urlPattern(address).test(path)) continue
      const tokenPath = [
        authenticator['session_token_path'] ?? textAt(authenticator, 'access_token_name') ?? 'access_token',
      ]
        .flat()
        .map(String)
      const expiry = textAt(authenticator, 'expires_in_name') ?? 'expires_in'
      return { ...(nested(tokenPath, 'token-of-the-source') as Json), [expiry]: 3600, token_type: 'Bearer' }
    }
    return undefined
  }

  #page(
    { name, stream, keys }: SourceStream,
    path: string,
    page: number,
    url: string,
  ): [Json | unknown[], Record<string, string>] {
    const retriever = objectAt(stream, 'retriever')
    const selector = objectAt(objectAt(retriever, 'record_selector'), 'extractor')
    const place = ([selector?.['field_path'] ?? []].flat() as unknown[]).map((key) =>
      String(key).replace(
        /^\{\{.*parameters\.(\w+).*\}\}$/,
        (_, key: string) => textAt(objectAt(selector, '$parameters'), key) ?? key,
      ),
    )
    const paginator = objectAt(retriever, 'paginator')
    const strategy = objectAt(paginator, 'pagination_strategy')
    const pages = strategy === undefined || objectAt(paginator, 'page_token_option') === undefined ? 1 : 2
    const records =
      page > pages ? [] : [0, 1].map((index) => this.#record(name, stream, keys, `${path}#${page}.${index}`))
    const body = nested(place, records)
    const more = page < pages
    const next = `${url}${url.includes('?') ? '&' : '?'}source_page=${page + 1}`
    const expression = textAt(strategy, 'cursor_value') ?? ''
    const isUrl = objectAt(paginator, 'page_token_option')?.['type'] === 'RequestPath'
    // An expression that calculates counts pages.
    const isCounted = /\|\s*int|\+ *1/.test(expression)
    const value = isUrl ? next : isCounted ? page : /page=/.test(expression) ? `/?page=${page + 1}` : `page-${page + 1}`
    const read = placesIn(expression)
    const stops = placesIn(textAt(strategy, 'stop_condition') ?? '').filter(
      (each) => !read.some((other) => other.join() === each.join()),
    )
    let answer: unknown = body
    if (!Array.isArray(answer)) {
      for (const keys of stops) answer = withValue(answer as Json, keys, isCounted ? pages : more)
      for (const keys of read) answer = withValue(answer as Json, keys, more || isCounted ? value : null)
    }
    return [answer as Json, more ? { link: `<${next}>; rel="next"` } : {}]
  }

  #record(name: string, stream: Component, keys: ReadonlySet<string>, marker: string): Json {
    const id = `r${[...marker].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1_000_003, 7)}`
    const incremental = objectAt(stream, 'incremental_sync')
    const cursor = textAt(incremental, 'cursor_field')
    pagesOf.set(id, marker.includes('#2.') ? 2 : 1)
    let record: Json = { served_as: `${name} ${id}` }
    for (const key of [
      ...primaryKeyOf(stream),
      ...[...keys].filter((each) => each !== '').map((each) => each.split('/')),
    ]) {
      if (key.join() !== cursor) record = withValue(record, key, id)
    }
    if (cursor !== undefined) record[cursor] = timeIn(incremental, Date.now() - 86_400_000)
    this.served.set(name, (this.served.get(name) ?? new Set()).add(String(record['served_as'])))
    return record
  }
}

/** A URL of a manifest as a pattern for host and path. */
function urlPattern(url: string): RegExp {
  const plain = url
    .replace(/^https?:\/\//, '')
    .replace(/\?.*$/s, '')
    .replace(/\/+$/, '')
  const pieces = plain.split(/(\{\{.*?\}\}|\{%.*?%\})/s)
  const pattern = pieces
    .map((piece) => (piece.startsWith('{') ? '[^/?]*' : piece.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('')
  return new RegExp(`^${pattern}/*$`)
}

function scoreOf({ constants, url }: SourceStream, sent: string, path: string): number {
  const text = decodeURIComponent(sent.replaceAll('+', ' '))
  const matched = constants.filter(
    ([key, value]) => text.includes(`${key}=${value}`) || text.includes(`"${key}":"${value}"`),
  ).length
  const isExact = url.source.includes('[^/?]*') ? 0 : 1
  return matched * 2 - (constants.length - matched) * 3 + isExact - path.length / 10_000
}

/** The pages that records are on, by the value of their keys. */
const pagesOf = new Map<string, number>()

/** The number of the page that a request is for. */
function pageOf(stream: Component, url: URL, body: string, request: IncomingMessage): number {
  const own = url.searchParams.get('source_page')
  if (own !== null) return Number(own)
  const paginator = objectAt(objectAt(stream, 'retriever'), 'paginator')
  const strategy = objectAt(paginator, 'pagination_strategy')
  const option = objectAt(paginator, 'page_token_option')
  const name = [option?.['field_path'] ?? textAt(option, 'field_name') ?? ''].flat().map(String)
  const key = name.at(-1) ?? ''
  const inBody = new RegExp(`"${key}":\\s*"?([^",}]*)`).exec(body)?.[1] ?? new URLSearchParams(body).get(key)
  const value = url.searchParams.get(name.join('.')) ?? inBody ?? String(request.headers[key.toLowerCase()] ?? '')
  if (typeOf(strategy) === 'OffsetIncrement') return value === '' ? 1 : Math.floor(Number(value) / 2) + 1
  if (typeOf(strategy) === 'PageIncrement')
    return value === '' ? 1 : Number(value) - Number(strategy?.['start_from_page'] ?? 0) + 1
  const marked = /^page-(\d+)$/.exec(value)?.[1]
  if (marked !== undefined) return Number(marked)
  if (/^\d+$/.test(value)) return Number(value)
  // The value of the last record: of page 1 or of page 2.
  return value === '' || value === 'null' ? 1 : pagesOf.get(value.replace(/^.*?(r\d+).*$/, '$1')) === 2 ? 3 : 2
}

/** The places of the body that an expression reads: `response.a.b`, `response['a']`, `response.get('a', {}).get('b')`. */
function placesIn(expression: string): string[][] {
  const reads = expression.matchAll(/response((?:\.get\(\s*["']\w+["'][^)]*\)|\[["']\w+["']\]|\.(?!get\b)\w+)+)/g)
  const inside = expression.matchAll(/["'](\w+)["']\s+(?:not )?in\s+response((?:\[["']\w+["']\])*)/g)
  const keys = (text: string) =>
    [...text.matchAll(/get\(\s*["'](\w+)|\[["'](\w+)["']\]|\.(?!get\b)(\w+)/g)].map(
      (match) => match[1] ?? match[2] ?? match[3] ?? '',
    )
  return [
    ...[...reads].map((match) => keys(match[1] ?? '')),
    ...[...inside].map((match) => [...keys(match[2] ?? ''), match[1] ?? '']),
  ]
}

function primaryKeyOf(stream: Component): string[][] {
  return [stream['primary_key'] ?? []]
    .flat()
    .map((key) => [key].flat().map(String))
    .filter((key) => key.join() !== '')
}

function nested(path: readonly string[], value: unknown): Json | unknown[] {
  return path.toReversed().reduce<unknown>((inner, key, index) => {
    if (key !== '*') return { [key]: inner }
    // The last star stands for the records themselves.
    return index === 0 && Array.isArray(inner) ? inner : [inner]
  }, value) as Json
}

function withValue(object: Json, [key = '', ...rest]: readonly string[], value: unknown): Json {
  const inner = object[key]
  const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
  if (rest.length === 0 && Array.isArray(inner)) return object
  return { ...object, [key]: rest.length === 0 ? value : withValue(isObject ? (inner as Json) : {}, rest, value) }
}

function timeIn(cursor: Component | undefined, atMs: number): string | number {
  const format = String([cursor?.['cursor_datetime_formats'] ?? textAt(cursor, 'datetime_format') ?? ''].flat()[0])
  if (format === '%s' || format === '%s_as_float') return Math.floor(atMs / 1000)
  if (format === '%ms') return atMs
  const iso = new Date(atMs).toISOString()
  const parts: Readonly<Record<string, string>> = {
    ...{
      Y: iso.slice(0, 4),
      m: iso.slice(5, 7),
      d: iso.slice(8, 10),
      H: iso.slice(11, 13),
      M: iso.slice(14, 16),
      S: iso.slice(17, 19),
    },
    ...{ f: '000000', z: '+0000', Z: 'UTC', T: iso.slice(11, 19), F: iso.slice(0, 10) },
  }
  return format.replace(/%_ms/g, '000').replace(/%(.)/g, (all, letter: string) => parts[letter] ?? all)
}

function componentsIn(value: unknown, test: (type: string) => boolean): Component[] {
  if (Array.isArray(value)) return value.flatMap((item) => componentsIn(item, test))
  if (typeof value !== 'object' || value === null) return []
  const own = test(String(Reflect.get(value, 'type'))) ? [value as Component] : []
  return [...own, ...Object.values(value).flatMap((item) => componentsIn(item, test))]
}

function send(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

/** The definition with its addresses at the source. */
function redirected(definition: Json, source: string): Json {
  const text = JSON.stringify(definition, (key, value) =>
    ['baseUrl', 'tokenUrl', 'url'].includes(key) && typeof value === 'string'
      ? value.replace(/^https?:\/\//, `${source}/h/`)
      : value,
  )
  const { hosts: _, ...rest } = JSON.parse(text) as Json
  return rest
}

const recent = new Date(Date.now() - 20 * 86_400_000).toISOString()
const GUESSES = [
  'x1',
  `${recent.slice(0, 19)}Z`,
  recent.slice(0, 10),
  recent,
  `${recent.slice(0, 10)} 00:00:00`,
  '5',
  'eu',
  'acme.example',
]

/** A value for a field: one that its pattern accepts. */
function fieldValue(
  {
    name,
    pattern,
    description = '',
    example,
  }: { name: string; pattern?: string; description?: string; example?: string },
  source: string,
): string {
  if (pattern !== undefined) return GUESSES.find((guess) => new RegExp(`^(?:${pattern})$`).test(guess)) ?? 'x1'
  if (/base_?url|endpoint/i.test(name)) return `${source}/h/custom.example`
  const [, choice] = /One of ([^,.]+)/.exec(description) ?? []
  if (choice !== undefined) return choice
  if (/date|since|start|end_time/i.test(name))
    return /^\d{4}-\d\d-\d\d$/.test(example ?? '') ? recent.slice(0, 10) : `${recent.slice(0, 19)}Z`
  return /limit|size|count|days|number/i.test(name) ? '5' : 'x1'
}

interface Field {
  name: string
  pattern?: string
  description?: string
  example?: string
}

/** Values for the fields of a credential: for a choice, of its last alternative. */
function credentialFor(auth: Json, source: string): Json {
  if (auth['type'] === 'selective') {
    const option = (auth['options'] as { key: string; auth: Json }[]).at(-1)
    return { auth_method: option?.key, ...credentialFor(option?.auth ?? {}, source) }
  }
  const usual: Readonly<Record<string, string[]>> = {
    oauth2: ['client_id', 'client_secret', ...(auth['grant'] === 'refresh_token' ? ['refresh_token'] : [])],
  }
  const fields =
    (auth['fields'] as Field[] | undefined) ?? (usual[String(auth['type'])] ?? []).map((name) => ({ name }))
  const values = fields.map((field) => [
    field.name,
    /url|date/i.test(field.name) ? fieldValue(field, source) : `secret-value-${field.name}`,
  ])
  return Object.fromEntries(values)
}

async function mutate(client: GraphQLClient, document: string, input: Json): Promise<Record<string, { id: string }>> {
  const [payload] = Object.values(await client.request<Record<string, Json>, object>(document, { input }))
  if (payload === undefined || String(payload['__typename']).endsWith('Error')) throw new Error(JSON.stringify(payload))
  return payload as Record<string, { id: string }>
}

interface JobState {
  status: string
  error: { message: string; stream: string | null } | null
}

async function ended(client: GraphQLClient, id: string): Promise<JobState> {
  for (let tries = 0; tries < 600; tries++) {
    const { node } = await client.request<{ node: JobState }, object>(documents.syncJob, { id })
    if (!['QUEUED', 'RUNNING'].includes(node.status)) return node
    await sleep(100)
  }
  throw new Error('The job does not end.')
}

const STORED = `query ($id: ID!, $after: String) { node(id: $id) { ... on Connection { records(first: 100, after: $after) {
  pageInfo { hasNextPage endCursor } nodes { stream data } } } } }`

interface StoredPage {
  node: { records: { pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: { stream: string; data: Json }[] } }
}

async function storedMarkers(client: GraphQLClient, id: string): Promise<Set<string>> {
  const markers = new Set<string>()
  let after: string | null = null
  for (;;) {
    const { node }: StoredPage = await client.request<StoredPage, object>(STORED, { id, after })
    for (const { data } of node.records.nodes) markers.add(String(data['served_as']))
    if (!node.records.pageInfo.hasNextPage) return markers
    after = node.records.pageInfo.endCursor
  }
}

/** Syncs one definition. @returns what is wrong; empty: nothing */
async function run(
  client: GraphQLClient,
  workspaceId: string,
  slug: string,
  report: ImportReport,
  source: Source,
  url: string,
): Promise<string[]> {
  const definition = redirected(report.definition ?? {}, url)
  await mutate(client, documents.createIntegration, { workspaceId, slug, definition })
  const inputs = ((definition['inputFields'] as Field[] | undefined) ?? []).map((field) => [
    field.name,
    fieldValue(field, url),
  ])
  const { connection, syncJob } = await mutate(client, documents.createConnection, {
    ...{ workspaceId, integration: slug, syncImmediately: true },
    credential: { fields: credentialFor((definition['auth'] as Json) ?? {}, url) },
    input: Object.fromEntries(inputs),
  })
  const job = await ended(client, syncJob?.id ?? '')
  const wrong =
    job.status === 'SUCCEEDED' ? [] : [`${job.status}: ${job.error?.stream ?? ''} ${job.error?.message ?? ''}`]
  const stored = await storedMarkers(client, connection?.id ?? '')
  const filtered = new Set(
    ((definition['streams'] as { name: string; records?: Json }[]) ?? [])
      .filter((each) => each.records?.['where'] !== undefined)
      .map(({ name }) => name),
  )
  for (const [name, markers] of source.served) {
    const missing = [...markers].filter((marker) => !stored.has(marker))
    if (missing.length > 0 && !filtered.has(name.replaceAll(/\W+/g, '_')))
      wrong.push(`${name}: ${missing.length} of ${markers.size} records are not stored, such as ${missing[0]}`)
  }
  if (source.served.size === 0) wrong.push('no record was served')
  if (source.unknown.size > 0) wrong.push(`unknown requests: ${[...source.unknown].slice(0, 3).join(', ')}`)
  return wrong
}

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } })
  const [folder] = positionals
  if (folder === undefined) {
    process.stderr.write('Usage: node scripts/run-imports.ts <folder with manifests> [--only <text>]\n')
    return 2
  }
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  let current: Source | undefined
  let address = ''
  const server = createServer((request, response) => void current?.answer(request, response, address))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const program = await startProgram({ env: { LATCHKEY_EGRESS_ALLOW: '127.0.0.1' } })
  const client = createGraphQLClient({ url: program.graphqlUrl, key: program.operatorKey })
  let [passed, count] = [0, 0]
  try {
    const { workspace } = await mutate(client, documents.createWorkspace, { name: 'Imports' })
    for (const file of files.filter((each) => each.includes(values.only ?? ''))) {
      const text = readFileSync(file, 'utf8')
      const report = importAirbyte(text)
      const slug = basename(file)
        .replace(/\.ya?ml$/, '')
        .toLowerCase()
      if (report.definition === null || !Array.isArray(report.definition['streams'])) continue
      count += 1
      current = new Source(readManifest(text))
      const wrong = await run(client, workspace?.id ?? '', slug, report, current, address).catch((error: unknown) => [
        String(error).slice(0, 500),
      ])
      if (wrong.length === 0) passed += 1
      process.stdout.write(
        `${wrong.length === 0 ? 'passed' : 'FAILED'} ${slug}${wrong.map((each) => `\n       ${each}`).join('')}\n`,
      )
    }
  } finally {
    await client.close()
    await program.stop()
    server.close()
  }
  process.stdout.write(`${passed} of ${count} manifests were synced with the records that were served.\n`)
  return passed === count ? 0 : 1
}

process.exitCode = await main()
