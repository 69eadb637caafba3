import { TemplateBudget } from '../catalog/template/budget.ts'
import { readsOfExpression } from '../catalog/template/expression-reads.ts'
import { type TemplatePart, type TemplateScope, templateIn } from '../catalog/template/template.ts'
import { isRecord, TemplateError } from '../catalog/template/value.ts'
import { MIN_BODY_SECRET_BYTES } from '../kit/byte-redactor.ts'
import { MIN_SECRET_LENGTH } from '../kit/redact.ts'

/**
 * What templates make from secrets: a template may replace characters of a secret field, shorten it, or combine it with something
 * else. Providers echo the result, in which the secret as it is cannot be found.
 *
 * @param holders objects with templates at any depth, such as a definition or a part of it
 * @param secrets the secrets as they are; a field of `config` with one of these values is a secret field
 * @returns values that are not in `secrets`
 * @throws TemplateError (`fault: 'limit'`), also when all secrets together are too long
 */
export function secretsMadeBy(
  holders: readonly object[],
  secrets: readonly string[],
  scope: TemplateScope,
): ReadonlySet<string> {
  const templates = holders.flatMap(templatesOf)
  if (templates.length === 0) {
    checkLength(secrets)
    return NONE
  }
  const made = new Set<string>()
  const known = new Set(secrets)
  const names = new Set(
    Object.entries(isRecord(scope['config']) ? scope['config'] : {}).flatMap(([name, value]) =>
      typeof value === 'string' && known.has(value) ? [name] : [],
    ),
  )
  const budget = new TemplateBudget()
  for (const template of names.size === 0 ? [] : templates) {
    for (const value of secretValues(template, names, scope, budget)) {
      if (value.length >= MIN_SECRET_LENGTH && !known.has(value)) made.add(value)
    }
  }
  checkLength([...secrets, ...made])
  return made
}

const NONE: ReadonlySet<string> = new Set()

/** @throws TemplateError (`fault: 'limit'`) */
function checkLength(secrets: readonly string[]): void {
  const length = secrets.reduce((total, secret) => total + secret.length, 0)
  if (length > MAX_LENGTH) {
    const message = `The secrets of this connection, and what the templates of the definition make from them, together have more than ${MAX_LENGTH} characters, so they cannot be removed from responses. Replace the credential by a shorter one, or let fewer templates read it.`
    throw new TemplateError('limit', message)
  }
}

/**
 * UTF-16 units of all secrets of a connection. Each is searched in up to 50 forms, which are kept in memory. An access token, a
 * refresh token and the longest fields are within it (check-credential.ts, oauth2/token-response.ts).
 */
const MAX_LENGTH = 262_144

/** A template that reads `config`, which holds the secret fields. */
interface ReadingTemplate {
  parts: readonly Part[]
  /** Whether it may render to a URL, whose host is sent in lower case. */
  mayBeUrl: boolean
  /** Whether it begins with the origin of a URL, which is not secret. */
  hasOrigin: boolean
}

type Part = { text: string } | (Expression & Reading)
type Expression = Exclude<TemplatePart, { text: string }>

/** What an expression reads. */
interface Reading {
  /** Fields of `config`. */
  names: ReadonlySet<string>
  /** Whether it reads all of `config`, or a field whose name is computed. */
  whole: boolean
  /** The expression is a field and nothing else. */
  plain: boolean
  /** The texts that it spells out. */
  literals: ReadonlySet<string>
}

const templatesByHolder = new WeakMap<object, readonly ReadingTemplate[]>()

/** All templates at any depth of an object that read `config`. */
function templatesOf(holder: object): readonly ReadingTemplate[] {
  const known = templatesByHolder.get(holder)
  if (known !== undefined) return known
  const sources = new Set<string>()
  collectSources(holder, sources)
  const templates = readingTemplates(sources)
  templatesByHolder.set(holder, templates)
  return templates
}

function collectSources(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') {
    if (value.includes('{{')) into.add(value)
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) collectSources(item, into)
  }
}

function readingTemplates(sources: Iterable<string>): ReadingTemplate[] {
  const templates: ReadingTemplate[] = []
  for (const source of sources) {
    const parts = partsOf(source)
    if (parts.some((part) => 'names' in part && (part.whole || part.names.size > 0))) {
      const hasOrigin = /^\s*https?:/i.test(source)
      templates.push({ parts, hasOrigin, mayBeUrl: hasOrigin || source.startsWith('{{') })
    }
  }
  return templates
}

function partsOf(source: string): Part[] {
  const { parts = [] } = templateIn(source) ?? {}
  return parts.map((part) => ('text' in part ? part : { ...part, ...readingOf(part) }))
}

function readingOf({ source }: Expression): Reading {
  const keys = readsOfExpression(source).names.flatMap(({ name, key }) => (name === 'config' ? [key] : []))
  const names = new Set(keys.filter((key) => key !== undefined))
  const whole = keys.includes(undefined)
  const tree: unknown = JSON.parse(source)
  const plain = isRecord(tree) && tree['type'] === 'MemberExpression' && names.size === 1 && !whole
  return { names, whole, plain, literals: new Set(literalsIn(tree)) }
}

function* literalsIn(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return
  if (isRecord(node) && node['type'] === 'StringLiteral' && typeof node['value'] === 'string') yield node['value']
  for (const child of Object.values(node)) yield* literalsIn(child)
}

/** Results that say nothing about a secret: conditions, and the schemes of the Authorization header. */
const NOT_SECRET = /^(?:true|false|basic|bearer|digest|negotiate|token|apikey|api-key)\s*$/i

/** What a template makes from the secret fields: each of its expressions, and all of it. */
function* secretValues(
  { parts, mayBeUrl, hasOrigin }: ReadingTemplate,
  secretNames: ReadonlySet<string>,
  scope: TemplateScope,
  budget: TemplateBudget,
): Generator<string> {
  let all: string | undefined = ''
  let hides = false
  for (const part of parts) {
    if ('text' in part) {
      if (all !== undefined) all += part.text
      continue
    }
    const value = evaluated(part, scope, budget)
    all = value === undefined || all === undefined ? undefined : all + value
    if (value === undefined || part.literals.has(value) || NOT_SECRET.test(value)) continue
    if (!part.whole && !part.names.values().some((name) => secretNames.has(name))) continue
    yield value
    if (mayBeUrl) yield value.toLowerCase()
    // A short field is not searched for in bodies, but what contains it several times may be.
    hides ||= !part.plain || Buffer.byteLength(value) < MIN_BODY_SECRET_BYTES
  }
  // Without the scheme, which may be missing in what the provider echoes.
  if (hides && all !== undefined && !hasOrigin) yield all.slice(all.indexOf(' ') + 1)
}

/** Undefined when the expression reads something that is missing, or that only a part of the requests has. */
function evaluated({ evaluate }: Expression, scope: TemplateScope, budget: TemplateBudget): string | undefined {
  try {
    return evaluate(scope, budget)
  } catch (error) {
    if (error instanceof TemplateError && error.fault !== 'limit') return undefined
    throw error
  }
}
