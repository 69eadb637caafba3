import type { LookupAddress } from 'node:dns'
import { networkInterfaces } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEgress, type Egress, type EgressOptions } from '../../src/egress/egress.ts'
import { EgressError } from '../../src/egress/egress-error.ts'
import { METADATA_NETWORKS } from '../../src/egress/host-rules.ts'
import { ownAddresses } from '../../src/egress/own-addresses.ts'
import { type ConnectRecorder, recordConnects, type Verdict } from './connect-recorder.ts'
import { LOOPBACK_CERTIFICATE } from './loopback-certificate.ts'
import { type LoopbackServer, startServer } from './loopback-server.ts'

/** The only address that these tests may connect to. */
const PUBLIC = '93.184.215.14'

/** URLs whose host is, or is parsed as, an address that is not public. */
const ADDRESSES = [
  ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '017700000001', '0177.0.0.1', '127.0.0.1.'],
  ...['0', '0.0.0.0', '①②⑦.⓪.⓪.①', '127。0。0。1', '10.0.0.1', '172.16.0.1', '172.31.255.254', '192.168.1.1'],
  ...['100.64.0.1', '100.100.100.200', '169.254.169.254/latest/meta-data/', '169.254.170.2/v2/credentials'],
  ...['192.0.0.192', '168.63.129.16', '198.18.0.1', '192.0.2.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ...['192.88.99.1', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:a9fe:a9fe]'],
  ...['[::127.0.0.1]', '[::ffff:0:127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b::a9fe:a9fe]', '[64:ff9b:1::7f00:1]'],
  ...['[2002:7f00:1::]', '[2001:0:7f00:1::]', '[fe80::1]', '[fec0::1]', '[fd00:ec2::254]', '[fc00::1]', '[ff02::1]'],
  ...['[2001:db8::1]', '[100::1]', '[3fff::1]', '[5f00::1]'],
].map((host) => `http://${host}`)

const SPELLINGS = ['http:127.0.0.1/', 'http:\\\\127.0.0.1\\', 'http://example.com@127.0.0.1/']

