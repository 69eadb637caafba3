import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../src/config.ts'
import { repositoryRoot } from '../support/program.ts'

const read = (path: string) => readFile(join(repositoryRoot, path), 'utf8')

interface Service {
  image: string
  build?: string
  environment?: Record<string, string>
  env_file?: string
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
  ports?: string[]
  stop_grace_period?: string
  volumes?: string[]
}

const { services } = parse(await read('compose.yaml'), { merge: true }) as { services: Record<string, Service> }
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
    const strange = [...set, ...described].filter((name) => !known.has(name) && name !== 'POSTGRES_PASSWORD')
    expect(strange).toEqual([])
    expect(set).not.toContain('LATCHKEY_ENCRYPTION_KEYS')
    expect(set).not.toContain('DATABASE_URL')
    expect(services['postgres']?.env_file).toBeUndefined()
  })

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
      expect(allowed).toContain(path)
      await access(join(repositoryRoot, path))
    }
    expect(dockerfile).toMatch(/^USER node$/m)
    expect(dockerfile).toMatch(/^HEALTHCHECK .*\n.*\/healthz/m)
    expect(dockerfile).toMatch(/^CMD \["node", "src\/main\.ts"\]$/m)
  })
})
