import type { Field } from '../../definition/field.ts'
import { patternCost, patternProblem } from '../../definition/pattern.ts'
import { isSecretName } from '../../definition/secret-name.ts'
import { isRecord } from '../../template/value.ts'
import { type Code, constantCode, type Key, literal, placeCode } from './jinja.ts'
import { type Component, objectAt, textAt } from './manifest.ts'

/** A value that a person supplies, as the specification of a connector declares it. */
export interface ConfigField {
  /** Where templates of the manifest read it: `credentials`, `client_id`. */
  keys: readonly string[]
  name: string
  type: string
  isSecret: boolean
  isRequired: boolean
  /** The value that counts where none is supplied. */
  fallback: unknown
  field: Field
}

/** The values that a connector asks for, and how templates read them. */
export class ConfigFields {
  readonly #fields = new Map<string, ConfigField>()
  /** Names of fields that templates have read. */
  readonly used = new Set<string>()

  constructor(specification: Component | undefined) {
    if (specification !== undefined) this.#add(specification, [], true, 0)
  }

  #add(schema: Component, keys: readonly string[], isRequired: boolean, depth: number): void {
    if (depth > 5) return
    const required = Array.isArray(schema['required']) ? schema['required'] : []
    for (const [key, property] of Object.entries(objectAt(schema, 'properties') ?? {})) {
      if (!isRecord(property)) continue
      const inside = [...keys, key]
      const isNeeded = isRequired && required.includes(key)
      const options = [property['oneOf'] ?? property['anyOf'] ?? []].flat().filter(isRecord)
      const groups = options.filter((option) => objectAt(option, 'properties') !== undefined)
      for (const group of groups) this.#add(group, inside, false, depth + 1)
      if (objectAt(property, 'properties') !== undefined) this.#add(property, inside, isNeeded, depth + 1)
      else if (groups.length === 0) this.#declare(property, inside, isNeeded)
    }
  }

  #declare(property: Component, keys: readonly string[], isRequired: boolean): void {
    const id = idOf(keys)
    const known = this.#fields.get(id)
    const type = [property['type'] ?? 'string'].flat().find((each) => each !== 'null') ?? 'string'
    // A value of a choice that has a fixed one for each of its options is not known beforehand.
    const isChoice = known !== undefined && property['default'] === undefined && known.fallback !== property['const']
    // Some specifications forget to mark a token or password.
    const isNamed = type === 'string' && !('enum' in property) && isSecretName(keys.at(-1) ?? '')
    const isOther = /url|uri|endpoint|host|name|field|path|(?:^|_)id$|(?:^|_)ids$/i.test(keys.at(-1) ?? '')
    const isSecret = property['airbyte_secret'] === true || known?.isSecret === true || (isNamed && !isOther)
    const field: Field = { name: known?.name ?? this.#freeName(keys), ...describe(property, type) }
    const fallback = isChoice ? undefined : (property['default'] ?? property['const'])
    this.#fields.set(id, {
      ...{ keys, name: field.name, type: String(type), isSecret, isRequired, field },
      fallback: isRecord(fallback) ? undefined : fallback,
    })
  }

  #freeName(keys: readonly string[]): string {
    const clean = (text: string) => text.replaceAll(/[^A-Za-z0-9_.-]/g, '_').replace(/^[^A-Za-z_]/, '_$&')
    const short = clean(keys.at(-1) ?? '').slice(0, 64)
    const isTaken = (name: string) =>
      name === 'auth_method' || [...this.#fields.values()].some((field) => field.name === name)
    const candidates = [
      short,
      clean(keys.join('_')).slice(0, 64),
      ...[2, 3, 4, 5].map((number) => `${short.slice(0, 60)}_${number}`),
    ]
    return candidates.find((name) => !isTaken(name)) ?? short
  }

  all(): ConfigField[] {
    return [...this.#fields.values()]
  }

  /** The field that templates read by these keys. One that the specification does not declare is declared now. */
  at(keys: readonly string[]): ConfigField {
    const known = this.#fields.get(idOf(keys))
    if (known !== undefined) return known
    this.#declare({ airbyte_secret: isSecretName(keys.at(-1) ?? '') }, keys, false)
    return this.at(keys)
  }

  byName(name: string): ConfigField | undefined {
    return this.all().find((field) => field.name === name)
  }

  /** Gives a field the name under which an auth type looks for it, unless another field has it. */
  rename(field: ConfigField, name: string): boolean {
    if (field.name === name) return true
    if (this.byName(name) !== undefined) return false
    field.name = name
    field.field = { ...field.field, name }
    return true
  }

  markSecret(field: ConfigField): void {
    field.isSecret = true
  }

  /** How a template reads a value. Undefined: it reads an object that has no place in a definition. */
  read(keys: readonly Key[]): Code | undefined {
    const path = keys.map(String)
    const isObject = this.all().some(
      (field) => field.keys.length > path.length && path.every((key, at) => field.keys[at] === key),
    )
    if (path.length === 0 || (isObject && !this.#fields.has(idOf(path)))) return placeCode('config', path)
    const index = keys.at(-1)
    if (typeof index === 'number') return this.#item(keys.slice(0, -1), index)
    const field = this.at(path)
    this.used.add(field.name)
    const { fallback, isRequired, type, name } = field
    const code = placeCode(field.isSecret ? 'config' : 'input', [name], { inputType: type })
    if (isRequired) return code
    if (fallback === undefined || fallback === null || fallback === '') return { ...code, isOptional: true }
    if (Array.isArray(fallback) && fallback.length === 0) return { ...code, isOptional: true }
    const usual = Array.isArray(fallback) ? fallback.join(',') : String(fallback)
    return { text: `${code.text} | default(${literal(usual)})`, level: 7, inputType: type }
  }

  /** An item of a list, which is a text with commas. */
  #item(keys: readonly Key[], index: number): Code | undefined {
    const list = this.read(keys)
    if (list === undefined || list.constant !== undefined) return undefined
    return { text: `split(${list.text}, ',')[${index}]`, level: 8, isOptional: true }
  }

  /** A value of the specification that is known when nobody supplies one: its default, or its only value. */
  known(keys: readonly Key[]): Code | undefined {
    const fallback = this.#fields.get(idOf(keys.map(String)))?.fallback
    return fallback === undefined ? undefined : constantCode(fallback as string)
  }

  /** The fields with these names, as a definition has them. */
  fieldsNamed(names: ReadonlySet<string>): Field[] {
    return this.all()
      .filter(({ name }) => names.has(name))
      .map(({ field, isSecret, isRequired }) => ({
        ...field,
        ...(isSecret ? { secret: true } : {}),
        ...(isRequired ? { required: true } : {}),
      }))
  }
}

function idOf(keys: readonly string[]): string {
  return JSON.stringify(keys)
}

/** What a form says about a value. */
function describe(property: Component, type: unknown): Omit<Field, 'name'> {
  const label = textAt(property, 'title')?.trim().slice(0, 200)
  const described =
    textAt(property, 'description')
      ?.replaceAll(/<[^>]*>/g, '')
      .trim()
      .slice(0, 1_500) ?? ''
  const choices = Array.isArray(property['enum']) ? property['enum'].filter((each) => typeof each !== 'object') : []
  const hints = [
    described,
    choices.length > 0 ? `One of ${choices.join(', ')}.`.slice(0, 400) : '',
    type === 'array' ? 'Several values are separated by commas.' : '',
    type === 'boolean' ? 'true or false.' : '',
  ].filter((hint) => hint !== '')
  const [example] = [property['examples'] ?? []].flat()
  const pattern = wholePattern(textAt(property, 'pattern'))
  return {
    ...(label ? { label } : {}),
    ...(hints.length > 0 ? { description: hints.join(' ') } : {}),
    ...(pattern === undefined ? {} : { pattern }),
    ...(pattern === undefined && typeof example === 'string' && example !== '' && property['airbyte_secret'] !== true
      ? { example: example.slice(0, 1_000) }
      : {}),
  }
}

/** A pattern for the whole value. Those of a specification may also match a part of it. */
function wholePattern(pattern: string | undefined): string | undefined {
  if (pattern === undefined || !/^\^.*\$$/s.test(pattern) || pattern.length > 300) return undefined
  return patternProblem(pattern) === undefined && patternCost(pattern) < 1_000 ? pattern : undefined
}
