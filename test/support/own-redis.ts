import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { freePort } from './listening.ts'

/** A Redis server of the test's own, which it may kill and start again on the same port. */
export interface OwnRedis extends AsyncDisposable {
  url: string
  kill9(): Promise<void>
  start(): Promise<void>
  /** How many clients listen to a channel. */
  listeners(channel: string): Promise<number>
}

const BINARY = process.env['LATCHKEY_TEST_REDIS_SERVER'] ?? '/usr/bin/redis-server'

/** Whether it is installed, which in CI it must be. */
export async function hasRedisServer(): Promise<boolean> {
  try {
    await access(BINARY, constants.X_OK)
    return true
  } catch (error) {
    const text = 'There is no redis-server: install it, or set LATCHKEY_TEST_REDIS_SERVER to its path.'
    if (process.env['CI'] === 'true') throw new Error(text, { cause: error })
    process.stderr.write(`\n*** TESTS ARE SKIPPED. ${text}\n\n`)
    return false
  }
}

export async function startOwnRedis(): Promise<OwnRedis> {
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  const onExit = () => child?.kill('SIGKILL')
  process.on('exit', onExit)
  const ask = async <T>(question: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(url, { maxRetriesPerRequest: null })
    redis.on('error', () => undefined)
    try {
      return await question(redis)
    } finally {
      redis.disconnect()
    }
  }
  const own: OwnRedis = {
    url,
    async start() {
      const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
      child = spawn(BINARY, settings, { stdio: 'ignore' })
      // It answers once it is up.
      await ask((redis) => redis.ping())
    },
    async kill9() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    async listeners(channel) {
      const answer = await ask((redis) => redis.pubsub('NUMSUB', channel))
      return Number(answer[1])
    },
    async [Symbol.asyncDispose]() {
      await own.kill9()
      process.off('exit', onExit)
    },
  }
  await own.start()
  return own
}