/** Names with the addresses that they resolve to. A list of lists has different addresses for each look-up. */
const NAMES: Record<string, string[] | string[][]> = {
  localhost: ['127.0.0.1', '::1'],
  '127.0.0.1.nip.io': ['127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'ten.bad.test': ['10.0.0.7'],
  'half-public.bad.test': [PUBLIC, '192.168.0.9'],
  'mapped.bad.test': ['::ffff:127.0.0.1'],
  'nat64.bad.test': ['64:ff9b::7f00:1'],
  'rebinding.bad.test': [[PUBLIC], ['127.0.0.1']],
  'cname.bad.test': ['127.0.0.53'],
  'good.test': ['127.0.0.1'],
  'example.com': [PUBLIC],
}

const REDIRECTS = [
  ['302', 'http://127.0.0.1/'],
  ['307', 'http://127.0.0.1/'],
  ['302', 'http://169.254.169.254/latest/meta-data/'],
  ['302', 'http://ten.bad.test/'],
  ['307', 'http://[::ffff:127.0.0.1]/'],
  ['302', '//127.0.0.1/'],
  ['302', 'https://127.0.0.1/'],
]

const SCHEMES = [
  ...[
    'file:///etc/passwd',
    'gopher://127.0.0.1:70/x',
    'ftp://127.0.0.1/',
    'data:text/plain,x',
    'blob:https://a.test/1',
  ],
  ...['javascript:alert(1)', 'http+unix://%2Fvar%2Frun%2Fdocker.sock/info'],
]

const PORTS = ['http://example.com:22/', 'http://example.com:6379/']
const USER_INFO = ['https://user:pass@example.com/']
const NAMED = Object.keys(NAMES).filter((name) => name !== 'good.test' && name !== 'example.com')

function fakeLookup(): NonNullable<EgressOptions['lookup']> {
  const asked = new Map<string, number>()
  return async (hostname) => {
    const name = hostname.toLowerCase()
    const count = asked.get(name) ?? 0
    asked.set(name, count + 1)
    const answer = NAMES[name] ?? []
    const nth = answer[Math.min(count, answer.length - 1)]
    const addresses = Array.isArray(nth) ? nth : answer.filter((address) => typeof address === 'string')
    return addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
}

describe.each([
  ['with http permitted', { allowHttp: true }],
  ['at the defaults', {}],
])('the list of requests that must not be made, %s', (_, options) => {
  let redirector: LoopbackServer
  let recorder: ConnectRecorder
  let egress: Egress

  beforeAll(async () => {
    redirector = await startServer(
      (request, response) => {
        const { searchParams } = new URL(request.url ?? '', 'http://x')
        response.writeHead(Number(searchParams.get('status')), { location: searchParams.get('to') ?? '' }).end()
      },
      { tls: true },
    )
    recorder = await recordConnects(({ port }): Verdict => (port === redirector.port ? 'pass' : 'refuse'))
  })
  beforeEach(() => {
    recorder.attempts.length = 0
    // Only good.test, which redirects, is allowed.
    egress = createEgress({
      ...options,
      allow: [`good.test:${redirector.port}`],
      lookup: fakeLookup(),
      ca: LOOPBACK_CERTIFICATE,
    })
    return () => egress.close()
  })
  afterAll(async () => {
    recorder[Symbol.dispose]()
    await redirector[Symbol.asyncDispose]()
  })

  const redirects = (port: number) =>
    REDIRECTS.map(([status, to]) => `https://good.test:${port}/?status=${status}&to=${encodeURIComponent(to ?? '')}`)

  async function strays(url: string): Promise<boolean> {
    const outcomes = []
    // Twice, because the second look-up of a name may return other addresses.
    for (const _ of [1, 2]) outcomes.push(await egress.send({ method: 'GET', url }).catch((error: unknown) => error))
    const reached = recorder.attempts.filter(({ port }) => port !== redirector.port)
    recorder.attempts.length = 0
    // A rebinding name is allowed while it is public. Nothing else on the list may be connected to.
    const stray = reached.some(({ address }) => address !== PUBLIC || !url.includes('rebinding'))
    return stray || outcomes.some((one) => !(one instanceof EgressError))
  }

  it('refuses all of its 79 entries (F12)', async () => {
    const hosts = NAMED.map((name) => `http://${name}/`)
    const list = [...ADDRESSES, ...SPELLINGS, ...hosts, 'http://LOCALHOST./', ...redirects(redirector.port)]
    list.push(...SCHEMES, ...PORTS, ...USER_INFO)
    expect(list).toHaveLength(79)
    const missed: string[] = []
    for (const url of list) if (await strays(url)) missed.push(url)
    expect(missed).toEqual([])
  })

  it('refuses all of them over https too', async () => {
    const hosts = NAMED.map((name) => `https://${name}/`)
    const missed: string[] = []
    for (const url of [...ADDRESSES.map((one) => one.replace('http', 'https')), ...hosts]) {
      if (await strays(url)) missed.push(url)
    }
    expect(missed).toEqual([])
  })

  it.each([
    ['https://example.com/', PUBLIC, 443],
    ['https://1.1.1.1/', '1.1.1.1', 443],
    ['https://[2606:4700:4700::1111]:8443/', '2606:4700:4700::1111', 8443],
  ])('allows %s, which is public', async (url, address, port) => {
    const sent = egress.send({ method: 'GET', url })
    await expect(sent).rejects.toMatchObject({ kind: 'connect', sentBytes: false, retryable: true })
    expect(recorder.attempts).toContainEqual({ address, port })
  })

  it.each(REDIRECTS)('refuses the target of a %s to %s', async (status, to) => {
    const url = `https://good.test:${redirector.port}/?status=${status}&to=${encodeURIComponent(to ?? '')}`
    const error: unknown = await egress.send({ method: 'GET', url }).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ name: 'EgressError', sentBytes: true, retryable: false })
    expect(recorder.attempts.every(({ port }) => port === redirector.port)).toBe(true)
  })
})

