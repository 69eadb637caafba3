import { AsyncLocalStorage } from 'node:async_hooks'
import { newId } from '../../kit/ids.ts'

const traces = new AsyncLocalStorage<string>()

const GIVEN = /^[A-Za-z0-9._-]{8,64}$/

/** The id that a request came with, where it is one that may stand in headers and logs, or a new one. */
export function traceIdOf(given: string | null | undefined): string {
  return given != null && GIVEN.test(given) ? given : newId()
}

/** Runs `work` so that errors which arise before GraphQL has a context still know their trace. */
export function withTrace<T>(traceId: string, work: () => T): T {
  return traces.run(traceId, work)
}

export function currentTraceId(): string {
  return traces.getStore() ?? newId()
}
