import { describe, expect, it } from 'vitest'
import { createProviderResponse } from '../../src/wire/provider-response.ts'
import { providerWords, responseMessage } from '../../src/wire/provider-words.ts'

const words = (body: unknown, secrets: readonly string[] = []) =>
  providerWords({ status: 400, text: JSON.stringify(body), body }, {}, secrets)

describe('providerWords', () => {
  it('shows neither the given secrets nor what the body names as one', () => {
    const body = {
      error: 'invalid: abc-token-1',
      error_description: 'not abc-token-1 and secret-2',
      more: [{ access_token: 'abc-token-1' }],
    }
    expect(words(body, ['secret-2'])).toEqual({
      providerStatus: 400,
      providerError: 'invalid: [redacted]',
      providerErrorDescription: 'not [redacted] and [redacted]',
    })
  })

  it('shows no text of a body that names more tokens than can be removed, and looks at no more of them', () => {
    const tokens = Array.from({ length: 2_000 }, (_, index) => ({ token: `${'é<&'.repeat(100)}${index}` }))
    const began = performance.now()
    expect(words({ error: 'x', error_description: `not ${tokens[1_999]?.token}`, tokens })).toEqual({
      providerStatus: 400,
    })
    // The forms of 2,000 secrets take seconds.
    expect(performance.now() - began).toBeLessThan(500)
    expect(words({ error: 'x', token: 'a'.repeat(70_000) })).toEqual({ providerStatus: 400 })
    const few = tokens.slice(0, 50)
    expect(words({ error: 'x', error_description: `not ${few[49]?.token}`, tokens: few })).toEqual({
      providerStatus: 400,
      providerError: 'x',
      providerErrorDescription: 'not [redacted]',
    })
    const same = Array.from({ length: 2_000 }, () => ({ token: 'the-same-token' }))
    expect(words({ error: 'the-same-token', same }).providerError).toBe('[redacted]')
  })
})

describe('responseMessage', () => {
  const message = (text: string, secrets: readonly string[]) =>
    responseMessage(createProviderResponse(500, new Headers(), text), {}, secrets)

  it('takes a time that does not depend on how much a long text resembles a secret', () => {
    const began = performance.now()
    expect(message(JSON.stringify({ message: 'a'.repeat(2_000_000) }), [`${'a'.repeat(16_000)}b`])).toContain(
      'redacted',
    )
    expect(message('a'.repeat(2_000_000), [`${'a'.repeat(16_000)}b`])).toContain('redacted')
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('shows nothing of a secret that is repeated to the end of what is looked at', () => {
    const secret = 'x1y2'.repeat(2_000)
    expect(message(`${secret} `.repeat(10), [secret])).not.toMatch(/x1/)
  })

  it('puts the code before the words, where a definition says where the code is', () => {
    const coded = (body: unknown, paths: Parameters<typeof responseMessage>[1] = {}) =>
      responseMessage(
        createProviderResponse(403, new Headers(), JSON.stringify(body)),
        { code: ['errors', 0, 'code'], ...paths },
        ['s3cret-code'],
      )
    expect(coded({ errors: [{ code: 'token_revoked', message: 'Token Revoked' }] })).toBe(
      'token_revoked: Token Revoked',
    )
    expect(coded({ errors: [{ code: 4003, text: 'Too fast' }] }, { message: ['errors', 0, 'text'] })).toBe(
      '4003: Too fast',
    )
    expect(coded({ errors: [{ code: 'token_revoked' }] })).toBe('token_revoked')
    expect(coded({ errors: [{ code: 'token_revoked' }] }, { message: ['errors', 0, 'code'] })).toBe('token_revoked')
    expect(coded({ errors: [{ message: 'Token Revoked' }] })).toBe('Token Revoked')
    expect(coded({ errors: [] })).toBe('{"errors":[]}')
    expect(coded({ errors: [{ code: 's3cret-code', message: 'No' }] })).toBe('[redacted]: No')
  })
})
