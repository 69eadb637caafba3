import type { Field } from '../../definition/field.ts'
import { MatchBudget, matchesPattern, patternCost, patternProblem } from '../../definition/pattern.ts'
import { isSecretName } from '../../definition/secret-name.ts'
import { isRecord } from '../../template/value.ts'
import { type ExpressionOf, quoted, translate, UntranslatableError } from './nango-template.ts'

/** A provider of Nango, with what it inherits. Its keys are not checked: what is not read is not translated. */
export type NangoProvider = Readonly<Record<string, unknown>>

/** A pattern costs at most this, so that the patterns of a definition stay within its budget. */
const MAX_PATTERN_COST = 9_000

const FORMATS: Readonly<Record<string, string>> = {
  uuid: '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
  email: '[^@\\s]+@[^@\\s]+',
}

/**
 * The values of a connection that a provider of Nango reads: `connectionConfig` becomes input fields, kept values or, for secrets,
 * fields of the credential; `credentials` become fields of the credential.
 */
export class NangoValues {
  readonly inputs = new Map<string, Field>()
  readonly secrets = new Map<string, Field>()
  readonly notes: string[] = []
  /** What is imported does not send the same requests as Nango in every case. */
  isPartly = false
  /** The URL of the API has the API key. */
  readonly isKeyInUrl: boolean
  /** Names of values that the provider's responses bring. */
  readonly #kept = new Set<string>()
  /** What a value is when the person supplies none. */
  readonly #defaults = new Map<string, string>()
  /** Credentials that nobody is asked for. */
  readonly #constants = new Map<string, string>()
  readonly #config: Readonly<Record<string, unknown>>
  readonly #credentials: Readonly<Record<string, unknown>>
  readonly #options: Readonly<Record<string, unknown>>
  #patternCost = 0

