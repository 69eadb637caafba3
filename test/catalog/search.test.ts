import { describe, expect, it } from 'vitest'
import { catalogEntries } from '../../src/catalog/catalog.ts'
import type { CatalogEntry } from '../../src/catalog/provider-file.ts'
import { searchCatalog } from '../../src/catalog/search.ts'

const found = (search: string) => searchCatalog(catalogEntries({}), search).map(({ slug }) => slug)

const entry = (slug: string, displayName: string, more: Partial<CatalogEntry> = {}): CatalogEntry => ({
  ...{ slug, displayName, categories: [], aliases: [], auth: 'bearer', hasStreams: false, hasActions: false },
  ...{ hasWebhook: false, color: null, logoVersion: null },
  ...more,
})

describe('the search of the catalogue', () => {
  it.each([
    ['gdrive', 'google-drive'],
    ['G Drive', 'google-drive'],
    ['office 365 mail', 'outlook'],
    ['Office365-Mail', 'outlook'],
    ['o365 mail', 'outlook'],
    ['sfdc', 'salesforce'],
    ['QBO', 'quickbooks'],
    ['hub spot', 'hubspot'],
    ['gcal', 'google-calendar'],
    ['Google Kalender', 'google-calendar'],
    ['squareup', 'square'],
    ['twilio', 'twilio'],
    ['twilio email', 'sendgrid'],
    ['google', 'google-ads'],
    ['teams', 'microsoft-teams'],
    ['gsheets', 'google-sheets'],
    ['ms teams', 'microsoft-teams'],
    ['dataverse', 'microsoft-dynamics-365'],
    ['big query', 'google-bigquery'],
  ])('finds by what people type: %s', (search, slug) => {
    expect(found(search)[0]).toBe(slug)
  })

  it.each([
    ['hubsopt', 'hubspot'],
    ['salesfroce', 'salesforce'],
    ['slak', 'slack'],
    ['mailchip', 'mailchimp'],
    ['gogle drvie', 'google-drive'],
    ['quikbooks', 'quickbooks'],
  ])('finds misspelt names: %s', (search, slug) => {
    expect(found(search)).toContain(slug)
  })

  it('finds nothing for other words, short misspelt ones and punctuation', () => {
    for (const search of ['qwertzuiop', 'zzz', 'xirb', '%', '"', 'a'.repeat(1_000)])
      expect(found(search), search).toEqual([])
  })

  it('finds everything for an empty search, in the order of the entries', () => {
    const all = catalogEntries({}).map(({ slug }) => slug)
    expect(found('')).toEqual(all)
    expect(found('  ')).toEqual(all)
  })

  it('finds by categories in English and German, behind the names', () => {
    expect(found('buchhaltung')).toEqual(expect.arrayContaining(['quickbooks', 'xero']))
    expect(found('accounting')).toEqual(expect.arrayContaining(['quickbooks', 'xero']))
    expect(found('Wissensdatenbank')).toContain('notion')
  })

  it('ranks the exact name, an alias, the beginning, words, a part, and a category', () => {
    const entries = [
      entry('a', 'Other', { categories: ['crm'] }),
      entry('b', 'Micrmo'),
      entry('c', 'The Crm'),
      entry('d', 'Crmify'),
      entry('e', 'Alias', { aliases: ['c.r.m.'] }),
      entry('f', 'CRM'),
    ]
    expect(searchCatalog(entries, 'crm').map(({ slug }) => slug)).toEqual(['f', 'e', 'd', 'c', 'b', 'a'])
  })

  it('needs every word, and ignores accents', () => {
    const entries = [entry('cafe', 'Café Online'), entry('shop', 'Shop Online')]
    expect(searchCatalog(entries, 'online cafe').map(({ slug }) => slug)).toEqual(['cafe'])
    expect(searchCatalog(entries, 'ONLINE').map(({ slug }) => slug)).toEqual(['cafe', 'shop'])
  })
})
