import { type Auth, type LoginAuth, type LoginStep, type SessionToken, waysOf } from './auth.ts'
import { certificateFieldsOf, certificateTemplatesOf } from './client-certificate.ts'
import type { Field } from './field.ts'
import type { OAuth2 } from './oauth2.ts'

export interface FieldOptions {
  /** The integration has an OAuth client, so connections do not supply one. */
  hasOAuthClient?: boolean
}

const basicFields: readonly Field[] = [
  { name: 'username', label: 'User name', required: true },
  { name: 'password', label: 'Password', secret: true },
]
const bearerFields: readonly Field[] = [{ name: 'token', label: 'Token', secret: true, required: true }]
const apiKeyFields: readonly Field[] = [{ name: 'api_key', label: 'API key', secret: true, required: true }]
/** The field that selects an option of a selective definition. */
export const authMethodField = { name: 'auth_method', label: 'Authentication method', required: true } as const
const consumerFields: readonly Field[] = [
  { name: 'consumer_key', label: 'Consumer key', required: true },
  { name: 'consumer_secret', label: 'Consumer secret', secret: true, required: true },
]
const oauth1TokenFields: readonly Field[] = [
  { name: 'token', label: 'Token', secret: true, required: true },
  { name: 'token_secret', label: 'Token secret', secret: true, required: true },
]
const clientId: Field = { name: 'client_id', label: 'Client ID', required: true }
const clientSecret: Field = { name: 'client_secret', label: 'Client secret', secret: true, required: true }
const refreshToken: Field = { name: 'refresh_token', label: 'Refresh token', secret: true, required: true }

/** The fields that a person supplies: those of the definition, or the standard fields of its type and of its client certificate. */
export function credentialFieldsOf(auth: Auth, options: FieldOptions = {}): readonly Field[] {
  const own = ownFieldsOf(auth, options)
  const added = certificateFieldsOf(auth).filter(({ name }) => !own.some((field) => field.name === name))
  return added.length === 0 ? own : [...own, ...added]
}

/** The fields without the standard ones of a client certificate. */
function ownFieldsOf(auth: Auth, options: FieldOptions = {}): readonly Field[] {
  switch (auth.type) {
    case 'none':
      return auth.fields ?? []
    case 'basic':
      return auth.fields ?? basicFields
    case 'bearer':
      return auth.fields ?? bearerFields
    case 'api_key':
      return auth.fields ?? apiKeyFields
    case 'oauth2':
      return oauth2Fields(auth, options)
    case 'session_token':
    case 'jwt':
    case 'signature':
      return auth.fields
    case 'oauth1':
      return options.hasOAuthClient ? oauth1TokenFields : [...consumerFields, ...oauth1TokenFields]
    case 'selective':
      return [{ ...authMethodField, description: choicesOf(auth), example: auth.options[0]?.key }]
    default:
      return []
  }
}

/**
 * The own authentication of a request of the login, with the fields of the session token: they are what is stored, so they alone say which values are
 * secret. The templates that it leaves out stay as they are.
 */
export function loginAuthOf({ fields }: SessionToken, { auth }: Pick<LoginStep, 'auth'>): LoginAuth | undefined {
  return auth && withFields(auth, fields)
}

function withFields<A extends Auth>(auth: A, fields: readonly Field[]): A
function withFields(auth: Auth, fields: readonly Field[]): Auth {
  const explicit = withValueTemplates(auth)
  switch (explicit.type) {
    case 'none':
      return explicit.clientCertificate === undefined ? explicit : { ...explicit, fields: [...fields] }
    case 'basic':
    case 'bearer':
    case 'api_key':
    case 'jwt':
    case 'signature':
      return { ...explicit, fields: [...fields] }
    case 'selective': {
      const options = explicit.options.map((option) => ({ ...option, auth: withFields(option.auth, fields) }))
      return { ...explicit, options }
    }
    default:
      return explicit
  }
}

