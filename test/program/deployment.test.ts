import { spawnSync } from 'node:child_process'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkRedis } from '../../src/cli/doctor/check-surroundings.ts'
import { readConfig } from '../../src/config.ts'
import { hasRedisServer, startOwnRedis } from '../support/own-redis.ts'
import { inheritedEnv, repositoryRoot } from '../support/program.ts'

const read = (path: string) => readFile(join(repositoryRoot, path), 'utf8')

interface Service {
  image: string
  build?: string
  environment?: Record<string, string>
  command?: string[]
  env_file?: string
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
  ports?: string[]
  stop_grace_period?: string
  volumes?: string[]
}

const { services } = parse(await read('compose.yaml'), { merge: true }) as { services: Record<string, Service> }
const redisServer = await hasRedisServer()
const dockerfile = await read('Dockerfile')
/** Names of the environment variables that the program reads. */
const known = new Set([...(await read('src/config.ts')).matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name))

describe('compose.yaml', () => {
  it('starts a gateway and a worker after PostgreSQL and Redis are healthy', () => {
    expect(Object.keys(services).sort()).toEqual(['gateway', 'postgres', 'redis', 'worker'])
    for (const role of ['gateway', 'worker']) {
      const service = services[role]
      expect(service?.environment?.['LATCHKEY_ROLE']).toBe(role)
      expect(service?.environment?.['NODE_ENV']).toBe('production')
      expect(service?.depends_on).toEqual({
        postgres: { condition: 'service_healthy' },
        redis: { condition: 'service_healthy' },
      })
    }
    for (const part of ['postgres', 'redis']) expect(services[part]?.healthcheck?.test[0]).toBe('CMD')
    expect(services['postgres']?.image).toBe('postgres:17')
    expect(services['redis']?.image).toBe('redis:7')
  })

  it('sets only variables that the program reads, and no secret', async () => {
    expect(known).toContain('LATCHKEY_ENCRYPTION_KEYS')
    const set = ['gateway', 'worker'].flatMap((role) => Object.keys(services[role]?.environment ?? {}))
    const described = [...(await read('compose.yaml')).matchAll(/^# {3}([A-Z_]+)=/gm)].map(([, name]) => name ?? '')
    expect(described).toContain('DATABASE_URL')
    const strange = [...set, ...described].filter(
      (name) => !known.has(name) && !['POSTGRES_PASSWORD', 'REDIS_PASSWORD'].includes(name),
    )
    expect(strange).toEqual([])
    expect(set).not.toContain('LATCHKEY_ENCRYPTION_KEYS')
    expect(set).not.toContain('DATABASE_URL')
    expect(services['postgres']?.env_file).toBeUndefined()
  })

  it.skipIf(!redisServer)(
    'starts a Redis that needs the password, which its URL and health check contain',
    async () => {
      const password = 'letters4and4digits'
      const filled = (text = '') => text.replaceAll(/\$\{REDIS_PASSWORD:\?[^}]*\}/g, password)
      const { command = [], environment = {}, healthcheck } = services['redis'] ?? {}
      const [program, ...settings] = command.map(filled)
      expect(program).toBe('redis-server')
      await using redis = await startOwnRedis({ settings, password })
      const { port } = new URL(redis.url)
      const [, check = '', ...args] = healthcheck?.test ?? []
      const health = (env: Record<string, string>) =>
        spawnSync(check, ['-p', port, ...args], { env: { ...inheritedEnv(), ...env } }).status
      expect(health({ REDISCLI_AUTH: filled(environment['REDISCLI_AUTH']) })).toBe(0)
      expect(health({})).not.toBe(0)
      for (const role of ['gateway', 'worker']) {
        const url = new URL(filled(services[role]?.environment?.['REDIS_URL']))
        expect(url.host).toBe('redis:6379')
        url.host = `127.0.0.1:${port}`
        expect(await checkRedis(url.href)).toMatchObject({ result: 'ok' })
        url.password = ''
        expect(await checkRedis(url.href)).toMatchObject({ result: 'problem' })
      }
    },
  )

  it('waits for the end of a process for longer than it takes, and keeps its data folder', () => {
    for (const role of ['gateway', 'worker']) {
      const service = services[role]
      const [, seconds] = /^(\d+)s$/.exec(service?.stop_grace_period ?? '') ?? []
      expect(Number(seconds) * 1_000).toBeGreaterThan(readConfig({}).stopTimeoutMs)
      expect(service?.volumes).toEqual(['latchkey-data:/data'])
    }
  })

  it('publishes its port on this machine only', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? [])
    expect(ports).toEqual(['127.0.0.1:4000:4000'])
  })
})

describe('the Dockerfile', () => {
  it('names its base image by digest, and makes a bill of materials of what it installs', () => {
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-slim@sha256:[0-9a-f]{64}$/m)
    const images = [...dockerfile.matchAll(/^FROM \$\{?(\w+)/gm)].map(([, image]) => image)
    expect(images).toEqual(['NODE_IMAGE', 'NODE_IMAGE', 'NODE_IMAGE'])
    expect(dockerfile).toMatch(/^RUN node scripts\/sbom\.ts > sbom\.cdx\.json$/m)
    expect(dockerfile).toMatch(/^COPY --from=dependencies \/app\/sbom\.cdx\.json /m)
  })

  it('sets only variables that the program reads', () => {
    const [, block = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(dockerfile) ?? []
    const names = [...block.matchAll(/([A-Z_]+)=/g)].map(([, name]) => name ?? '')
    expect(names).toContain('LATCHKEY_DATA_DIR')
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })

  it('copies only paths that exist and are in the build context, and runs as the user node', async () => {
    const allowed = new Set([...(await read('.dockerignore')).matchAll(/^!(\S+)$/gm)].map(([, path]) => path))
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '))
    expect(copied).toContain('src')
    for (const path of copied) {
      expect(
        [...allowed].some((each) => path === each || path.startsWith(`${each}/`)),
        path,
      ).toBe(true)
      await access(join(repositoryRoot, path))
    }
    expect(dockerfile).toMatch(/^USER node$/m)
    expect(dockerfile).toMatch(/^HEALTHCHECK .*\n.*\/healthz/m)
    expect(dockerfile).toMatch(/^CMD \["node", "src\/main\.ts"\]$/m)
  })
})
