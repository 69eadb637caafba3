import { createRequire } from 'node:module'
import { extname } from 'node:path'
import type { ProviderGuide } from './guide.ts'

/** The slugs of the providers with a guide: one file in `guides/` for each, which exports `<slug in camel case>Guide`. */
export const GUIDES: readonly string[] = [
  'airtable',
  'asana',
  'aws',
  'calendly',
  'chargebee',
  'discord',
  'dropbox',
  'emarsys',
  'figma',
  'github',
  'github-app',
  'gitlab',
  'gmail',
  'google-calendar',
  'google-drive',
  'greenhouse',
  'hubspot',
  'intercom',
  'jira',
  'linear',
  'mailchimp',
  'metabase',
  'netsuite',
  'notion',
  'onedrive',
  'outlook',
  'quickbooks',
  'salesforce',
  'sandbox',
  'sendgrid',
  'shopify',
  'slack',
  'smartsheet',
  'square',
  'stripe',
  'xero',
  'zendesk',
  'zoom',
]

const require = createRequire(import.meta.url)
/** The guides have the same extension as this file: `.ts`, or `.js` in the npm package. */
const EXTENSION = extname(import.meta.filename)

/**
 * The guide of a provider of the catalogue. Null: it has none.
 *
 * A guide is loaded when it is first needed, because all of them would add to the start of every process.
 */
export function findGuide(slug: string): ProviderGuide | null {
  if (!GUIDES.includes(slug)) return null
  const name = slug.replace(/-(\w)/g, (_match, letter: string) => letter.toUpperCase())
  return require(`./guides/${slug}${EXTENSION}`)[`${name}Guide`]
}
