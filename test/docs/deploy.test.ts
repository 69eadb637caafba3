import { readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { parse, parseAllDocuments } from 'yaml'
import { readConfig } from '../../src/config.ts'
import { createMetrics } from '../../src/kit/metrics.ts'
import { startSmallServer } from '../http/small-server.ts'
import { freePort } from '../support/listening.ts'
import { startNginxWith } from '../support/nginx.ts'
import { repositoryRoot } from '../support/program.ts'
import { hasNginx } from '../support/services.ts'

const nginxInstalled = await hasNginx()
const read = (path: string) => readFile(join(repositoryRoot, path), 'utf8')
const page = await read('docs/deploy.md')
const config = await read('src/config.ts')
const blockOf = (language: string) => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? ''
const stopSeconds = readConfig({}).stopTimeoutMs / 1_000

describe('docs/deploy.md', () => {
  it('names only variables and metrics that exist', async () => {
    const variables = [...page.matchAll(/\b(LATCHKEY_[A-Z_]+|DATABASE_URL|REDIS_URL)\b/g)].map(([name]) => name)
    expect(variables).toContain('LATCHKEY_STOP_TIMEOUT')
    expect(variables.filter((name) => !config.includes(`  ${name}:`))).toEqual([])
    // Besides the role of the database.
    const metrics = [...page.matchAll(/`(latchkey_(?!tenant`)\w+)`/g)].map(([, name]) => name ?? '')
    const { text } = await createMetrics().expose()
    expect(metrics.length).toBeGreaterThan(1)
    expect(metrics.filter((name) => !text.includes(`# HELP ${name} `))).toEqual([])
  })

  it('states the default of the stop timeout', () => {
    expect(page).toContain(`By default, it is seven seconds longer: ${stopSeconds} seconds.`)
  })

  it('has examples for Kubernetes and systemd that the program accepts and that wait for long enough', () => {
    const { spec } = parse(blockOf('yaml'))
    const [container] = spec.containers
    const env = Object.fromEntries(
      container.env.map((entry: { name: string; value: string }) => [entry.name, entry.value]),
    )
    const { stopTimeoutMs } = readConfig({
      ...env,
      DATABASE_URL: 'postgresql://db/latchkey',
      LATCHKEY_ENCRYPTION_KEYS: 'k',
      LATCHKEY_PUBLIC_URL: 'https://latchkey.example.com',
    })
    const [, preStopSeconds] = container.lifecycle.preStop.exec.command
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(stopTimeoutMs / 1_000 + Number(preStopSeconds))
    const [, timeout] = /^TimeoutStopSec=(\d+)s$/m.exec(blockOf('ini')) ?? []
    expect(Number(timeout)).toBeGreaterThan(stopSeconds)
  })

  it('has manifests for Kubernetes that fit together, and that the program accepts', async () => {
    const manifests = parseAllDocuments(await read('deploy/kubernetes/latchkey.yaml')).map((document) =>
      document.toJS(),
    )
    const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind)
    const [settings] = ofKind('ConfigMap')
    const [claim] = ofKind('PersistentVolumeClaim')
    const deployments = ofKind('Deployment')
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(['latchkey-gateway', 'latchkey-worker'])
    for (const { spec, metadata } of deployments) {
      const { template } = spec
      const [container] = template.spec.containers
      expect(template.metadata.labels).toEqual(spec.selector.matchLabels)
      expect(container.envFrom).toContainEqual({ configMapRef: { name: settings.metadata.name } })
      const ownEnv = container.env.map(({ name, value }: { name: string; value: string }) => [name, value])
      const { role, stopTimeoutMs } = readConfig({
        ...settings.data,
        ...Object.fromEntries(ownEnv),
        NODE_ENV: 'production',
        DATABASE_URL: 'postgresql://db/latchkey',
        LATCHKEY_ENCRYPTION_KEYS: 'k',
      })
      expect(metadata.name).toBe(`latchkey-${role}`)
      const [, preStop = 0] = container.lifecycle?.preStop.exec.command ?? []
      expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(stopTimeoutMs / 1_000 + Number(preStop))
      const mounted = container.volumeMounts.map(({ name }: { name: string }) => name)
      expect(template.spec.volumes.map(({ name }: { name: string }) => name)).toEqual(mounted)
      expect(template.spec.volumes[0].persistentVolumeClaim.claimName).toBe(claim.metadata.name)
      expect([container.readinessProbe.httpGet.path, container.livenessProbe.httpGet.path]).toEqual([
        '/readyz',
        '/healthz',
      ])
      expect(container.ports[0].name).toBe(container.readinessProbe.httpGet.port)
    }
    const [service] = ofKind('Service')
    expect(service.spec.selector).toEqual(deployments[0].spec.selector.matchLabels)
    expect(ofKind('Ingress')[0].spec.rules[0].http.paths[0].backend.service.name).toBe(service.metadata.name)
    expect(ofKind('PodDisruptionBudget')[0].spec.selector).toEqual(deployments[0].spec.selector)
  })

  it('links to headings that exist', async () => {
    const links = [...page.matchAll(/\]\((\w+\.md)#([\w-]+)\)/g)]
    expect(links.length).toBeGreaterThan(1)
    for (const [, file = '', anchor = ''] of links) {
      const headings = [...(await read(`docs/${file}`)).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w\s-]/g, '')
          .replaceAll(' ', '-'),
      )
      expect(headings).toContain(anchor)
    }
  })

  it.skipIf(!nginxInstalled)(
    'has an example for nginx that passes the address of the client on, and WebSockets through',
    async () => {
      const trustedProxies = /`LATCHKEY_TRUSTED_PROXIES=([^`]+)`/.exec(page)?.[1]?.split(',') ?? []
      const server = await startSmallServer({ production: true, failuresPerMinute: 2, trustedProxies })
      const nginx = await startNginxWith(await freePort(), blockOf('nginx').replace(':4000', `:${server.port}`))
      const attempt = async (localAddress: string) => {
        const { promise, resolve, reject } = Promise.withResolvers<number>()
        const headers = {
          'content-type': 'application/json',
          authorization: 'Bearer wrong',
          'x-forwarded-for': '1.2.3.4',
        }
        const request = httpRequest(
          `${nginx.url}/graphql`,
          { method: 'POST', headers, localAddress, agent: false },
          (response) => {
            response.resume().once('end', () => resolve(response.statusCode ?? 0))
          },
        )
        request.once('error', reject).end(JSON.stringify({ query: '{ hello }' }))
        return promise
      }
      try {
        // The address of the proxy itself does not count: 127.0.0.1 is trusted.
        const statuses: number[] = []
        for (let i = 0; i < 3; i += 1) statuses.push(await attempt('127.0.0.2'))
        expect(statuses).toEqual([200, 200, 429])
        expect(await attempt('127.0.0.3')).toBe(200)
        const socket = new WebSocket(`${nginx.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
        await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
        socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: 'Bearer admin' } }))
        expect(String(await new Promise((resolve) => socket.once('message', resolve)))).toContain('connection_ack')
        socket.terminate()
      } finally {
        await nginx.stop()
        await server.stop()
      }
    },
  )
})
