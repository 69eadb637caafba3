import { format } from 'node:util'
import { type DestinationStream, type LevelWithSilent, type Logger, pino, stdTimeFunctions } from 'pino'
import { redact, redactText } from './log-redaction.ts'

export type { Logger }
export type LogLevel = LevelWithSilent

export interface LoggerOptions {
  level: LogLevel
  /** Takes whole lines. Default: standard output. */
  destination?: DestinationStream
}

/**
 * One line of JSON for each entry: `level` as a word, `time` in ISO 8601, `msg`, and the fields that were given, without
 * secrets (see log-redaction.ts). That holds for fields, for the fields of child loggers, for messages and what is formatted
 * into them, and for errors as `log.error(error)` or as `{ err }`.
 *
 * `code` and `state` are hidden as the parameters of an OAuth callback: log a status as `status`, a reason as `reason`.
 */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  const logger: Logger = pino(
    {
      level,
      depthLimit: 10,
      edgeLimit: 200,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Errors arrive here redacted already; pino's own serialiser would write all their properties.
      serializers: { err: (error: unknown) => error },
      hooks: {
        // Before pino touches the arguments, so that what it takes out of them (an error's message) is clean too.
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
    destination ?? pino.destination({ fd: 1, sync: true }),
  )
  return withCleanBindings(logger)
}

function messageOf(args: readonly unknown[]): string | undefined {
  const [first, ...rest] = args
  if (first === undefined) return undefined
  return redactText(format(typeof first === 'object' ? redact(first) : first, ...rest.map(redact)))
}

/** pino runs no hook and no formatter over the fields of child loggers. Children inherit these methods. */
function withCleanBindings(logger: Logger): Logger {
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
