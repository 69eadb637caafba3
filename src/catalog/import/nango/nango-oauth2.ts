import { translate, UntranslatableError } from './nango-template.ts'
import {
  configName,
  fieldName,
  isTrue,
  type NangoProvider,
  type NangoValues,
  record,
  texts,
  withoutUndefined,
} from './nango-values.ts'

type Texts = Record<string, string>

const GRANTS: Readonly<Record<string, string>> = {
  authorization_code: 'authorization_code',
  client_credentials: 'client_credentials',
  refresh_token: 'refresh_token',
}

/** The modes OAUTH2, OAUTH2_CC and MCP_OAUTH2. @param placement of the token; undefined: `Authorization: Bearer` */
export function oauth2Of(
  provider: NangoProvider,
  placement: Record<string, unknown> | undefined,
  values: NangoValues,
): Record<string, unknown> {
  const isClient = provider['auth_mode'] === 'OAUTH2_CC'
  const registered = provider['auth_mode'] === 'MCP_OAUTH2' ? provider['client_registration'] : undefined
  const tokenUrl = urlOf(provider, values)
  const { grant_type: grantType = isClient ? 'client_credentials' : 'authorization_code', ...parameters } = paramsOf(
    provider['token_params'],
  )
  const grant = isClient ? (GRANTS[grantType] ?? 'custom') : 'authorization_code'
  const basic = provider['token_request_auth_method'] === 'basic' || provider['authorization_method'] === 'header'
  const params = tokenParameters(provider, parameters, values)
  const refreshParams = isClient ? undefined : refreshParameters(provider, params, values)
  const refresh = provider['refresh_url']
  const scopes = texts(provider['default_scopes'])
  const separator = provider['scope_separator']
  if (isClient) addClientFields(values)
  const authorization = isClient ? {} : authorizationOf(provider, values)
  const auth = withoutUndefined({
    type: 'oauth2',
    grant,
    grantType: grant === 'custom' ? grantType : undefined,
    ...authorization,
    tokenUrl,
    refreshUrl: typeof refresh === 'string' ? values.url(refresh) : undefined,
    scopes: scopes.length > 0 ? scopes : undefined,
    scopeSeparator: typeof separator === 'string' && separator !== '' && separator !== ' ' ? separator : undefined,
    pkce: !isClient && isTrue(provider['disable_pkce']) ? 'none' : undefined,
    clientAuth: clientAuthOf(provider, registered, basic),
    clientKey: provider['token_request_auth_method'] === 'private_key_jwt' ? { alg: 'RS256' } : undefined,
    tokenRequest: tokenRequestOf(provider, params, refreshParams, values),
    // Nango uses a token for 55 minutes when nothing says how long it is valid.
    tokenLifetime: isClient ? 'PT55M' : undefined,
    tokenResponse: tokenResponseOf(provider, values),
    registration: registered === 'dynamic' ? registrationOf(provider) : undefined,
    clientCertificate: isTrue(provider['require_client_certificate']) ? certificateOf(values) : undefined,
    placement,
  })
  if (provider['token_request_auth_method'] === 'private_key_jwt') {
    values.note('The client is authenticated by a JWT that is signed by RS256. Change clientKey for another algorithm.')
  }
  if (registered === 'cimd') {
    values.note('Nango identifies itself by the URL of a client metadata document. Set that URL as the client ID.')
  }
  const hosts = isClient ? [] : clientHostsOf([tokenUrl, auth.refreshUrl], values)
  return hosts.length > 0 ? { ...auth, clientHosts: hosts } : auth
}

function clientAuthOf(provider: NangoProvider, registered: unknown, basic: boolean): string | undefined {
  if (provider['token_request_auth_method'] === 'private_key_jwt') return 'private_key_jwt'
  if (registered === 'cimd') return 'none'
  return basic ? 'client_secret_basic' : undefined
}

/** The token URL: a text, or one for each mode. */
function urlOf(provider: NangoProvider, values: NangoValues): string {
  const given = provider['token_url']
  const isClient = provider['auth_mode'] === 'OAUTH2_CC'
  const url = typeof given === 'string' ? given : record(given)[isClient ? 'OAUTH2CC' : 'OAUTH2']
  if (typeof url !== 'string') throw new UntranslatableError('has no token_url')
  return values.url(url)
}

function paramsOf(value: unknown): Texts {
  return Object.fromEntries(
    Object.entries(record(value)).map(([name, each]) => [
      name,
      typeof each === 'object' && each !== null ? JSON.stringify(each) : String(each),
    ]),
  )
}

/** Parameters that are sent without being named here. */
const OWN_PARAMETERS = new Set(['client_id', 'client_secret', 'code', 'redirect_uri', 'refresh_token'])

function translated(given: Texts, values: NangoValues): Texts {
  return Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => !OWN_PARAMETERS.has(name))
      .map(([name, text]) => [name, translate(text, clientExpression(values))]),
  )
}

