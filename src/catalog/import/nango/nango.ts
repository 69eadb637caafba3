import { readJsonOrYaml } from '../../../kit/structured-text.ts'
import { headerNameSchema } from '../../definition/primitives.ts'
import { isRecord } from '../../template/value.ts'
import { checkedImport, type ImportReport, refusedImport, reportOrRefusal, UnusableSourceError } from '../report.ts'
import { afterConnectOf, valuesAfterConnect } from './nango-after-connect.ts'
import { authOf } from './nango-auth.ts'
import { withOwnRequests } from './nango-clients.ts'
import { translate, translateAll, UntranslatableError } from './nango-template.ts'
import { isTrue, type NangoProvider, NangoValues, record, texts, withoutUndefined } from './nango-values.ts'

/** Providers that inherit from each other, at most. */
const MAX_ALIASES = 5

/**
 * Translates providers of Nango (`providers.yaml`) to definitions, each with what became of it.
 * @param options.provider the only slug to translate. Default: all of them
 * @returns one report for each slug; the report itself when the text cannot be read or the only slug is asked for
 */
export function importNango(
  text: string,
  { provider: only }: { provider?: string | undefined } = {},
): ImportReport | Record<string, ImportReport> {
  return reportOrRefusal(() => {
    const providers = readNangoProviders(text)
    if (only === undefined) {
      return Object.fromEntries(Object.keys(providers).map((slug) => [slug, importNangoProvider(slug, providers)]))
    }
    if (!Object.hasOwn(providers, only)) return refusedImport(`The file has no provider ${only}.`)
    return importNangoProvider(only, providers)
  })
}

/**
 * The providers of a file of Nango by slug, as they are written there.
 * @throws UnusableSourceError
 */
export function readNangoProviders(text: string): Readonly<Record<string, unknown>> {
  const read = readJsonOrYaml(text)
  if ('problems' in read) throw new UnusableSourceError(read.problems)
  const file = record(record(read.value)['providers'])
  const providers = Object.keys(file).length > 0 ? file : record(read.value)
  if (Object.keys(providers).length === 0) throw new UnusableSourceError('The file has no providers.')
  return providers
}

/** Translates one provider of a file. */
export function importNangoProvider(slug: string, providers: Readonly<Record<string, unknown>>): ImportReport {
  try {
    const provider = inherited(slug, providers)
    const values = new NangoValues(provider, valuesAfterConnect(provider))
    return checkedImport(reportOf(slug, provider, values))
  } catch (error) {
    if (!(error instanceof UntranslatableError)) throw error
    return refusedImport(`It ${error.message}.`)
  }
}

/** A provider with the keys of the one that it is an alias of. */
function inherited(slug: string, providers: Readonly<Record<string, unknown>>, depth = 0): NangoProvider {
  const own = Object.hasOwn(providers, slug) ? providers[slug] : undefined
  if (!isRecord(own)) throw new UntranslatableError(`has no provider ${slug}`)
  const { alias, ...rest } = own
  if (typeof alias !== 'string') return own
  if (depth >= MAX_ALIASES) throw new UntranslatableError('is an alias of an alias without end')
  if (!Object.hasOwn(providers, alias))
    throw new UntranslatableError(
      `is an alias of ${alias}, which the file does not have. Add that provider to the file`,
    )
  // As Nango does: each key replaces that of the other provider, with all that is in it.
  return { ...inherited(alias, providers, depth + 1), ...rest }
}

