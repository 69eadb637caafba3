import { describe, expect, it } from 'vitest'
import { checkConnectionInput, inputFieldsOf } from '../../src/auth/check-fields.ts'
import { type DefinitionInput, parseDefinition } from '../../src/catalog/definition/definition.ts'
import { fieldErrorsOf } from './contract.ts'

const define = (more: Partial<DefinitionInput> = {}) =>
  parseDefinition({
    displayName: 'Test',
    baseUrl: 'https://{{ input.subdomain }}.example.com',
    auth: { type: 'bearer' },
    inputFields: [
      { name: 'subdomain', required: true },
      { name: 'region', label: 'The region', pattern: 'eu|us' },
    ],
    ...more,
  })

describe('checkConnectionInput', () => {
  it('describes fields with all defaults', () => {
    expect(inputFieldsOf(define())).toEqual([
      { name: 'subdomain', label: 'Subdomain', secret: false, required: true, multiline: false },
      { name: 'region', label: 'The region', secret: false, required: false, multiline: false, pattern: 'eu|us' },
    ])
    expect(inputFieldsOf(define({ baseUrl: 'https://example.com', inputFields: undefined }))).toEqual([])
  })

  it('returns the values unchanged', () => {
    expect(checkConnectionInput(define(), { subdomain: 'acme', region: 'eu' })).toEqual({
      subdomain: 'acme',
      region: 'eu',
    })
    expect(checkConnectionInput(define(), { subdomain: 'acme', region: null })).toEqual({ subdomain: 'acme' })
  })

  it('accepts only the values of choices', () => {
    const choices = [
      { value: 'eu', label: 'Europe' },
      { value: 'us', label: 'United States' },
    ]
    const definition = define({ baseUrl: 'https://example.com', inputFields: [{ name: 'region', choices }] })
    expect(checkConnectionInput(definition, { region: 'us' })).toEqual({ region: 'us' })
    expect(checkConnectionInput(definition, {})).toEqual({})
    expect(fieldErrorsOf(() => checkConnectionInput(definition, { region: 'US' }))).toEqual([
      'input.input.region: must be one of eu, us',
    ])
  })

  it('accepts absent inputs if none is required', () => {
    const definition = define({ baseUrl: 'https://example.com', inputFields: [{ name: 'a' }] })
    expect(checkConnectionInput(definition, undefined)).toEqual({})
  })

  it.each<[string, unknown, string[]]>([
    ['absent', undefined, ['.subdomain: is missing']],
    ['a list', [], [': must be an object of field values by name']],
    [
      'unknown, missing and malformed',
      { region: 'mars', zip: 1 },
      [
        '.zip: is not a known field. Fields: subdomain, region',
        '.subdomain: is missing',
        '.region: does not match the pattern eu|us',
      ],
    ],
    [
      'another host',
      { subdomain: 'evil.example/' },
      ['.subdomain: is part of a host name and may contain only letters, digits, dots and hyphens'],
    ],
    [
      'another user',
      { subdomain: 'x@evil.example' },
      ['.subdomain: is part of a host name and may contain only letters, digits, dots and hyphens'],
    ],
  ])('rejects %s', (_name, input, errors) => {
    expect(fieldErrorsOf(() => checkConnectionInput(define(), input))).toEqual(
      errors.map((error) => `input.input${error}`),
    )
  })

  it('ignores a base URL that is not known yet', () => {
    const definition = define({ baseUrl: 'https://{{ kept.host }}/{{ input.subdomain }}' })
    expect(checkConnectionInput(definition, { subdomain: 'acme' })).toEqual({ subdomain: 'acme' })
  })
})
