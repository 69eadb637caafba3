import { ownAuthSchema } from '../../definition/auth.ts'
import { definitionSchema } from '../../definition/definition.ts'
import { parentStreams } from '../../definition/stream.ts'
import { isRecord } from '../../template/value.ts'
import { checkedImport, type ImportReport, type NamedPart, reportOrRefusal } from '../report.ts'
import { type ImportedAuth, translateAuth } from './auth.ts'
import { ConfigFields } from './fields.ts'
import { NotTranslatable, shown, translateCondition, translateTemplate } from './jinja.ts'
import { type Component, isCustom, objectAt, objectsAt, readManifest, textAt, typeOf } from './manifest.ts'
import { addressOf } from './requests.ts'
import { ManifestScope } from './scope.ts'
import { declaredStream, requesterOf, type TranslatedStream, translateStream } from './stream.ts'
import type { StreamDraft } from './stream-draft.ts'

/**
 * Makes a definition from the manifest of a declarative Airbyte connector.
 * @param name of the service, where the manifest does not say it
 */
export function importAirbyte(source: string, options: { name?: string } = {}): ImportReport {
  return reportOrRefusal(() => translateAirbyte(source, options))
}

/**
 * As `importAirbyte`.
 * @throws UnusableSourceError for a text that is no manifest
 */
export function translateAirbyte(source: string, { name = '' }: { name?: string } = {}): ImportReport {
  return checkedImport(new ManifestImport(readManifest(source), name).report())
}

/** A stream of the manifest, or a parent that the manifest does not list. */
interface Entry {
  translated: TranslatedStream
  /** The translated auth of its requester, as JSON. */
  auth: string
  isListed: boolean
}

const MAX_PARENTS = 10

/** Key of a stream that is there on a condition: the note about it. No manifest has it, because it is not a text. */
const CONDITION = ' condition'

/** An auth of a manifest as an entry of `auths`. Undefined: it cannot be one, such as a grant with a consent. */
function ownAuthDraft(
  auth: Readonly<Record<string, unknown>>,
  main: ImportedAuth,
): Record<string, unknown> | undefined {
  const { rotation: _, tokenResponse, ...rest } = auth
  if (auth['type'] !== 'oauth2') return ownAuthSchema.safeParse(auth).success ? { ...auth } : undefined
  // Both would declare the fields of the client.
  if (main.auth['type'] === 'oauth2') return undefined
  const { refreshToken: __, ...response } = isRecord(tokenResponse) ? tokenResponse : {}
  const client: Record<string, unknown> = {}
  if (auth['grant'] === 'client_credentials') {
    client['clientId'] = "{{ config['client_id'] }}"
    if (auth['clientAuth'] !== 'none') client['clientSecret'] = "{{ config['client_secret'] }}"
  }
  const own = { ...client, ...rest, ...(Object.keys(response).length > 0 && { tokenResponse: response }) }
  return ownAuthSchema.safeParse(own).success ? own : undefined
}

class ManifestImport {
  readonly #manifest: Component
  readonly #name: string
  readonly #fields: ConfigFields
  readonly #entries: Entry[] = []
  readonly #parts: NamedPart[] = []
  readonly #auths = new Map<string, ImportedAuth>()
  readonly #refusedAuths = new Set<string>()
  #depth = 0

  constructor(manifest: Component, name: string) {
    this.#manifest = manifest
    this.#name = name
    this.#fields = new ConfigFields(objectAt(objectAt(manifest, 'spec'), 'connection_specification'))
  }

