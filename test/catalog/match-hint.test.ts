import { describe, expect, it } from 'vitest'
import type { GuideHint, ProviderGuide } from '../../src/catalog/guide.ts'
import { matchHint } from '../../src/catalog/match-hint.ts'

const words = (text: string) => ({ en: text, de: text })

const hint = (cause: string, conditions: Partial<GuideHint>): GuideHint => ({
  at: 'request',
  cause: words(cause),
  operator: words('Mend it.'),
  ...conditions,
})

const guideWith = (...hints: GuideHint[]): ProviderGuide => ({
  scopes: {},
  rateLimit: null,
  hints,
})

const causeOf = (guide: ProviderGuide | null, reported: Parameters<typeof matchHint>[1]) =>
  matchHint(guide, reported)?.cause.en ?? null

describe('matchHint', () => {
  it('compares the code exactly, and a message that is nothing but the code counts as the code', () => {
    const guide = guideWith(hint('scope', { errors: ['missing_scope', 'no_permission'] }))
    expect(causeOf(guide, { at: 'request', error: 'missing_scope' })).toBe('scope')
    expect(causeOf(guide, { at: 'request', error: 'no_permission', message: 'No.' })).toBe('scope')
    expect(causeOf(guide, { at: 'request', message: 'missing_scope' })).toBe('scope')
    expect(causeOf(guide, { at: 'request', message: 'missing_scope: The token lacks a scope.' })).toBe('scope')
    expect(causeOf(guide, { at: 'request', message: 'missing_scopes: The token lacks a scope.' })).toBeNull()
    expect(causeOf(guide, { at: 'request', error: 'missing_scopes' })).toBeNull()
    expect(causeOf(guide, { at: 'request', error: 'Missing_Scope' })).toBeNull()
    expect(causeOf(guide, { at: 'request', message: 'It is a missing_scope.' })).toBeNull()
  })

  it('finds a text in the message, ignoring case, and takes it literally', () => {
    const guide = guideWith(hint('consent', { messages: ['AADSTS65001', 'has (not) been used'] }))
    expect(causeOf(guide, { message: 'aadsts65001: The user or administrator has not consented.' })).toBe('consent')
    expect(causeOf(guide, { message: 'The API has (not) been used.' })).toBe('consent')
    expect(causeOf(guide, { message: 'The API has not been used.' })).toBeNull()
    expect(causeOf(guide, { error: 'AADSTS65001' })).toBeNull()
  })

  it('needs every condition of a hint', () => {
    const guide = guideWith(hint('tenant', { errors: ['invalid_grant'], messages: ['tenant'], statuses: [400, 401] }))
    const all = { error: 'invalid_grant', message: 'Unknown tenant.', status: 400 }
    expect(causeOf(guide, all)).toBe('tenant')
    expect(causeOf(guide, { ...all, status: 401 })).toBe('tenant')
    expect(causeOf(guide, { ...all, error: 'invalid_client' })).toBeNull()
    expect(causeOf(guide, { ...all, message: 'Unknown code.' })).toBeNull()
    expect(causeOf(guide, { ...all, message: null })).toBeNull()
    expect(causeOf(guide, { ...all, status: 403 })).toBeNull()
    expect(causeOf(guide, { ...all, status: undefined })).toBeNull()
  })

  it('takes hints of the place only, and of every place when the place is not known', () => {
    const guide = guideWith(
      hint('at token', { at: 'token', errors: ['denied'] }),
      hint('at consent', { at: 'consent', errors: ['denied'] }),
    )
    expect(causeOf(guide, { at: 'consent', error: 'denied' })).toBe('at consent')
    expect(causeOf(guide, { at: 'token', error: 'denied' })).toBe('at token')
    expect(causeOf(guide, { at: 'request', error: 'denied' })).toBeNull()
    expect(causeOf(guide, { error: 'denied' })).toBe('at token')
  })

  it('matches no hint about a page of the provider, and none without a condition', () => {
    const guide = guideWith(
      hint('page', { at: 'provider_page', errors: ['redirect_uri_mismatch'] }),
      hint('anything', {}),
    )
    expect(causeOf(guide, { error: 'redirect_uri_mismatch' })).toBeNull()
    expect(causeOf(guide, { at: 'request', error: 'redirect_uri_mismatch', status: 400, message: 'No.' })).toBeNull()
  })

  it('returns the first hint that applies, and null for a provider without a guide', () => {
    const guide = guideWith(
      hint('narrow', { messages: ['expired'], statuses: [401] }),
      hint('wide', { statuses: [401] }),
    )
    expect(causeOf(guide, { status: 401, message: 'The key has expired.' })).toBe('narrow')
    expect(causeOf(guide, { status: 401 })).toBe('wide')
    expect(causeOf(null, { status: 401 })).toBeNull()
  })
})
