import { format, types } from 'node:util'
import { type DestinationStream, type LevelWithSilent, type Logger, pino, stdTimeFunctions } from 'pino'
import { BoundedMap } from './bounded-map.ts'

export type { Logger }

type LogLevel = LevelWithSilent

interface LoggerOptions {
  level: LogLevel
  /** Receives whole lines. Default: standard output, in batches (`batchedOutput`). */
  destination?: DestinationStream
}

/**
 * A logger that writes one line of JSON for each entry: `level` as a word, `time` in ISO 8601, `msg`, and the given fields.
 * Secrets are redacted in fields, in the fields of child loggers, in messages and the values formatted into them, and in
 * errors, which are passed as `log.error(error)` or as `{ err }`.
 *
 * Fields named `code` and `state` are hidden, because they are parameters of an OAuth callback. Use `status` and `reason`.
 */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  const logger: Logger = pino(
    {
      level,
      depthLimit: 10,
      edgeLimit: 200,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are redacted before they get here. pino's own serializer would write all of their properties.
      serializers: { err: (error: unknown) => error },
      hooks: {
        // Redacts before pino reads the arguments, because pino takes an error's message out of them.
        logMethod(args: unknown[], method) {
          const [first, ...rest] = args
          if (typeof first !== 'object' || first === null) {
            method.call(this, messageOf(first === null || first === undefined ? rest : args) ?? '')
            return
          }
          const fields = redact(first instanceof Error ? { err: first } : first)
          const message = messageOf(rest)
          if (message === undefined) method.call(this, fields)
          else method.call(this, fields, message)
        },
      },
    },
    destination ?? batchedOutput(pino.destination({ fd: 1, sync: true })),
  )
  return redactBindings(logger)
}

/** How long a line may wait for others, in milliseconds. */
const BATCH_MS = 10
const BATCH_CHARACTERS = 16 * 1024
/** Lines that must not wait, because they may be the last ones. `level` is the first field of a line. */
const URGENT = /^\{"level":"(?:error|fatal)"/

/**
 * Writes lines in batches, because each write is a system call, which takes as long as the rest of a line. A line waits for 10 ms at
 * most; an error is written at once, with the lines before it. What waits when the process exits is written then. Only a process that
 * is killed loses the lines of its last 10 ms.
 */
export function batchedOutput(output: DestinationStream): DestinationStream {
  let waiting = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    const lines = waiting
    waiting = ''
    if (lines !== '') output.write(lines)
  }
  process.once('exit', flush)
  return {
    write(line) {
      waiting += line
      if (waiting.length >= BATCH_CHARACTERS || URGENT.test(line)) flush()
      // Unref: the exit writes what waits.
      else timer ??= setTimeout(flush, BATCH_MS).unref()
    },
  }
}

function messageOf(args: readonly unknown[]): string | undefined {
  const [first, ...rest] = args
  if (first === undefined) return undefined
  return redactText(format(typeof first === 'object' ? redact(first) : first, ...rest.map(redact)))
}

/** Redacts the fields of child loggers, on which pino runs no hook and no formatter. Children inherit these methods. */
function redactBindings(logger: Logger): Logger {
  const { child, setBindings } = logger
  return Object.assign(logger, {
    child(this: Logger, bindings: unknown, ...options: unknown[]): unknown {
      return Reflect.apply(child, this, [redact(bindings), ...options])
    },
    setBindings(this: Logger, bindings: unknown): void {
      Reflect.apply(setBindings, this, [redact(bindings)])
    },
  })
}

/**
 * Redaction works in two ways, because neither is sufficient alone: by the keys of values, at any depth, and by patterns in
 * texts for the places of secrets in URLs, forms, headers and JSON. Both hide rather too much than too little.
 */
const REDACTED = '[redacted]'

const MAX_DEPTH = 8
const MAX_ENTRIES = 100
const MAX_VALUES = 2000
const MAX_TEXT = 8192
const MAX_CAUSES = 5

