import pg from 'pg'
import { currentScope, ENTER_SCOPE, type Scope, scopeValues } from './scope.ts'

type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void

/**
 * A pool whose connections are handed out in the scope of whoever asks. Each remembers the scope that it had last: one
 * statement more is sent only when that is another. A connection of which it is not certain is closed, not handed out.
 */
export class ScopedPool extends pg.Pool {
  readonly #scopes = new WeakMap<pg.PoolClient, string>()

  override connect(): Promise<pg.PoolClient>
  override connect(callback: Callback): void
  // `pool.query` comes through here too, with a callback.
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    const scope = currentScope()
    if (callback !== undefined) {
      this.#connect(scope, callback)
      return undefined
    }
    const { promise, resolve, reject } = Promise.withResolvers<pg.PoolClient>()
    this.#connect(scope, (error, client) => (client === undefined ? reject(error) : resolve(client)))
    return promise
  }

  #connect(scope: Scope | null, callback: Callback): void {
    super.connect((error, client, done) => {
      if (client === undefined) return callback(error, client, done)
      const status = client.getTransactionStatus()
      if (status === 'T' || status === 'E') {
        // Given back in the middle of a transaction: what is set in it would go with it.
        client.release(true)
        return this.#connect(scope, callback)
      }
      const key = keyOf(scope)
      if ((this.#scopes.get(client) ?? '') === key) return callback(undefined, client, client.release)
      this.#enter(client, scope, (failure) => {
        if (failure === null) {
          this.#scopes.set(client, key)
          return callback(undefined, client, client.release)
        }
        client.release(failure)
        callback(failure, undefined, () => undefined)
      })
    })
  }

  #enter(client: pg.PoolClient, scope: Scope | null, then: (failure: Error | null) => void): void {
    // Between the pool's listener and that of whoever gets the connection: without one, its loss would end the process.
    const onError = () => undefined
    client.on('error', onError)
    const statement = { name: 'latchkey_scope', text: ENTER_SCOPE, values: scopeValues(scope, false) }
    client.query(statement, (failure: Error | null) => {
      client.off('error', onError)
      then(failure ?? null)
    })
  }
}

function keyOf(scope: Scope | null): string {
  return scope === null ? '' : `${scope.workspaceId} ${scope.endUserId ?? ''}`
}
