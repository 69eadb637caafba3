import { describe, expect, it } from 'vitest'
import type { DefinitionInput } from '../../src/catalog/definition/definition.ts'
import { parseRetryAfter } from '../../src/kit/time.ts'
import { createProviderResponse } from '../../src/wire/provider-response.ts'
import { failureText, readFailure, refusalIn } from '../../src/wire/verdict.ts'
import { openedConnection } from '../support/opened-connection.ts'

const TOKEN = 'canary-token-0123456789'

describe('readFailure', () => {
  const judge = (status: number, body: string, rules: DefinitionInput['responseErrors'] = [], headers = {}) =>
    readFailure(
      createProviderResponse(status, new Headers(headers), body),
      openedConnection({
        displayName: 'x',
        baseUrl: 'https://x.example',
        auth: { type: 'none' },
        responseErrors: rules,
      }).definition.responseErrors,
      [TOKEN],
      0,
    )

  it.each([
    [200, null],
    [204, null],
    [304, 'fail'],
    [400, 'fail'],
    [401, 'auth'],
    [403, 'forbidden'],
    [404, 'fail'],
    [408, 'retry'],
    [425, 'retry'],
    [429, 'rate_limit'],
    [500, 'retry'],
    [503, 'retry'],
  ])('classifies status %i as %s', (status, as) => {
    expect(judge(status, '')?.as ?? null).toBe(as)
  })

  it.each([
    ['error_description', '{"error":"invalid_token","error_description":"expired"}', 'expired'],
    ['error.message', '{"error":{"message":"bad"}}', 'bad'],
    ['message', '{"message":"no"}', 'no'],
    ['error', '{"error":"nope"}', 'nope'],
    ['detail', '{"detail":"gone"}', 'gone'],
    ['errors[0].message', '{"errors":[{"message":"first"}]}', 'first'],
    ['plain text', '  <h1>Oops</h1>\n', '<h1>Oops</h1>'],
    ['long text', 'x'.repeat(600), `${'x'.repeat(499)}…`],
    [
      'the credential',
      `{"message":"token ${TOKEN} in ${encodeURIComponent(TOKEN)}"}`,
      'token [redacted] in [redacted]',
    ],
    ['the credential cut at the limit', `${'x'.repeat(490)}${TOKEN}`, `${'x'.repeat(490)}[redacted]`.slice(0, 500)],
    ['nothing', '', undefined],
  ])('reads the provider’s words: %s', (_name, body, words) => {
    expect(judge(400, body)?.providerMessage).toBe(words)
  })

  it.each([
    ['error', '{"error":"missing_scope"}', 'missing_scope'],
    ['error.status', '{"error":{"status":"PERMISSION_DENIED","message":"no"}}', 'PERMISSION_DENIED'],
    ['code', '{"code":"unauthorized","message":"no"}', 'unauthorized'],
    ['errors[0].code', '{"type":"error.list","errors":[{"code":"token_revoked","message":"no"}]}', 'token_revoked'],
    ['the credential', `{"error":"${TOKEN}"}`, '[redacted]'],
    ['nothing', '{"message":"no"}', undefined],
    ['plain text', 'Oops', undefined],
  ])('reads the provider’s code: %s', (_name, body, code) => {
    expect(judge(400, body)?.providerError).toBe(code)
  })

  it('applies the first rule that matches', () => {
    const rules: DefinitionInput['responseErrors'] = [
      { path: ['ok'], equals: false, as: 'fail', message: ['why', 'text'] },
      { path: ['errors'], as: 'retry' },
      { status: 403, path: 'code', equals: 'quota', as: 'rate_limit' },
      { status: 404, as: 'auth' },
    ]
    expect(judge(200, '{"ok":false,"why":{"text":"because"}}', rules)).toMatchObject({
      as: 'fail',
      providerStatus: 200,
      providerMessage: 'because',
    })
    expect(judge(200, '{"ok":false,"why":{"text":{"a":1}}}', rules)?.providerMessage).toBe('{"a":1}')
    expect(judge(200, '{"ok":true,"errors":[]}', rules)).toBeNull()
    expect(judge(200, '{"ok":true,"errors":["x"]}', rules)?.as).toBe('retry')
    expect(judge(403, '{"code":"quota"}', rules)?.as).toBe('rate_limit')
    expect(judge(403, '{"code":"other"}', rules)?.as).toBe('forbidden')
    expect(judge(404, 'not JSON', rules)?.as).toBe('auth')
  })

  it.each<[string, NonNullable<DefinitionInput['responseErrors']>, string]>([
    ['no rule', [], 'forbidden'],
    ['a rule that only says where its words are', [{ status: 403, as: 'fail', message: ['why'] }], 'forbidden'],
    ['a rule with `as: auth`', [{ status: 403, as: 'auth' }], 'auth'],
    ['a rule with `as: rate_limit`', [{ status: 403, path: ['why'], as: 'rate_limit' }], 'rate_limit'],
  ])('classifies a 403 with %s', (_name, rules, as) => {
    const failure = judge(403, '{"why":"Your plan has no API."}', rules)
    expect(failure?.as).toBe(as)
    expect(failure?.providerMessage).toContain('Your plan has no API.')
  })

  it('reads Retry-After in seconds or as a date', () => {
    expect(judge(429, '', [], { 'retry-after': '3' })?.retryAfterMs).toBe(3_000)
    expect(parseRetryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 30_000)).toBe(30_000)
    expect(parseRetryAfter('Thu, 01 Jan 1970 00:00:00 GMT', 30_000)).toBe(0)
    for (const nonsense of [null, '', 'soon', '-1', '2026'])
      expect(parseRetryAfter(nonsense, 0)).toBe(nonsense === '2026' ? 2_026_000 : undefined)
  })

  it.each<[name: string, headers: Record<string, string>, waitMs: number | undefined]>([
    // 1,700,000,000 is Tue, 14 Nov 2023 22:13:20 GMT.
    [
      'since 1970, by its own clock',
      { date: 'Tue, 14 Nov 2023 22:13:20 GMT', 'x-ratelimit-reset': '1700000060' },
      60_000,
    ],
    ['in milliseconds', { date: 'Tue, 14 Nov 2023 22:13:20 GMT', 'x-ratelimit-reset': '1700000000250' }, 250],
    ['in the past', { date: 'Tue, 14 Nov 2023 22:13:20 GMT', 'x-ratelimit-reset': '1699999999' }, 0],
    ['from now on', { 'ratelimit-remaining': '0', 'ratelimit-reset': '12.5' }, 12_500],
    ['of Okta', { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '9' }, 9_000],
    ['together with Retry-After', { 'retry-after': '3', 'x-ratelimit-reset': '90' }, 3_000],
    ['that has requests left', { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '90' }, undefined],
    ['that is not a number', { 'x-ratelimit-reset': 'tomorrow' }, undefined],
  ])('reads the wait from a rate-limit window %s', (_name, headers, waitMs) => {
    expect(judge(429, '', [], { 'x-ratelimit-remaining': '0', ...headers })?.retryAfterMs).toBe(waitMs)
    expect(
      judge(500, '', [], { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '90' })?.retryAfterMs,
    ).toBeUndefined()
  })
})

describe('refusalIn', () => {
  const failureOf = (body: string, status = 401) => {
    const failure = readFailure(createProviderResponse(status, new Headers(), body), undefined, [], 0)
    if (failure === null) throw new Error('The response is a success.')
    return failure
  }

  it('reads the status and the words of the provider from a text of failureText', () => {
    const words = 'No (status 403). It says: and more'
    expect(refusalIn(failureText(failureOf(JSON.stringify({ message: words }))))).toEqual({
      status: 401,
      message: words,
    })
    expect(refusalIn(failureText(failureOf('')))).toEqual({ status: 401, message: null })
    expect(refusalIn(failureText(failureOf('{"error":"no"}', 403)))).toEqual({ status: 403, message: 'no' })
  })

  it('is null for other texts', () => {
    expect(refusalIn('The address has changed. It says: no')).toBeNull()
    expect(refusalIn('')).toBeNull()
  })
})
