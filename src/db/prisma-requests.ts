import type { PrismaClient } from './generated/client.ts'

/**
 * Prisma joins the `findUnique`s of one tick, whoever asks for them, into one statement, which runs in the scope of the
 * first: one tenant's question would be asked with another's eyes. Each is sent on its own instead.
 * @throws Error when Prisma is not built as it was: then the joining must be switched off in another way
 */
export function keepRequestsApart(prisma: PrismaClient): void {
  const batches = propertyOf(propertyOf(propertyOf(prisma, '_requestHandler'), 'dataloader'), 'options')
  const batchBy = propertyOf(batches, 'batchBy')
  if (!(batches instanceof Object) || typeof batchBy !== 'function') {
    throw new Error('This version of Prisma joins requests in a way that is not known here.')
  }
  // What belongs to one transaction stays together: it has its connection, and so its scope, already.
  const apart = (request: unknown) =>
    propertyOf(request, 'transaction') === undefined ? undefined : Reflect.apply(batchBy, batches, [request])
  Reflect.set(batches, 'batchBy', apart)
}

function propertyOf(value: unknown, name: string): unknown {
  return value instanceof Object ? Reflect.get(value, name) : undefined
}
