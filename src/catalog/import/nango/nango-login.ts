import { jwtParts } from './nango-jwt.ts'
import { basicIn, referencesIn, translate, translateAll, UntranslatableError } from './nango-template.ts'
import {
  durationOf,
  fieldName,
  type NangoProvider,
  type NangoValues,
  record,
  texts,
  withoutUndefined,
} from './nango-values.ts'

type Login = Record<string, unknown>

/** How long a token is used whose response does not say how long it is valid. */
const LIFETIME = 'P1D'

/**
 * The modes that request a token with the values of the person: TWO_STEP, BILL, TABLEAU and APP, and OAUTH2_CC without a grant type,
 * which is such a request as well.
 */
export function loginOf(
  provider: NangoProvider,
  placement: Record<string, unknown> | undefined,
  values: NangoValues,
): Record<string, unknown> {
  const place = placement ?? { in: 'header', name: 'Authorization', prefix: 'Bearer ' }
  switch (provider['auth_mode']) {
    case 'BILL':
      return billOf(provider, place, values)
    case 'TABLEAU':
      return tableauOf(provider, place, values)
    case 'APP':
      return appOf(provider, place, values)
    case 'OAUTH2_CC':
      return clientLoginOf(provider, place, values)
    default:
      return twoStepOf(provider, place, values)
  }
}

function twoStepOf(provider: NangoProvider, placement: Login, values: NangoValues): Login {
  const response = record(provider['token_response'])
  const tokenPath = response['token']
  if (typeof tokenPath !== 'string' || tokenPath === '')
    throw new UntranslatableError('does not say where the token is')
  if (texts(provider['token_response_headers']).length > 0) {
    throw new UntranslatableError('reads headers of the token response')
  }
  const steps = [provider, ...(Array.isArray(provider['additional_steps']) ? provider['additional_steps'] : [])]
  const logins = steps.map((step, index) => requestOf(record(step), values, index > 0))
  for (const [index, login] of logins.entries()) {
    const keep = keptOf(provider, index)
    if (Object.keys(keep).length > 0) login['keep'] = keep
  }
  const [first = {}] = logins
  withAssertion(provider, first, values)
  if (
    provider['refresh_url'] !== undefined ||
    provider['refresh_token_params'] !== undefined ||
    response['refresh_token']
  ) {
    values.differs('Nango renews the token with a refresh token. Here a new login makes the next token.')
  }
  const expiry = expiryOf(response)
  const lifetime = provider['token_expires_in_ms']
  const isKnown = expiry !== undefined || typeof lifetime === 'number'
  if (!isKnown)
    values.note('Nothing says how long a token is valid: a new one is requested after a day, or when one is refused.')
  return withoutUndefined({
    type: 'session_token',
    login: logins.length === 1 ? first : logins,
    tokenPath,
    expiry,
    // For a response that does not say it, too.
    lifetime: typeof lifetime === 'number' ? durationOf(lifetime) : LIFETIME,
    placement,
  })
}

const STEP_KEYS = new Set(['body_format', 'token_params', 'token_headers', 'token_url', 'token_request_method'])

/** One request of a login. @param isStep it is one of `additional_steps`, and not the provider itself */
function requestOf(step: NangoProvider, values: NangoValues, isStep: boolean): Login {
  const expressionOf = stepExpression(values)
  const url = step['token_url']
  if (typeof url !== 'string') throw new UntranslatableError('has no token_url')
  const isGet = String(step['token_request_method'] ?? 'POST').toUpperCase() === 'GET'
  const format = step['body_format'] ?? 'json'
  if (format !== 'json' && format !== 'form') throw new UntranslatableError(`sends the login as ${String(format)}`)
  for (const key of Object.keys(step)) {
    if (isStep && !STEP_KEYS.has(key))
      throw new UntranslatableError(`has the key ${key} in additional_steps, which is not known`)
  }
  const params = translateAll(record(step['token_params']), expressionOf)
  const given = Object.entries(record(step['token_headers']))
  const written = given.find(([name]) => name.toLowerCase() === 'authorization')
  const basic = written === undefined ? undefined : basicIn(String(written[1]))
  const headers = Object.fromEntries(
    given
      .filter(([name]) => !/^content-type$/i.test(name) && !(basic !== undefined && name === written?.[0]))
      .map(([name, value]) => [name, translate(String(value), expressionOf)]),
  )
  const hasParams = Object.keys(record(params)).length > 0
  return withoutUndefined({
    url: values.url(url, expressionOf),
    method: isGet ? 'GET' : undefined,
    auth:
      basic === undefined
        ? undefined
        : {
            type: 'basic',
            username: translate(basic.username, expressionOf),
            password: translate(basic.password, expressionOf),
          },
    query: isGet && hasParams ? params : undefined,
    headers: Object.keys(headers).length > 0 ? headers : undefined,
    // Without parameters, Nango sends an empty form or object.
    form: !isGet && format === 'form' ? asTexts(params) : undefined,
    json: !isGet && format === 'json' ? params : undefined,
  })
}

