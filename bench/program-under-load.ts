import { readFile, writeFile } from 'node:fs/promises'
import pg from 'pg'
import { type Program, startProgram } from '../test/support/program.ts'

/** The program as a separate process on a new database of a PostgreSQL server. */
export interface ProgramUnderLoad {
  program: Program
  /** Connection URL of the database. */
  url: string
  client: pg.Client
  /** Sends a mutation of one field and returns the selected fields of its payload. Throws when the result is an error. */
  mutate<Payload>(name: string, input: Record<string, unknown>, selection: string): Promise<Payload>
  /** Stops the program and drops the database. */
  close(): Promise<void>
}

const SERVER = process.env['DATABASE_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres'

export async function startUnderLoad(name: string, env: Record<string, string> = {}): Promise<ProgramUnderLoad> {
  const admin = new pg.Client({ connectionString: SERVER })
  await admin.connect()
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await admin.query(`CREATE DATABASE ${name}`)
  const target = new URL(SERVER)
  target.pathname = `/${name}`
  const program = await startProgram({
    env: {
      DATABASE_URL: target.href,
      LATCHKEY_RATE_LIMIT: '0',
      LATCHKEY_LOG_LEVEL: 'error',
      LATCHKEY_EGRESS_ALLOW: '127.0.0.1',
      ...env,
    },
  })
  const client = new pg.Client({ connectionString: target.href })
  await client.connect()
  return {
    program,
    url: target.href,
    client,
    async mutate<Payload>(field: string, input: Record<string, unknown>, selection: string) {
      const type = `${field[0]?.toUpperCase()}${field.slice(1)}`
      const response = await fetch(program.graphqlUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${program.operatorKey}` },
        body: JSON.stringify({
          query: `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Payload { ${selection} } ... on Error { message } } }`,
          variables: { input },
        }),
      })
      const answer = (await response.json()) as { data?: Record<string, Payload & object> }
      const payload = answer.data?.[field]
      if (payload === undefined || 'message' in payload) throw new Error(JSON.stringify(answer))
      return payload
    },
    async close() {
      await program.stop()
      await client.end()
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}

const FILLED_AT_ONCE = 100_000

/** Writes records of one kilobyte into the stream `items` of a connection, whose ids are random as all are. Ids are row ids. */
export async function fillRecords(
  client: pg.Client,
  { workspaceId, connectionId, count }: { workspaceId: string; connectionId: string; count: number },
): Promise<void> {
  for (let done = 0; done < count; done += FILLED_AT_ONCE) {
    await client.query(
      `INSERT INTO record (id, workspace_id, connection_id, stream, primary_key, data, digest)
       SELECT gen_random_uuid(), $1, $2, 'items', json_build_array(n::text), json_build_object('id', n, 'note', repeat('x', 980)),
              '\\x00112233445566778899aabbccddeeff'::bytea
       FROM generate_series($3::int, $4::int) AS n`,
      [workspaceId, connectionId, done + 1, Math.min(done + FILLED_AT_ONCE, count)],
    )
  }
}

/** Resident memory of a process in MiB: now, and its peak since the start or since `forgetPeak` (Linux). */
export async function memoryOf(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
  return { now: read('VmRSS'), peak: read('VmHWM') }
}

/** What proc(5) says of a process. Times are in milliseconds; a clock tick is 10 ms. */
export async function processTimesOf(
  pid: number | string,
): Promise<{ ms: number; childrenMs: number; parent: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may contain spaces. The fields behind it begin with the third.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15)
  return { ms: (user + system) * 10, childrenMs: (childrenUser + childrenSystem) * 10, parent: fields[1] ?? 0 }
}

/** Processor time of a process since its start, in milliseconds. */
export async function cpuMsOf(pid: number): Promise<number> {
  return (await processTimesOf(pid)).ms
}

/** Resets the peak that `memoryOf` returns (Linux, proc(5), clear_refs). */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5')
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
