import { type DocumentNode, type FormattedExecutionResult, print } from 'graphql'
import type { Client, SubscribePayload } from 'graphql-ws'

/** A document whose result and variables are typed, as codegen writes it. */
export interface TypedDocument<Data, Variables> extends DocumentNode {
  __apiType?: (variables: Variables) => Data
}

/** What moves along: `after`, a cursor of the event log. */
export interface FromPosition {
  after?: string | null
}

/**
 * Subscribes to an event log so that no event is missed or seen twice across reconnects.
 *
 * A graphql-ws client that reconnects sends its old variables again, and would be told everything from the old position.
 * This moves the variable `after` to the last event that arrived, so that the server goes on behind it. The document must
 * have the variable `$after: Cursor` and select `cursor` on the event.
 *
 * Ends when the subscription ends, and throws the errors of the server. Leave it with `break` or `return()`.
 *
 * @param client of graphql-ws, made with `retryAttempts` and, for long absences, `shouldRetry: () => true`
 */
export async function* subscribeFrom<Data, Variables extends FromPosition>(
  client: Pick<Client, 'iterate'>,
  document: TypedDocument<Data, Variables> | string,
  variables: Variables,
): AsyncGenerator<Data, void, undefined> {
  // The client serialises this very object again for each connection.
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

/** The server ended the subscription, or refused it. `errors` have a code in their extensions. */
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
    throw new TypeError('Select `cursor` on the event, so that the subscription can go on behind it.')
  return cursor
}
