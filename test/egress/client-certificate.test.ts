import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { readClientCertificate } from '../../src/egress/client-certificate.ts'
import { createEgress, type Egress, type EgressOptions } from '../../src/egress/egress.ts'
import { type Certified, createAuthority } from '../support/certificates.ts'
import { hasOpenssl, startCertifiedServer, startOpenssl } from '../support/certified-server.ts'
import { failureOf } from './failure-of.ts'
import { startServer } from './loopback-server.ts'

const authority = createAuthority('Test Authority')
const ada = authority.issue('ada')
const bob = authority.issue('bob')
const day = 86_400_000

const opened: Egress[] = []
function egressOf(options: EgressOptions = {}): Egress {
  const egress = createEgress({ allow: ['127.0.0.1'], ca: authority.certificate, ...options })
  opened.push(egress)
  return egress
}
afterEach(async () => {
  for (const egress of opened.splice(0)) await egress.close()
})

const owned = (certified: Certified, owner = 'workspace-1') => ({ ...certified, owner })

describe('a client certificate', () => {
  it('is presented to the server, and only with the requests that have it', async () => {
    await using server = await startCertifiedServer(authority)
    const egress = egressOf()
    const send = async (certified: Certified) => {
      const response = await egress.send({ method: 'GET', url: server.origin, clientCertificate: owned(certified) })
      return response.text()
    }
    expect(await Promise.all([send(ada), send(bob), send(ada)])).toEqual(['ada', 'bob', 'ada'])
    expect(await send(bob)).toBe('bob')
    expect(await failureOf(egress.send({ method: 'GET', url: server.origin }))).toMatchObject({
      kind: 'connect',
      sentBytes: false,
      retryable: false,
      message: expect.stringMatching(/asks for a client certificate.*clientCertificate/),
    })
    expect(server.seen).toEqual(expect.arrayContaining(['ada', 'bob']))
    expect(server.seen).toHaveLength(4)
  })

  it('shares connections only with requests of the same certificate and the same owner', async () => {
    await using server = await startCertifiedServer(authority)
    const egress = egressOf()
    const send = async (owner: string) => {
      const clientCertificate = owned(ada, owner)
      const response = await egress.send({ method: 'GET', url: server.origin, clientCertificate })
      await response.text()
    }
    for (const owner of ['workspace-1', 'workspace-2', 'workspace-1', 'workspace-2', 'workspace-1', 'workspace-2'])
      await send(owner)
    const ports = server.requests.map(({ port }) => port)
    const [one, two] = [new Set(ports.filter((_, at) => at % 2 === 0)), new Set(ports.filter((_, at) => at % 2 === 1))]
    expect([...one].filter((port) => two.has(port))).toEqual([])
    expect(one.size + two.size).toBeLessThan(6)
  })

  it('is presented with intermediate authorities, in whichever order they are written', async () => {
    const below = authority.intermediate('Intermediate')
    const issued = below.issue('carol')
    await using server = await startCertifiedServer(authority)
    const egress = egressOf()
    for (const certificate of [issued.certificate + below.certificate, below.certificate + issued.certificate]) {
      const clientCertificate = { certificate, key: issued.key, owner: certificate }
      const response = await egress.send({ method: 'GET', url: server.origin, clientCertificate })
      expect(await response.text()).toBe('carol')
    }
  })

  it('is not presented after a redirect to another origin, and is after one to the same origin', async () => {
    await using other = await startCertifiedServer(authority, { requires: false })
    await using server = await startCertifiedServer(authority, {
      answer: (request, response) => {
        const location =
          request.url === '/other' ? `${other.origin}/there` : request.url === '/same' ? '/end' : undefined
        if (location === undefined) return false
        response.writeHead(302, { location }).end()
        return true
      },
    })
    const egress = egressOf()
    const send = (path: string) =>
      egress.send({ method: 'GET', url: `${server.origin}${path}`, clientCertificate: owned(ada) })
    expect(await (await send('/same')).text()).toBe('ada')
    expect(await (await send('/other')).text()).toBe('nobody')
  })

  it('is not sent over http', async () => {
    await using server = await startServer((_, response) => response.end())
    const failure = await failureOf(
      egressOf().send({ method: 'GET', url: server.origin, clientCertificate: owned(ada) }),
    )
    expect(failure).toMatchObject({ kind: 'refused_url', sentBytes: false })
    expect(server.seen).toEqual([])
  })

  it('does not lead to an address that is not allowed', async () => {
    await using server = await startCertifiedServer(authority)
    const egress = egressOf({ allow: [] })
    const failure = await failureOf(egress.send({ method: 'GET', url: server.origin, clientCertificate: owned(ada) }))
    expect(failure).toMatchObject({ kind: 'refused_address' })
    const named = egressOf({
      allow: [],
      allowedPorts: [server.port],
      lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    })
    const url = `https://api.example.com:${server.port}/`
    expect(await failureOf(named.send({ method: 'GET', url, clientCertificate: owned(ada) }))).toMatchObject({
      kind: 'refused_address',
    })
    expect(server.sockets).toEqual([])
  })

  it('has its connections closed when it is evicted and when it is idle', async () => {
    await using server = await startCertifiedServer(authority, { keepAlive: true })
    const send = async (egress: Egress, certified: Certified) => {
      const response = await egress.send({ method: 'GET', url: server.origin, clientCertificate: owned(certified) })
      await response.text()
      const socket = server.sockets.at(-1)
      if (socket === undefined) throw new Error('There is no socket.')
      return { socket, closed: once(socket, 'close') }
    }
    const small = egressOf({ maxClientCertificates: 1 })
    const first = await send(small, ada)
    const second = await send(small, bob)
    await first.closed
    expect(second.socket.destroyed).toBe(false)
    const short = egressOf({ clientCertificateIdleMs: 20 })
    await (await send(short, ada)).closed
  })

  it('completes a response whose certificate is evicted meanwhile', async () => {
    const parts = Promise.withResolvers<void>()
    await using server = await startCertifiedServer(authority, {
      answer: (request, response) => {
        if (request.url !== '/slow') return false
        response.write('begin ')
        void parts.promise.then(() => response.end('end'))
        return true
      },
    })
    const egress = egressOf({ maxClientCertificates: 1 })
    const slow = await egress.send({ method: 'GET', url: `${server.origin}/slow`, clientCertificate: owned(ada) })
    await (await egress.send({ method: 'GET', url: server.origin, clientCertificate: owned(bob) })).text()
    parts.resolve()
    expect(await slow.text()).toBe('begin end')
  })

  it('is refused when it expires while its connections are open', async () => {
    await using server = await startCertifiedServer(authority)
    const expiring = authority.issue('dora', { validTo: new Date(Date.now() - 1000) })
    const failure = await failureOf(
      egressOf().send({ method: 'GET', url: server.origin, clientCertificate: owned(expiring) }),
    )
    expect(failure).toMatchObject({
      ...{ kind: 'client_certificate', sentBytes: false, retryable: false },
      message: expect.stringMatching(/The client certificate has expired on 20\d\d-\d\d-\d\dT[\d:]+Z\. Connect again/),
    })
    expect(server.sockets).toEqual([])
  })

  it('gets an error that says what to do when the server closes the connection without an alert', async () => {
    const stranger = createAuthority('Stranger').issue('eve')
    await using server = await startCertifiedServer(authority)
    const failure = await failureOf(
      egressOf().send({ method: 'GET', url: server.origin, clientCertificate: owned(stranger) }),
    )
    expect(failure).toMatchObject({
      kind: expect.stringMatching(/^(?:reset|connect)$/),
      message: expect.stringContaining('may not accept the client certificate'),
    })
  })
})

