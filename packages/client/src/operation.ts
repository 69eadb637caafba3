import type { ReconnectRequiredError } from './generated/errors.ts'

/** One operation of the API. */
export interface Operation {
  document: string
  /** Where the result is in the data. */
  path: readonly string[]
  /**
   * `input`: the parameter is the variable `input`. `idempotencyKey`: the input may have one. `result`: the result is a payload or an
   * error. `reconnect`: one of the errors is ReconnectRequiredError. `events`: it returns events.
   */
  flags?: readonly ('input' | 'idempotencyKey' | 'result' | 'reconnect' | 'events')[]
}

export type OperationTable = Readonly<{ [group: string]: Readonly<{ [name: string]: Operation }> }>

export interface CallOptions {
  /** Ends the call, also while it waits to try again. */
  signal?: AbortSignal | undefined
}

export interface ReconnectOptions<T> extends CallOptions {
  /** Handles that the end user has to connect the account again. The call then returns what this function returns. */
  onReconnect: (required: ReconnectRequiredError) => T | Promise<T>
}

/**
 * An operation that needs the credential of a connection. If the end user has to connect the account again, it returns
 * `ReconnectRequiredError` and does not throw it: the caller has to check `__typename`, or give `onReconnect`.
 */
export interface Reconnectable<Input, Payload> {
  (input: Input, options?: CallOptions): Promise<Payload | ReconnectRequiredError>
  <T>(input: Input, options: ReconnectOptions<T>): Promise<Payload | T>
}

export interface WatchOptions {
  /** Ends the iteration. */
  signal?: AbortSignal | undefined
  /**
   * Called with the cursor of an event when the loop asks for the next one, and so after the event was handled. Store it, and
   * pass it as `after` to continue there.
   */
  onCursor?: ((cursor: string) => unknown) | undefined
}

/** A page of a list. `endCursor` is the `after` of the next one. */
export interface Page<Item> {
  nodes: Item[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

/** An object that is known by its id only. */
export interface NodeReference {
  __typename: string
  id: string
}
