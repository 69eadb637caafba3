/**
 * Evaluates the Jinja of a manifest as the connector does: over the values themselves. It shares nothing with the translation into
 * templates of definitions (src/catalog/import/airbyte/jinja.ts), so that a source made with it finds mistakes of the translation.
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'

type Statement = Parameters<Interpreter['evaluate']>[0]

/** Stands for a text that depends on the time at which it is made. */
export const SOME_TIME = '\ue002'

const someTime = { strftime: () => SOME_TIME, isoformat: () => SOME_TIME, timestamp: () => SOME_TIME, isTime: true }

/** The functions of a connector (https://docs.airbyte.com/platform/connector-development/config-based/understanding-the-yaml-file/reference). */
const functions = {
  now_utc: () => someTime,
  today_utc: () => someTime,
  today_with_timezone: () => someTime,
  day_delta: () => SOME_TIME,
  timestamp: () => SOME_TIME,
  duration: () => 0,
  format_datetime: (value: unknown) => (isMark(value) ? value : SOME_TIME),
  str_to_datetime: () => someTime,
  max: (...values: unknown[]) => (values.some(isMark) ? SOME_TIME : values.toSorted().at(-1)),
  min: (...values: unknown[]) => (values.some(isMark) ? SOME_TIME : values.toSorted().at(0)),
  joined: (separator: string, values: unknown[]) =>
    values.map((value) => asText(plain(value as Runtime))).join(separator),
  regex_search: (text: unknown, pattern: string) => new RegExp(pattern).exec(String(text ?? ''))?.[1] ?? '',
}

/** Texts that stand for others: a time, or a bound of an interval. */
function isMark(value: unknown): value is string {
  return typeof value === 'string' && /[\ue001-\ue003]/.test(value)
}

/**
 * The value of a template: that of its expression, or a text where it is more than one expression. What it reads and is not there is an
 * empty text, as in the connector.
 */
export function evaluate(source: unknown, names: Readonly<Record<string, unknown>>): unknown {
  if (typeof source !== 'string' || !/\{[{%]/.test(source)) return source
  try {
    const program = parse(tokenize(withCalls(source), { lstrip_blocks: false, trim_blocks: false }))
    const environment = new Environment()
    for (const [name, value] of Object.entries({ ...functions, None: null, ...names })) environment.set(name, value)
    const interpreter = new Interpreter(environment)
    const values = (program.body as Statement[]).map((part) => plain(interpreter.evaluate(part, environment)))
    const [only] = values
    return values.length === 1 && source.trim().startsWith('{{') ? only : values.map(asText).join('')
  } catch {
    return ''
  }
}

/** Filters and methods that the interpreter does not know, as calls. */
function withCalls(source: string): string {
  const joined = source.replaceAll(/(["'][^"']*["'])\.join\(/g, 'joined($1, ')
  return joined.replaceAll(/([\w.[\]'"]+)\s*\|\s*regex_search\(("[^"]*"|'[^']*')\)/g, (_, value, pattern) => {
    return `regex_search(${value}, ${String(pattern).replaceAll('\\', '\\\\')})`
  })
}

interface Runtime {
  type?: string
  value?: unknown
}

/** A value of the interpreter as one of JavaScript. */
function plain(value: Runtime | undefined): unknown {
  const inner = value?.value
  if (inner instanceof Map) {
    if (inner.has('isTime')) return SOME_TIME
    return Object.fromEntries([...inner].map(([key, item]) => [key, plain(item)]))
  }
  return Array.isArray(inner) ? inner.map(plain) : (inner ?? undefined)
}

/** A value as a text. Lists are without quotes, as their elements may be typed. */
export function asText(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return `[${value.map(asText).join()}]`
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The keys by which a template reads a name: `response.a.b`, `response['a']`, `response.get('a', {}).get('b')`, `'a' in response`. */
export function readsOf(source: string, root: string): string[][] {
  const chain = String.raw`((?:\.get\(\s*["'][\w ]+["'][^)]*\)|\[["'][\w ]+["']\]|\.(?!get\b)[A-Za-z_]\w*\b(?!\())+)`
  const keysIn = (text: string) =>
    [...text.matchAll(/get\(\s*["']([\w ]+)|\[["']([\w ]+)["']\]|\.(?!get\b)([A-Za-z_]\w*)/g)].map(
      (match) => match[1] ?? match[2] ?? match[3] ?? '',
    )
  const inside = new RegExp(String.raw`["'](\w+)["']\s+(?:not )?in\s+${root}${chain}?`, 'g')
  const reads = [
    ...[...source.matchAll(new RegExp(`\\b${root}${chain}`, 'g'))].map((match) => keysIn(match[1] ?? '')),
    ...[...source.matchAll(inside)].map((match) => [...keysIn(match[2] ?? ''), match[1] ?? '']),
  ]
  // One that is read below another read is enough.
  const distinct = [...new Map(reads.map((keys) => [keys.join('/'), keys])).values()]
  return distinct.filter(
    (keys) => !distinct.some((other) => other !== keys && other.join('/').startsWith(`${keys.join('/')}/`)),
  )
}
