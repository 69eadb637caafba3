import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, UnusableDatabaseError } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { createQueue } from '../../src/db/queue.ts'
import { checkRights, restoreRights } from '../../src/db/rights.ts'
import { runInScope, TENANT_ROLE } from '../../src/db/scope.ts'
import { newId } from '../../src/kit/ids.ts'
import { describeDatabases, openTestDatabase, serverAnswers, type TestDatabase } from '../support/databases.ts'
import { findPostgresBinaries, type OwnPostgres, startOwnPostgres } from '../support/own-postgres.ts'
import { repositoryRoot } from '../support/program.ts'

const run = promisify(execFile)
const binaries = await findPostgresBinaries()
const [first, second] = [newId(), newId()]

describeDatabases('The rights of the role of tenants', (open) => {
  it('are complete after the migrations, and nothing is restored', async () => {
    const test = await open()
    try {
      expect(await checkRights(test.database)).toEqual([])
      expect(await restoreRights(test.database)).toEqual([])
    } finally {
      await test.close()
    }
  })
})

describe.skipIf(!serverAnswers || binaries === null)('A dump that is restored into another cluster', () => {
  let source: TestDatabase
  let cluster: OwnPostgres
  let folder: string
  const opened: Database[] = []
  beforeAll(async () => {
    cluster = await startOwnPostgres(binaries ?? '')
    folder = await mkdtemp(join(tmpdir(), 'latchkey-dump-'))
    source = await openTestDatabase('server', 'app')
    for (const id of [first, second]) {
      await source.database.prisma.workspace.create({ data: { id, name: 'n', slug: id, redirectUrls: [] } })
    }
    await run(join(binaries ?? '', 'pg_dump'), ['-Fc', '-f', join(folder, 'dump'), source.url ?? ''])
    await asAdministrator('CREATE ROLE latchkey LOGIN CREATEROLE')
    await asAdministrator('CREATE ROLE plain LOGIN')
  })
  afterAll(async () => {
    for (const database of opened) await database.close()
    await source?.close()
    await cluster?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  async function asAdministrator(statement: string, database = 'postgres'): Promise<void> {
    const client = new pg.Client({ connectionString: cluster.urlOf(database) })
    await client.connect()
    await client.query(statement).finally(() => client.end())
  }

  /** Restores the dump into a new database, in a cluster without the role. @returns its name */
  async function restore({ owner, by = owner, args = [] }: { owner: string; by?: string; args?: string[] }) {
    const name = `restored_${randomBytes(6).toString('hex')}`
    while (opened.length > 0) await opened.pop()?.close()
    await asAdministrator(`CREATE DATABASE ${name} OWNER ${owner}`)
    // Reports that the role is missing, and exits with 1.
    const options = ['--no-owner', ...args, '-d', cluster.urlOf(name, by), join(folder, 'dump')]
    await run(join(binaries ?? '', 'pg_restore'), options).catch(() => undefined)
    return name
  }

  async function openAs(name: string, user: string): Promise<Database> {
    const database = await openDatabase({ url: cluster.urlOf(name, user) }, { onError: () => undefined })
    opened.push(database)
    return database
  }

  /** Removes the database and the role, as in a cluster that has never seen Latchkey. */
  async function forget(name: string): Promise<void> {
    while (opened.length > 0) await opened.pop()?.close()
    await asAdministrator(`DROP DATABASE ${name} WITH (FORCE)`)
    await asAdministrator(`DROP ROLE IF EXISTS ${TENANT_ROLE}`)
  }

  /** Everything that the role has, except the names of those who granted it. */
  const rightsIn = (database: Database) =>
    database.sql.query(
      `SELECT p.tablename::text || ' ' || p.policyname AS what, p.cmd || p.roles::text || coalesce(p.qual, '') || coalesce(p.with_check, '') AS which
       FROM pg_policies p
       UNION ALL
       SELECT c.oid::regclass::text, string_agg(g.privilege_type, ',' ORDER BY g.privilege_type)
       FROM pg_class c CROSS JOIN aclexplode(c.relacl) g WHERE g.grantee = '${TENANT_ROLE}'::regrole GROUP BY 1
       UNION ALL
       SELECT 'later ' || d.defaclobjtype::text, string_agg(g.privilege_type, ',' ORDER BY g.privilege_type)
       FROM pg_default_acl d CROSS JOIN aclexplode(d.defaclacl) g WHERE g.grantee = '${TENANT_ROLE}'::regrole GROUP BY 1
       ORDER BY 1`,
    )

  it('is usable without further steps when it was restored as docs/backup.md describes', async () => {
    const commandsOf = async (page: string) =>
      [...(await readFile(join(repositoryRoot, page), 'utf8')).matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
        ([, text = '']) => text,
      )
    const [dump = '', restoring = ''] = await commandsOf('docs/backup.md')
    const [create = ''] = await commandsOf('docs/deploy.md')
    expect([dump, create, restoring].map((text) => text.split(' ')[0])).toEqual(['pg_dump', 'psql', 'pg_restore'])
    const { hostname, port, username } = new URL(cluster.urlOf('postgres'))
    const server = { PGHOST: hostname, PGPORT: port, PGUSER: username }
    const env = { PATH: `${binaries}:${process.env['PATH']}`, NEW_DATABASE_URL: cluster.urlOf('latchkey', 'latchkey') }
    await asAdministrator('DROP ROLE IF EXISTS latchkey')
    await run('sh', ['-ec', dump], { cwd: folder, env: { ...env, DATABASE_URL: source.url ?? '' } })
    await run('sh', ['-ec', create], { cwd: folder, env: { ...env, ...server } })
    await run('sh', ['-ec', restoring], { cwd: folder, env }).catch(() => undefined)
    const database = await openAs('latchkey', 'latchkey')
    await restoreRights(database)
    expect(await checkRights(database)).toEqual([])
    const queue = createQueue(database, () => undefined)
    await queue.start()
    await queue.stop()
    expect(await rightsIn(database)).toEqual(await rightsIn(source.database))
    expect(await database.prisma.workspace.count()).toBe(2)
    await forget('latchkey')
    await asAdministrator('ALTER ROLE latchkey CREATEROLE')
  })

  it('loses the role, its rights and its policies, and a start restores all of them', async () => {
    const name = await restore({ owner: 'latchkey' })
    const database = await openAs(name, 'latchkey')
    const [problem] = await checkRights(database)
    expect(problem).toEqual({
      message: `The role ${TENANT_ROLE} is missing: a dump does not contain it, nor its rights`,
    })
    expect(await restoreRights(database)).toEqual([problem?.message])
    expect(await checkRights(database)).toEqual([])
    const queue = createQueue(database, () => undefined)
    await queue.start()
    expect(await rightsIn(database)).toEqual(await rightsIn(source.database))

    const scope = { workspaceId: first, endUserId: null }
    expect(await runInScope(scope, () => database.prisma.workspace.findMany({ select: { id: true } }))).toEqual([
      { id: first },
    ])
    expect(await database.prisma.workspace.count()).toBe(2)
    await runInScope(scope, () => database.bulkTransaction((tx) => queue.enqueue(tx, 'sync', { syncJobId: newId() })))
    expect(await queue.fetch('sync', 5)).toHaveLength(1)
    await queue.stop()
    await forget(name)
  })

  it('gets its rights back when the dump was restored without privileges', async () => {
    await asAdministrator(`CREATE ROLE ${TENANT_ROLE} NOLOGIN`)
    const name = await restore({ owner: 'latchkey', args: ['--no-privileges'] })
    const database = await openAs(name, 'latchkey')
    expect((await checkRights(database)).map(({ message }) => message)).toEqual([
      `The user latchkey may not become the role ${TENANT_ROLE}`,
      expect.stringMatching(/lacks rights or policies of \d+ tables: action_key, /),
    ])
    expect(await restoreRights(database)).toHaveLength(2)
    const queue = createQueue(database, () => undefined)
    await queue.start()
    await queue.stop()
    expect(await rightsIn(database)).toEqual(await rightsIn(source.database))
    await forget(name)
  })

  it('is refused when the user may not create the role, and the remedy of the message works', async () => {
    const name = await restore({ owner: 'plain' })
    const database = await openAs(name, 'plain')
    const refusal = await restoreRights(database).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(UnusableDatabaseError)
    expect(refusal).toMatchObject({
      message: expect.stringContaining(`The role ${TENANT_ROLE} is missing`),
      remedy: `As an administrator: CREATE ROLE ${TENANT_ROLE} NOLOGIN; GRANT ${TENANT_ROLE} TO "plain";`,
    })
    if (refusal instanceof UnusableDatabaseError)
      await asAdministrator(refusal.remedy.replace('As an administrator: ', ''))
    expect(await restoreRights(database)).toHaveLength(1)
    expect(await checkRights(database)).toEqual([])
    await forget(name)
  })

  it('is refused to a user who does not own the tables, and would see them empty', async () => {
    const name = await restore({ owner: 'plain', by: 'postgres' })
    await asAdministrator('GRANT ALL ON ALL TABLES IN SCHEMA public TO plain', name)
    const asPlain = await openAs(name, 'plain')
    expect(await asPlain.prisma.workspace.count()).toBe(0)
    await expect(restoreRights(asPlain)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^The user plain does not own \d+ parts of the database .*, which belongs to postgres$/,
      ),
      remedy: 'Drop this database, and restore the dump as the user plain: docs/backup.md describes how.',
    })
    await forget(name)

    const others = await restore({ owner: 'latchkey' })
    await restoreRights(await openAs(others, 'latchkey'))
    await asAdministrator(`GRANT ${TENANT_ROLE} TO plain`)
    const database = await openAs(others, 'plain')
    const [problem] = await checkRights(database)
    expect(problem).toMatchObject({
      unreadable: true,
      remedy: expect.stringContaining('REASSIGN OWNED BY "latchkey" TO "plain"'),
    })
    await asAdministrator('REASSIGN OWNED BY "latchkey" TO "plain"', others)
    await restoreRights(database)
    expect(await checkRights(database)).toEqual([])
    expect(await database.prisma.workspace.count()).toBe(2)
    await asAdministrator('REASSIGN OWNED BY "plain" TO "latchkey"', others)
    await forget(others)
  })

  it('is refused while the role ignores row-level security', async () => {
    await asAdministrator(`CREATE ROLE ${TENANT_ROLE} NOLOGIN BYPASSRLS`)
    const name = await restore({ owner: 'latchkey' })
    await expect(restoreRights(await openAs(name, 'latchkey'))).rejects.toThrow('ignores row-level security')
    await forget(name)
  })

  it('needs an empty database in which the user may create tables, in an encoding that holds every text', async () => {
    await asAdministrator('CREATE DATABASE closed')
    await expect(restoreRights(await openAs('closed', 'plain'))).rejects.toMatchObject({
      message: 'The user plain may not create tables and schemas in the database closed',
      remedy: expect.stringContaining(
        'ALTER DATABASE "closed" OWNER TO "plain"; GRANT CREATE ON SCHEMA public TO "plain";',
      ),
    })
    await asAdministrator(
      "CREATE DATABASE latin OWNER latchkey ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    )
    await expect(restoreRights(await openAs('latin', 'latchkey'))).rejects.toThrow(
      'encoding of the database latin is LATIN1',
    )
  })
})
