import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { ConstructorOptions } from 'pg-boss'
import { type EmbeddedTarget, openEmbedded } from './embedded.ts'
import { type Prisma, PrismaClient } from './generated/client.ts'
import { keepRequestsApart } from './prisma-requests.ts'
import { openServer } from './server.ts'
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

/** Where the data is: a server's URL, or the embedded database. */
export type DatabaseTarget = { url: string } | EmbeddedTarget

export function openDatabase(target: DatabaseTarget, options: DatabaseOptions): Promise<Database> {
  return 'url' in target ? openServer(target.url, options) : openEmbedded(target, options)
}

interface Parts {
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

export function assembleDatabase(parts: Parts): Database {
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
