import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { ConstructorOptions } from 'pg-boss'
import { type Prisma, PrismaClient } from './generated/client.ts'
import type { SessionLocks } from './session-locks.ts'
import type { Row, SqlRunner, WriteTx } from './sql.ts'

export interface DatabaseOptions {
  /** Told of errors that no caller waits for, such as a dropped idle connection. */
  onError: (error: Error) => void
  /** Connections of a server's pool. Default 10. */
  poolSize?: number
}

/** An open transaction with the model's own operations. Never use `Database` inside one. */
export interface Tx extends WriteTx {
  readonly prisma: Prisma.TransactionClient
}

export interface Database {
  /** `embedded`: PGlite in this process, one process only. `server`: PostgreSQL. */
  readonly kind: 'embedded' | 'server'
  readonly prisma: PrismaClient
  readonly sql: SqlRunner
  readonly adapter: SqlMigrationAwareDriverAdapterFactory
  /** Locks that are held over work outside a transaction. */
  readonly locks: SessionLocks
  /** What pg-boss needs to work in this database. */
  readonly boss: ConstructorOptions
  /** Runs `work` in one transaction, and again (up to 3 times) when the database asks for it: deadlock, serialisation. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** A transaction of plain SQL on the driver itself: for the hot paths. Not repeated. */
  bulkTransaction<T>(work: (tx: WriteTx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

interface DatabaseParts {
  kind: Database['kind']
  adapter: SqlMigrationAwareDriverAdapterFactory
  sql: SqlRunner
  bulk: <T>(work: (sql: SqlRunner) => Promise<T>) => Promise<T>
  boss: ConstructorOptions
  locks: SessionLocks
  options: DatabaseOptions
  close: () => Promise<void>
}

const TRANSACTION_ATTEMPTS = 3

export function assembleDatabase(parts: DatabaseParts): Database {
  // PGlite has one session: concurrent transactions wait for each other, far longer than Prisma's default 2 s.
  const prisma = new PrismaClient({
    adapter: parts.adapter,
    errorFormat: 'minimal',
    transactionOptions: { maxWait: 30_000, timeout: 30_000 },
  })
  keepRequestsApart(prisma)
  return {
    kind: parts.kind,
    prisma,
    sql: parts.sql,
    adapter: parts.adapter,
    boss: parts.boss,
    locks: parts.locks,
    async transaction(work) {
      for (let attempt = 1; ; attempt += 1) {
        const committed: (() => void)[] = []
        try {
          const result = await prisma.$transaction((client) => work(txOf(client, committed)))
          for (const after of committed) after()
          return result
        } catch (error) {
          if (attempt < TRANSACTION_ATTEMPTS && isTransient(error)) continue
          throw error
        }
      }
    },
    async bulkTransaction(work) {
      const committed: (() => void)[] = []
      const result = await parts.bulk((sql) =>
        work({ query: (text, values) => sql.query(text, values), afterCommit: (after) => committed.push(after) }),
      )
      for (const after of committed) after()
      return result
    },
    async close() {
      await parts.locks.close()
      await prisma.$disconnect()
      await parts.close()
    },
  }
}

function txOf(prisma: Prisma.TransactionClient, committed: (() => void)[]): Tx {
  return {
    prisma,
    query: <R extends Row>(text: string, values: readonly unknown[] = []) =>
      prisma.$queryRawUnsafe<R[]>(text, ...values),
    afterCommit: (after) => committed.push(after),
  }
}

/** Prisma's code for "write conflict or deadlock: run the transaction again". */
function isTransient(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'P2034'
}

/**
 * Prisma joins the `findUnique`s of one tick, whoever asks for them, into one statement, which runs in the scope of the
 * first: one tenant's question would be asked with another's eyes. Each is sent on its own instead.
 * @throws Error when Prisma is not built as it was: then the joining must be switched off in another way
 */
function keepRequestsApart(prisma: PrismaClient): void {
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
