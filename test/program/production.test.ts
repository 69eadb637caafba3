import { describe, expect, it } from 'vitest'
import { createGraphQLClient } from '../support/graphql-client.ts'
import { startProgram } from '../support/program.ts'
import { newKey, sharedEnv } from './main-job.ts'

/** What the program says when it does not start. */
async function refusal(env: Record<string, string>): Promise<string> {
  const program = await startProgram({ env }).catch((error: unknown) => error)
  if (program instanceof Error) return program.message
  throw new Error('The program started.')
}

describe('in production', () => {
  it('it does not start without encryption keys and public URL, and says which and how (CS-08)', async () => {
    const words = await refusal({ NODE_ENV: 'production' })
    expect(words).toContain('ended with 1')
    expect(words).toContain('LATCHKEY_ENCRYPTION_KEYS is needed in production: id:base64 of 32 random bytes.')
    expect(words).toContain('LATCHKEY_PUBLIC_URL is needed in production')
  })

  it('does not start with a key of a wrong length, and does not repeat it', async () => {
    const short = Buffer.from('a key that is too short').toString('base64')
    const words = await refusal({
      NODE_ENV: 'production',
      LATCHKEY_PUBLIC_URL: 'https://latchkey.example.com',
      LATCHKEY_ENCRYPTION_KEYS: `k1:${short}`,
    })
    expect(words).toContain('ended with 1')
    expect(words).toContain('LATCHKEY_ENCRYPTION_KEYS, entry 1: the key has 23 bytes instead of 32')
    expect(words).not.toContain(short)
  })

  it('starts with them, without GraphiQL and without introspection', async () => {
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

describe('what it does not start with', () => {
  it('is a database that does not answer: it says which, without the password, and what to do', async () => {
    const words = await refusal({ DATABASE_URL: 'postgresql://latchkey:password-of-this-test@127.0.0.1:1/latchkey' })
    expect(words).toContain('ended with 1')
    expect(words).toContain('The database at 127.0.0.1:1/latchkey cannot be used: connect ECONNREFUSED')
    expect(words).toContain('node src/main.ts doctor')
    expect(words).not.toContain('password-of-this-test')
  })

  it('is a role that needs a shared database, without one', async () => {
    const words = await refusal({ LATCHKEY_ROLE: 'worker', LATCHKEY_ENCRYPTION_KEYS: newKey('k1') })
    expect(words).toContain('LATCHKEY_ROLE must be all without DATABASE_URL')
  })
})