  /** @param found names of the values that requests after connecting find */
  constructor(provider: NangoProvider, found: readonly string[] = []) {
    this.#config = record(provider['connection_config'])
    this.isKeyInUrl = /\$\{(?:credentials\.)?apiKey\}/.test(String(record(provider['proxy'])['base_url']))
    this.#options = record(provider['assertion_option'])
    // The settings of AWS say how Nango itself obtains keys.
    const ofIntegration = provider['auth_mode'] === 'AWS_SIGV4' ? {} : record(provider['integration_config'])
    this.#credentials = { ...ofIntegration, ...record(provider['credentials']) }
    if (Object.keys(ofIntegration).length > 0) {
      this.note('Nango has the integration_config once for each integration. Here each connection supplies it.')
    }
    // Only OAuth keeps values of its responses with the connection.
    const ofToken = provider['auth_mode'] === 'TWO_STEP' ? [] : texts(provider['token_response_metadata'])
    for (const name of [...ofToken, ...texts(provider['redirect_uri_metadata']), ...found]) {
      this.#kept.add(fieldName(name))
    }
    for (const [name, field] of entriesByOrder(this.#config)) {
      if (field['automated'] === true || field['automated'] === 'true') continue
      this.#declareInput(name, field)
    }
    for (const [name, field] of entriesByOrder(this.#credentials)) {
      const isFixed = isTrue(field['hidden']) && typeof field['default_value'] === 'string'
      if (isFixed) this.#constants.set(name, String(field['default_value']))
      else if (!isTrue(field['automated'])) this.credential(name)
    }
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text)
  }

  /** Says how what is imported differs from Nango. */
  differs(text: string): void {
    this.isPartly = true
    this.note(text)
  }

  /** The expression that reads a credential, which becomes a field when it is none yet. `ownName` is the name of that field. */
  credential(name: string, ownName = name, fallback: Partial<Field> = {}): string {
    const constant = this.#constants.get(name)
    if (constant !== undefined) return quoted(constant)
    // A declared one keeps its name.
    const declared = this.secrets.has(fieldName(name)) ? name : ownName
    const key = name === 'apiKey' ? 'api_key' : fieldName(declared)
    const given = record(this.#credentials[name])
    if (!this.secrets.has(key)) {
      const isSecret = fallback.secret ?? isSecretCredential(name, given)
      const field = this.#field(key, given, { ...fallback, required: fallback.required ?? true })
      this.secrets.set(key, isSecret ? { ...field, secret: true } : field)
    }
    const value = given['default_value']
    const read = `config['${key}']`
    if (typeof value === 'string') return `${read} | default(${quoted(value)}, true)`
    const isAbsent = isTrue(given['optional']) || isConditional(given) || fallback.required === false
    return isAbsent ? `${read} | default('')` : read
  }

  /** Removes the patterns of fields whose values are checked in another way. */
  withoutPatterns(names: readonly string[]): void {
    for (const name of names) {
      const { pattern: _, ...field } = this.secrets.get(name) ?? {}
      if (this.secrets.has(name)) this.secrets.set(name, { ...field, name })
    }
  }

  /**
   * The expression that reads a value of `connectionConfig`. One that nobody declares becomes an input field.
   * @param options.isEarly it is read before the provider's responses bring anything
   * @param options.isOptional there is an alternative for it
   */
  config(name: string, { isEarly = false, isOptional = false } = {}): string {
    const key = fieldName(name)
    const isDeclared = this.inputs.has(key) || this.secrets.has(key)
    if (!isDeclared && !isEarly && this.#kept.has(key)) return `kept['${key}']`
    const declared = record(this.#config[name])
    if (!isDeclared) {
      this.#declareInput(name, isOptional ? { ...declared, optional: true } : declared)
      if (isTrue(declared['automated'])) {
        this.note(`Nango finds ${name} by itself after connecting. Here the person supplies it.`)
      }
    }
    const read = this.secrets.has(key) ? `config['${key}']` : `input['${key}']`
    const fallback = this.#defaults.get(key)
    if (fallback === undefined || (isOptional && fallback === '')) return read
    return `${read} | default(${quoted(fallback)}, true)`
  }

  /** Translates a URL. A value after the scheme that may have a path is a part of the URL, and not only of its host. @throws UntranslatableError */
  url(text: string, expressionOf: ExpressionOf = this.expressionOf): string {
    const [, scheme = '', name, rest = ''] = /^(https?:\/\/)\$\{connectionConfig\.([\w-]+)\}(|\/.*)$/s.exec(text) ?? []
    if (name === undefined || rest.includes('||') || !this.#mayHavePath(name)) return translate(text, expressionOf)
    return `{{ ${quoted(scheme)} ~ ${expressionOf(`connectionConfig.${name}`)} }}${translate(rest, expressionOf)}`
  }

  #mayHavePath(name: string): boolean {
    const { example, pattern } = record(this.#config[name])
    return [example, pattern].some((text) => /\//.test(String(text ?? '').replaceAll(/https\??:(?:\\?\/){2}/g, '')))
  }

  /** A field for a value that Nango has elsewhere. */
  extraInput(field: Field): string {
    if (!this.inputs.has(field.name)) this.inputs.set(field.name, field)
    return `input['${field.name}']`
  }

  /** The values that an input can have, where its declaration lists them. */
  choicesOf(name: string): string[] {
    return texts(record(this.#config[name])['enum'])
  }

  /**
   * The expression for a reference in general: `connectionConfig.x`, `credentials.x`, `apiKey`, `username`.
   * @throws UntranslatableError
   */
  readonly expressionOf = (reference: string, isOptional = false): string => {
    const config = configName(reference)
    if (config !== undefined) return this.config(config, { isOptional })
    const [, credential = '', part] = /^(?:credentials\.)?([A-Za-z_]\w*)(?:\.(id|secret))?$/.exec(reference) ?? []
    // A key that consists of an id and a secret with a colon between them.
    const option = /^assertionOption\.(\w+)$/.exec(reference)?.[1]
    if (option !== undefined) return this.#option(option)
    const metadata = /^metadata\.(\w+)$/.exec(reference)?.[1]
    if (metadata !== undefined) return this.config(metadata, { isOptional })
    const format = /^now:(.+)$/.exec(reference)?.[1]
    if (format !== undefined) return `now | date('${strftimeOf(format)}')`
    if (part !== undefined) return `${this.credential(credential)} | split(':') | ${part === 'id' ? 'first' : 'last'}`
    if (reference.startsWith('credentials.')) return this.credential(credential)
    switch (reference) {
      case 'apiKey':
        return this.credential('apiKey', 'apiKey', { label: 'API key', secret: true })
      case 'username':
        return this.credential('username', 'username', { label: 'User name', secret: false })
      case 'password':
        return this.credential('password', 'password', { label: 'Password', secret: true })
      case 'clientId':
        this.note('Templates do not read the OAuth client. Here the person supplies its client ID.')
        return this.extraInput({ name: 'oauth_client_id', label: 'Client ID of the OAuth client', required: true })
      case 'now':
        return 'now | date'
      case 'random':
        this.note('Nango makes a random value for each request. Here it is the time, hashed.')
        return 'now | sha256'
      case 'fingerprint':
        this.note('Nango computes the fingerprint of the public key. Here the person supplies it.')
        return this.extraInput({
          name: 'public_key_fingerprint',
          label: 'Fingerprint of the public key',
          description: 'As the provider shows it, such as SHA256: and a digest in base64.',
          required: true,
        })
      default:
        if (this.secrets.has(reference)) return this.credential(reference)
        throw new UntranslatableError(`reads ${reference}, which is not known here`)
    }
  }

  /** A value that Nango takes when it connects, and not from a field of its page. */
  #option(name: string): string {
    const declared = record(record(this.#options)[name])
    const field = this.#field(fieldName(name), declared, { required: true })
    return isSecretConfig(name, declared) ? this.credential(name, name, { secret: true }) : this.extraInput(field)
  }

  #declareInput(name: string, declared: Readonly<Record<string, unknown>>): void {
    const key = fieldName(name)
    const value = declared['default_value']
    const isOptional = isTrue(declared['optional']) || typeof value === 'string' || isConditional(declared)
    if (typeof value === 'string') this.#defaults.set(key, value)
    else if (isOptional) this.#defaults.set(key, '')
    const field = this.#field(key, declared, { required: !isOptional })
    if (isSecretConfig(name, declared)) this.secrets.set(key, { ...field, required: !isOptional, secret: true })
    else this.inputs.set(key, field)
  }

  #field(name: string, declared: Readonly<Record<string, unknown>>, more: Partial<Field>): Field {
    const pattern = this.#patternOf(name, declared)
    const example = declared['example']
    const isFitting =
      typeof example === 'string' &&
      example.length > 0 &&
      example.length <= 1_000 &&
      (pattern === undefined || matchesPattern(pattern, example, new MatchBudget()) === 'yes')
    const isOptional = isTrue(declared['optional']) || isConditional(declared)
    const isRequired = isOptional ? undefined : more.required || undefined
    return withoutUndefined({
      name,
      label: shortened(declared['title'], 200) ?? more.label ?? humanName(name),
      description: descriptionOf(declared) ?? more.description,
      required: isRequired,
      pattern,
      example: isFitting ? example : undefined,
    })
  }

  #patternOf(name: string, declared: Readonly<Record<string, unknown>>): string | undefined {
    const choices = texts(declared['enum'])
    const given =
      choices.length > 0
        ? choices.map((choice) => choice.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).join('|')
        : (declared['pattern'] ?? FORMATS[String(declared['format'])])
    if (typeof given !== 'string') return undefined
    const problem = patternProblem(given)
    if (problem !== undefined) {
      this.note(`The pattern of ${name} is left out: it ${problem}.`)
      return undefined
    }
    this.#patternCost += patternCost(given)
    return this.#patternCost <= MAX_PATTERN_COST ? given : undefined
  }
}

/** How Nango writes parts of a date, and how strftime does. The longer come first. */
const DATE_PARTS: readonly [string, string][] = [
  ['YYYY', '%Y'],
  ['MMM', '%b'],
  ['ddd', '%a'],
  ['MM', '%m'],
  ['DD', '%d'],
  ['HH', '%H'],
  ['mm', '%M'],
  ['ss', '%S'],
  ['ZZ', '+0000'],
]

/** @throws UntranslatableError for a part that is not known */
function strftimeOf(format: string): string {
  let made = ''
  let rest = format
  while (rest !== '') {
    const literal = /^\[([^\]']*)\]/.exec(rest)
    const part = DATE_PARTS.find(([name]) => rest.startsWith(name))
    const plain = /^[^A-Za-z'%[\\{}]+/.exec(rest)?.[0]
    if (literal !== null) made += literal[1]
    else if (part !== undefined) made += part[1]
    else if (plain !== undefined) made += plain
    else throw new UntranslatableError('writes the time in a format that templates do not have')
    rest = rest.slice((literal?.[0] ?? part?.[0] ?? plain ?? rest).length)
  }
  return made
}

/** Whether a field is asked for only when another one has a certain value. */
function isConditional(declared: Readonly<Record<string, unknown>>): boolean {
  return declared['visible_when'] !== undefined
}

/** Names that tell where something is, or what it is called, although they contain a word such as token. */
const PLACE_NAME = /(?:url|uri|host|hostname|domain|type|name|path|endpoint|version|realm|id)$/i

function isSecretConfig(name: string, declared: Readonly<Record<string, unknown>>): boolean {
  if (declared['secret'] !== undefined) return isTrue(declared['secret'])
  return isSecretName(name) && !PLACE_NAME.test(name)
}

function isSecretCredential(name: string, declared: Readonly<Record<string, unknown>>): boolean {
  if (isTrue(declared['secret'])) return true
  const looksPublic =
    /^(?:user_?name|user|email|login|.*(?:_id|Id|ID|Name|_name|Email|Identifier|Thumbprint|Url|Host|Domain))$/.test(
      name,
    )
  const title = String(declared['title'] ?? '')
  return !looksPublic || /\b(?:token|secret|password|api key)\b/i.test(title)
}

function descriptionOf(declared: Readonly<Record<string, unknown>>): string | undefined {
  const { description, prefix, suffix } = declared
  const affixes = [prefix, suffix].flatMap((affix) => (typeof affix === 'string' && affix !== '' ? [affix] : []))
  const text = typeof description === 'string' ? description.trim() : ''
  const more = affixes.length > 0 || texts(declared['enum']).length > 0
  const parts = [
    more && /[\w)]$/.test(text) ? `${text}.` : text,
    affixes.length === 0 ? '' : `Without ${affixes.join(' and ')}.`,
    texts(declared['enum']).length === 0 ? '' : `One of ${texts(declared['enum']).join(', ')}.`,
  ].filter((part) => part !== '')
  return parts.length === 0 ? undefined : shortened(parts.join(' '), 2_000)
}

function entriesByOrder(fields: Readonly<Record<string, unknown>>): [string, Readonly<Record<string, unknown>>][] {
  const order = (field: Readonly<Record<string, unknown>>) => Number(field['order'] ?? 1_000)
  return Object.entries(fields)
    .map(([name, field]): [string, Readonly<Record<string, unknown>>] => [name, record(field)])
    .sort(([, one], [, other]) => order(one) - order(other))
}

/** The name in `connectionConfig.name`. Undefined: the reference is another. */
export function configName(reference: string): string | undefined {
  return /^connection_?[cC]onfig\.(\w[\w-]*)(?:\.\w+)*$/.exec(reference)?.[1]
}

/** An ISO 8601 duration. */
export function durationOf(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000))
  if (seconds % 3600 === 0) return `PT${seconds / 3600}H`
  return seconds % 60 === 0 ? `PT${seconds / 60}M` : `PT${seconds}S`
}

/** A name that a field of a definition can have. */
export function fieldName(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 60)
  return /^[A-Za-z_]/.test(plain) ? plain : `_${plain}`
}

function humanName(name: string): string {
  const words = name.replaceAll(/[_.-]+/g, ' ').replaceAll(/([a-z])([A-Z])/g, '$1 $2')
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase()
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

/** The texts of a list. Anything else has none. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((item) => (typeof item === 'string' ? [item] : [])) : []
}

/** Flags are written as true or as text. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}

function shortened(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined
  return value.trim().slice(0, max)
}

/** A copy without the keys that have no value. */
export function withoutUndefined<T extends object>(value: T): T {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries) as T
}