/** An auth with the templates that the definition leaves out, at any depth. */
export function withValueTemplates(given: Auth): Auth {
  const auth = withCertificateTemplates(given)
  const value = valueTemplateOf(auth)
  if (auth.type === 'bearer') return { ...auth, token: value }
  if (auth.type === 'api_key') return { ...auth, value }
  if (auth.type === 'basic') return { ...auth, username: value, password: passwordTemplateOf(auth) }
  if (auth.type === 'selective') {
    return { ...auth, options: auth.options.map((option) => ({ ...option, auth: withValueTemplates(option.auth) })) }
  }
  if (auth.type !== 'session_token') return auth
  const { login } = auth
  const explicit = <S extends LoginStep>(step: S): S => ({ ...step, auth: loginAuthOf(auth, step) })
  return { ...auth, login: Array.isArray(login) ? login.map(explicit) : explicit(login) }
}

function withCertificateTemplates(auth: Auth): Auth {
  const templates = certificateTemplatesOf(auth)
  return templates !== undefined && 'clientCertificate' in auth ? { ...auth, clientCertificate: templates } : auth
}

function choicesOf({ options }: Extract<Auth, { type: 'selective' }>): string {
  return `One of ${options.map(({ key, label }) => `${key} (${label})`).join(', ')}`
}

/**
 * The authorization_code grant obtains its tokens itself, and a signed assertion needs only its own fields. Every other grant needs a
 * client, and the refresh_token grant also needs the token, unless templates of the definition supply them.
 */
function oauth2Fields(auth: OAuth2, { hasOAuthClient = false }: FieldOptions): readonly Field[] {
  const own = auth.fields ?? []
  if (auth.grant === 'authorization_code' || auth.grant === 'jwt_bearer') return own
  const usual: Field[] = []
  if (!hasOAuthClient && auth.clientId === undefined) usual.push(clientId)
  if (!hasOAuthClient && auth.clientSecret === undefined && auth.clientAuth !== 'none') usual.push(clientSecret)
  if (auth.grant === 'refresh_token' && auth.refreshToken === undefined) usual.push(refreshToken)
  const names = new Set(own.map((field) => field.name))
  const kept = hasOAuthClient ? own.filter(({ name }) => name !== clientId.name && name !== clientSecret.name) : own
  return [...usual.filter((field) => !names.has(field.name)), ...kept]
}

/** The scopes that are requested by default, in all ways to authenticate. */
export function defaultScopesOf(auth: Auth): string[] {
  return waysOf(auth).flatMap((way) => (way.type === 'oauth2' ? (way.scopes ?? []) : []))
}

/** The field that a plain secret text belongs to: the only secret field, or the only field. */
export function soleSecretField(fields: readonly Field[]): Field | undefined {
  const secrets = fields.filter((field) => field.secret)
  const required = secrets.filter((field) => field.required)
  for (const candidates of [required, secrets, fields]) {
    if (candidates.length === 1) return candidates[0]
  }
  return undefined
}

/**
 * The template of the user name, token or key: the one in the definition, else the field with the standard name, else the only secret
 * field. Undefined: the definition has its own fields and no template that builds the value.
 */
export function valueTemplateOf(auth: Auth): string | undefined {
  const fields = ownFieldsOf(auth)
  const read = (name: string) => `{{ config['${name}'] }}`
  const usual = (name: string) => (fields.some((field) => field.name === name) ? read(name) : undefined)
  const sole = () => {
    const field = soleSecretField(fields)
    return field && read(field.name)
  }
  if (auth.type === 'basic') return auth.username ?? usual('username')
  if (auth.type === 'bearer') return auth.token ?? usual('token') ?? sole()
  return auth.type === 'api_key' ? (auth.value ?? usual('api_key') ?? sole()) : undefined
}

/** The password may be empty, because some services take a key as the user name. */
export function passwordTemplateOf(auth: Extract<Auth, { type: 'basic' }>): string {
  const hasField = ownFieldsOf(auth).some((field) => field.name === 'password')
  return auth.password ?? (hasField ? "{{ config['password'] | default('') }}" : '')
}