function asTexts(params: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record(params)).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value),
    ]),
  )
}

/** A later request reads what a former one answered: `${step1.token}`. */
function stepExpression(values: NangoValues) {
  return (reference: string) => {
    const [, number, path] = /^step(\d+)\.(.+)$/.exec(reference) ?? []
    return number === undefined ? values.expressionOf(reference) : `kept['${stepName(Number(number), path ?? '')}']`
  }
}

function stepName(number: number, path: string): string {
  return fieldName(`step${number}_${path.replaceAll('.', '_')}`)
}

/** What later requests read of an answer. */
function keptOf(provider: NangoProvider, index: number): Record<string, string> {
  const text = JSON.stringify(provider['additional_steps'] ?? [])
  const keep: Record<string, string> = {}
  for (const reference of referencesIn(text.replaceAll('\\"', '"'))) {
    const [, number, path] = /^step(\d+)\.(.+)$/.exec(reference) ?? []
    if (Number(number) === index + 1 && path !== undefined) keep[stepName(index + 1, path)] = path
  }
  return keep
}

function expiryOf({ token_expiration: path, token_expiration_strategy: strategy }: NangoProvider): object | undefined {
  if (typeof path !== 'string' || path === '') return undefined
  // An instant is a number of seconds or a date. Both are recognised.
  return strategy === 'expireAt' ? { path } : { path, format: 'seconds' }
}

/** A JWT that is a parameter of the login request. */
function withAssertion(provider: NangoProvider, login: Login, values: NangoValues): void {
  const assertion = record(provider['assertion'])
  const token = record(provider['token'])
  const isSigned = Object.keys(assertion).length > 0
  if (!isSigned && Object.keys(token).length === 0) return
  if (isSigned && assertion['type'] !== undefined && assertion['type'] !== 'jwt') {
    throw new UntranslatableError(`signs the login by ${String(assertion['type']).toUpperCase()}`)
  }
  const body = record(login['form'] ?? login['json'])
  const marks = ["{{ config['assertion'] }}", "{{ config['token'] }}", "{{ config['jwtToken'] }}"]
  const place = Object.entries(body).find(([, value]) => typeof value === 'string' && marks.includes(value))?.[0]
  if (place === undefined) throw new UntranslatableError('does not say where the signed token is sent')
  for (const name of ['assertion', 'token', 'jwtToken']) values.secrets.delete(name)
  const key = login['form'] === undefined ? 'json' : 'form'
  login[key] = Object.fromEntries(Object.entries(body).filter(([name]) => name !== place))
  const source = isSigned
    ? {
        key: assertion['key'],
        header: assertion['header'],
        payload: assertion['payload'],
        ms: Number(assertion['lifetimeInSeconds'] ?? 300) * 1000,
      }
    : {
        key: token['signing_key'],
        header: token['header'],
        payload: token['payload'],
        ms: Number(token['expires_in_ms'] ?? 300_000),
      }
  const { alg = 'RS256', typ, ...header } = record(source.header)
  login['auth'] = {
    type: 'jwt',
    fields: [],
    ...jwtParts({ key: source.key, algorithm: alg, header, payload: source.payload }, values),
    lifetime: durationOf(source.ms),
    placement: key === 'form' ? { in: 'form', name: place } : { in: 'json', name: [place] },
  }
}