describe.skipIf(!hasOpenssl())('an alert of a server', () => {
  it.each([
    ['TLS 1.3', []],
    ['TLS 1.2', ['-tls1_2']],
  ])('about the client certificate is an error of its own, with nothing processed (%s)', async (_, more) => {
    await using server = await startOpenssl(authority, more)
    const stranger = createAuthority('Stranger').issue('eve')
    const send = (certified: Certified) =>
      egressOf().send({ method: 'GET', url: server.origin, clientCertificate: owned(certified) })
    expect((await send(ada)).status).toBe(200)
    expect(await failureOf(send(stranger))).toMatchObject({
      kind: 'client_certificate',
      sentBytes: false,
      retryable: false,
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ refused the client certificate: /),
    })
  })

  it('that asks for a certificate names what the definition lacks', async () => {
    await using server = await startOpenssl(authority)
    expect(await failureOf(egressOf().send({ method: 'GET', url: server.origin }))).toMatchObject({
      kind: 'connect',
      message: expect.stringContaining('asks for a client certificate'),
    })
  })
})

describe('readClientCertificate', () => {
  const now = new Date()
  const read = (given: Partial<Certified> & { passphrase?: string }) => readClientCertificate({ ...ada, ...given }, now)
  const encrypted = String(
    createPrivateKey(ada.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'LEAKED' }),
  )

  it.each<[string, (text: string) => string]>([
    ['with line breaks of Windows', (text) => text.replaceAll('\n', '\r\n')],
    ['with \\n instead of line breaks', (text) => text.replaceAll('\n', '\\n')],
    ['in one line', (text) => text.replaceAll('\n', ' ').trim()],
    ['in quotes, as in env files', (text) => `"${text.replaceAll('\n', '\\n')}"`],
    ['after other text', (text) => `Bag Attributes\n  friendlyName: ada\n${text}`],
  ])('reads PEM texts %s', (_, written) => {
    const usable = read({ certificate: written(ada.certificate), key: written(ada.key) })
    expect(usable.cert).toBe(ada.certificate)
    expect(usable.key).toBe(ada.key)
  })

  it('reads certificate and key from one text, in any order', () => {
    for (const text of [ada.key + ada.certificate, ada.certificate + ada.key]) {
      expect(read({ certificate: text, key: text })).toMatchObject({ cert: ada.certificate, key: ada.key })
    }
  })

  it('decrypts a key', () => {
    expect(read({ key: encrypted, passphrase: 'LEAKED' }).key).toBe(ada.key)
  })

  it.each<[string, Partial<Certified> & { passphrase?: string }, string, string]>([
    ['no certificate', { certificate: 'LEAKED' }, 'certificate', 'is not a certificate in PEM form'],
    [
      'a broken certificate',
      { certificate: '-----BEGIN CERTIFICATE-----\nTEVBS0VE\n-----END CERTIFICATE-----' },
      'certificate',
      'is not a valid certificate',
    ],
    ['a key instead of a certificate', { certificate: ada.key }, 'certificate', 'is not a certificate in PEM form'],
    ['no key', { key: 'LEAKED' }, 'key', 'is not a private key in PEM form'],
    ['the key of another certificate', { key: bob.key }, 'key', 'does not belong to the certificate'],
    ['an encrypted key without a passphrase', { key: encrypted }, 'key', 'is encrypted and needs a passphrase'],
    [
      'a wrong passphrase',
      { key: encrypted, passphrase: 'wrong' },
      'passphrase',
      'is not the passphrase of the private key',
    ],
    [
      'a key that is encrypted in the old format',
      {
        key: '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nTEVBS0VE\n-----END RSA PRIVATE KEY-----',
      },
      'key',
      'is encrypted in an old format: convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc',
    ],
  ])('refuses %s without its text', (_, given, part, problem) => {
    const error = (() => {
      try {
        read(given)
      } catch (thrown) {
        return thrown
      }
      return undefined
    })()
    expect(error).toMatchObject({ name: 'ClientCertificateError', part, problem })
    expect(String(error)).not.toMatch(/LEAKED|TEVBS0VE/)
  })

  it('refuses an expired certificate with its date', () => {
    const validTo = new Date(Math.floor((Date.now() - day) / 1000) * 1000)
    const expired = authority.issue('late', { validFrom: new Date(Date.now() - 2 * day), validTo })
    expect(() => read(expired)).toThrow(
      `The client certificate has expired on ${validTo.toISOString().replace('.000Z', 'Z')}.`,
    )
  })
})