function reportOf(slug: string, provider: NangoProvider, values: NangoValues): ImportReport {
  const baseUrl = baseUrlOf(provider, values)
  const asked = authOf(provider, values)
  const made = { ...asked, auth: withOwnRequests(slug, asked.auth, values) }
  const proxy = record(provider['proxy'])
  const headers = headersOf(made.headers, values)
  const query = templatesOf(made.query, 'The query parameter', values)
  if (Object.keys(made.body).length > 0) {
    values.differs(
      `Nango adds ${Object.keys(made.body).join(', ')} to the body of every request. Here the caller sends it.`,
    )
  }
  const testRequest = testRequestOf(proxy, { baseUrl, auth: made.auth }, values)
  const hosts = hostOf(testRequest?.['baseUrl'], baseUrl)
  const afterConnect = afterConnectOf(provider, [baseUrl, made, headers, query, testRequest], values)
  noteTheRest(provider, values, afterConnect !== undefined)
  noteUnknownKeys(provider, values)
  const needed = inputsOfHosts({ baseUrl, auth: made.auth })
  const inputs = [...values.inputs.values()].map((field) =>
    needed.has(field.name) ? { ...field, required: true } : field,
  )
  const definition = withoutUndefined({
    displayName: String(provider['display_name'] ?? slug).slice(0, 200),
    docsUrl: typeof provider['docs'] === 'string' && URL.canParse(provider['docs']) ? provider['docs'] : undefined,
    categories: texts(provider['categories']).length > 0 ? texts(provider['categories']).slice(0, 20) : undefined,
    baseUrl,
    inputFields: inputs.length > 0 ? inputs : undefined,
    auth: withFields(made.auth, values),
    hosts: hosts === undefined || made.auth['type'] === 'none' ? undefined : [hosts],
    headers: Object.keys(headers).length > 0 ? headers : undefined,
    query: Object.keys(query).length > 0 ? withOptional(query) : undefined,
    afterConnect,
    testRequest,
  })
  return {
    definition,
    auth: { result: values.isPartly ? 'partly' : 'imported', notes: values.notes },
    streams: [],
    actions: [],
  }
}

