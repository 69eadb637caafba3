import { type DocumentNode, type FormattedExecutionResult, print } from 'graphql'
import type { Client, SubscribePayload } from 'graphql-ws'

/** A document with typed result and variables, as codegen generates it. */
export interface TypedDocument<Data, Variables> extends DocumentNode {
  __apiType?: (variables: Variables) => Data
}

/** The position in the event log. */
export interface FromPosition {
  after?: string | null
}

/**
 * Subscribes to an event log so that no event is lost or repeated across reconnects.
 *
 * A graphql-ws client that reconnects sends its original variables again and would receive all events from the original
 * position. This function sets the variable `after` to the cursor of the last event, so that the server continues there. The
 * document must have the variable `$after: Cursor` and select `cursor` on the event.
 *
 * The iteration ends when the subscription ends. Errors of the server are thrown. Stop with `break` or `return()`.
 *
 * @param client a graphql-ws client with `retryAttempts` and, to survive long outages, `shouldRetry: () => true`
 * @throws SubscriptionError
 */
export async function* subscribeFrom<Data, Variables extends FromPosition>(
  client: Pick<Client, 'iterate'>,
  document: TypedDocument<Data, Variables> | string,
  variables: Variables,
): AsyncGenerator<Data, void, undefined> {
  // The client serializes this same object again for each connection.
  const payload: SubscribePayload & { variables: Record<string, unknown> } = {
    query: typeof document === 'string' ? document : print(document),
    variables: { ...(variables as object) },
  }
  for await (const { data, errors } of client.iterate<Data & object, unknown>(payload)) {
    if (errors !== undefined && errors.length > 0) throw new SubscriptionError(errors)
    if (data == null) continue
    payload.variables['after'] = cursorOf(data)
    yield data
  }
}

/** The server refused or ended the subscription. Each of the `errors` has a code in its extensions. */
export class SubscriptionError extends Error {
  override readonly name = 'SubscriptionError'
  readonly errors: NonNullable<FormattedExecutionResult['errors']>

  constructor(errors: NonNullable<FormattedExecutionResult['errors']>) {
    super(errors.map((error) => error.message).join('\n'))
    this.errors = errors
  }
}

function cursorOf(data: object): string {
  const [event] = Object.values(data)
  const cursor: unknown = typeof event === 'object' && event !== null && 'cursor' in event ? event.cursor : undefined
  if (typeof cursor !== 'string')
    throw new TypeError('Select the field `cursor` on the event. It is needed to resume the subscription.')
  return cursor
}
