import { t } from '../texts.ts'
import type { TryField } from '../try-credential.tsx'
import { isObject } from './json-schema.ts'

/** One way to try a definition: the values that it asks for. */
export interface Way {
  /** Of an option of a selective definition. Null: there is only one way. */
  key: string | null
  label: string
  /** True: an access token is tried, because nobody can consent for a definition that is not saved. */
  takesToken: boolean
  fields: TryField[]
}

const secret = (name: string, label: string): TryField => ({
  name,
  label,
  description: null,
  secret: true,
  required: true,
  example: null,
  choices: [],
})
const plain = (name: string, label: string): TryField => ({ ...secret(name, label), secret: false })

/** The values that a definition asks for, as it is written so far. The server has the last word. */
export function waysToTry(definition: unknown): { ways: Way[]; inputs: TryField[] } {
  if (!isObject(definition)) return { ways: [], inputs: [] }
  const { auth, inputFields } = definition
  const options =
    isObject(auth) && auth['type'] === 'selective' && Array.isArray(auth['options']) ? auth['options'] : null
  const ways =
    options === null
      ? [wayOf(auth, null, '')]
      : options.filter(isObject).map(({ key, label, auth: inner }) => wayOf(inner, String(key), String(label ?? key)))
  return { ways, inputs: fieldsOf(inputFields, false) ?? [] }
}

function wayOf(auth: unknown, key: string | null, label: string): Way {
  const way = { key, label, takesToken: false }
  if (!isObject(auth)) return { ...way, fields: [] }
  const own = fieldsOf(auth['fields'], true)
  switch (auth['type']) {
    case 'basic':
      return {
        ...way,
        fields: own ?? [
          plain('username', t('field.username')),
          { ...secret('password', t('field.password')), required: false },
        ],
      }
    case 'bearer':
      return { ...way, fields: own ?? [secret('token', t('field.token'))] }
    case 'api_key':
      return { ...way, fields: own ?? [secret('api_key', t('field.apiKey'))] }
    case 'oauth1':
      return {
        ...way,
        fields: [
          ...[plain('consumer_key', 'Consumer key'), secret('consumer_secret', 'Consumer secret')],
          ...[secret('token', t('field.token')), secret('token_secret', 'Token secret')],
        ],
      }
    case 'oauth2':
      return oauth2Way(auth, own ?? [], way)
    default:
      return { ...way, fields: own ?? [] }
  }
}

function oauth2Way(auth: Readonly<Record<string, unknown>>, own: TryField[], way: Omit<Way, 'fields'>): Way {
  const { grant } = auth
  if (grant === 'authorization_code') {
    return { ...way, takesToken: true, fields: [secret('accessToken', t('field.accessToken'))] }
  }
  if (grant === 'jwt_bearer') return { ...way, fields: own }
  const usual = [
    ...(auth['clientId'] === undefined ? [plain('client_id', 'Client ID')] : []),
    ...(auth['clientSecret'] === undefined && auth['clientAuth'] !== 'none'
      ? [secret('client_secret', 'Client secret')]
      : []),
    ...(grant === 'refresh_token' && auth['refreshToken'] === undefined
      ? [secret('refresh_token', 'Refresh token')]
      : []),
  ]
  return { ...way, fields: [...usual.filter(({ name }) => !own.some((field) => field.name === name)), ...own] }
}

/** The fields of a definition. @returns undefined when it names none */
function fieldsOf(value: unknown, mayBeSecret: boolean): TryField[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value.filter(isObject).map((field) => ({
    name: String(field['name'] ?? ''),
    label: String(field['label'] ?? field['name'] ?? ''),
    description: typeof field['description'] === 'string' ? field['description'] : null,
    // A value that the definition does not call secret may still be one while it is written.
    secret: mayBeSecret && field['secret'] === true,
    required: field['required'] === true,
    example: typeof field['example'] === 'string' ? field['example'] : null,
    choices: choicesOf(field['choices']),
  }))
}

/** The streams whose first page can be read: those without a parent. */
export function streamsToTry(definition: unknown): string[] {
  if (!isObject(definition) || !Array.isArray(definition['streams'])) return []
  return definition['streams'].flatMap((stream) =>
    isObject(stream) && stream['parent'] === undefined && typeof stream['name'] === 'string' ? [stream['name']] : [],
  )
}

function choicesOf(value: unknown): TryField['choices'] {
  if (!Array.isArray(value)) return []
  return value
    .filter(isObject)
    .map((choice) => ({ value: String(choice['value'] ?? ''), label: String(choice['label'] ?? '') }))
}