/** Nango sends the client and the token_params, and reads access_token and expires_in. */
function clientLoginOf(provider: NangoProvider, placement: Login, values: NangoValues): Login {
  const id = values.credential('client_id', 'client_id', { label: 'Client ID', secret: false })
  const secret = values.credential('client_secret', 'client_secret', { label: 'Client secret', secret: true })
  const method = provider['token_request_auth_method']
  const [idName, secretName] = method === 'custom' ? ['username', 'password'] : ['client_id', 'client_secret']
  const client = { [idName ?? '']: `{{ ${id} }}`, [secretName ?? '']: `{{ ${secret} }}` }
  const params = record(translateAll(record(provider['token_params']), values.expressionOf))
  const body = { ...(method === 'basic' ? {} : client), ...params }
  const login = withoutUndefined({
    url: loginUrl(provider, values),
    auth: method === 'basic' ? { type: 'basic', username: `{{ ${id} }}`, password: `{{ ${secret} }}` } : undefined,
    [provider['body_format'] === 'json' ? 'json' : 'form']: body,
  })
  const tokenPath = String(record(provider['token_response'])['token'] ?? 'access_token')
  const expiry = {
    path: 'expires_in',
    format: provider['expires_in_unit'] === 'milliseconds' ? 'milliseconds' : 'seconds',
  }
  values.note(
    `The token is read from ${tokenPath}. Nango also reads data.token and jwt: set tokenPath to one of them if the response has it there.`,
  )
  return { type: 'session_token', login, tokenPath, expiry, lifetime: 'PT55M', placement }
}

function billOf(provider: NangoProvider, placement: Login, values: NangoValues): Login {
  const read = (name: string, own: string, label: string, secret: boolean) =>
    `{{ ${values.credential(name, own, { label, secret })} }}`
  const json = {
    username: read('username', 'username', 'User name', false),
    password: read('password', 'password', 'Password', true),
    organizationId: read('organization_id', 'organization_id', 'Organization ID', false),
    devKey: read('dev_key', 'dev_key', 'Developer key', true),
  }
  const login = { url: loginUrl(provider, values), json }
  return {
    type: 'session_token',
    login,
    tokenPath: 'sessionId',
    lifetime: 'PT30M',
    placement,
  }
}

function tableauOf(provider: NangoProvider, placement: Login, values: NangoValues): Login {
  const read = (name: string, label: string, secret: boolean) =>
    `{{ ${values.credential(name, name, { label, secret })} }}`
  const site = values.credential('content_url', 'content_url', {
    label: 'Content URL of the site',
    secret: false,
    required: false,
  })
  const json = {
    credentials: {
      personalAccessTokenName: read('pat_name', 'Name of the personal access token', false),
      personalAccessTokenSecret: read('pat_secret', 'Secret of the personal access token', true),
      site: { contentUrl: `{{ ${site} }}` },
    },
  }
  const login = { url: loginUrl(provider, values), headers: { accept: 'application/json' }, json }
  const tokenPath = 'credentials.token'
  return { type: 'session_token', login, tokenPath, lifetime: 'PT2H', placement }
}

/** An app of GitHub: a JWT of the app is exchanged for a token of the installation. */
function appOf(provider: NangoProvider, placement: Login, values: NangoValues): Login {
  const appId = values.credential('app_id', 'app_id', { label: 'App ID', secret: false })
  const key = values.credential('private_key', 'private_key', { label: 'Private key of the app', secret: true })
  values.note('Nango has the app and its key with the integration. Here each connection supplies them.')
  const login = {
    url: loginUrl(provider, values),
    headers: { accept: 'application/vnd.github.v3+json' },
    json: {},
    auth: {
      type: 'jwt',
      fields: [],
      algorithm: 'RS256',
      key: `{{ ${key} }}`,
      lifetime: 'PT10M',
      claims: { iss: `{{ ${appId} }}` },
    },
  }
  const expiry = { path: 'expires_at', format: 'iso8601' }
  return { type: 'session_token', login, tokenPath: 'token', expiry, placement }
}

function loginUrl(provider: NangoProvider, values: NangoValues): string {
  const url = provider['token_url']
  if (typeof url !== 'string') throw new UntranslatableError('has no token_url')
  return values.url(url)
}