describe('names and addresses', () => {
  it('refuses a name with one private address, without naming the address', async () => {
    using recorder = await recordConnects(() => 'refuse')
    const egress = createEgress({ lookup: fakeLookup() })
    const error: unknown = await egress
      .send({ method: 'GET', url: 'https://half-public.bad.test/secret?token=canary' })
      .catch((cause: unknown) => cause)
    expect(error).toMatchObject({ kind: 'refused_address', sentBytes: false, retryable: false })
    expect(String(error)).toContain('half-public.bad.test')
    expect(String(error)).not.toMatch(/192\.168|secret|canary/)
    expect(recorder.attempts).toEqual([])
  })

  it('refuses a rebinding name for the connection for which it is private', async () => {
    using recorder = await recordConnects(() => 'refuse')
    const egress = createEgress({ lookup: fakeLookup() })
    const send = () => egress.send({ method: 'GET', url: 'https://rebinding.bad.test/' })
    await expect(send()).rejects.toMatchObject({ kind: 'connect' })
    await expect(send()).rejects.toMatchObject({ kind: 'refused_address' })
    expect(recorder.attempts).toEqual([{ address: PUBLIC, port: 443 }])
  })

  it('closes a socket that is connected to another address, before it sends anything', async () => {
    await using server = await startServer((_, response) => response.end('secret'))
    using _recorder = await recordConnects(() => ({ loopbackPort: server.port }))
    const egress = createEgress({ lookup: fakeLookup(), allowHttp: true })
    await expect(egress.send({ method: 'GET', url: 'http://example.com/' })).rejects.toMatchObject({
      kind: 'refused_address',
      sentBytes: false,
    })
    expect(server.seen).toEqual([])
  })

  it('resolves again, and checks again, for every new connection of a pool', async () => {
    await using server = await startServer((_, response) => response.end('ok'))
    let address = '127.0.0.1'
    let lookups = 0
    const lookup = async () => {
      lookups += 1
      return [{ address, family: 4 }]
    }
    const egress = createEgress({ allow: ['127.0.0.1/32'], lookup })
    const get = async () => (await egress.send({ method: 'GET', url: `http://flip.test:${server.port}/` })).text()
    expect(await get()).toBe('ok')
    address = '127.0.0.2'
    // undici returns a connection to its pool one turn of the event loop after the response.
    await setImmediate()
    // The open connection still goes to the address that was checked.
    expect(await get()).toBe('ok')
    expect([lookups, server.sockets.length]).toEqual([1, 1])
    server.sockets[0]?.destroy()
    await expect(get()).rejects.toMatchObject({ kind: 'refused_address' })
    expect(lookups).toBe(2)
    await egress.close()
  })

  it.each(['db.internal', 'printer.local', 'api.default.svc.cluster.local'])(
    'checks %s by its address',
    async (name) => {
      const egress = createEgress({ lookup: async () => [{ address: '10.96.0.1', family: 4 }] })
      const sent = egress.send({ method: 'GET', url: `https://${name}/` })
      await expect(sent).rejects.toMatchObject({ kind: 'refused_address' })
    },
  )

  it('resolves a homograph by its ASCII name', async () => {
    const asked: string[] = []
    const egress = createEgress({
      lookup: async (name) => {
        asked.push(name)
        return []
      },
    })
    const sent = egress.send({ method: 'GET', url: 'https://аррle.com/' })
    await expect(sent).rejects.toMatchObject({ kind: 'dns', retryable: false })
    expect(asked).toEqual([expect.stringMatching(/^xn--[a-z0-9-]+\.com$/)])
  })

  it('refuses a host of 5,000 characters without resolving it, with a short message', async () => {
    const egress = createEgress({ lookup: () => Promise.reject(new Error('not to be asked')) })
    const error: unknown = await egress
      .send({ method: 'GET', url: `https://${'a'.repeat(5_000)}.com/` })
      .catch((cause: unknown) => cause)
    expect(error).toMatchObject({ kind: 'refused_url' })
    expect(String(error).length).toBeLessThan(200)
  })

  it('distinguishes an unavailable resolver from a name that does not exist', async () => {
    const failing = (code: string) =>
      createEgress({ lookup: () => Promise.reject(Object.assign(new Error('x'), { code })) }).send({
        method: 'GET',
        url: 'https://nowhere.test/',
      })
    await expect(failing('ENOTFOUND')).rejects.toMatchObject({ kind: 'dns', retryable: false })
    await expect(failing('EAI_AGAIN')).rejects.toMatchObject({ kind: 'dns', retryable: true, sentBytes: false })
  })

  it('refuses a denied name or address even if it is allowed too', async () => {
    await using server = await startServer((_, response) => response.end('ok'))
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
    const allow = ['127.0.0.0/8', 'own.test']
    for (const deny of [['own.test'], [`127.0.0.1:${server.port}`]]) {
      const egress = createEgress({ allow, deny, lookup })
      const sent = egress.send({ method: 'GET', url: `http://own.test:${server.port}/` })
      await expect(sent).rejects.toMatchObject({ kind: 'refused_address' })
    }
    const egress = createEgress({ allow, lookup })
    const answer = await egress.send({ method: 'GET', url: `http://own.test:${server.port}/` })
    expect(await answer.text()).toBe('ok')
    expect(server.seen).toHaveLength(1)
    await egress.close()
  })
})