/** Keys are compared in lower case and without separators: `X-Api-Key`, `api_key` and `apiKey` are equal. */
const SECRET_KEYS = new Set(
  `assertion auth body code codeverifier connectionstring cookies credential credentials databaseurl dsn form handle jwt
  key keys nonce otp parameters params pass pin pwd rawbody rawheaders redisurl requestbody responsebody session
  sessionid sig state variables verifier`.split(/\s+/),
)
const SECRET_PARTS =
  /token|secret|passw|passphrase|authorization|cookie|apikey|accesskey|privatekey|encryptionkey|operatorkey|signingkey|signature|clientassertion/
/** Keys with these endings describe a secret and do not hold it. */
const ABOUT_SECRETS = /(?:token|secret|cookie|signature)s?(?:type|count|url|expiresat|expiresin|status)$/

const knownKeys = new BoundedMap<string, boolean>({ max: 1_000 })

/** Whether the value of this key is hidden. */
function isSecretKey(key: string): boolean {
  const known = knownKeys.get(key)
  if (known !== undefined) return known
  const secret = namesSecret(key)
  if (key.length < 100) knownKeys.set(key, secret)
  return secret
}

function namesSecret(key: string): boolean {
  const plain = key.toLowerCase().replace(/[^a-z0-9]/g, '')
  return SECRET_KEYS.has(plain) || (SECRET_PARTS.test(plain) && !ABOUT_SECRETS.test(plain))
}

const NAME =
  '(?:[a-z0-9_.-]{0,32}(?:token|secret|password|passwd|api[_-]?key|access[_-]?key|authorization|cookie|assertion|signature)|code|code[_-]verifier|state|handle|nonce|sig|jwt)'

