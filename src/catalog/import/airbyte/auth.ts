import { durationSchema } from '../../definition/primitives.ts'
import { isRecord } from '../../template/value.ts'
import type { ConfigField, ConfigFields } from './fields.ts'
import { hasExpressions, instantFormat, NotTranslatable, shown, translateTemplate } from './jinja.ts'
import { type Component, isCustom, objectAt, textAt, typeOf } from './manifest.ts'
import { addRequest, addressOf } from './requests.ts'
import { ManifestScope, usualValue } from './scope.ts'
import { type StreamDraft, type Target, targetOf, writtenPath } from './stream-draft.ts'

/** An auth of a definition without its `fields`, which depend on what else reads them. */
type AuthDraft = Record<string, unknown>

/** An auth of a manifest in the vocabulary of definitions. */
export interface ImportedAuth {
  auth: AuthDraft
  /** Names of the fields that each way to authenticate reads: one way, or one for each option. */
  reads: ReadonlySet<string>[]
  /** What differs. */
  differences: string[]
  notes: string[]
}

/** Translates an authenticator. @throws NotTranslatable */
export function translateAuth(authenticator: Component | undefined, fields: ConfigFields): ImportedAuth {
  const work = new AuthTranslation(fields)
  if (typeOf(authenticator) !== 'SelectiveAuthenticator') {
    const { auth, reads } = work.one(authenticator)
    return { auth, reads: [reads], differences: work.differences, notes: work.notes }
  }
  const options: { key: string; label: string; auth: AuthDraft }[] = []
  const reads: ReadonlySet<string>[] = []
  for (const [name, option] of Object.entries(objectAt(authenticator, 'authenticators') ?? {})) {
    if (!isRecord(option)) continue
    try {
      const translated = work.one(option)
      options.push({
        key: name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 64),
        label: name.slice(0, 200),
        auth: translated.auth,
      })
      reads.push(translated.reads)
    } catch (error) {
      if (!(error instanceof NotTranslatable)) throw error
      work.differences.push(`The method ${name} is left out. ${error.message}`)
    }
  }
  if (options.length === 0)
    throw new NotTranslatable(work.differences.join(' ') || 'It has a choice without authenticators.')
  return { auth: { type: 'selective', options }, reads, differences: work.differences, notes: work.notes }
}

class AuthTranslation {
  readonly #fields: ConfigFields
  readonly differences: string[] = []
  readonly notes: string[] = []

  constructor(fields: ConfigFields) {
    this.#fields = fields
  }

