/**
 * `node scripts/run-imports.ts <folder>`: imports every Airbyte manifest below a folder, and syncs each definition against a local source
 * that is made from the manifest alone (scripts/manifest-source). A manifest passes if
 *
 * - its job ends SUCCEEDED, and the stored records are those that the connector would emit, with all of their values;
 * - the requests have the parameters, bodies, headers and credentials of the manifest;
 * - a second sync, before which each list that is read by time gets one more record, asks for no more than what is new, and stores it.
 *
 * Streams that are not imported are left out. `--only <text>,<text>` selects files by
 * name and prints every difference.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { importAirbyte } from '../src/catalog/import/airbyte/import-manifest.ts'
import { type Component, objectAt, objectsAt, readManifest, textAt } from '../src/catalog/import/airbyte/manifest.ts'
import { documents } from '../test/graphql/documents.ts'
import { createGraphQLClient, type GraphQLClient } from '../test/support/graphql-client.ts'
import { startProgram } from '../test/support/program.ts'
import { SOME_TIME } from './manifest-source/evaluate.ts'
import { ManifestSource } from './manifest-source/manifest-source.ts'
import { isCursorOfInterval, type Json, Plan, withValue } from './manifest-source/plan.ts'

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

/** A value that a person supplies: as the manifest reads it, and as the connection gets it. */
interface Supplied {
  keys: string[]
  title: string
  inConfig: unknown
  inConnection: string
}

const DAY_MS = 86_400_000

/** An instant in the forms that patterns of specifications ask for, and other usual values. */
function guesses(instant: Date): string[] {
  const [iso, day] = [instant.toISOString(), instant.toISOString().slice(0, 10)]
  const second = iso.slice(0, 19)
  return [
    ...['x1', `${second}Z`, day, iso, `${day} 00:00:00`, `${second}.000Z`, `${second}.000+0000`],
    ...['5', 'eu', 'acme.example', 'https://acme.example'],
  ]
}

/** A value for each property of a specification. Of alternatives, the last one is taken. */
function suppliedFor(schema: Component | undefined, keys: readonly string[], source: string): Supplied[] {
  return Object.entries(objectAt(schema, 'properties') ?? {}).flatMap(([key, property]) => {
    const at = [...keys, key]
    const given = property as Component
    const group = [given['oneOf'] ?? given['anyOf'] ?? []]
      .flat()
      .filter((each) => objectAt(each as Component, 'properties') !== undefined)
    const inner = group.length > 0 ? (group.at(-1) as Component) : given
    if (objectAt(inner, 'properties') !== undefined) return suppliedFor(inner, at, source)
    return [{ keys: at, title: textAt(given, 'title') ?? '', ...valueFor(key, given, source) }]
  })
}

function valueFor(key: string, property: Component, source: string): Pick<Supplied, 'inConfig' | 'inConnection'> {
  const same = (value: unknown) => ({ inConfig: value, inConnection: String(value) })
  const type = [property['type'] ?? 'string'].flat().find((each) => each !== 'null')
  const [choice] = [property['const'] ?? property['enum'] ?? []].flat()
  if (choice !== undefined) return type === 'array' ? same([choice]) : same(choice)
  const pattern = textAt(property, 'pattern')
  const [example] = [property['examples'] ?? []].flat()
  if (type === 'array') return { inConfig: ['a1', 'b2'], inConnection: 'a1,b2' }
  if (type === 'integer' || type === 'number') return same(property['default'] ?? 5)
  if (type === 'boolean') return same(property['default'] ?? true)
  if (property['airbyte_secret'] === true && pattern === undefined) return same(`secret-value-${key}`)
  if (/base_?url|endpoint|^url/i.test(key))
    return { inConfig: 'https://custom.example', inConnection: `${source}/h/custom.example` }
  const instant = new Date(Date.now() - (/^end|_to$|^to$|until/i.test(key) ? 0 : 20 * DAY_MS))
  if (pattern !== undefined) {
    const guess = guesses(instant).find((each) => new RegExp(pattern).test(each))
    return same(guess ?? property['default'] ?? example ?? 'x1')
  }
  if (/date|since|start|end_time/i.test(key) || property['format'] === 'date-time') {
    const isDay = /^\d{4}-\d\d-\d\d$/.test(String(example ?? property['default'] ?? ''))
    return same(isDay ? instant.toISOString().slice(0, 10) : `${instant.toISOString().slice(0, 19)}Z`)
  }
  return same(property['default'] ?? (/limit|size|count|days|number/i.test(key) ? '5' : 'x1'))
}

