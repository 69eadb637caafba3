import { describe, expect, it } from 'vitest'
import { createGraphQLClient } from '../support/graphql-client.ts'
import { startProgram } from '../support/program.ts'
import { newKey, sharedEnv } from './main-job.ts'

/** Output of a program that does not start. */
async function failedStart(env: Record<string, string>): Promise<string> {
  const program = await startProgram({ env }).catch((error: unknown) => error)
  if (program instanceof Error) return program.message
  throw new Error('The program started, which it should not.')
}

describe('in production', () => {
  it('the program does not start without encryption keys and public URL, and names both (CS-08)', async () => {
    const output = await failedStart({ NODE_ENV: 'production' })
    expect(output).toContain('exited with 1')
    expect(output).toContain('LATCHKEY_ENCRYPTION_KEYS is needed in production: id:base64 of 32 random bytes.')
    expect(output).toContain('LATCHKEY_PUBLIC_URL is needed in production')
  })

  it('the program does not start with a key of the wrong length, and does not print it', async () => {
    const short = Buffer.from('a key that is too short').toString('base64')
    const output = await failedStart({
      NODE_ENV: 'production',
      LATCHKEY_PUBLIC_URL: 'https://latchkey.example.com',
      LATCHKEY_ENCRYPTION_KEYS: `k1:${short}`,
    })
    expect(output).toContain('exited with 1')
    expect(output).toContain('LATCHKEY_ENCRYPTION_KEYS, entry 1: the key has 23 bytes instead of 32')
    expect(output).not.toContain(short)
  })

  it('the program starts with keys and public URL, without GraphiQL and introspection', async () => {
    const env = { ...sharedEnv(), NODE_ENV: 'production', LATCHKEY_PUBLIC_URL: 'https://latchkey.example.com' }
    const program = await startProgram({ env })
    try {
      expect(program.stdout()).not.toContain('GraphiQL')
      const page = await fetch(program.graphqlUrl, { headers: { accept: 'text/html' } })
      expect(await page.text()).not.toMatch(/<html|graphiql/i)
      const client = createGraphQLClient({ url: program.graphqlUrl, key: program.operatorKey })
      const viewer = await client.execute('{ viewer { __typename } }')
      expect(viewer.errors).toEqual([])
      const { data, errors } = await client.execute('{ __schema { types { name } } }')
      expect(data).toBeNull()
      expect(errors).toHaveLength(1)
      await client.close()
    } finally {
      expect(await program.stop()).toBe(0)
    }
  })
})

describe('the program does not start', () => {
  it('without a database that answers: it names the database without its password, and says what to do', async () => {
    const output = await failedStart({
      DATABASE_URL: 'postgresql://latchkey:password-of-this-test@127.0.0.1:1/latchkey',
    })
    expect(output).toContain('exited with 1')
    expect(output).toContain('The database at 127.0.0.1:1/latchkey cannot be used: connect ECONNREFUSED')
    expect(output).toContain('node src/main.ts doctor')
    expect(output).not.toContain('password-of-this-test')
  })

  it('with a role that needs DATABASE_URL when that is not set', async () => {
    const output = await failedStart({ LATCHKEY_ROLE: 'worker', LATCHKEY_ENCRYPTION_KEYS: newKey('k1') })
    expect(output).toContain('LATCHKEY_ROLE must be all without DATABASE_URL')
  })
})
