import { describe, expect, it } from 'vitest'
import { egressAllowProblem, parseHostRules } from '../../src/egress/host-rules.ts'
import { isPublicAddress } from '../../src/egress/policy.ts'

describe('parseHostRules', () => {
  it.each([
    ['intranet.example', 'intranet.example', 9_999, true],
    ['intranet.example', 'INTRANET.example.'.toLowerCase(), 80, true],
    ['Intranet.Example.', 'intranet.example', 80, true],
    ['intranet.example', 'sub.intranet.example', 80, false],
    ['intranet.example:8443', 'intranet.example', 8443, true],
    ['intranet.example:80', 'intranet.example', 80, true],
    ['intranet.example:80', 'intranet.example', 443, false],
    ['bücher.example', 'xn--bcher-kva.example', 80, true],
  ])('%s has the host %s at port %i: %s', (entry, hostname, port, expected) => {
    expect(parseHostRules([entry]).hasHost(hostname, port)).toBe(expected)
  })

  it.each([
    ['10.0.0.0/8', '10.255.0.1', 1, true],
    ['10.0.0.0/8', '11.0.0.1', 1, false],
    ['10.0.0.0/8', '::ffff:10.0.0.1', 1, true],
    ['127.0.0.1', '127.0.0.1', 1, true],
    ['127.0.0.1:4000', '127.0.0.1', 4000, true],
    ['127.0.0.1:4000', '127.0.0.1', 4001, false],
    ['[::1]', '::1', 1, true],
    ['::1', '0:0:0:0:0:0:0:1', 1, true],
    ['[::1]:4000', '::1', 4001, false],
    ['fd00::/8', 'fd12::1', 1, true],
    ['[fd00::]/8', 'fd12::1', 1, true],
    ['fd00::/8', '10.0.0.1', 1, false],
    ['::ffff:10.0.0.1', '10.0.0.1', 1, true],
    [' 10.1.2.3 ', '10.1.2.3', 1, true],
    ['10.1.2.3', 'not-an-address', 1, false],
  ])('%s has the address %s at port %i: %s', (entry, address, port, expected) => {
    expect(parseHostRules([entry]).hasAddress(address, port)).toBe(expected)
  })

  it.each([
    '',
    ' ',
    '10.0.0.0/33',
    'host/24',
    'https://host',
    'a b',
    'user@host',
    '*.example.com',
    'host:0',
    'host:99999',
  ])('rejects "%s"', (entry) => {
    expect(() => parseHostRules(['good.example', entry])).toThrow(TypeError)
  })

  it('reports whether any rule is about addresses', () => {
    expect(parseHostRules(['a.example']).namesAddresses).toBe(false)
    expect(parseHostRules(['a.example', '10.0.0.1']).namesAddresses).toBe(true)
  })
})

describe('isPublicAddress', () => {
  it.each(['1.1.1.1', '8.8.8.8', '93.184.215.14', '172.32.0.1', '2606:4700:4700::1111', '2a00:1450:4001::200e'])(
    'accepts %s as public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  )

  it.each(['', 'localhost', '4000::1', '::7f00:1', '168.63.129.16', 'fe80::1%eth0', '::ffff:8.8.8.8', '192.31.196.1'])(
    'rejects "%s"',
    (address) => expect(isPublicAddress(address)).toBe(false),
  )
})

describe('egressAllowProblem', () => {
  it.each([
    ...[
      '0.0.0.0/0',
      '0.0.0.0/1',
      '128.0.0.0/1',
      '192.0.0.0/2',
      '8.0.0.0/7',
      '::/0',
      '::/1',
      '8000::/1',
      '2000::/3',
      '[::]/0',
    ],
    ...['64:ff9b::/96', '2002::/16', '::ffff:0:0/96', 'f000::/4', 'fc00::/6'],
  ])('refuses %s in production, which allows nearly everything', (entry) => {
    expect(egressAllowProblem(['10.0.0.1', ` ${entry}`], true)).toMatch(
      /^LATCHKEY_EGRESS_ALLOW must not contain \S+ in prod/,
    )
    expect(egressAllowProblem([entry], false)).toBeNull()
  })

  it.each([
    ...['169.254.169.254', '169.254.0.0/16', '169.254.169.254:80', '::ffff:169.254.169.254', '[::ffff:a9fe:0]/112'],
    ...['fd00:ec2::254', '[fd00:ec2::254]:80', 'fd00:ec2::/64', 'fd20:ce::254', '168.63.129.16', '100.100.100.200'],
  ])('refuses %s in production, where the metadata of the cloud is', (entry) => {
    expect(egressAllowProblem(['10.0.0.1', ` ${entry}`], true)).toMatch(
      /^LATCHKEY_EGRESS_ALLOW must not contain \S+ in production: the metadata/,
    )
    expect(egressAllowProblem([entry], false)).toBeNull()
  })

  it.each([
    ...['10.0.0.0/8', '172.16.0.0/12', '127.0.0.1', '0.0.0.0', '[::1]:4000', 'fc00::/7', 'fd00::/8', 'fe80::/10'],
    ...['2001:db8::/32', 'intranet.example', 'db.example:8443', ''],
  ])('accepts %j in production', (entry) => {
    expect(egressAllowProblem([entry], true)).toBeNull()
  })

  it('names an entry that cannot be read', () => {
    expect(egressAllowProblem(['10.0.0.0/99'], true)).toBe(
      'LATCHKEY_EGRESS_ALLOW cannot be read: "10.0.0.0/99" is not a host, host:port, IP address or CIDR.',
    )
  })
})
