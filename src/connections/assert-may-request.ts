import { assertSeesConnection, assertWritesConnection, type Caller, type OwnedConnection } from '../access/caller.ts'
import { ForbiddenError } from '../kit/errors.ts'

/**
 * Who may make requests through a connection: who may change it, with every method; who may only read, with GET and HEAD.
 * A connect session is for connecting, not for what comes after.
 *
 * @throws NotFoundError as for what does not exist; ForbiddenError
 */
export function assertMayRequest(caller: Caller, connection: OwnedConnection, method: string): void {
  assertSeesConnection(caller, connection, 'connection')
  if (caller.kind === 'CONNECT_SESSION') {
    throw new ForbiddenError('A connect session makes no requests. Use an API key.')
  }
  if (method !== 'GET' && method !== 'HEAD') assertWritesConnection(caller, connection, 'connection')
}
