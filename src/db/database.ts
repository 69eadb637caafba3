import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { ConstructorOptions } from 'pg-boss'
import { type Prisma, PrismaClient } from './generated/client.ts'
import type { SessionLocks } from './session-locks.ts'
import type { Row, SqlRunner, WriteTx } from './sql.ts'

export interface DatabaseOptions {
  /** Called with errors that no caller waits for, such as a dropped idle connection. */
  onError: (error: Error) => void
  /** Called with a sentence for the operator about what was corrected while the database was opened. */
  onNotice?: (text: string) => void
  /** Connections in the pool of a server. Default: 10. */
  poolSize?: number
}

/** The database, its server or a pooler in between is set up in a way that does not work. The message has no final period. */
export class UnusableDatabaseError extends Error {
  override readonly name: string = 'UnusableDatabaseError'
  /** What the operator has to do: one or more sentences. */
  readonly remedy: string

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options)
    this.remedy = remedy
  }
}

interface BulkOptions {
  /** Statements are planned without sequential scans of tables that have a usable index. Default: false. */
  indexesOnly?: boolean
}

/**
 * Plans are cached for each connection. A plan that is made while a table is small must not scan all of it later. PGlite never
 * makes new plans by itself, because it has no autovacuum.
 */
export const INDEXES_ONLY: BulkOptions = { indexesOnly: true }

/** First statement of a transaction with `indexesOnly`. */
export const FORBID_SCANS = 'SET LOCAL enable_seqscan = off'

/** An open transaction with Prisma's operations. Never use `Database` inside one. */
export interface Tx extends WriteTx {
  readonly prisma: Prisma.TransactionClient
}

/** Grows whenever this process may have changed something, before it learns that the change was made. */
export interface WriteCount {
  count: number
}

export interface Database {
  /** `embedded`: PGlite, for one process. `server`: PostgreSQL, for any number of processes. */
  readonly kind: 'embedded' | 'server'
  readonly prisma: PrismaClient
  readonly sql: SqlRunner
  readonly adapter: SqlMigrationAwareDriverAdapterFactory
  /** Locks for work outside of a transaction. */
  readonly locks: SessionLocks
  /** Options with which pg-boss uses this database. */
  readonly boss: ConstructorOptions
  /** Undefined: the writes of this process are not counted. */
  readonly writes?: WriteCount | undefined
  /** Runs `work` in one transaction. Runs it up to 3 times when the database reports a deadlock or a serialization failure. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** A transaction of plain SQL on the driver, without Prisma: for hot paths. Not repeated. */
  bulkTransaction<T>(work: (tx: WriteTx) => Promise<T>, options?: BulkOptions): Promise<T>
  close(): Promise<void>
}

interface DatabaseParts {
  kind: Database['kind']
  adapter: SqlMigrationAwareDriverAdapterFactory
  sql: SqlRunner
  bulk: <T>(work: (sql: SqlRunner) => Promise<T>, options: BulkOptions) => Promise<T>
  boss: ConstructorOptions
  writes?: WriteCount
  locks: SessionLocks
  options: DatabaseOptions
  close: () => Promise<void>
}

const TRANSACTION_ATTEMPTS = 3

export function assembleDatabase(parts: DatabaseParts): Database {
  // PGlite has one session: concurrent transactions wait for each other, for longer than Prisma's default of 2 s.
  const prisma = new PrismaClient({
    adapter: parts.adapter,
    errorFormat: 'minimal',
    transactionOptions: { maxWait: 30_000, timeout: 30_000 },
  })
  disableBatching(prisma)
  return {
    kind: parts.kind,
    prisma,
    sql: parts.sql,
    adapter: parts.adapter,
    boss: parts.boss,
    writes: parts.writes,
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
    async bulkTransaction(work, bulkOptions = {}) {
      const committed: (() => void)[] = []
      const result = await parts.bulk(
        (sql) =>
          work({ query: (text, values) => sql.query(text, values), afterCommit: (after) => committed.push(after) }),
        bulkOptions,
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
 * Switches off Prisma's batching of `findUnique` calls. It joins the calls of one tick into one statement, which runs in the
 * scope of the first caller, so that one tenant would read with the rights of another.
 * @throws Error when Prisma's internals have changed and the batching must be switched off in another way
 */
function disableBatching(prisma: PrismaClient): void {
  const batches = propertyOf(propertyOf(propertyOf(prisma, '_requestHandler'), 'dataloader'), 'options')
  const batchBy = propertyOf(batches, 'batchBy')
  if (!(batches instanceof Object) || typeof batchBy !== 'function') {
    throw new Error(
      'This version of Prisma batches requests in an unknown way, which could mix tenants. Use the version in package-lock.json.',
    )
  }
  // Calls within a transaction may be batched: its connection has the scope already.
  const apart = (request: unknown) =>
    propertyOf(request, 'transaction') === undefined ? undefined : Reflect.apply(batchBy, batches, [request])
  Reflect.set(batches, 'batchBy', apart)
}

function propertyOf(value: unknown, name: string): unknown {
  return value instanceof Object ? Reflect.get(value, name) : undefined
}
