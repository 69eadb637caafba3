import { jwtOf } from './nango-jwt.ts'
import { loginOf } from './nango-login.ts'
import { oauth2Of } from './nango-oauth2.ts'
import { basicIn, prefixOf, referencesIn, templateOf, translate, UntranslatableError } from './nango-template.ts'
import { type NangoProvider, type NangoValues, record, withoutUndefined } from './nango-values.ts'

type Templates = Record<string, unknown>

/** The authentication of a provider, and what every request carries besides. */
export interface NangoAuth {
  auth: Record<string, unknown>
  headers: Templates
  query: Templates
  body: Templates
}

/** Where the token of a provider is placed in a request. */
export interface TokenPlace {
  /** Undefined: `Authorization: Bearer`. */
  placement: Record<string, unknown> | undefined
  headers: Templates
  query: Templates
}

/** Translates how a provider authenticates. @throws UntranslatableError for what a definition cannot say */
export function authOf(provider: NangoProvider, values: NangoValues): NangoAuth {
  const proxy = record(provider['proxy'])
  const body = record(proxy['body'])
  const rest = { headers: { ...record(proxy['headers']) }, query: { ...record(proxy['query']) }, body: { ...body } }
  const mode = provider['auth_mode']
  switch (mode) {
    case 'NONE':
    case 'UNAUTHENTICATED':
      return { ...rest, auth: { type: 'none' } }
    case 'API_KEY':
      return apiKeyOf(rest, values)
    case 'BASIC':
    case 'INSTALL_PLUGIN':
      return basicOf(rest, values)
    case 'OAUTH2_CC':
      if (provider['token_url'] === undefined && readsKey(rest.headers)) {
        values.differs('It has no token_url, and its requests have an API key. Here it is an API key.')
        return apiKeyOf(rest, values)
      }
      return oauthOf(provider, values, rest)
    case 'OAUTH2':
    case 'MCP_OAUTH2':
      return oauthOf(provider, values, rest)
    case 'TWO_STEP':
    case 'BILL':
    case 'TABLEAU':
    case 'APP': {
      const place = tokenPlaceOf(provider, values)
      return { ...rest, ...place, auth: loginOf(provider, place.placement, values) }
    }
    case 'CUSTOM':
      return customOf(provider, values, rest)
    case 'JWT':
    case 'APP_STORE': {
      const place = tokenPlaceOf(provider, values)
      return { ...rest, ...place, auth: jwtOf(provider, place.placement, values) }
    }
    case 'OAUTH1':
      return { ...rest, auth: oauth1Of(provider, values) }
    case 'AWS_SIGV4':
      return { ...rest, auth: sigV4Of(values) }
    case 'TBA':
      return { ...rest, auth: tbaOf(values) }
    case 'SIGNATURE':
      return { ...rest, ...tokenPlaceOf(provider, values), auth: wsseOf(provider, values) }
    case 'MCP_OAUTH2_GENERIC':
      return genericMcpOf(provider, values, rest)
    case undefined:
      throw new UntranslatableError('has no auth_mode')
    default:
      throw new UntranslatableError(`has the auth_mode ${String(mode).slice(0, 50)}, which is not known`)
  }
}

function oauthOf(provider: NangoProvider, values: NangoValues, rest: Omit<NangoAuth, 'auth'>): NangoAuth {
  const place = tokenPlaceOf(provider, values)
  const isClient = provider['auth_mode'] === 'OAUTH2_CC'
  const isLogin = isClient && record(provider['token_params'])['grant_type'] === undefined
  const auth = isLogin ? loginOf(provider, place.placement, values) : oauth2Of(provider, place.placement, values)
  return { ...rest, ...place, auth }
}

/** An MCP server whose authorization server is found by its metadata. */
function genericMcpOf(provider: NangoProvider, values: NangoValues, rest: Omit<NangoAuth, 'auth'>): NangoAuth {
  const url = provider['mcp_server_url']
  if (typeof url !== 'string' || url.includes('${')) {
    throw new UntranslatableError(
      'finds the authorization server of each connection by its MCP server, but an integration has one authorization server. Make an integration for each MCP server, with its URL as baseUrl and auth.registration',
    )
  }
  const place = tokenPlaceOf(provider, values)
  const auth = { type: 'oauth2', grant: 'authorization_code', registration: {} }
  return { ...rest, ...place, auth: place.placement === undefined ? auth : { ...auth, placement: place.placement } }
}