describe('this process itself', () => {
  const lookup = async () => [{ address: '127.0.0.1', family: 4 }]

  it('is never reached, by any of its addresses, its public URL or a redirect, although loopback is allowed', async () => {
    await using own = await startServer((_, response) => response.end('metrics'))
    await using other = await startServer((_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${own.port}/metrics` })
      response.end()
    })
    const publicUrl = 'http://own.test:4711'
    const rules = ownAddresses({ host: '127.0.0.1', port: 0, publicUrl })
    rules.listensOn(own.port)
    const allow = ['127.0.0.0/8', '0.0.0.0', '::1', '::', 'own.test', 'other.test']
    const egress = createEgress({ allow, own: rules, lookup })
    const hosts = ['127.0.0.1', '127.1', '2130706433', '0.0.0.0', '[::ffff:127.0.0.1]', '[::1]', '[::]', 'other.test']
    const urls = [...hosts.map((host) => `http://${host}:${own.port}/metrics`), `${publicUrl}/graphql`]
    for (const url of [...urls, `http://127.0.0.1:${other.port}/`]) {
      const sent = egress.send({ method: 'GET', url })
      await expect(sent, url).rejects.toMatchObject({ kind: 'refused_address' })
    }
    expect(own.seen).toHaveLength(0)
    expect(other.seen).toHaveLength(1)
    await egress.close()
  })

  it('is every address of the machine when it listens on all of them, at its port only', () => {
    const publicUrl = 'https://latchkey.example.com'
    const everywhere = ownAddresses({ host: '::', port: 4000, publicUrl })
    const interfaces = Object.values(networkInterfaces()).flatMap((each = []) => each)
    for (const { address } of interfaces) {
      expect(everywhere.hasAddress(address, 4000)).toBe(true)
      expect(everywhere.hasAddress(address, 4001)).toBe(false)
    }
    expect(everywhere.hasHost('latchkey.example.com', 443)).toBe(true)
    expect(everywhere.hasHost('latchkey.example.com', 4000)).toBe(false)
    const local = ownAddresses({ host: '10.1.2.3', port: 4000, publicUrl })
    expect(local.hasAddress('10.1.2.3', 4000)).toBe(true)
    expect(local.hasAddress('10.1.2.4', 4000)).toBe(false)
  })
})

describe('METADATA_NETWORKS', () => {
  it.each([
    ['169.254.169.254', ['169.254.0.0/16']],
    ['169.254.170.2', ['169.0.0.0/8']],
    ['[::ffff:169.254.169.254]', ['169.0.0.0/8']],
    ['[fd00:ec2::254]', ['fd00::/8']],
    ['100.100.100.200', ['100.64.0.0/10']],
    ['metadata.test', ['metadata.test']],
  ])('are denied: %s, although %j allows it', async (host, allow) => {
    const lookup = async () => [{ address: '169.254.169.254', family: 4 }]
    const egress = createEgress({ allow, deny: METADATA_NETWORKS, lookup })
    const sent = egress.send({ method: 'GET', url: `http://${host}/latest/meta-data/` })
    await expect(sent).rejects.toMatchObject({ kind: 'refused_address' })
    await egress.close()
  })
})
