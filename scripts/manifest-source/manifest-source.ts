/** A source that is made from a manifest: it serves the lists of a `Plan`, and notes requests that the manifest does not make. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Component, objectAt, textAt, typeOf } from '../../src/catalog/import/airbyte/manifest.ts'
import { asText, evaluate, SOME_TIME } from './evaluate.ts'
import {
  FROM,
  type Json,
  type List,
  type Plan,
  responseReads,
  type SourceRecord,
  TO,
  timeOf,
  withValue,
} from './plan.ts'

const TOKEN = 'token-of-the-source'

/** A request as the source sees it. */
interface Received {
  method: string
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  body: Record<string, string>
  /** Its URL, without what the source added to it. */
  url: string
}

/** The beginning of the interval that a request asked for. */
export interface Asked {
  list: List
  fromMs: number
}

export class ManifestSource {
  readonly #plan: Plan
  readonly #manifest: Component
  readonly #config: Json
  /** What was wrong with requests. */
  readonly problems = new Set<string>()
  /** Requests for lists whose cursor is sent. */
  readonly asked: Asked[] = []

  constructor(manifest: Component, plan: Plan, config: Json) {
    this.#manifest = manifest
    this.#plan = plan
    this.#config = config
  }

  /** Answers a request for `/h/<host>/<path>`. @param origin of this server */
  async answer(request: IncomingMessage, response: ServerResponse, origin: string): Promise<void> {
    const received = await readRequest(request, origin)
    const login = this.#login(received.path)
    if (login !== undefined) return send(response, login)
    const page = new URL(request.url ?? '/', origin).searchParams.get('source_page')
    const list = this.#listOf(received, page !== null)
    if (list === undefined) {
      this.problems.add(
        `No stream has a request for ${received.method} ${received.path} ${JSON.stringify([received.query, received.body])}`.slice(
          0,
          300,
        ),
      )
      response.writeHead(400)
      return void response.end('{"error":"no such path"}')
    }
    this.#checkAuth(list, received)
    const records = this.#inInterval(list, received)
    const number = page === null ? this.#pageOf(list, received) : Number(page)
    send(response, ...this.#page(list, records, number, received.url))
  }

  /** The list that a request is for: the one with the most of its parameters. What differs is a problem, except on pages by URL. */
  #listOf(received: Received, isLink: boolean): List | undefined {
    const found = [...this.#plan.lists.values()]
      .filter(({ method, path }) => method === received.method && pattern(path).test(received.path))
      .map((list) => ({ list, problems: differences(list, received) }))
      .toSorted(
        (one, other) =>
          one.problems.length - other.problems.length ||
          slash(one.list, received) - slash(other.list, received) ||
          size(other.list) - size(one.list),
      )
    const [best] = found
    if (best !== undefined && !isLink) {
      for (const problem of best.problems) this.problems.add(`${best.list.stream}: ${problem}`.slice(0, 300))
    }
    return best?.list
  }

  /** The answer of a token or login endpoint. */
  #login(path: string): Json | undefined {
    for (const authenticator of componentsIn(this.#manifest, ['OAuthAuthenticator', 'SessionTokenAuthenticator'])) {
      const requester = objectAt(authenticator, 'login_requester')
      const names = { config: this.#config, parameters: objectAt(authenticator, '$parameters') ?? {} }
      const text = (component: Component | undefined, key: string) => asText(evaluate(component?.[key], names))
      const address =
        requester === undefined
          ? text(authenticator, 'token_refresh_endpoint')
          : `${text(requester, 'url_base').replace(/\/+$/, '')}/${text(requester, 'path').replace(/^\/+/, '')}`
      if (address.replace(/^https?:\/\//, '').replace(/\?.*|\/+$/g, '') !== path.replace(/\/+$/, '')) continue
      const key = authenticator['session_token_path'] ?? textAt(authenticator, 'access_token_name') ?? 'access_token'
      const expiry = textAt(authenticator, 'expires_in_name') ?? 'expires_in'
      return { ...withValue({}, [key].flat().map(String), TOKEN), [expiry]: 3600, token_type: 'Bearer' }
    }
    return undefined
  }

  #checkAuth({ stream, auth }: List, { headers, query, body }: Received): void {
    for (const { place, name, value } of this.#credentials(auth)) {
      const found =
        place === 'header' ? headers[name.toLowerCase()] : place === 'request_parameter' ? query[name] : body[name]
      if (found !== value) this.problems.add(`${stream}: ${name} (${place}) is ${found}, not ${value}`)
    }
  }

  /** What an authenticator sends. */
  #credentials(auth: Component | undefined): { place: string; name: string; value: string }[] {
    if (auth === undefined) return []
    const names = { config: this.#config, parameters: objectAt(auth, '$parameters') ?? {} }
    const text = (key: string) => asText(evaluate(auth[key], names))
    const header = (value: string) => [{ place: 'header', name: 'authorization', value }]
    const injected = (option: Component | undefined, value: string) => [
      { place: textAt(option, 'inject_into') ?? '', name: asText(evaluate(option?.['field_name'], names)), value },
    ]
    switch (typeOf(auth)) {
      case 'BearerAuthenticator':
        return header(`Bearer ${text('api_token')}`)
      case 'BasicHttpAuthenticator':
        return header(`Basic ${Buffer.from(`${text('username')}:${text('password')}`).toString('base64')}`)
      case 'OAuthAuthenticator':
        return header(`Bearer ${TOKEN}`)
      case 'ApiKeyAuthenticator': {
        const option = objectAt(auth, 'inject_into')
        if (option !== undefined) return injected(option, text('api_token'))
        return [{ place: 'header', name: text('header'), value: text('api_token') }]
      }
      case 'SessionTokenAuthenticator': {
        const how = objectAt(auth, 'request_authentication')
        return typeOf(how) === 'ApiKey' ? injected(objectAt(how, 'inject_into'), TOKEN) : header(`Bearer ${TOKEN}`)
      }
      case 'SelectiveAuthenticator': {
        const chosen = asText(
          [auth['authenticator_selection_path'] ?? []]
            .flat()
            .reduce<unknown>((value, key) => (value as Json)?.[String(key)], this.#config),
        )
        return this.#credentials(objectAt(objectAt(auth, 'authenticators'), chosen))
      }
      default:
        return []
    }
  }

  /** The records of a list from the beginning to the end that a request asks for. */
  #inInterval(list: List, received: Received): SourceRecord[] {
    const bounds = boundsIn(list, received)
    const [from, to] = [bounds.get(FROM), bounds.get(TO)]
    if (from !== undefined) this.asked.push({ list, fromMs: timeOf(from, false) })
    return list.records.filter(({ atMs }) => {
      if (atMs === undefined) return true
      // Times of requests may be less exact than those of the records.
      if (from !== undefined && atMs + 1_000 < timeOf(from, false)) return false
      return to === undefined || atMs <= timeOf(to, true)
    })
  }

  #pageOf(list: List, { query, headers, body }: Received): number {
    const paginator = objectAt(objectAt(list.component, 'retriever'), 'paginator')
    const strategy = objectAt(paginator, 'pagination_strategy')
    const option = objectAt(paginator, 'page_token_option')
    const name = [option?.['field_path'] ?? textAt(option, 'field_name') ?? ''].flat().join('.')
    const value = query[name] ?? body[name] ?? headers[name.toLowerCase()] ?? ''
    if (value === '') return 1
    if (typeOf(strategy) === 'PageIncrement') return Number(value) - Number(strategy?.['start_from_page'] ?? 0) + 1
    if (typeOf(strategy) === 'OffsetIncrement') return Math.floor(Number(value) / list.pageSize) + 1
    const known = list.tokens.get(value)
    if (known === undefined) this.problems.add(`${list.stream}: ${name} is ${value}, which no page has given`)
    return known ?? 1
  }

  #page(list: List, all: readonly SourceRecord[], number: number, url: string): [unknown, Record<string, string>] {
    const { component, pageSize } = list
    const retriever = objectAt(component, 'retriever')
    const extractor = objectAt(objectAt(retriever, 'record_selector'), 'extractor')
    const names = { config: this.#config, parameters: objectAt(extractor, '$parameters') ?? {} }
    const place = [extractor?.['field_path'] ?? []].flat().map((key) => asText(evaluate(key, names)))
    const paginator = objectAt(retriever, 'paginator')
    const isPaged = objectAt(paginator, 'page_token_option') !== undefined
    const found = isPaged ? all.slice((number - 1) * pageSize, number * pageSize) : all
    const records = found.map(({ data }) => data)
    const isLast = !isPaged || number * pageSize >= all.length
    const link = linkTo(url, number + 1)
    const headers: Record<string, string> = isPaged
      ? { Link: isLast ? `<${url}>; rel="first"` : `<${link}>; rel="next"` }
      : {}
    const reads = responseReads(component)
    const isWhole = place.length === 0 && reads.length > 0
    const body = isWhole ? (records[0] ?? {}) : nested(place, records)
    const strategy = objectAt(paginator, 'pagination_strategy')
    if (!isPaged || typeOf(strategy) !== 'CursorPagination') return [body, headers]
    const tokenOf = (answer: unknown) => {
      const scope = {
        ...{
          config: this.#config,
          response: answer,
          last_record: records.at(-1) ?? {},
          last_page_size: records.length,
        },
        headers: { ...headers, link: isLast ? { first: { url } } : { next: { url: link } } },
      }
      const stop = evaluate(strategy?.['stop_condition'], scope)
      return stop === true || stop === 'True' ? undefined : evaluate(strategy?.['cursor_value'], scope)
    }
    const answer = answers(
      body,
      reads,
      isLast ? ENDS(number) : MORE(number, link, /\|\s*int/.test(textAt(strategy, 'cursor_value') ?? '')),
    ).find((each) => {
      const token = tokenOf(each)
      const isEmpty =
        token === undefined ||
        token === null ||
        token === '' ||
        (typeof token === 'object' && Object.keys(token).length === 0)
      if (isLast || isEmpty) return isLast === isEmpty
      if (objectAt(paginator, 'page_token_option')?.['type'] === 'RequestPath')
        return asText(token).includes('source_page=')
      list.tokens.set(asText(token), number + 1)
      return true
    })
    if (answer === undefined) {
      // The last record has a key on each page, so that the connector reads an empty page after the last one.
      if (isLast) list.tokens.set(asText(tokenOf(body)), number + 1)
      else this.problems.add(`${list.stream}: the harness finds no answer whose next page is page ${number + 1}`)
    }
    // Where the answer is the record, what it says about the next page is a part of it.
    if (isWhole && found[0] !== undefined) found[0].data = answer as Json
    return [answer ?? body, headers]
  }
}

/** Values that say that there is another page, and that there is none. The first ones that do are taken. */
const MORE = (page: number, link: string, isCounted: boolean) => [
  ...(isCounted ? [page, page + 5] : [`cursor-${page + 1}`]),
  ...[link, `/?page=${page + 1}`, true, page, page + 5, false],
]
const ENDS = (page: number) => [null, undefined, '', false, page, true, {}]

/** The answer with each combination of values at some places. */
function* answers(body: unknown, places: readonly string[][], values: readonly unknown[]): Generator<unknown> {
  const [place, ...rest] = places
  if (place === undefined || typeof body !== 'object' || body === null || Array.isArray(body)) {
    yield body
    return
  }
  for (const value of values) yield* answers(withValue(body as Json, place, value), rest, values)
}

function nested(path: readonly string[], records: readonly Json[]): unknown {
  return path.toReversed().reduce<unknown>((inner, key, index) => {
    if (key !== '*') return { [key]: inner }
    // The last star stands for the records themselves.
    return index === 0 ? inner : [inner]
  }, records)
}

/** The URL of another page, by which the source knows it again. */
function linkTo(url: string, page: number): string {
  const link = new URL(url)
  const others = [...link.searchParams].filter(([name]) => name !== 'source_page' && name !== 'page')
  link.search = new URLSearchParams([['page', String(page)], ['source_page', String(page)], ...others]).toString()
  return link.href
}

/** 1: only a slash at the end makes the paths differ. */
function slash({ path }: List, received: Received): number {
  return path.endsWith('/') === received.path.endsWith('/') ? 0 : 1
}

function size({ query, body, headers }: List): number {
  return Object.keys(query).length + Object.keys(body).length + Object.keys(headers).length
}

/** How a request differs from those of a list. */
function differences(list: List, { query, body, headers }: Received): string[] {
  const option = objectAt(objectAt(objectAt(list.component, 'retriever'), 'paginator'), 'page_token_option')
  const paging = [option?.['field_path'] ?? textAt(option, 'field_name') ?? ''].flat().join('.')
  const credentials = componentsIn(list.auth, ['RequestOption', 'ApiKey']).map((each) => textAt(each, 'field_name'))
  const compare = (what: string, wanted: Record<string, string>, sent: Record<string, string>, isWhole: boolean) => {
    const wrong = Object.entries(wanted).filter(
      ([name, value]) =>
        name !== paging &&
        name.toLowerCase() !== 'accept-encoding' &&
        !pattern(value).test(sent[isWhole ? name : name.toLowerCase()] ?? ''),
    )
    const more = isWhole
      ? Object.keys(sent).filter((name) => !(name in wanted) && name !== paging && !credentials.includes(name))
      : []
    return [
      ...wrong.map(([name, value]) => `${what} ${name} is ${sent[name] ?? 'absent'}, not ${value}`),
      ...more.map((name) => `${what} ${name}=${sent[name]} is not in the manifest`),
    ]
  }
  return [
    ...compare('parameter', list.query, query, true),
    ...compare('body field', list.body, body, true),
    ...compare('header', list.headers, headers, false),
  ]
}

/** The texts of a request at the marks of its list. */
function boundsIn(list: List, received: Received): Map<string, string> {
  const found = new Map<string, string>()
  const look = (wanted: string, sent: string | undefined) => {
    const marks = wanted.match(/[\ue001\ue003]/g) ?? []
    const values = sent === undefined ? null : pattern(wanted).exec(sent)
    for (const [index, mark] of marks.entries()) if (values?.[index + 1]) found.set(mark, values[index + 1] ?? '')
  }
  look(list.path, received.path)
  for (const [name, value] of Object.entries(list.query)) look(value, received.query[name])
  for (const [name, value] of Object.entries(list.body)) look(value, received.body[name])
  for (const [name, value] of Object.entries(list.headers)) look(value, received.headers[name.toLowerCase()])
  return found
}

/** A text with marks as a pattern. Bounds are captured. */
function pattern(text: string): RegExp {
  const escaped = text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&').replaceAll(SOME_TIME, '.*')
  return new RegExp(`^${escaped.replace(/(?:\\\/)+$/, '').replaceAll(/[\ue001\ue003]/g, '([^/&]*?)')}/*$`)
}

async function readRequest(request: IncomingMessage, origin: string): Promise<Received> {
  let text = ''
  for await (const chunk of request) text += chunk
  const url = new URL(request.url ?? '/', origin)
  const path = decodeURIComponent(url.pathname.replace(/^\/h\//, ''))
  url.searchParams.delete('source_page')
  return {
    ...{ method: request.method ?? 'GET', path, query: joined([...url.searchParams]) },
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    body: text.startsWith('{') ? joined(leaves(JSON.parse(text), [])) : joined([...new URLSearchParams(text)]),
    url: `${origin}${url.pathname}${url.search}`,
  }
}

/** Values of one name as those of a list. */
function joined(entries: [string, string][]): Record<string, string> {
  const all = Map.groupBy(entries, ([name]) => name)
  return Object.fromEntries(
    [...all].map(([name, found]) => [
      name,
      found.length > 1 ? asText(found.map(([, value]) => value)) : (found[0]?.[1] ?? ''),
    ]),
  )
}

function leaves(value: unknown, path: readonly string[]): [string, string][] {
  if (typeof value !== 'object' || value === null || isPlainList(value)) return [[path.join('.'), asText(value)]]
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]))
}

function isPlainList(value: object): boolean {
  return Array.isArray(value) && value.every((item) => typeof item !== 'object')
}

function componentsIn(value: unknown, types: readonly string[]): Component[] {
  if (Array.isArray(value)) return value.flatMap((item) => componentsIn(item, types))
  if (typeof value !== 'object' || value === null) return []
  const own = types.includes(String(Reflect.get(value, 'type'))) ? [value as Component] : []
  return [...own, ...Object.values(value).flatMap((item) => componentsIn(item, types))]
}

function send(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