/** Inputs that are optional although a host is not complete without them. */
function inputsOfHosts(definition: object): Set<string> {
  const hosts = JSON.stringify(definition).matchAll(/"https?:\/\/[^/?"]*/g)
  return new Set(
    [...hosts].flatMap(([host]) =>
      [...host.matchAll(/\{\{ input\['([^']+)'\] \| default\('', true\) \}\}/g)].map(([, name]) => name ?? ''),
    ),
  )
}

/** Types of authentication that have fields of their own. */
const WITH_FIELDS = new Set(['basic', 'bearer', 'api_key', 'oauth2', 'session_token', 'jwt', 'signature'])

/** An authentication with all secrets that templates of the definition read. Those of an OAuth client are its own. */
function withFields(auth: Record<string, unknown>, values: NangoValues): Record<string, unknown> {
  const ofClient = /^(?:oauth_)?client_(?:id|secret)$/
  const isOwnClient = auth['type'] === 'oauth2' && auth['grant'] === 'authorization_code'
  const fields = [...values.secrets.values()].filter(({ name }) => !(isOwnClient && ofClient.test(name)))
  if (fields.length === 0) return auth
  if (Array.isArray(auth['options'])) {
    const options = auth['options'].map((option) => {
      const own = record(record(option)['auth'])
      return { ...record(option), auth: own['type'] === 'oauth2' ? own : withFields({ ...own }, values) }
    })
    return { ...auth, options }
  }
  if (WITH_FIELDS.has(String(auth['type']))) return { ...auth, fields }
  values.differs(`Nobody is asked for ${fields.map(({ name }) => name).join(', ')}: this authentication has no fields.`)
  return auth
}

function baseUrlOf(provider: NangoProvider, values: NangoValues): string {
  const given = record(provider['proxy'])['base_url'] ?? provider['mcp_server_url']
  if (typeof given !== 'string' || given.trim() === '') {
    values.note('Nango has no base URL. Here the person supplies it.')
    const read = values.extraInput({
      name: 'base_url',
      label: 'Base URL',
      description: 'URL of the API, such as https://api.example.com.',
      required: true,
    })
    return `{{ ${read} }}`
  }
  const url = values.url(given.trim())
  const withScheme = /^(?:https?:|\{\{)/i.test(url) ? url : `https://${url}`
  return withScheme.replace(/\/+$/, '')
}

/** A parameter whose value is absent is not sent. */
function withOptional(query: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const isOptional = /^\{\{ [a-z]+\['[^']+'\] \| default\(''(?:, true)?\) \}\}$/.test(value)
      return [name, isOptional ? { value, whenEmpty: 'omit' } : value]
    }),
  )
}

function headersOf(given: Readonly<Record<string, unknown>>, values: NangoValues): Record<string, string> {
  const headers: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    const problem = headerNameSchema.safeParse(name)
    if (problem.success) headers[name] = value
    else values.note(`The header ${name} is left out: it ${problem.error.issues[0]?.message ?? 'is not valid'}.`)
  }
  return templatesOf(headers, 'The header', values)
}

/** The templates for values that every request carries. */
function templatesOf(
  given: Readonly<Record<string, unknown>>,
  subject: string,
  values: NangoValues,
): Record<string, string> {
  const made: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) {
    try {
      made[name] = translate(String(value), values.expressionOf)
    } catch (error) {
      if (!(error instanceof UntranslatableError)) throw error
      values.differs(`${subject} ${name} is left out: it ${error.message}.`)
    }
  }
  return made
}

/** The host of another base URL. Undefined: it is that of the definition. */
function hostOf(otherBase: unknown, baseUrl: string): string | undefined {
  const url = typeof otherBase === 'string' ? URL.parse(otherBase) : null
  return url === null || url.origin === URL.parse(baseUrl)?.origin ? undefined : url.host
}

function testRequestOf(
  proxy: Readonly<Record<string, unknown>>,
  { baseUrl, auth }: { baseUrl: string; auth: Readonly<Record<string, unknown>> },
  values: NangoValues,
): Record<string, unknown> | undefined {
  const { method = 'GET', endpoints, base_url_override: otherBase, data, headers } = record(proxy['verification'])
  const [endpoint, ...others] = texts(endpoints)
  if (endpoint === undefined) return undefined
  const leftOut = (why: string) => {
    values.note(`There is no testRequest, because ${why}.`)
    return undefined
  }
  const isFixed = typeof otherBase === 'string' && !otherBase.includes('${') && URL.canParse(otherBase)
  if (otherBase !== undefined && !isFixed) return leftOut('Nango sends it to a host that depends on the connection')
  const ownBase = isFixed ? otherBase.replace(/\/+$/, '') : undefined
  const verb = String(method).toUpperCase()
  if (verb !== 'GET' && verb !== 'POST') return leftOut(`Nango sends it with ${verb}`)
  if (data !== undefined && !isRecord(data)) return leftOut('its body is not a JSON object')
  const unusual = Object.keys(record(headers)).filter((name) => !/^(?:content-type|accept)$/i.test(name))
  const sentAnyway = Object.keys(record(proxy['headers'])).map((name) => name.toLowerCase())
  // What authenticates is in auth.
  const placed = [...JSON.stringify(auth).matchAll(/"in":"header","name":"([^"]+)"/g)].map(([, name = '']) => name)
  const byAuth = new Set(['authorization', 'cookie', ...placed.map((name) => name.toLowerCase())])
  const more = unusual.filter((name) => !sentAnyway.includes(name.toLowerCase()))
  const own = more.filter((name) => !byAuth.has(name.toLowerCase()) && headerNameSchema.safeParse(name).success)
  const missing = more.filter((name) => !own.includes(name) && !byAuth.has(name.toLowerCase()))
  if (missing.length > 0) values.note(`The test request is sent without the headers ${missing.join(', ')}.`)
  if (others.length > 0) values.note('Nango tries several requests to verify a connection. Here it is the first one.')
  try {
    const path = translate(endpoint.startsWith('/') ? endpoint : `/${endpoint}`, values.expressionOf)
    const json = data === undefined ? undefined : translateAll(data, values.expressionOf)
    const ownHeaders = own.map((name) => [name, translate(String(record(headers)[name]), values.expressionOf)] as const)
    return withoutUndefined({
      baseUrl: ownBase === baseUrl ? undefined : ownBase,
      method: verb === 'POST' ? 'POST' : undefined,
      path,
      headers: own.length > 0 ? Object.fromEntries(ownHeaders) : undefined,
      json: verb === 'POST' ? json : undefined,
    })
  } catch (error) {
    if (!(error instanceof UntranslatableError)) throw error
    return leftOut(`it ${error.message}`)
  }
}

const KNOWN_KEYS = new Set([
  ...[
    'alias',
    'display_name',
    'categories',
    'docs',
    'docs_connect',
    'setup_guide_url',
    'auth_mode',
    'auth_type',
    'auth',
  ],
  ...[
    'proxy',
    'authorization_url',
    'authorization_url_skip_encode',
    'authorization_url_skip_empty',
    'access_token_url',
  ],
  ...['authorization_params', 'authorization_code_param_in_callback', 'authorization_method', 'scope_separator'],
  ...['default_scopes', 'available_scopes', 'token_url', 'token_url_skip_encode', 'token_params', 'refresh_params'],
  ...['authorization_url_replacements', 'redirect_uri_metadata', 'token_response_metadata', 'refresh_url'],
  ...['webhook_response_metadata', 'authorization_code_param_in_webhook', 'token_expiration_buffer', 'body_format'],
  ...['webhook_routing_script', 'webhook_user_defined_secret', 'webhook_allowed_query_params', 'installation'],
  ...['post_connection_script', 'pre_connection_deletion_script', 'credentials_verification_script', 'decode_url'],
  ...['connection_configuration', 'connection_config', 'credentials', 'integration_config', 'assertion_option'],
  ...['authorization_url_fragment', 'require_client_certificate', 'token_request_auth_method', 'disable_pkce'],
  ...['alternate_access_token_response_path', 'expires_in_unit', 'request_url', 'request_params', 'signature_method'],
  ...['request_http_method', 'token_http_method', 'client_registration', 'registration_url', 'registration_params'],
  ...['mcp_server_url', 'signature', 'token', 'token_request_method', 'token_headers', 'token_response', 'assertion'],
  ...['refresh_token_params', 'refresh_token_headers', 'token_response_headers', 'additional_steps'],
  ...['token_expires_in_ms', 'proxy_header_authorization'],
])
const KNOWN_PROXY_KEYS = new Set([
  ...['base_url', 'headers', 'connection_config', 'query', 'body', 'retry', 'decompress', 'paginate', 'verification'],
  'forward_headers_on_redirect',
])

/** A key that this importer does not know may change any request. */
function noteUnknownKeys(provider: NangoProvider, values: NangoValues): void {
  const unknown = [
    ...Object.keys(provider).filter((key) => !KNOWN_KEYS.has(key)),
    ...Object.keys(record(provider['proxy'])).flatMap((key) => (KNOWN_PROXY_KEYS.has(key) ? [] : [`proxy.${key}`])),
  ]
  for (const key of unknown) values.differs(`${key} is not known here, and left out.`)
}

/** Headers that say how long to wait, which Latchkey reads without being told (`kit/time.ts`). */
const USUAL_WAIT = /^(?:retry-after|(?:x-)?rate-?limit-(?:reset|remaining|limit).*)$/i

/** Notes about what has no counterpart, and does not change the requests. */
function noteTheRest(provider: NangoProvider, values: NangoValues, hasAfterConnect: boolean): void {
  const { retry, paginate } = record(provider['proxy'])
  const { at, after, in_body: inBody, error_code: errorCode } = record(retry)
  const waits = [at, after].flatMap((names) => (typeof names === 'string' ? [names] : texts(names)))
  const unknown = waits.filter((name) => !USUAL_WAIT.test(name))
  if (unknown.length > 0) {
    values.note(
      `Nango waits as the headers ${unknown.join(', ')} say. Latchkey reads Retry-After and the usual rate-limit headers; add responses with waitFrom to streams.`,
    )
  }
  if (inBody !== undefined)
    values.note('Nango reads from the body how long to wait. Add responses with waitFrom to streams.')
  if (errorCode !== undefined)
    values.note('Nango also tries again after the statuses of retry.error_code. Add responseErrors for them.')
  if (isTrue(provider['forward_headers_on_redirect'] ?? record(provider['proxy'])['forward_headers_on_redirect']))
    values.note('Nango sends the headers along with redirects. Here a redirect to another host gets no credential.')
  if (provider['installation'] === 'outbound')
    values.note('People begin the connection at the provider, and not in your product.')
  if (paginate !== undefined)
    values.note('How lists are paged is left out: it belongs to streams, which Nango has as functions.')
  const scripts = [
    ...(hasAfterConnect ? [] : ['post_connection_script']),
    ...['credentials_verification_script', 'pre_connection_deletion_script'],
  ]
  for (const key of scripts) {
    if (typeof provider[key] === 'string') values.note(`The ${key.replaceAll('_', ' ')} ${provider[key]} is left out.`)
  }
  const webhook = ['webhook_routing_script', 'webhook_user_defined_secret', 'webhook_response_metadata']
  if (webhook.some((key) => isTrue(provider[key]) || (Boolean(provider[key]) && provider[key] !== false))) {
    values.note('Webhooks are left out: Nango handles them by a script. Add a webhook to the definition.')
  }
}