/** What the token is called besides `accessToken`. */
const LOGIN_TOKENS: Readonly<Record<string, string[]>> = {
  BILL: ['sessionId', 'session_id'],
  TABLEAU: ['token'],
}

/** Takes the place of the access token from the headers and query of a provider, in which it is `${accessToken}`. */
export function tokenPlaceOf(provider: NangoProvider, values: NangoValues): TokenPlace {
  const proxy = record(provider['proxy'])
  const headers: Templates = { ...record(proxy['headers']) }
  const query: Templates = { ...record(proxy['query']) }
  const authorization = provider['proxy_header_authorization']
  if (typeof authorization === 'string') headers['authorization'] = authorization
  const names = ['accessToken', ...(LOGIN_TOKENS[String(provider['auth_mode'])] ?? [])]
  const isToken = (reference: string) => names.includes(reference)
  const places: Record<string, unknown>[] = []
  for (const [name, value] of Object.entries(headers)) {
    const token = referencesIn(String(value)).find(isToken)
    if (token === undefined) continue
    delete headers[name]
    const prefix = prefixOf(String(value), token)
    const cookie = /^(?:.*;\s*)?([^=;\s]+)=$/.exec(prefix ?? '')?.[1]
    if (prefix === undefined) throw new UntranslatableError(`has text after the token in the header ${name}`)
    if (name.toLowerCase() === 'cookie' && cookie !== undefined) places.push({ in: 'cookie', name: cookie })
    else
      places.push(
        withoutUndefined({ in: 'header', name: headerName(name), prefix: prefix === '' ? undefined : prefix }),
      )
  }
  for (const [name, value] of Object.entries(query)) {
    const token = referencesIn(String(value)).find(isToken)
    if (token === undefined) continue
    delete query[name]
    const prefix = prefixOf(String(value), token)
    if (prefix === undefined) throw new UntranslatableError(`has text after the token in the query parameter ${name}`)
    places.push(withoutUndefined({ in: 'query', name, prefix: prefix === '' ? undefined : prefix }))
  }
  const [first, ...more] = places
  if (more.length > 0) {
    values.differs('Nango sends the token at several places. Here it is sent at the first one.')
  }
  const isUsual = first?.['in'] === 'header' && first['name'] === 'Authorization' && first['prefix'] === 'Bearer '
  const written = writtenAuthorization(headers)
  const isElsewhere = first !== undefined && (first['in'] !== 'header' || first['name'] !== 'Authorization')
  if (isElsewhere && written === undefined && SENT_TWICE.has(String(provider['auth_mode'])))
    values.note('Nango also sends the token as Authorization: Bearer.')
  if (first === undefined && written !== undefined) {
    throw new UntranslatableError(`has the header ${written}, which replaces the token`)
  }
  return { placement: isUsual ? undefined : first, headers, query }
}

/** Modes in which Nango sends the header Authorization besides the place of the token. */
const SENT_TWICE = new Set(['OAUTH2', 'OAUTH2_CC', 'MCP_OAUTH2', 'JWT', 'APP', 'APP_STORE'])

function writtenAuthorization(headers: Templates): string | undefined {
  return Object.keys(headers).find((name) => name.toLowerCase() === 'authorization')
}

/** Header names as they are usually written. */
function headerName(name: string): string {
  return name.toLowerCase() === 'authorization' ? 'Authorization' : name
}

