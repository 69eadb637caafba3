import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type ClientAddress, createClientAddress } from '../../src/http/server/client-address.ts'
import { type SmallServer, startSmallServer } from './small-server.ts'

function addressOf(clientAddress: ClientAddress, remoteAddress: string | undefined, forwarded?: string): string | null {
  return clientAddress({
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    socket: { remoteAddress } as IncomingMessage['socket'],
  })
}

describe('createClientAddress', () => {
  const proxies = createClientAddress(['10.0.0.0/8', '192.0.2.7', 'fd00::/8'])

  it.each([
    ['no header', '10.0.0.1', undefined, '10.0.0.1'],
    ['one proxy', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['two proxies', '10.0.0.1', '198.51.100.1, 192.0.2.7', '198.51.100.1'],
    ['an entry that the client wrote', '10.0.0.1', '203.0.113.9, 198.51.100.1', '198.51.100.1'],
    [
      'an entry that the client wrote to look like a proxy',
      '10.0.0.1',
      '203.0.113.9, 10.0.0.9, 198.51.100.1',
      '198.51.100.1',
    ],
    ['a client within a trusted network', '10.0.0.1', '10.0.0.5', '10.0.0.5'],
    ['a client that is no proxy', '198.51.100.2', '203.0.113.9', '198.51.100.2'],
    ['an IPv4-mapped socket address', '::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['an IPv4-mapped entry', '10.0.0.1', '198.51.100.1, ::ffff:192.0.2.7', '198.51.100.1'],
    ['IPv6', 'fd00::1', '2001:DB8:0:0::1', '2001:db8::1'],
    ['a zone', 'fd00::1', 'fe80::1%eth0', 'fe80::1%eth0'],
    ['ports', '10.0.0.1', '198.51.100.1:4711, 192.0.2.7:80', '198.51.100.1'],
    ['brackets and a port', '10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['a word in place of the client', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['a word behind which the client stands', '10.0.0.1', '198.51.100.1, _hidden, 192.0.2.7', '192.0.2.7'],
    ['numbers that are no address', '10.0.0.1', '198.51.100.1, 0x7f.1', '10.0.0.1'],
    ['an empty header', '10.0.0.1', '', '10.0.0.1'],
    ['commas only', '10.0.0.1', ',,', '10.0.0.1'],
    ['a very long chain', '10.0.0.1', `198.51.100.1${', 10.0.0.2'.repeat(10_000)}`, '10.0.0.2'],
    ['a closed connection', undefined, '198.51.100.1', null],
  ])('with %s', (_title, socket, header, expected) => {
    expect(addressOf(proxies, socket, header)).toBe(expected)
  })

  it('ignores the header without trusted proxies', () => {
    expect(addressOf(createClientAddress([]), '127.0.0.1', '198.51.100.1')).toBe('127.0.0.1')
  })

  it('takes IPv4-mapped networks for IPv4', () => {
    expect(addressOf(createClientAddress(['::ffff:10.0.0.0/104']), '10.1.2.3', '198.51.100.1')).toBe('198.51.100.1')
  })

  it.each(['nginx', '10.0.0.0/33', '10.1', '*', '10.0.0.1:80', '0.0.0.0/0', '::/0'])('refuses %s', (entry) => {
    expect(() => createClientAddress(['127.0.0.1', entry])).toThrow(`"${entry}"`)
  })

  it.each([
    ['0.0.0.0/1', '128.0.0.0/1'],
    ['64.0.0.0/2'],
    ['8.0.0.0/7'],
    ['::ffff:0.0.0.0/97', '::ffff:128.0.0.0/97'],
    ['2000::/3'],
    ['2600::/12'],
    ['64:ff9b::/96'],
    ['fc00::/6'],
  ])('refuses %s, which trusts clients of a large part of the internet', (...entries) => {
    expect(() => createClientAddress(entries)).toThrow(`"${entries[0]}" would trust clients`)
  })

  it('refuses a list whose networks together are a large part of the internet', () => {
    const all = Array.from({ length: 256 }, (_, first) => `${first}.0.0.0/8`)
    expect(() => createClientAddress(all)).toThrow('together contain so many addresses')
  })

  it.each([
    ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '100.64.0.0/10', 'fc00::/7', 'fe80::/10'],
    // Proxies of a network for content delivery.
    ['173.245.48.0/20', '103.21.244.0/22', '104.16.0.0/13', '172.64.0.0/13', '2400:cb00::/32', '2a06:98c0::/29'],
  ])('accepts networks of proxies: %s', (...entries) => {
    expect(() => createClientAddress(entries)).not.toThrow()
  })
})

describe('Failed attempts behind a trusted proxy', () => {
  let server: SmallServer
  beforeAll(async () => {
    server = await startSmallServer({ production: true, failuresPerMinute: 3, trustedProxies: ['127.0.0.1'] })
  })
  afterAll(() => server.stop())

  const attempt = async (forwarded: string) => {
    const { json } = await server.post(
      { query: '{ hello }' },
      { authorization: 'Bearer wrong', 'x-forwarded-for': forwarded },
    )
    return json.errors?.[0]?.extensions['code']
  }

  it('are counted by the address of the client, whatever it writes into the header', async () => {
    const spoofed = ['203.0.113.1, 198.51.100.1', '203.0.113.2, 198.51.100.1', '198.51.100.1', 'x, 198.51.100.1']
    const codes: unknown[] = []
    for (const forwarded of spoofed) codes.push(await attempt(forwarded))
    expect(codes).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'RATE_LIMITED'])
    expect(await attempt('198.51.100.2')).toBe('UNAUTHENTICATED')
  })

  it('are counted so over WebSocket too', async () => {
    const codeOf = async (key: string) => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        headers: { 'x-forwarded-for': '198.51.100.77' },
      })
      await new Promise((resolve) => socket.once('open', resolve))
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${key}` } }))
      return new Promise<number>((resolve) => socket.once('close', resolve))
    }
    for (let i = 0; i < 3; i += 1) expect(await codeOf('wrong')).toBe(4403)
    expect(await attempt('198.51.100.77')).toBe('RATE_LIMITED')
    expect(await attempt('198.51.100.78')).toBe('UNAUTHENTICATED')
  })
})
