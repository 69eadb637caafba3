import { describe, expect, it } from 'vitest'
import { type DefinitionInput, parseDefinition } from '../../../src/catalog/definition/definition.ts'
import { authorizationUrl } from '../../../src/connecting/oauth/consent-request.ts'
import { fieldErrorsOf } from '../../auth/contract.ts'

type OAuth2Input = Extract<DefinitionInput['auth'], { type: 'oauth2' }>

function parse(more: Partial<OAuth2Input>) {
  const auth: OAuth2Input = {
    type: 'oauth2',
    grant: 'authorization_code',
    authorizationUrl: 'https://auth.example.com/authorize',
    tokenUrl: 'https://auth.example.com/token',
    pkce: 'none',
    ...more,
  }
  const parsed = parseDefinition({ displayName: 'Test', baseUrl: 'https://api.example.com', auth }).auth
  if (parsed.type !== 'oauth2') throw new Error('not OAuth2')
  return parsed
}

async function urlOf(more: Partial<OAuth2Input>, input = {}): Promise<string> {
  const request = { clientId: 'id', redirectUri: 'https://l.example/cb', state: 'st', scopes: ['a b', 'c'], input }
  return (await authorizationUrl(parse(more), request)).url.href
}

const standard = 'response_type=code&client_id=id&redirect_uri=https%3A%2F%2Fl.example%2Fcb'
const usual = `${standard}&scope=a%20b%20c&state=st`

describe('the authorization URL', () => {
  it.each<[string, Partial<OAuth2Input>, string]>([
    ['has its parameters in the query', {}, `https://auth.example.com/authorize?${usual}`],
    [
      'keeps its own query',
      { authorizationUrl: 'https://auth.example.com/a?v=1 2' },
      `https://auth.example.com/a?v=1%202&${usual}`,
    ],
    [
      'keeps a fragment behind the parameters',
      { authorizationUrl: 'https://auth.example.com/a?v=1#signin' },
      `https://auth.example.com/a?v=1&${usual}#signin`,
    ],
    [
      'has its parameters in the fragment if the page is a route in it',
      { authorizationUrl: 'https://auth.example.com/app/#/oauth/authorize' },
      `https://auth.example.com/app/#/oauth/authorize?${usual}`,
    ],
    [
      'keeps the query of the page and that of the route',
      { authorizationUrl: 'https://auth.example.com/?lang=en#!/authorize?v=1', authorizationParams: { prompt: 'a b' } },
      `https://auth.example.com/?lang=en#!/authorize?v=1&${usual}&prompt=a%20b`,
    ],
    [
      'repeats the scope without a separator',
      { scopeSeparator: null },
      `https://auth.example.com/authorize?${standard}&state=st&scope=a%20b&scope=c`,
    ],
    [
      'repeats the scope under another name',
      { scopeSeparator: null, authorizationNames: { scope: 'scopes[]' } },
      `https://auth.example.com/authorize?${standard}&state=st&scopes%5B%5D=a%20b&scopes%5B%5D=c`,
    ],
  ])('%s', async (_name, more, expected) => {
    expect(await urlOf(more)).toBe(expected)
  })

  it('with an input in its fragment keeps the route and the host', async () => {
    const authorizationUrl = 'https://{{ input.host }}/#/{{ input.tenant }}/authorize'
    const url = await urlOf({ authorizationUrl }, { host: 'a.example.com', tenant: '?state=x&#/evil' })
    expect(url).toBe(`https://a.example.com/#/%3Fstate%3Dx%26%23%2Fevil/authorize?${usual}`)
  })

  it('with an input cannot get a fragment from it', async () => {
    const url = await urlOf({ authorizationUrl: 'https://a.example.com/{{ input.tenant }}' }, { tenant: 'x#/evil' })
    expect(url).toBe(`https://a.example.com/x%23/evil?${usual}`)
  })

  it('is the only URL that may have a fragment', () => {
    const errors = (more: Partial<OAuth2Input>) => fieldErrorsOf(() => parse(more))
    expect(errors({ tokenUrl: 'https://auth.example.com/#/token' })[0]).toMatch(/^auth.tokenUrl: .*fragment/)
    expect(errors({ tokenUrl: 'https://{{ input.a }}.example.com/#/token' })[0]).toMatch(/^auth.tokenUrl: .*fragment/)
    expect(errors({ authorizationUrl: 'https://me@auth.example.com/#/a' })).toEqual([
      'auth.authorizationUrl: must be an http or https URL without user name',
    ])
  })
})