/** The first group of a match is kept, and the rest is replaced. */
const SECRETS_IN_TEXT: RegExp[] = [
  // JSON: "access_token":"…", and JSON inside a JSON string: \"access_token\":\"…\"
  new RegExp(`("${NAME}"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*`, 'gis'),
  new RegExp(`("${NAME}\\\\{1,8}"\\s*:\\s*\\\\{1,8}")[^"]*`, 'gi'),
  // Query strings and forms: ?code=…, &state=…, access_token=…
  new RegExp(`((?:^|[?&#;,\\s"'(])${NAME}=)[^&\\s"'<>)]+`, 'gi'),
  // Headers: Authorization: …, Set-Cookie: …, X-Api-Key: …
  /\b((?:(?:proxy-)?authorization|(?:set-)?cookie|[a-z0-9-]{0,32}(?:api-key|token))\s*:\s*)[^\r\n]+/gi,
  /\b((?:bearer|basic|dpop)\s+)[a-z0-9._~+/=:-]{6,}/gi,
  // https://user:password@host
  /(\b[a-z][a-z0-9+.-]{0,32}:\/\/)[^\s/@"'?#]+(?=@)/gi,
  // undici: Headers.append: "…" is an invalid header value
  /(Headers?\.\w+: )".*"(?= is an invalid header value)/gs,
  // V8: Unexpected token 'a', ..."the text"... is not valid JSON
  /^().*(?= is not valid JSON)/s,
]

/** Ids, names and single words, in which none of the patterns above can match. */
const ONE_WORD = /^[\w.-]{0,200}$/

/** Redacts the secrets in a text, and cuts long texts. */
function redactText(text: string): string {
  if (ONE_WORD.test(text)) return text
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text
  return SECRETS_IN_TEXT.reduce((clean, pattern) => clean.replace(pattern, `$1${REDACTED}`), cut)
}

/** The properties of an error that are logged. Others, such as a response, are left out. */
interface LoggedError {
  name: string
  message?: string
  code?: string | number
  stack?: string
  cause?: LoggedError
  errors?: LoggedError[]
}

/**
 * A copy of a value that is safe to log: at most 8 levels, 100 entries in a container, and 2,000 values in all. Of an error,
 * name, message, code and stack are kept. Of its causes only name, code and stack frames are kept, because their messages come
 * from libraries and providers.
 */
function redact(value: unknown): unknown {
  let left = MAX_VALUES

  function walk(part: unknown, depth: number): unknown {
    left -= 1
    if (left < 0) return '[too much]'
    if (typeof part === 'string') return redactText(part)
    if (typeof part === 'bigint') return part.toString()
    if (typeof part === 'function' || typeof part === 'symbol') return `[${typeof part}]`
    if (typeof part !== 'object' || part === null) return part
    try {
      return walkObject(part, depth)
    } catch {
      return '[unreadable]'
    }
  }

  function walkObject(part: object, depth: number): unknown {
    if (isError(part)) return loggedError(part)
    if (depth === MAX_DEPTH) return '[too deep]'
    if (ArrayBuffer.isView(part) || part instanceof ArrayBuffer) return `[${part.byteLength} bytes]`
    if (part instanceof Map || part instanceof Set) return `[${part.size} entries]`
    if (Array.isArray(part)) return walkArray(part, depth)
    if ('toJSON' in part && typeof part.toJSON === 'function') return walk(part.toJSON(), depth + 1)
    const entries = Object.entries(part)
    const hidesValue = entries.some(
      ([key, name]) => NAMING_KEYS.has(key) && typeof name === 'string' && isSecretKey(name),
    )
    const kept = entries
      .slice(0, MAX_ENTRIES)
      .map(([key, item]) =>
        isSecretKey(key) || (hidesValue && key === 'value') ? [key, REDACTED] : [key, walk(item, depth + 1)],
      )
    if (entries.length > MAX_ENTRIES) kept.push(['…', `${entries.length - MAX_ENTRIES} more`])
    return Object.fromEntries(kept)
  }

  function walkArray(part: readonly unknown[], depth: number): unknown[] {
    const [name] = part
    if (part.length === 2 && typeof name === 'string' && isSecretKey(name)) return [name, REDACTED]
    const kept = part.slice(0, MAX_ENTRIES).map((item) => walk(item, depth + 1))
    if (part.length > MAX_ENTRIES) kept.push(`${part.length - MAX_ENTRIES} more`)
    return kept
  }

  return walk(value, 0)
}

/** Keys that name the secret in a list of headers or fields: `{ name: 'Authorization', value: '…' }`. */
const NAMING_KEYS = new Set(['name', 'key', 'header', 'field'])

function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value)
}

function loggedError(error: Error): LoggedError {
  return {
    ...causeOf(error, 0),
    message: redactText(String(error.message)),
    stack: error.stack === undefined ? undefined : redactText(String(error.stack)),
  }
}

function causeOf(error: Error, depth: number): LoggedError {
  const code = 'code' in error ? error.code : undefined
  const errors: unknown[] = error instanceof AggregateError && Array.isArray(error.errors) ? error.errors : []
  const deeper = depth < MAX_CAUSES
  return {
    name: redactText(String(error.name)),
    code: typeof code === 'number' || (typeof code === 'string' && /^[\w.-]{1,64}$/.test(code)) ? code : undefined,
    stack: framesOf(error),
    cause: deeper && isError(error.cause) ? causeOf(error.cause, depth + 1) : undefined,
    errors:
      deeper && errors.length > 0
        ? errors
            .slice(0, MAX_CAUSES)
            .filter(isError)
            .map((each) => causeOf(each, depth + 1))
        : undefined,
  }
}

function framesOf(error: Error): string | undefined {
  if (typeof error.stack !== 'string') return undefined
  const message = String(error.message)
  // The message may contain lines that look like frames.
  const frames = message === '' ? error.stack : error.stack.replace(message, () => '')
  const lines = frames.split('\n').filter((line) => /^ {4}at /.test(line))
  return redactText(lines.join('\n'))
}
