import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type SigV4Request, sha256, signV4 } from '../../../src/auth/signature/aws.ts'

const unreserved = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const form = 'application/x-www-form-urlencoded'
const host = ['host', 'example.amazonaws.com'] as const
const date = ['x-amz-date', '20150830T123600Z'] as const

/**
 * The test suite that AWS published for Signature Version 4: user AKIDEXAMPLE, region us-east-1, service "service". Two of its
 * requests have a path that no client sends unencoded. Here they are percent-encoded, and the signature encodes them again.
 */
const suite: [string, string, string, [string, string][], string, string, string][] = [
  [
    'get-vanilla',
    'GET',
    '/',
    [],
    '',
    'host;x-amz-date',
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/?Param2=value2&Param1=value1',
    [],
    '',
    'host;x-amz-date',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-unreserved',
    'GET',
    `/?${unreserved}=${unreserved}`,
    [],
    '',
    'host;x-amz-date',
    '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  ],
  [
    'get-unreserved',
    'GET',
    `/${unreserved}`,
    [],
    '',
    'host;x-amz-date',
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  ],
  [
    'get-utf8, percent-encoded',
    'GET',
    '/ሴ',
    [],
    '',
    'host;x-amz-date',
    '697b34846207a3f72246f99d74ae1ee4fe54f44bb06730c58a0d339eb079596d',
  ],
  [
    'get-space, percent-encoded',
    'GET',
    '/example space/',
    [],
    '',
    'host;x-amz-date',
    '446b817944c553435b35e813c261ff4e161fff982d1bacdef1c87f6785dd1662',
  ],
  [
    'get-slashes',
    'GET',
    '//example//',
    [],
    '',
    'host;x-amz-date',
    '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
  ],
  [
    'get-header-key-duplicate',
    'GET',
    '/',
    [
      ['My-Header1', 'value2'],
      ['My-Header1', 'value2'],
      ['My-Header1', 'value1'],
    ],
    '',
    'host;my-header1;x-amz-date',
    'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  ],
  [
    'get-header-value-trim',
    'GET',
    '/',
    [
      ['My-Header1', ' value1'],
      ['My-Header2', ' "a   b   c"'],
    ],
    '',
    'host;my-header1;my-header2;x-amz-date',
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  [
    'post-vanilla',
    'POST',
    '/',
    [],
    '',
    'host;x-amz-date',
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'post-x-www-form-urlencoded',
    'POST',
    '/',
    [['Content-Type', form]],
    'Param1=value1',
    'content-type;host;x-amz-date',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
]

describe('AWS Signature Version 4', () => {
  it.each(suite)('signs %s as AWS does', (_name, method, path, headers, body, signedHeaders, signature) => {
    const request: SigV4Request = {
      method,
      url: new URL(`https://example.amazonaws.com${path}`),
      headers: [host, date, ...headers],
      bodyHash: sha256(body),
    }
    const options = {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      region: 'us-east-1',
      service: 'service',
      now: new Date('2015-08-30T12:36:00Z'),
    }
    expect(signV4(request, options)).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    )
  })

  it.each([
    [
      'GET',
      '/test.txt',
      [['range', 'bytes=0-9']],
      '',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    ['GET', '/?lifecycle', [], '', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['GET', '/?max-keys=2&prefix=J', [], '', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
    [
      'PUT',
      '/test$file.text',
      [
        ['date', 'Fri, 24 May 2013 00:00:00 GMT'],
        ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
      ],
      'Welcome to Amazon S3.',
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
  ] as [string, string, [string, string][], string, string][])(
    'signs %s %s as the documentation of S3 does',
    (method, path, headers, body, signature) => {
      const bodyHash = sha256(body)
      const request: SigV4Request = {
        method,
        url: new URL(`https://examplebucket.s3.amazonaws.com${path}`),
        headers: [
          ['host', 'examplebucket.s3.amazonaws.com'],
          ['x-amz-date', '20130524T000000Z'],
          ['x-amz-content-sha256', bodyHash],
          ...headers,
        ],
        bodyHash,
      }
      const options = {
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
        region: 'us-east-1',
        service: 's3',
        now: new Date('2013-05-24T00:00:00Z'),
      }
      expect(signV4(request, options)).toContain(`Signature=${signature}`)
    },
  )

  // Amazon OpenSearch reports for /*/*/_search that the canonical path "should have been" /%2A/%2A/_search, and for
  // /%3Fa=b%20c that it should have been /%253Fa%3Db%2520c. S3 decodes the path before it encodes it.
  it.each([
    ['es', "/a!'()*b/*", '/a%21%27%28%29%2Ab/%2A', ''],
    ['es', '/_search/%3Fa=b%20c', '/_search/%253Fa%3Db%2520c', ''],
    ['es', '/a%28b%29', '/a%2528b%2529', ''],
    ['lambda', '/functions/arn:aws:f', '/functions/arn%3Aaws%3Af', ''],
    ['s3', "/a!'()*b/%28c%29//d e", '/a%21%27%28%29%2Ab/%28c%29//d%20e', ''],
    ['es', "/?k(!)='*'&a=%28", '/', 'a=%28&k%28%21%29=%27%2A%27'],
    ['s3', "/?k(!)='*'&a=%28", '/', 'a=%28&k%28%21%29=%27%2A%27'],
  ])('signs for %s the path and query %s as AWS reads them', (service, path, canonicalPath, canonicalQuery) => {
    const now = new Date('2015-08-30T12:36:00Z')
    const options = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 's3cret', region: 'us-east-1', service, now }
    const url = new URL(`https://example.amazonaws.com${path}`)
    const bodyHash = sha256('')
    const canonical = [
      'GET',
      canonicalPath,
      canonicalQuery,
      host.join(':'),
      date.join(':'),
      '',
      'host;x-amz-date',
      bodyHash,
    ]
    const scope = ['20150830', 'us-east-1', service, 'aws4_request']
    const toSign = ['AWS4-HMAC-SHA256', date[1], scope.join('/'), sha256(canonical.join('\n'))].join('\n')
    const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
    const signature = hmac(scope.reduce<string | Buffer>(hmac, 'AWS4s3cret'), toSign).toString('hex')
    expect(signV4({ method: 'GET', url, headers: [host, date], bodyHash }, options)).toContain(`Signature=${signature}`)
  })
})
