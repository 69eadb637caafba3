import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { freePort } from './listening.ts'

/** A Redis server that only one test uses, which it can kill and start again on the same port. */
export interface OwnRedis extends AsyncDisposable {
  url: string
  kill9(): Promise<void>
  start(): Promise<void>
  /** Number of subscribers of a channel. */
  listeners(channel: string): Promise<number>
}

/** Nothing is written to the disk. */
const SETTINGS = ['--save', '', '--appendonly', 'no']
const BINARY = process.env['LATCHKEY_TEST_REDIS_SERVER'] ?? '/usr/bin/redis-server'

/** Whether redis-server is installed. Rejects in CI when it is not. */
export async function hasRedisServer(): Promise<boolean> {
  try {
    await access(BINARY, constants.X_OK)
    return true
  } catch (error) {
    const text = 'redis-server was not found: install it, or set LATCHKEY_TEST_REDIS_SERVER to its path.'
    if (process.env['CI'] === 'true') throw new Error(text, { cause: error })
    process.stderr.write(`\n*** TESTS ARE SKIPPED. ${text}\n\n`)
    return false
  }
}

/** @param settings arguments of redis-server, besides those of every server; with `password`, they require it */
export async function startOwnRedis({ settings = SETTINGS, password = '' } = {}): Promise<OwnRedis> {
  const port = await freePort()
  const url = `redis://${password === '' ? '' : `:${password}@`}127.0.0.1:${port}`
  let child: ChildProcess | undefined
  const onExit = () => child?.kill('SIGKILL')
  process.on('exit', onExit)
  const withClient = async <T>(work: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(url, { maxRetriesPerRequest: null })
    redis.on('error', () => undefined)
    try {
      return await work(redis)
    } finally {
      redis.disconnect()
    }
  }
  const own: OwnRedis = {
    url,
    async start() {
      child = spawn(BINARY, ['--port', String(port), '--bind', '127.0.0.1', ...settings], { stdio: 'ignore' })
      // ioredis retries until the server is up.
      await withClient((redis) => redis.ping())
    },
    async kill9() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    async listeners(channel) {
      const answer = await withClient((redis) => redis.pubsub('NUMSUB', channel))
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