interface Field {
  name: string
  label?: string
}

/** The values of fields of a definition. Some have another name than in the manifest. */
function valuesOf(fields: readonly Field[], supplied: readonly Supplied[]): Json {
  const entries = fields.flatMap(({ name, label }) => {
    const found =
      supplied.find(({ keys }) => keys.at(-1) === name || keys.join('_') === name) ??
      supplied.find(({ title }) => title === label)
    return found === undefined ? [] : [[name, found.inConnection] as const]
  })
  return Object.fromEntries(entries)
}

/** Fields of a definition that the specification of the manifest forgets. */
function undeclared(definition: Json, supplied: readonly Supplied[]): Supplied[] {
  const fields = (definition['inputFields'] as Field[] | undefined) ?? []
  const missing = fields.filter((field) => Object.keys(valuesOf([field], supplied)).length === 0)
  return missing.map(({ name }) => {
    const at = new Date(Date.now() - 20 * DAY_MS).toISOString()
    const value = /date|time/i.test(name) ? `${at.slice(0, 19)}Z` : 'x1'
    return { keys: [name], title: '', inConfig: value, inConnection: value }
  })
}

function credentialFor(auth: Json, supplied: readonly Supplied[]): Json {
  if (auth['type'] === 'selective') {
    const options = auth['options'] as { key: string; auth: Json }[]
    const chosen = options.find(({ key }) => supplied.some(({ inConfig }) => inConfig === key)) ?? options.at(-1)
    return { auth_method: chosen?.key, ...credentialFor(chosen?.auth ?? {}, supplied) }
  }
  const usual: Readonly<Record<string, string[]>> = {
    oauth2: ['client_id', 'client_secret', ...(auth['grant'] === 'refresh_token' ? ['refresh_token'] : [])],
    basic: ['username', 'password'],
    bearer: ['token'],
    api_key: ['api_key'],
  }
  const names = (auth['fields'] as Field[] | undefined) ?? (usual[String(auth['type'])] ?? []).map((name) => ({ name }))
  return valuesOf(names, supplied)
}

async function mutate(client: GraphQLClient, document: string, input: Json): Promise<Record<string, { id: string }>> {
  const [payload] = Object.values(await client.request<Record<string, Json>, object>(document, { input }))
  if (payload === undefined || String(payload['__typename']).endsWith('Error')) throw new Error(JSON.stringify(payload))
  return payload as Record<string, { id: string }>
}

interface JobState {
  status: string
  error: { message: string; stream: string | null } | null
  warnings?: { code: string; message: string }[]
}

/** Waits for the end of a job. @returns what is wrong with it */
async function ended(client: GraphQLClient, id: string): Promise<string[]> {
  for (let tries = 0; tries < 3_000; tries++) {
    const { node } = await client.request<{ node: JobState }, object>(documents.syncJob, { id })
    if (!['QUEUED', 'RUNNING'].includes(node.status)) {
      return node.status === 'SUCCEEDED'
        ? []
        : [`${node.status}: ${node.error?.stream ?? ''} ${node.error?.message ?? ''}`]
    }
    await sleep(100)
  }
  throw new Error('The job does not end.')
}

const STORED = `query ($id: ID!, $after: String) { node(id: $id) { ... on Connection { records(first: 100, after: $after) {
  pageInfo { hasNextPage endCursor } nodes { stream data } } } } }`

interface StoredPage {
  node: { records: { pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: { stream: string; data: Json }[] } }
}

