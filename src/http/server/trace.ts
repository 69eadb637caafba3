import { AsyncLocalStorage } from 'node:async_hooks'
import { newId } from '../../kit/ids.ts'

const traces = new AsyncLocalStorage<string>()

/** Ids that are safe in headers and logs. */
const VALID = /^[A-Za-z0-9._-]{8,64}$/

/** The trace id of a request: the one that the client sent if it is valid, otherwise a new one. */
export function traceIdOf(given: string | null | undefined): string {
  return given != null && VALID.test(given) ? given : newId()
}

/** Runs `work` with a trace id, for errors that occur before there is a GraphQL context. */
export function withTrace<T>(traceId: string, work: () => T): T {
  return traces.run(traceId, work)
}

export function currentTraceId(): string {
  return traces.getStore() ?? newId()
}