/** The key is placed where a header, a query parameter or the body has `${apiKey}`. */
function apiKeyOf(rest: Omit<NangoAuth, 'auth'>, values: NangoValues): NangoAuth {
  const isKey = (reference: string) => /^(?:credentials\.)?apiKey$/.test(reference)
  const uses = (value: unknown) => typeof value === 'string' && referencesIn(value).some(isKey)
  const key = values.expressionOf('apiKey')
  const header = Object.entries(rest.headers)
    .filter(([, value]) => uses(value))
    .sort(([one], [other]) => Number(isAuthorization(other)) - Number(isAuthorization(one)))[0]
  if (header !== undefined) {
    const [name, value] = header
    const headers = without(rest.headers, name)
    return { ...rest, headers, auth: headerAuth(name, String(value), values, key) }
  }
  const parameter = Object.entries(rest.query).find(([, value]) => uses(value))
  if (parameter !== undefined) {
    const [name, value] = parameter
    const auth = { type: 'api_key', value: translate(String(value), values.expressionOf) }
    return { ...rest, query: without(rest.query, name), auth: { ...auth, placement: { in: 'query', name } } }
  }
  const property = Object.entries(rest.body).find(([, value]) => uses(value))
  if (property !== undefined) {
    const [name, value] = property
    const auth = { type: 'api_key', value: translate(String(value), values.expressionOf) }
    return { ...rest, body: without(rest.body, name), auth: { ...auth, placement: { in: 'json', name: [name] } } }
  }
  throw new UntranslatableError(
    values.isKeyInUrl ? 'sends the API key in the path of the URL, where auth has no place' : NO_PLACE,
  )
}

const NO_PLACE =
  'does not say where the API key is sent. Write a definition whose auth.placement names the header or the parameter'

function readsKey(headers: Templates): boolean {
  return Object.values(headers).some((value) =>
    referencesIn(String(value)).some((each) => /^(?:credentials\.)?apiKey$/.test(each)),
  )
}

function isAuthorization(name: string): boolean {
  return name.toLowerCase() === 'authorization'
}

function without(templates: Templates, name: string): Templates {
  return Object.fromEntries(Object.entries(templates).filter(([key]) => key !== name))
}

/** The authentication that a header is. @param key the expression that reads the key */
function headerAuth(name: string, value: string, values: NangoValues, key: string): Record<string, unknown> {
  const basic = isAuthorization(name) ? basicIn(value) : undefined
  if (basic !== undefined) {
    const username = translate(basic.username, values.expressionOf)
    const password = translate(basic.password, values.expressionOf)
    return { type: 'basic', username, password }
  }
  const prefix = prefixOf(value, 'apiKey') ?? prefixOf(value, 'credentials.apiKey')
  if (prefix === undefined) {
    const placement = { in: 'header', name: headerName(name) }
    return { type: 'api_key', value: translate(value, values.expressionOf), placement }
  }
  if (isAuthorization(name) && prefix === 'Bearer ') return { type: 'bearer', token: `{{ ${key} }}` }
  const placement = withoutUndefined({
    in: 'header',
    name: headerName(name),
    prefix: prefix === '' ? undefined : prefix,
  })
  return { type: 'api_key', value: `{{ ${key} }}`, placement }
}

function basicOf(rest: Omit<NangoAuth, 'auth'>, values: NangoValues): NangoAuth {
  const username = values.expressionOf('username')
  const password = values.expressionOf('password')
  const own = Object.entries(rest.headers).find(([name]) => isAuthorization(name))
  if (own !== undefined) {
    const [name, value] = own
    const basic = basicIn(String(value))
    const headers = without(rest.headers, name)
    if (basic === undefined) {
      const made = translate(String(value), values.expressionOf)
      return {
        ...rest,
        headers,
        auth: { type: 'api_key', value: made, placement: { in: 'header', name: 'Authorization' } },
      }
    }
    const user = translate(basic.username, values.expressionOf)
    return {
      ...rest,
      headers,
      auth: { type: 'basic', username: user, password: translate(basic.password, values.expressionOf) },
    }
  }
  return { ...rest, auth: { type: 'basic', username: templateOf(username), password: templateOf(password) } }
}