  /** One authenticator, and the names of the fields that it reads. */
  one(authenticator: Component | undefined): { auth: AuthDraft; reads: ReadonlySet<string> } {
    const before = new Set(this.#fields.used)
    this.#fields.used.clear()
    const auth = this.#translate(authenticator)
    const reads = new Set(this.#fields.used)
    for (const name of before) this.#fields.used.add(name)
    return { auth, reads }
  }

  #translate(authenticator: Component | undefined): AuthDraft {
    const type = typeOf(authenticator)
    if (authenticator === undefined || type === 'NoAuth') return { type: 'none' }
    if (isCustom(authenticator)) return this.#custom(authenticator)
    switch (type) {
      case 'BearerAuthenticator':
        return { type: 'bearer', token: this.#secret(authenticator, 'api_token') }
      case 'BasicHttpAuthenticator':
        return this.#basic(authenticator)
      case 'ApiKeyAuthenticator':
        return this.#apiKey(authenticator)
      case 'OAuthAuthenticator':
        return this.#oauth(authenticator)
      case 'SessionTokenAuthenticator':
        return this.#session(authenticator)
      case 'LegacySessionTokenAuthenticator':
        return this.#legacySession(authenticator)
      case 'JwtAuthenticator':
        return this.#jwt(authenticator)
      default:
        throw new NotTranslatable(`The authenticator ${type || 'of the manifest'} does not exist in a definition.`)
    }
  }

  /** A template over the values of the connection. */
  #template(source: string, parameters: unknown): string {
    const scope = new ManifestScope({ fields: this.#fields, parameters: isRecord(parameters) ? parameters : {} })
    return translateTemplate(source.trim(), scope).source
  }

  /** A template whose values are secret. */
  #secret(component: Component, key: string): string {
    this.#markSecret(component, key)
    return this.#template(textAt(component, key) ?? '', component['$parameters'])
  }

  /** What an authenticator sends as a secret is one, whatever the specification says. */
  #markSecret(component: Component, key: string): void {
    const field = this.#soleField(textAt(component, key) ?? '')
    if (field !== undefined) this.#fields.markSecret(field)
  }

  /** The field that is all of the expressions of a template. */
  #soleField(source: string): ConfigField | undefined {
    if (!hasExpressions(source)) return undefined
    const before = new Set(this.#fields.used)
    this.#fields.used.clear()
    try {
      this.#template(source, {})
    } catch (error) {
      if (!(error instanceof NotTranslatable)) throw error
    }
    const names = [...this.#fields.used]
    this.#fields.used.clear()
    for (const name of before) this.#fields.used.add(name)
    const [name = ''] = names
    return names.length === 1 ? this.#fields.byName(name) : undefined
  }

  #basic(authenticator: Component): AuthDraft {
    const username = textAt(authenticator, 'username') ?? ''
    const password = textAt(authenticator, 'password') ?? ''
    if (this.#soleField(password) === undefined) this.#markSecret(authenticator, 'username')
    else this.#markSecret(authenticator, 'password')
    const parameters = authenticator['$parameters']
    return {
      type: 'basic',
      username: this.#template(username, parameters),
      password: this.#template(password, parameters),
    }
  }

  #apiKey(authenticator: Component): AuthDraft {
    const option = objectAt(authenticator, 'inject_into')
    const header = textAt(authenticator, 'header')
    if (option === undefined && header === undefined) throw new NotTranslatable('Its API key has no place.')
    const target = option === undefined ? undefined : targetOf(option, 'the API key')
    const name = this.#template(target?.path[0] ?? header ?? '', authenticator['$parameters'])
    const placement =
      target === undefined || target.in !== 'json'
        ? { in: target?.in ?? 'header', name }
        : { in: 'json', name: target.path }
    return { type: 'api_key', value: this.#secret(authenticator, 'api_token'), placement }
  }

  /** A value of the client. A plain field gets the usual name, under which the client of an integration can take its place. */
  #clientValue(authenticator: Component, key: string, usual: string): { template: string | undefined } {
    const source = textAt(authenticator, key)
    if (source === undefined || source.trim() === '') return { template: undefined }
    if (usual !== 'client_id') this.#markSecret(authenticator, key)
    const field = /^\s*\{\{\s*config[^|+~]*\}\}\s*$/.test(source) ? this.#soleField(source) : undefined
    if (field !== undefined && this.#fields.rename(field, usual)) {
      this.#fields.used.add(usual)
      return { template: undefined }
    }
    return { template: this.#template(source, authenticator['$parameters']) }
  }

  #oauth(authenticator: Component): AuthDraft {
    const endpoint = textAt(authenticator, 'token_refresh_endpoint')
    const preset = textAt(authenticator, 'access_token_value')
    if (endpoint === undefined || endpoint === '') {
      if (preset === undefined) throw new NotTranslatable('Its OAuth has no token endpoint.')
      return { type: 'bearer', token: this.#secret(authenticator, 'access_token_value') }
    }
    const parameters = authenticator['$parameters']
    const grantType = this.#usual(authenticator, 'grant_type', 'refresh_token', 'The grant of its OAuth')
    const assertion =
      authenticator['use_profile_assertion'] === true ? objectAt(authenticator, 'profile_assertion') : undefined
    const known = ['refresh_token', 'client_credentials']
    const grant = assertion !== undefined ? 'jwt_bearer' : known.includes(grantType) ? grantType : 'custom'
    const clientId = this.#clientValue(authenticator, 'client_id', 'client_id').template
    const clientSecret = this.#clientValue(authenticator, 'client_secret', 'client_secret').template
    const refreshToken = this.#clientValue(authenticator, 'refresh_token', 'refresh_token').template
    const auth: AuthDraft = { type: 'oauth2', grant, tokenUrl: this.#template(endpoint, parameters) }
    if (grant === 'custom') auth['grantType'] = grantType
    if (clientId !== undefined) auth['clientId'] = clientId
    if (clientSecret !== undefined) auth['clientSecret'] = clientSecret
    else if (textAt(authenticator, 'client_secret') === undefined) auth['clientAuth'] = 'none'
    if (refreshToken !== undefined && grant === 'refresh_token') auth['refreshToken'] = refreshToken
    if (assertion !== undefined) {
      const { type: _, placement: __, ...jwt } = this.#jwt(assertion)
      auth['assertion'] = jwt
    }
    this.#addTokenRequest(auth, authenticator)
    this.#addTokenResponse(auth, authenticator)
    return auth
  }

  #addTokenRequest(auth: AuthDraft, authenticator: Component): void {
    const parameters = authenticator['$parameters']
    const request: Record<string, unknown> = {}
    const names: Record<string, string> = {}
    for (const usual of ['client_id', 'client_secret', 'refresh_token', 'grant_type']) {
      const name = textAt(authenticator, `${usual}_name`)
      if (name !== undefined && name !== usual) names[usual] = this.#template(name, parameters)
    }
    const scopes = [authenticator['scopes'] ?? []].flat().map((scope) => this.#template(String(scope), parameters))
    if (scopes.length > 0) {
      auth['scopes'] = scopes.flatMap((scope) => scope.split(' ').filter((each) => each !== ''))
      names['scope'] = 'scopes'
      if (scopes.length > 1) auth['scopeSeparator'] = null
    }
    const body = authenticator['refresh_request_body']
    const params = isRecord(body)
      ? Object.entries(body).map(([key, value]) => [key, this.#template(String(value), parameters)])
      : []
    if (params.length > 0) request['params'] = Object.fromEntries(params)
    const headers: Record<string, string> = {}
    const given = authenticator['refresh_request_headers']
    for (const [name, value] of Object.entries(isRecord(given) ? given : {})) {
      const text = this.#template(String(value), parameters)
      if (name.toLowerCase() !== 'content-type') headers[name] = text
      else if (/json/i.test(text)) request['format'] = 'json'
    }
    if (Object.keys(headers).length > 0) request['headers'] = headers
    if (Object.keys(names).length > 0) request['names'] = names
    if (Object.keys(request).length > 0) auth['tokenRequest'] = request
  }

  #addTokenResponse(auth: AuthDraft, authenticator: Component): void {
    const response: Record<string, unknown> = {}
    const accessToken = textAt(authenticator, 'access_token_name')
    const errors = [objectAt(authenticator, 'refresh_token_updater')?.['refresh_token_error_values'] ?? []].flat()
    const permanent = errors.map(String).filter((error) => error !== '' && error !== 'invalid_grant')
    if (permanent.length > 0) auth['permanentErrors'] = permanent
    const expiry = textAt(authenticator, 'expires_in_name')
    const format = textAt(authenticator, 'token_expiry_date_format')
    const updater = objectAt(authenticator, 'refresh_token_updater')
    if (accessToken !== undefined && accessToken !== 'access_token')
      response['accessToken'] = writtenPath([accessToken])
    const instant = format === undefined ? undefined : instantFormat(format)
    if ((expiry !== undefined && expiry !== 'expires_in') || instant !== undefined) {
      response['expiry'] = {
        path: writtenPath([expiry ?? 'expires_in']),
        ...(instant === undefined ? {} : { format: instant }),
      }
    }
    const refreshToken = textAt(updater, 'refresh_token_name')
    if (refreshToken !== undefined && refreshToken !== 'refresh_token')
      response['refreshToken'] = writtenPath([refreshToken])
    if (updater !== undefined) auth['rotation'] = 'rotating'
    if (Object.keys(response).length > 0) auth['tokenResponse'] = response
  }

  #session(authenticator: Component): AuthDraft {
    const requester = objectAt(authenticator, 'login_requester')
    if (requester === undefined) throw new NotTranslatable('Its session token has no login.')
    if (isCustom(requester)) throw new NotTranslatable('Its login is code of the connector.')
    const decoder = typeOf(objectAt(authenticator, 'decoder'))
    if (decoder !== '' && decoder !== 'JsonDecoder')
      throw new NotTranslatable(`Its login has a response that needs ${decoder}.`)
    const path = [authenticator['session_token_path'] ?? []].flat().map(String)
    const lifetime = textAt(authenticator, 'expiration_duration')
    const isLifetime = lifetime !== undefined && durationSchema.safeParse(lifetime).success
    if (lifetime !== undefined && !isLifetime)
      this.notes.push(`Each request has a login of its own, because ${shown(lifetime)} is no duration.`)
    const login = this.#login(requester)
    return {
      ...{ type: 'session_token', login, tokenPath: writtenPath(path) },
      ...(isLifetime ? { lifetime } : {}),
      placement: this.#sessionPlacement(objectAt(authenticator, 'request_authentication')),
    }
  }

  /** Where the token of a session goes. */
  #sessionPlacement(request: Component | undefined): Record<string, unknown> {
    const option = objectAt(request, 'inject_into')
    if (option === undefined) return { in: 'header', name: 'Authorization', prefix: 'Bearer ' }
    const target = targetOf(option, 'the session token')
    const prefix = prefixOf(textAt(request, 'api_token') ?? '{{ session_token }}')
    return { ...placementOf(target), ...(prefix === '' ? {} : { prefix }) }
  }

  #login(requester: Component): Record<string, unknown> {
    const parameters = isRecord(requester['$parameters']) ? requester['$parameters'] : {}
    const scope = new ManifestScope({ fields: this.#fields, parameters })
    const { baseUrl, path } = addressOf(requester, scope)
    const inner = objectAt(requester, 'authenticator')
    const auth = inner === undefined ? undefined : this.#translate(inner)
    const draft: StreamDraft = {
      ...{
        name: '',
        path: '',
        baseUrl: '',
        method: 'GET',
        query: {},
        headers: {},
        rest: {},
        differences: [],
        notes: this.notes,
      },
    }
    addRequest(draft, requester, scope)
    const login: Record<string, unknown> = { url: `${baseUrl}${path === '/' ? '' : path}`, method: draft.method }
    if (auth !== undefined && auth['type'] !== 'none') login['auth'] = auth
    const texts = (values: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textIn(value)]))
    if (Object.keys(draft.query).length > 0) login['query'] = texts(draft.query)
    if (Object.keys(draft.headers).length > 0) login['headers'] = draft.headers
    if (draft.json !== undefined) login['json'] = draft.json
    if (draft.form !== undefined) login['form'] = texts(draft.form)
    return login
  }

  #legacySession(authenticator: Component): AuthDraft {
    const parameters = authenticator['$parameters']
    const loginUrl = this.#template(textAt(authenticator, 'login_url') ?? '', parameters)
    const api = this.#template(textAt(authenticator, 'api_url') ?? '', parameters)
    this.#markSecret(authenticator, 'password')
    const token = textAt(authenticator, 'session_token') ? this.#secret(authenticator, 'session_token') : undefined
    return {
      ...(token === undefined ? {} : { token }),
      type: 'session_token',
      login: {
        url: loginUrl.startsWith('http') ? loginUrl : `${api.replace(/\/+$/, '')}/${loginUrl.replace(/^\/+/, '')}`,
        method: 'POST',
        json: {
          username: this.#template(textAt(authenticator, 'username') ?? '', parameters),
          password: this.#template(textAt(authenticator, 'password') ?? '', parameters),
        },
      },
      tokenPath: [this.#template(textAt(authenticator, 'session_token_response_key') ?? 'id', parameters)],
      lifetime: 'P1D',
      placement: { in: 'header', name: this.#template(textAt(authenticator, 'header') ?? '', parameters) },
    }
  }

  #jwt(authenticator: Component): AuthDraft {
    const parameters = authenticator['$parameters']
    const isEncoded = authenticator['base64_encode_secret_key'] === true
    const key = this.#secret(authenticator, 'secret_key')
    const texts = (...keys: string[]) =>
      Object.fromEntries(
        keys.flatMap((name) =>
          Object.entries(objectAt(authenticator, name) ?? {})
            .filter(([inner, value]) => value !== null && inner !== 'type' && inner !== '$parameters')
            .map(([inner, value]) => [inner, typeof value === 'string' ? this.#template(value, parameters) : value]),
        ),
      )
    const headers = texts('jwt_headers', 'additional_jwt_headers')
    const claims = { ...texts('jwt_payload', 'additional_jwt_payload'), nbf: '{{ now }}' }
    const duration = textAt(authenticator, 'token_duration') ?? '1200'
    const prefix = textAt(authenticator, 'header_prefix')
    const passphrase = textAt(authenticator, 'passphrase') ? this.#secret(authenticator, 'passphrase') : undefined
    const option = objectAt(authenticator, 'request_option')
    return {
      ...{ type: 'jwt', algorithm: this.#usual(authenticator, 'algorithm', 'HS256', 'The algorithm of its JWT') },
      ...(passphrase === undefined ? {} : { passphrase }),
      key: isEncoded ? key.replace(/^\{\{ (.*) \}\}$/s, '{{ ($1) | b64encode }}') : key,
      lifetime: `PT${/^\d+$/.test(duration) ? duration : '1200'}S`,
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
      claims,
      placement: {
        ...(option === undefined ? { in: 'header', name: 'Authorization' } : placementOf(targetOf(option, 'the JWT'))),
        ...(prefix ? { prefix: `${this.#template(prefix, parameters)} ` } : {}),
      },
    }
  }

  /** A value that a definition fixes. One that a connection may name is the usual one. @throws NotTranslatable when there is none */
  #usual(authenticator: Component, key: string, fallback: string, what: string): string {
    const given = textAt(authenticator, key) || fallback
    if (!hasExpressions(given)) return given
    const parameters = isRecord(authenticator['$parameters']) ? authenticator['$parameters'] : {}
    const names = { fields: this.#fields, parameters }
    const usual = usualValue(given, names)
    if (typeof usual !== 'string' || usual === '') throw new NotTranslatable(`${what} depends on a connection.`)
    if (translateTemplate(given, new ManifestScope(names)).constant === undefined)
      this.notes.push(`${what} is ${usual}, because it cannot depend on an input.`)
    return usual
  }

  /** Code of the connector. What it is given says what it does, where that is the whole of a usual authentication. */
  #custom(authenticator: Component): AuthDraft {
    const { type: _, class_name: name, $parameters: __, ...given } = authenticator
    const keys = new Set(Object.keys(given))
    const has = (...wanted: string[]) => wanted.every((key) => keys.has(key))
    this.differences.push(
      `The manifest authenticates by code of the connector (${String(name)}). The definition is made from what it is given: compare it with the documentation of the provider.`,
    )
    if (has('aws_key_id', 'aws_secret_key')) {
      this.#markSecret(authenticator, 'aws_secret_key')
      const parameters = authenticator['$parameters']
      const region = textAt(authenticator, 'aws_region_name') ?? textAt(authenticator, 'aws_region') ?? 'us-east-1'
      return {
        ...{ type: 'signature', method: 'aws_sigv4' },
        accessKeyId: this.#template(textAt(authenticator, 'aws_key_id') ?? '', parameters),
        secretAccessKey: this.#template(textAt(authenticator, 'aws_secret_key') ?? '', parameters),
        region: this.#template(region, parameters),
        service: '',
      }
    }
    if (has('token_refresh_endpoint') && (has('client_id') || has('refresh_token'))) return this.#oauth(authenticator)
    if (has('username', 'password')) return this.#basic(authenticator)
    if (has('api_token') && (has('inject_into') || has('header'))) return this.#apiKey(authenticator)
    if (has('login_requester', 'session_token_path')) return this.#session(authenticator)
    if (has('secret_key', 'algorithm')) return this.#jwt(authenticator)
    if (has('api_token') && keys.size === 1) return { type: 'bearer', token: this.#secret(authenticator, 'api_token') }
    this.differences.pop()
    throw new NotTranslatable(`The manifest authenticates by code of the connector (${String(name)}).`)
  }
}

/** The text of a parameter. In a login, one that is empty is sent as it is. */
function textIn(value: unknown): string {
  if (Array.isArray(value)) return value.join(',')
  return isRecord(value) ? String(value['value']) : String(value)
}

function placementOf({ in: where, path }: Target): Record<string, unknown> {
  return { in: where, name: where === 'json' ? [...path] : (path[0] ?? '') }
}

/** What stands before the token in `Token {{ session_token }}`. @throws NotTranslatable for another template */
function prefixOf(template: string): string {
  const [, prefix] = /^([^{}]*)\{\{\s*session_token\s*\}\}$/.exec(template) ?? []
  if (prefix === undefined) throw new NotTranslatable(`The session token is sent as ${shown(template)}.`)
  return prefix
}