async function storedRecords(client: GraphQLClient, id: string): Promise<Json[]> {
  const found: Json[] = []
  let after: string | null = null
  for (;;) {
    const { node }: StoredPage = await client.request<StoredPage, object>(STORED, { id, after })
    found.push(...node.records.nodes.map(({ data }) => data))
    if (!node.records.pageInfo.hasNextPage) return found
    after = node.records.pageInfo.endCursor
  }
}

/** How stored records differ from those that are expected. */
function recordProblems(plan: Plan, stored: readonly Json[]): string[] {
  plan.expect()
  const byMarker = Map.groupBy(stored, (data) => String(data['served']))
  const replaced = new Set(
    [...plan.sameKey.values()].flatMap((markers) => (markers.some((each) => byMarker.has(each)) ? markers : [])),
  )
  const missing = new Map<string, string[]>()
  const problems: string[] = []
  for (const [marker, expected] of plan.expected) {
    const found = byMarker.get(marker) ?? []
    const stream = expected[0]?.stream ?? ''
    if (found.length === 0 && !replaced.has(marker)) missing.set(stream, [...(missing.get(stream) ?? []), marker])
    const other = found.find((data) => !expected.some((each) => isSame(each.data, data)))
    if (other !== undefined && problems.length < 3)
      problems.push(`${stream}: ${JSON.stringify(other)} is stored, not ${JSON.stringify(expected[0]?.data)}`)
  }
  for (const marker of byMarker.keys()) {
    if (!plan.expected.has(marker))
      problems.push(`${JSON.stringify(byMarker.get(marker)?.[0])} is stored, which is not expected`)
  }
  const lacks = [...missing].map(
    ([stream, markers]) => `${stream}: ${markers.length} records are not stored, such as ${markers[0]}`,
  )
  return [...lacks, ...problems]
}

/** A text that depends on the time equals every text. */
function isSame(expected: unknown, found: unknown): boolean {
  if (typeof expected === 'string' && expected.includes(SOME_TIME)) return found !== undefined
  if (typeof expected !== 'object' || expected === null || typeof found !== 'object' || found === null)
    return isDeepStrictEqual(expected, found)
  const names = new Set([...Object.keys(expected), ...Object.keys(found)])
  return [...names].every((name) => isSame(Reflect.get(expected, name), Reflect.get(found, name)))
}

/** Requests of a second sync that ask for much more than what is new. */
function cursorProblems(source: ManifestSource): string[] {
  return source.asked.flatMap(({ list, fromMs }) => {
    if (isCursorOfInterval(list.component)) return []
    const newest = list.newestMs ?? 0
    const [, days = '0'] =
      /^P(\d+)D$/.exec(textAt(objectAt(list.component, 'incremental_sync'), 'lookback_window') ?? '') ?? []
    if (fromMs >= newest - (Number(days) + 2) * DAY_MS && fromMs <= newest + 1_000) return []
    return [
      `${list.stream}: the second sync asks from ${new Date(fromMs).toISOString()}, but the newest record is of ${new Date(newest).toISOString()}`,
    ]
  })
}

/** The result for one manifest. */
interface Trial {
  streams: number
  imported: number
  problems: string[]
}

/** A source for the streams of a manifest that are imported, and values for its specification. */
function prepare(manifest: Component, definition: Json, made: readonly string[], url: string) {
  const supplied = suppliedFor(objectAt(objectAt(manifest, 'spec'), 'connection_specification'), [], url)
  supplied.push(...undeclared(definition, supplied))
  const config = supplied.reduce<Json>((all, { keys, inConfig }) => withValue(all, keys, inConfig), {})
  const names = new Set(made.map(plainName))
  const streams = objectsAt(manifest, 'streams').filter((stream) => names.has(plainName(textAt(stream, 'name') ?? '')))
  const plan = new Plan(streams, config, Date.now())
  return { plan, supplied, source: new ManifestSource(manifest, plan, config) }
}