function oauth1Of(provider: NangoProvider, values: NangoValues): Record<string, unknown> {
  const signature = provider['signature_method'] ?? 'HMAC-SHA1'
  if (!['HMAC-SHA1', 'HMAC-SHA256', 'PLAINTEXT'].includes(String(signature))) {
    throw new UntranslatableError(`signs with ${String(signature)}, which OAuth 1 does not have here`)
  }
  const url = (key: string) => {
    const given = provider[key]
    if (typeof given !== 'string') throw new UntranslatableError(`has no ${key}`)
    return translate(given, values.expressionOf)
  }
  const accessTokenUrl = url(typeof provider['access_token_url'] === 'string' ? 'access_token_url' : 'token_url')
  for (const key of ['request_params', 'request_http_method', 'token_http_method']) {
    if (provider[key] !== undefined) values.differs(`${key} is left out.`)
  }
  const parameters = new URLSearchParams(
    Object.entries(record(provider['authorization_params'])).map(([name, value]) => [name, String(value)]),
  )
  const authorizationUrl = url('authorization_url')
  const query = parameters.size === 0 ? '' : `${authorizationUrl.includes('?') ? '&' : '?'}${parameters}`
  return {
    type: 'oauth1',
    requestTokenUrl: url('request_url'),
    authorizationUrl: `${authorizationUrl}${query}`,
    accessTokenUrl,
    signature,
  }
}

/** Keys of AWS that obtain temporary ones of a role (STS). */
function sigV4Of(values: NangoValues): Record<string, unknown> {
  const keyId = values.credential('accessKeyId', 'access_key_id', { label: 'Access key ID', secret: false })
  const secret = values.credential('secretAccessKey', 'secret_access_key', { label: 'Secret access key', secret: true })
  const role = values.credential('roleArn', 'role_arn', { label: 'ARN of the role', secret: false })
  const external = values.credential('externalId', 'external_id', {
    label: 'External ID',
    secret: true,
    required: false,
  })
  values.note('Nango assumes the role with keys of its own. Here each connection supplies the keys.')
  return {
    type: 'signature',
    method: 'aws_sigv4',
    accessKeyId: `{{ ${keyId} }}`,
    secretAccessKey: `{{ ${secret} }}`,
    region: `{{ ${values.config('region')} }}`,
    service: `{{ ${values.config('service')} }}`,
    assumeRole: { roleArn: `{{ ${role} }}`, externalId: `{{ ${external} }}` },
  }
}

/** Token-based authentication of NetSuite: OAuth 1 with the account as realm, and tokens that the person has. */
function tbaOf(values: NangoValues): Record<string, unknown> {
  const account = values.config('accountId')
  values.note('Nango has the consumer key and its secret with the integration.')
  return { type: 'oauth1', signature: 'HMAC-SHA256', realm: `{{ ${account} | replace('-', '_') | upper }}` }
}

/** A UsernameToken of WS-Security in the header X-WSSE. */
function wsseOf(provider: NangoProvider, values: NangoValues): Record<string, unknown> {
  const { protocol } = record(provider['signature'])
  if (protocol !== 'WSSE') throw new UntranslatableError(`signs with ${String(protocol)}, which is not known`)
  const username = values.expressionOf('username')
  const password = values.expressionOf('password')
  values.note('The digest is written in hexadecimal digits. Remove digest when the provider expects its bytes.')
  return {
    type: 'signature',
    method: 'wsse',
    username: `{{ ${username} }}`,
    password: `{{ ${password} }}`,
    digest: 'hex',
  }
}

/** A GitHub App whose users may also sign in by OAuth. */
function customOf(provider: NangoProvider, values: NangoValues, rest: Omit<NangoAuth, 'auth'>): NangoAuth {
  const urls = record(provider['token_url'])
  const place = tokenPlaceOf(provider, values)
  const options = [
    { key: 'oauth', label: 'OAuth', auth: oauth2Of({ ...provider, auth_mode: 'OAUTH2' }, place.placement, values) },
  ]
  if (typeof urls['APP'] === 'string') {
    const app = { ...provider, auth_mode: 'APP', token_url: urls['APP'] }
    options.push({ key: 'app', label: 'App installation', auth: loginOf(app, place.placement, values) })
  }
  return { ...rest, ...place, auth: { type: 'selective', options } }
}