  report(): ImportReport {
    const streams = this.#streams()
    // Authenticators say which values are secret, and give fields the names that the templates of streams read.
    for (const stream of streams) this.#authOf(declaredStream(stream))
    this.#markSecrets(streams)
    for (const stream of streams) this.#addListed(stream)
    for (const stream of objectsAt(this.#manifest, 'dynamic_streams')) {
      const name = textAt(stream, 'name') ?? 'dynamic streams'
      const notes = ['Its streams are made while the connector runs. Write each of them as a stream of the definition.']
      this.#parts.push({ name, result: 'refused', notes })
    }
    return this.#assemble()
  }

  /** The streams of the manifest, also those that are there on a condition. */
  #streams(): Component[] {
    return objectsAt(this.#manifest, 'streams').flatMap((stream) => {
      if (typeOf(stream) !== 'ConditionalStreams') return [stream]
      const condition = textAt(stream, 'condition') ?? ''
      const note = `It is always read. The manifest has it only where ${shown(condition)}.`
      const known = this.#isMet(condition)
      if (known === false) return []
      return objectsAt(stream, 'streams').map((each) => (known ? each : { ...each, [CONDITION]: note }))
    })
  }

  /** Undefined: the condition depends on a connection. */
  #isMet(condition: string): boolean | undefined {
    try {
      const { constant } = translateCondition(condition, new ManifestScope({ fields: this.#fields, parameters: {} }))
      return constant === undefined ? undefined : Boolean(constant)
    } catch (error) {
      if (error instanceof NotTranslatable) return undefined
      throw error
    }
  }

  /** The auth of the requester of a stream as JSON. Undefined: it cannot be translated. */
  #authOf(stream: Component): string | undefined {
    let authenticator: Component | undefined
    try {
      authenticator = objectAt(anyRequesterOf(stream), 'authenticator')
    } catch (error) {
      if (!(error instanceof NotTranslatable)) throw error
      return undefined
    }
    try {
      const translated = translateAuth(authenticator, this.#fields)
      const id = JSON.stringify(translated.auth)
      this.#auths.set(id, translated)
      return id
    } catch (error) {
      if (!(error instanceof NotTranslatable)) throw error
      this.#refusedAuths.add(error.message)
      return undefined
    }
  }

  /** In a manifest without authenticators, values that look like credentials are secret although it does not say so. */
  #markSecrets(streams: readonly Component[]): void {
    if ([...this.#auths.values()].some(({ auth }) => auth['type'] !== 'none')) return
    for (const stream of streams) {
      for (const key of ['request_headers', 'request_parameters', 'request_body_json', 'request_body_data']) {
        for (const [name, value] of Object.entries(this.#sentBy(stream, key))) {
          if (
            !/^(authorization|.*(api|access|app|auth|secret)[-_]?(key|token|secret)|key|token|password|.*api-?key.*)$/i.test(
              name,
            )
          )
            continue
          for (const field of this.#fieldsReadBy(String(value))) {
            const read = this.#fields.byName(field)
            if (read !== undefined) this.#fields.markSecret(read)
          }
        }
      }
    }
  }

  #sentBy(stream: Component, key: string): Component {
    try {
      return objectAt(requesterOf(declaredStream(stream)), key) ?? {}
    } catch (error) {
      if (error instanceof NotTranslatable) return {}
      throw error
    }
  }

  #fieldsReadBy(source: string): string[] {
    const before = [...this.#fields.used]
    this.#fields.used.clear()
    try {
      translateTemplate(source, new ManifestScope({ fields: this.#fields, parameters: {} }))
    } catch (error) {
      if (!(error instanceof NotTranslatable)) throw error
    }
    const read = [...this.#fields.used]
    for (const name of before) this.#fields.used.add(name)
    return read
  }

  #addListed(stream: Component): void {
    const given = textAt(stream, 'name') || textAt(declaredStream(stream), 'name') || 'stream'
    const before = this.#entries.length
    try {
      const entry = this.#translate(stream, given)
      entry.isListed = true
      const { name, differences, notes } = entry.translated.draft
      const condition = stream[CONDITION]
      if (typeof condition === 'string') differences.push(condition)
      const called = name === given ? [] : [`It is called ${name} in the definition.`]
      const result = differences.length > 0 ? 'partly' : 'imported'
      this.#parts.push({ name, result, notes: [...differences, ...notes, ...called] })
    } catch (error) {
      if (!(error instanceof NotTranslatable)) throw error
      this.#entries.splice(before)
      this.#parts.push({ name: given, result: 'refused', notes: [error.message] })
    }
  }

  /** Translates a stream, or finds it among those that are the same. */
  #translate(stream: Component, given: string): Entry {
    this.#depth += 1
    try {
      if (this.#depth > MAX_PARENTS) throw new NotTranslatable('It has too many parents above each other.')
      const wanted = cleanName(given)
      const translated = translateStream(stream, wanted, this.#fields, (parent, child) => {
        const name = textAt(declaredStream(parent), 'name') ?? `${child}_parent`
        try {
          return this.#translate(parent, name).translated
        } catch (error) {
          if (!(error instanceof NotTranslatable)) throw error
          throw new NotTranslatable(`Its parent ${name} cannot be imported. ${error.message}`)
        }
      })
      const { draft } = translated
      const same = this.#entries.find((entry) => isSame(entry.translated.draft, draft))
      if (same !== undefined) return same
      draft.name = this.#freeName(wanted)
      const entry = { translated, auth: this.#authOf(declaredStream(stream)) ?? '', isListed: false }
      this.#entries.push(entry)
      return entry
    } finally {
      this.#depth -= 1
    }
  }

  #freeName(wanted: string): string {
    const names = new Set(this.#entries.map(({ translated }) => translated.draft.name))
    const candidates = [wanted, ...Array.from({ length: 100 }, (_, index) => `${wanted.slice(0, 95)}_${index + 2}`)]
    return candidates.find((name) => !names.has(name)) ?? wanted
  }

  #assemble(): ImportReport {
    const main = this.#mainAuth()
    if (main === undefined) {
      const notes =
        this.#refusedAuths.size > 0 ? [...this.#refusedAuths] : ['No stream has requests that can be translated.']
      return { definition: null, auth: { result: 'refused', notes }, streams: this.#parts, actions: [] }
    }
    const notes = [...main.differences, ...main.notes]
    const auths = this.#ownAuths(main)
    const drafts = this.#entries.map(({ translated }) => translated.draft)
    const placed = main.auth['type'] === 'none' ? this.#placeSecret(drafts) : main
    const definition: Record<string, unknown> = { displayName: this.#displayName() }
    const docsUrl = textAt(objectAt(objectAt(this.#manifest, 'metadata'), 'assist'), 'docsUrl')
    if (docsUrl !== undefined && /^https?:\/\/\S+$/.test(docsUrl) && URL.canParse(docsUrl))
      definition['docsUrl'] = docsUrl
    const { baseUrl, prefix } = drafts.length === 0 ? this.#anyBase() : baseOf(drafts)
    definition['baseUrl'] = `${baseUrl}${prefix}`
    if (placed.auth['service'] === '')
      placed.auth['service'] = /^https:\/\/([a-z0-9-]+)\./.exec(baseUrl)?.[1] ?? 'execute-api'
    const { auth, inputs } = this.#withFields(placed, auths)
    if (inputs.length > 0) definition['inputFields'] = inputs
    definition['auth'] = auth
    if (Object.keys(auths).length > 0) definition['auths'] = auths
    const headers = commonHeaders(drafts)
    if (Object.keys(headers).length > 0) definition['headers'] = headers
    const hosts = [...new Set(drafts.map((draft) => draft.baseUrl).filter((base) => base !== baseUrl))]
    const names = hosts.flatMap((host) => /^https?:\/\/([^/{]+)$/.exec(host)?.[1] ?? [])
    if (names.length > 0 && auth['type'] !== 'none' && Object.hasOwn(definitionSchema.shape, 'hosts'))
      definition['hosts'] = names
    const testRequest = this.#testRequest(baseUrl, prefix)
    if (testRequest !== undefined) definition['testRequest'] = testRequest
    const rate = this.#rate(notes)
    if (rate !== undefined) definition['rateLimit'] = { requestsPerSecond: rate }
    definition['streams'] = drafts.map((draft) => streamOf(draft, { baseUrl, prefix, headers }))
    const result = main.differences.length > 0 ? 'partly' : 'imported'
    // Streams share parts of the manifest, which would become anchors and aliases in YAML.
    return {
      definition: JSON.parse(JSON.stringify(definition)),
      auth: { result, notes },
      streams: this.#parts,
      actions: [],
    }
  }

  /** The address of a stream that is not imported, for a definition without streams. */
  #anyBase(): { baseUrl: string; prefix: string } {
    for (const stream of this.#streams()) {
      try {
        const scope = new ManifestScope({ fields: this.#fields, parameters: {} })
        const requester = anyRequesterOf(declaredStream(stream))
        const base = requester['url_base'] ?? requester['url']
        return { baseUrl: addressOf({ type: 'HttpRequester', url_base: base }, scope).baseUrl, prefix: '' }
      } catch (error) {
        if (!(error instanceof NotTranslatable)) throw error
      }
    }
    return { baseUrl: '', prefix: '' }
  }

  /** The auth of most streams. Those without one do not count if others have one. */
  #mainAuth(): ImportedAuth | undefined {
    const counts = new Map<string, number>()
    for (const { auth } of this.#entries) {
      const isNone = this.#auths.get(auth)?.auth['type'] === 'none'
      if (auth !== '') counts.set(auth, (counts.get(auth) ?? 0) + (isNone ? 0 : 1))
    }
    const [first] = [...counts].sort(([, one], [, other]) => other - one)
    const id =
      first?.[0] ?? [...this.#auths].find(([, { auth }]) => auth['type'] !== 'none')?.[0] ?? [...this.#auths.keys()][0]
    const none: ImportedAuth = { auth: { type: 'none' }, reads: [new Set()], differences: [], notes: [] }
    if (id === undefined) return this.#refusedAuths.size > 0 ? undefined : none
    return this.#auths.get(id)
  }

  /**
   * Gives streams whose requests are authenticated in another way their own auth. One that a stream cannot have of its own refuses it.
   * @returns the auths, by name
   */
  #ownAuths(main: ImportedAuth): Record<string, unknown> {
    const id = JSON.stringify(main.auth)
    const names = new Map<string, string>()
    const drafts: Record<string, unknown> = {}
    const refused = new Set<string>()
    for (const { auth, translated } of this.#entries) {
      const own = this.#auths.get(auth)?.auth
      const type = String(own?.['type'])
      const part = this.#partOf(translated.draft.name)
      if (auth === id) continue
      const ownDraft = own && ownAuthDraft(own, main)
      if (ownDraft !== undefined) {
        const name = names.get(auth) ?? ([...names.values()].includes(type) ? `${type}_${names.size + 1}` : type)
        names.set(auth, name)
        drafts[name] = ownDraft
        part?.notes.push(...(this.#auths.get(auth)?.notes ?? []))
        translated.draft.rest['auth'] = name
      } else if (part !== undefined && type === 'none') part.notes.push('Its requests have the credential, too.')
      else if (part !== undefined) {
        part.result = 'refused'
        part.notes.push('Its requests are authenticated in another way than those of the other streams.')
        refused.add(translated.draft.name)
      }
    }
    this.#drop(refused)
    return drafts
  }

  /** What the report says about a stream of the definition. A stream of the same name may have been refused. */
  #partOf(stream: string): NamedPart | undefined {
    return this.#parts.find(({ name, result }) => name === stream && result !== 'refused')
  }

  /** Takes out streams that are refused, and those below them. */
  #drop(refused: Set<string>): void {
    const kept = this.#entries.filter(({ translated: { draft } }) => {
      const lost = [draft.name, ...parentStreams(draft)].find((name) => refused.has(name))
      if (lost === undefined) return true
      refused.add(draft.name)
      const part = this.#partOf(draft.name)
      if (part !== undefined) {
        part.result = 'refused'
        part.notes.push(`Its parent ${lost} cannot be imported.`)
      }
      return false
    })
    this.#entries.splice(0, this.#entries.length, ...kept)
  }

  /** Without an authenticator, a secret that streams send in one place is the credential. */
  #placeSecret(drafts: readonly StreamDraft[]): ImportedAuth {
    const none: ImportedAuth = { auth: { type: 'none' }, reads: [new Set()], differences: [], notes: [] }
    const counts = new Map<string, number>()
    for (const draft of drafts) for (const id of this.#secretsIn(draft)) counts.set(id, (counts.get(id) ?? 0) + 1)
    const [best] = [...counts].sort(([, one], [, other]) => other - one)
    if (best === undefined) return none
    const [where, name, value] = JSON.parse(best[0]) as ['query' | 'header' | 'json' | 'form', string, string]
    for (const draft of drafts) {
      const group = draftGroup(draft, where)
      if (group !== undefined) delete group[name]
    }
    const placement = { in: where, name: where === 'json' ? [name] : name }
    return { ...none, auth: { type: 'api_key', value, placement } }
  }

  #secretsIn(draft: StreamDraft): string[] {
    return (['header', 'query', 'form', 'json'] as const).flatMap((where) =>
      Object.entries(draftGroup(draft, where) ?? {}).flatMap(([name, value]) => {
        const text = isRecord(value) && typeof value['value'] === 'string' ? value['value'] : value
        const isSecret = typeof text === 'string' && this.#secretNames().some((secret) => readsField(text, secret))
        return isSecret ? [JSON.stringify([where, name, text])] : []
      }),
    )
  }

  #secretNames(): string[] {
    return this.#fields.all().flatMap(({ isSecret, name }) => (isSecret ? [name] : []))
  }

  /** Fields that only the credential needs belong to it, and so do all secrets. */
  #withFields({ auth, reads }: ImportedAuth, auths: unknown): { auth: Record<string, unknown>; inputs: unknown[] } {
    const elsewhere = JSON.stringify([auths, ...this.#entries.map(({ translated }) => translated.draft)])
    const secrets = this.#secretNames().filter((name) => readsField(elsewhere, name))
    const isInput = (name: string) => this.#fields.byName(name)?.isSecret === false && readsField(elsewhere, name)
    const authText = JSON.stringify(auth)
    const inputs = this.#fields.all().filter(({ name, isSecret }) => !isSecret && readsField(elsewhere, name))
    const fieldsOf = (own: ReadonlySet<string>, way: Record<string, unknown>) => {
      const usual = way['type'] === 'oauth2' ? ['client_id', 'client_secret', 'refresh_token'] : []
      const read = this.#fields
        .all()
        .filter(({ name }) => own.has(name) || secrets.includes(name) || (own.size === 0 && readsField(authText, name)))
      const wanted = new Set(read.map(({ name }) => name).filter((name) => !isInput(name)))
      const declared = this.#fields.fieldsNamed(wanted)
      return way['type'] === 'none' ? [] : declared.filter(({ name }) => !usual.includes(name) || own.has(name))
    }
    const complete = (way: Record<string, unknown>, own: ReadonlySet<string>) => {
      const fields = fieldsOf(own, way)
      const needsFields = ['session_token', 'jwt', 'signature'].includes(String(way['type']))
      return fields.length > 0 || needsFields ? { ...way, fields } : way
    }
    const names = new Set(inputs.map(({ name }) => name))
    const inputFields = this.#fields.fieldsNamed(names)
    const { options } = auth
    if (auth['type'] !== 'selective' || !Array.isArray(options))
      return { auth: complete(auth, reads[0] ?? new Set()), inputs: inputFields }
    const completed = options.map((option, index) => ({
      ...option,
      auth: complete(option.auth, reads[index] ?? new Set()),
    }))
    return { auth: { ...auth, options: completed }, inputs: inputFields }
  }

  #displayName(): string {
    const title = textAt(objectAt(objectAt(this.#manifest, 'spec'), 'connection_specification'), 'title')
    const fromTitle = title?.replace(/\s+(source\s+)?spec$/i, '').trim()
    return (this.#name || fromTitle || 'Imported service').slice(0, 200)
  }

  /** The request of the stream by which the manifest checks a connection, if it needs no other stream. */
  #testRequest(baseUrl: string, prefix: string): Record<string, unknown> | undefined {
    const names = objectAt(this.#manifest, 'check')?.['stream_names']
    for (const name of Array.isArray(names) ? names : []) {
      const draft = this.#entries
        .map(({ translated }) => translated.draft)
        .find((each) => each.name === cleanName(String(name)))
      if (draft === undefined || draft.baseUrl !== baseUrl || draft.parent !== undefined || draft.form !== undefined)
        continue
      const values = Object.entries(draft.query).filter(([, value]) => typeof value === 'string') as [string, string][]
      const query = values.map(
        ([key, value]) => `${encodeURIComponent(key)}=${value.includes('{{') ? value : encodeURIComponent(value)}`,
      )
      const path = withoutPrefix(draft.path, prefix)
      const request = { path: query.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${query.join('&')}` }
      const needsMore = /\{\{[^}]*\b(parent|item|window)\b/.test(JSON.stringify([request, draft.json, draft.headers]))
      if (needsMore || Object.keys(draft.headers).length > 0) continue
      if (draft.method === 'POST')
        return draft.json === undefined ? undefined : { method: 'POST', ...request, json: draft.json }
      return request
    }
    return undefined
  }

  #rate(notes: string[]): number | undefined {
    const rates = objectsAt(objectAt(this.#manifest, 'api_budget'), 'policies').flatMap((policy) => {
      if (isCustom(policy)) return []
      const list = typeOf(policy) === 'MovingWindowCallRatePolicy' ? objectsAt(policy, 'rates') : [policy]
      return list.flatMap((rate) => {
        const seconds = secondsOf(textAt(rate, 'interval') ?? textAt(rate, 'period') ?? '')
        const limit = Number(textAt(rate, 'limit') ?? textAt(rate, 'call_limit') ?? Number.NaN)
        return Number.isFinite(limit / seconds) && limit > 0 ? [limit / seconds] : []
      })
    })
    if (rates.length === 0) return undefined
    if (rates.length > 1) notes.push('The lowest of the rates of the manifest applies to all requests.')
    return Math.min(10_000, ...rates)
  }
}

/** The requester of a stream, also of one that cannot be read: it says how requests are authenticated. @throws NotTranslatable */
function anyRequesterOf(stream: Component): Component {
  const retriever = objectAt(stream, 'retriever')
  return objectAt(retriever, 'requester') ?? objectAt(retriever, 'creation_requester') ?? requesterOf(stream)
}

function secondsOf(duration: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration) ?? []
  return Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
}

function cleanName(given: string): string {
  const clean = given
    .trim()
    .replaceAll(/[^A-Za-z0-9_./-]+/g, '_')
    .replace(/^[^A-Za-z0-9_]+/, '')
    .slice(0, 100)
  return clean === '' ? 'stream' : clean
}

function isSame(one: StreamDraft, other: StreamDraft): boolean {
  const text = ({ name: _, ...draft }: StreamDraft) => JSON.stringify(draft)
  const isSameName = one.name === other.name || one.name.startsWith(`${other.name}_`)
  return isSameName && text(one) === text(other)
}

/** Whether a text has a template that reads a field. */
function readsField(text: string, name: string): boolean {
  const plain = name.replaceAll(/[.-]/g, '\\$&')
  return new RegExp(`\\b(?:config|input)(?:\\.${plain}(?![\\w-])|\\[\\\\?['"]${plain}\\\\?['"]\\])`).test(text)
}

function draftGroup(
  draft: StreamDraft,
  where: 'header' | 'query' | 'json' | 'form',
): Record<string, unknown> | undefined {
  return where === 'header' ? draft.headers : draft[where]
}

/** The address that most streams have, and the beginning of their paths, if they have one in common. */
function baseOf(drafts: readonly StreamDraft[]): { baseUrl: string; prefix: string } {
  const counts = new Map<string, number>()
  for (const { baseUrl } of drafts) counts.set(baseUrl, (counts.get(baseUrl) ?? 0) + 1)
  const [best] = [...counts].sort(([, one], [, other]) => other - one)
  const baseUrl = best?.[0] ?? ''
  const paths = drafts.filter((draft) => draft.baseUrl === baseUrl).map(({ path }) => path.split('/'))
  const [first = []] = paths
  const shortest = Math.min(first.length, ...paths.map((path) => path.length))
  let length = 1
  for (; length < shortest - 1; length++) {
    const part = first[length] ?? ''
    if (!/^[\w.-]+$/.test(part) || paths.some((path) => path[length] !== part)) break
  }
  return { baseUrl, prefix: first.slice(0, length).join('/') }
}

function withoutPrefix(path: string, prefix: string): string {
  return prefix !== '' && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path
}

/** Headers that all streams send with the same value. */
function commonHeaders(drafts: readonly StreamDraft[]): Record<string, string> {
  const [first, ...others] = drafts
  if (first === undefined || others.length === 0) return {}
  const common = Object.entries(first.headers).filter(
    ([name, value]) =>
      others.every(({ headers }) => headers[name] === value) && !/\b(parent|item|window)\b/.test(value),
  )
  return Object.fromEntries(common)
}

/** Whether requests have a body, with which POST is the default. */
function hasBody({ json, form, rest }: StreamDraft): boolean {
  return (
    json !== undefined ||
    form !== undefined ||
    /"in":"(?:json|form)"/.test(JSON.stringify([rest['pagination'] ?? null, rest['incremental'] ?? null]))
  )
}

interface Shared {
  baseUrl: string
  prefix: string
  headers: Readonly<Record<string, string>>
}

/** The stream of the definition. */
function streamOf(draft: StreamDraft, shared: Shared): Record<string, unknown> {
  const { each, primaryKey, omitsEmptyList, records, ...rest } = draft.rest
  const isElsewhere = draft.baseUrl !== shared.baseUrl
  const headers = Object.fromEntries(
    Object.entries(draft.headers).filter(([name]) => !Object.hasOwn(shared.headers, name)),
  )
  const stream: Record<string, unknown> = {
    name: draft.name,
    parent: draft.parent,
    each,
    baseUrl: isElsewhere ? draft.baseUrl : undefined,
    path: isElsewhere ? draft.path : withoutPrefix(draft.path, shared.prefix),
    method: draft.method === 'POST' || hasBody(draft) ? draft.method : undefined,
    query: Object.keys(draft.query).length > 0 ? draft.query : undefined,
    headers: Object.keys(headers).length > 0 ? headers : undefined,
    json: draft.json,
    form: draft.form,
    primaryKey,
    records,
    omitsEmptyList,
    ...rest,
  }
  return Object.fromEntries(Object.entries(stream).filter(([, value]) => value !== undefined))
}