/** Parameters of renewals. Undefined: they are those of the code exchange. */
function refreshParameters(provider: NangoProvider, params: Texts, values: NangoValues): Texts | undefined {
  if (provider['refresh_params'] === undefined) return undefined
  const { grant_type: grantType, ...rest } = paramsOf(provider['refresh_params'])
  const own: Texts = grantType === undefined || grantType === 'refresh_token' ? {} : { grant_type: grantType }
  const made: Texts = { ...own, ...translated(rest, values) }
  const sorted = (texts: Texts) => JSON.stringify(Object.entries(texts).sort())
  return sorted(made) === sorted(params) ? undefined : made
}

/** Parameters of the code exchange, or of the grant of a client. */
function tokenParameters(provider: NangoProvider, first: Texts, values: NangoValues): Texts {
  const made = translated(first, values)
  if (provider['auth_mode'] === 'OAUTH2_CC' && made['scope'] === undefined) {
    if (values.inputs.has('oauth_scopes')) {
      const separator = String(provider['scope_separator'] ?? ' ')
      made['scope'] = `{{ ${values.config('oauth_scopes')} | replace(',', '${separator}') }}`
    } else if (provider['scope_separator'] !== undefined) {
      values.note('Nango has the scopes with each connection (oauth_scopes). Here they are scopes of the definition.')
    }
  }
  return made
}

/** In requests of the client, its id and secret are read by these names. */
function clientExpression(values: NangoValues) {
  return (reference: string) => {
    const name = reference.replace(/^credentials\./, '')
    if (name === 'clientId' || name === 'client_id') return "config['client_id']"
    if (name === 'clientSecret' || name === 'client_secret') return "config['client_secret']"
    return values.expressionOf(reference)
  }
}

/** The client of OAUTH2_CC belongs to the connection. */
function addClientFields(values: NangoValues): void {
  values.credential('client_id', 'client_id', { label: 'Client ID', secret: false })
  values.credential('client_secret', 'client_secret', { label: 'Client secret', secret: true })
}

function certificateOf(values: NangoValues): Texts {
  const certificate = values.credential('client_certificate', 'client_certificate', {
    label: 'Client certificate',
    secret: true,
  })
  const key = values.credential('client_private_key', 'client_private_key', { label: 'Private key', secret: true })
  // The texts are parsed. The patterns of Nango refuse chains, keys that are encrypted, and `\n` instead of line breaks.
  values.withoutPatterns(['client_certificate', 'client_private_key'])
  return { certificate: `{{ ${certificate} }}`, key: `{{ ${key} }}` }
}

function authorizationOf(provider: NangoProvider, values: NangoValues): Record<string, unknown> {
  if (provider['authorization_code_param_in_webhook'] !== undefined) {
    throw new UntranslatableError('takes the authorization code from a webhook')
  }
  const url = provider['authorization_url']
  if (typeof url !== 'string') throw new UntranslatableError('has no authorization_url')
  const { response_type: type = 'code', resource, ...params } = paramsOf(provider['authorization_params'])
  const isResource = provider['auth_mode'] === 'MCP_OAUTH2' && resource !== undefined && !resource.includes('${')
  const all: Texts = {
    ...(type === 'code' ? {} : { response_type: type }),
    ...params,
    ...(resource === undefined || isResource ? {} : { resource }),
  }
  const authorizationParams = Object.fromEntries(
    Object.entries(all).map(([name, text]) => [name, translate(text, clientExpression(values))]),
  )
  if (isResource) values.note('The resource is sent with token requests as well, as RFC 8707 says.')
  const fragment = provider['authorization_url_fragment']
  const names = authorizationNames(provider, values)
  const code = provider['authorization_code_param_in_callback']
  const kept = texts(provider['redirect_uri_metadata'])
  for (const key of ['authorization_url_skip_encode', 'authorization_url_skip_empty', 'token_url_skip_encode']) {
    const flag = provider[key]
    if (isTrue(flag) || texts(flag).length > 0) values.note(`${key} is left out: values are always percent-encoded.`)
  }
  const base = values.url(url, (reference) => {
    const name = configName(reference)
    return name === undefined ? clientExpression(values)(reference) : values.config(name, { isEarly: true })
  })
  return withoutUndefined({
    authorizationUrl: typeof fragment === 'string' ? `${base}#${fragment}` : base,
    authorizationParams: Object.keys(authorizationParams).length > 0 ? authorizationParams : undefined,
    authorizationNames: Object.keys(names).length > 0 ? names : undefined,
    authorizationResponse: typeof code === 'string' ? { code } : undefined,
    callbackKeep: kept.length > 0 ? Object.fromEntries(kept.map((name) => [name, fieldName(name)])) : undefined,
    resource: isResource ? resource : undefined,
  })
}