/** Syncs one definition twice. @returns what differs */
async function run(
  client: GraphQLClient,
  { workspaceId, slug, url }: { workspaceId: string; slug: string; url: string },
  given: Json,
  { plan, source, supplied }: { plan: Plan; source: ManifestSource; supplied: Supplied[] },
): Promise<string[]> {
  const definition = redirected(given, url)
  await mutate(client, documents.createIntegration, { workspaceId, slug, definition })
  const { connection, syncJob } = await mutate(client, documents.createConnection, {
    ...{ workspaceId, integration: slug, syncImmediately: true },
    credential: { fields: credentialFor((definition['auth'] as Json) ?? {}, supplied) },
    input: valuesOf((definition['inputFields'] as Field[] | undefined) ?? [], supplied),
  })
  const id = connection?.id ?? ''
  const problems = await ended(client, syncJob?.id ?? '')
  problems.push(...source.problems, ...recordProblems(plan, await storedRecords(client, id)))
  if (problems.length > 0 || ![...plan.lists.values()].some(isByTime)) return problems
  plan.grow()
  source.asked.length = 0
  const again = await mutate(client, documents.triggerSync, { connectionId: id })
  problems.push(...(await ended(client, again['syncJob']?.id ?? '')), ...source.problems, ...cursorProblems(source))
  problems.push(...recordProblems(plan, await storedRecords(client, id)))
  return problems.map((problem) => `second sync: ${problem}`)
}

/** The importer writes names without spaces and signs. */
function plainName(name: string): string {
  return name.replaceAll(/[^a-z0-9]/gi, '')
}

function isByTime({ component }: { component: Component }): boolean {
  return objectAt(component, 'incremental_sync') !== undefined
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
    .filter((each) => (values.only ?? '').split(',').some((part) => basename(each).includes(part)))
    .sort()
  let current: ManifestSource | undefined
  let url = ''
  const server = createServer((request, response) => {
    current?.answer(request, response, url).catch((error: unknown) => {
      current?.problems.add(`The harness fails: ${error instanceof Error ? error.stack : error}`)
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const program = await startProgram({ env: { LATCHKEY_EGRESS_ALLOW: '127.0.0.1' } })
  const client = createGraphQLClient({ url: program.graphqlUrl, key: program.operatorKey })
  const trials: Trial[] = []
  try {
    const { workspace } = await mutate(client, documents.createWorkspace, { name: 'Imports' })
    for (const file of files) {
      const text = readFileSync(file, 'utf8')
      const slug = basename(file)
        .replace(/\.ya?ml$/, '')
        .toLowerCase()
      const report = importAirbyte(text)
      const made = report.streams.filter(({ result }) => result !== 'refused').map(({ name }) => name)
      const trial: Trial = { streams: report.streams.length, imported: made.length, problems: [] }
      trials.push(trial)
      const { definition } = report
      if (definition === null || made.length === 0) {
        trial.problems.push('no stream is imported')
      } else {
        try {
          const prepared = prepare(readManifest(text), definition, made, url)
          current = prepared.source
          trial.problems = await run(client, { workspaceId: workspace?.id ?? '', slug, url }, definition, prepared)
        } catch (error) {
          trial.problems.push(String(error instanceof Error ? error.stack : error).slice(0, 700))
        }
      }
      const result = trial.problems.length === 0 ? 'passed' : 'FAILED'
      process.stdout.write(
        `${result}  ${`${trial.imported}/${trial.streams}`.padEnd(7)} ${slug.padEnd(36)} ${(trial.problems[0] ?? '').slice(0, 400)}\n`,
      )
      if (values.only !== undefined)
        for (const problem of trial.problems.slice(1, 12)) process.stdout.write(`${' '.repeat(17)}${problem}\n`)
    }
  } finally {
    await client.close()
    await program.stop()
    server.close()
  }
  const passed = trials.filter(({ problems }) => problems.length === 0)
  const sum = (of: (trial: Trial) => number) => trials.reduce((total, trial) => total + of(trial), 0)
  process.stdout.write(
    `${passed.length} of ${trials.length} manifests were synced with the records that were served. ${sum(({ imported }) => imported)} of ${sum(({ streams }) => streams)} streams are imported.\n`,
  )
  return passed.length === trials.length ? 0 : 1
}

process.exitCode = await main()