/** Nango replaces texts in the URL: `client_id` or `client_id=` by another name. */
function authorizationNames(provider: NangoProvider, values: NangoValues): Texts {
  const standard = [
    'response_type',
    'client_id',
    'redirect_uri',
    'scope',
    'state',
    'code_challenge',
    'code_challenge_method',
  ]
  const names: Texts = {}
  for (const [from, to] of Object.entries(paramsOf(provider['authorization_url_replacements']))) {
    const [before, after] = [from, to].map((text) => text.replace(/=$/, ''))
    if (before !== undefined && after !== undefined && standard.includes(before) && /^\w+$/.test(after)) {
      names[before] = after
    } else values.differs(`Nango replaces ${from} in the authorization URL. That is left out.`)
  }
  return names
}

function tokenRequestOf(
  provider: NangoProvider,
  params: Texts,
  refreshParams: Texts | undefined,
  values: NangoValues,
): object | undefined {
  const format = provider['body_format']
  const headers = Object.fromEntries(
    Object.entries(paramsOf(provider['token_headers']))
      .filter(([name]) => !/^content-type$/i.test(name))
      .map(([name, text]) => [name, translate(text, clientExpression(values))]),
  )
  const isRenamed = provider['token_request_auth_method'] === 'custom'
  const made = withoutUndefined({
    format: format === 'json' ? 'json' : undefined,
    in: format === 'query' ? 'query' : undefined,
    params: Object.keys(params).length > 0 ? params : undefined,
    refreshParams,
    headers: Object.keys(headers).length > 0 ? headers : undefined,
    names: isRenamed ? { client_id: 'username', client_secret: 'password' } : undefined,
  })
  return Object.keys(made).length > 0 ? made : undefined
}

function tokenResponseOf(provider: NangoProvider, values: NangoValues): object | undefined {
  const alternate = provider['alternate_access_token_response_path']
  const keep: Texts = {}
  for (const path of texts(provider['token_response_metadata'])) {
    if (/token|secret|password|assertion|api_?key/i.test(path.split('.').at(-1) ?? '')) {
      values.note(`${path} of the token response is not kept, because its name is that of a secret.`)
    } else keep[fieldName(path)] = path
  }
  const made = withoutUndefined({
    expiry: provider['expires_in_unit'] === 'milliseconds' ? { format: 'milliseconds' } : undefined,
    keep: Object.keys(keep).length > 0 ? keep : undefined,
  })
  if (typeof alternate === 'string') {
    values.differs(
      `Nango reads the token below ${alternate} when the response has none at access_token. Here that token is not read: set tokenResponse.accessToken to ${alternate}.access_token if you need it.`,
    )
  }
  return Object.keys(made).length > 0 ? made : undefined
}

function registrationOf(provider: NangoProvider): object {
  const own = new Set(['redirect_uris', 'token_endpoint_auth_method'])
  const metadata = Object.fromEntries(
    Object.entries(record(provider['registration_params'])).filter(([name]) => !own.has(name)),
  )
  const url = provider['registration_url']
  return withoutUndefined({
    url: typeof url === 'string' ? url : undefined,
    metadata: Object.keys(metadata).length > 0 ? metadata : undefined,
  })
}

/** Most hosts that are listed one by one. */
const MAX_HOSTS = 50

/**
 * The hosts to which the client may be sent, where inputs are a part of the host: all of them where the inputs are choices, else all
 * below the domain that follows the last input.
 */
function clientHostsOf(urls: readonly (string | undefined)[], values: NangoValues): string[] {
  const hosts = new Set<string>()
  for (const url of urls) {
    const host = /^https?:\/\/([^/?]+)/i.exec(url ?? '')?.[1] ?? /^\{\{[^}]*\}\}/.exec(url ?? '')?.[0]
    if (host === undefined || !host.includes('{{')) continue
    const listed = expanded(host, values)
    const [, domain] = /\}\}\.([a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i.exec(host) ?? []
    if (listed !== undefined) for (const each of listed) hosts.add(each)
    else if (domain !== undefined) hosts.add(`*.${domain}`)
    else {
      values.note(
        'A person decides the host to which the OAuth client is sent. Name the hosts as oauthClientHosts of createIntegration, or as clientHosts.',
      )
      return []
    }
  }
  return [...hosts].slice(0, MAX_HOSTS)
}

function expanded(host: string, values: NangoValues): string[] | undefined {
  const [whole, name] = /\{\{ input\['([^']+)'\][^}]*\}\}/.exec(host) ?? []
  if (whole === undefined || name === undefined) return host.includes('{{') ? undefined : [host]
  const choices = values.choicesOf(name)
  if (choices.length === 0) return undefined
  const made: string[] = []
  for (const choice of choices) {
    const each = expanded(host.replace(whole, choice), values)
    if (each === undefined || made.length + each.length > MAX_HOSTS) return undefined
    made.push(...each)
  }
  return made
}
