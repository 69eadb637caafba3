import { BoundedMap } from '../kit/bounded-map.ts'
import { type IntegrationDefinition, type Provider, parseDefinition } from './definition/definition.ts'
import { airtable } from './providers/airtable.ts'
import { asana } from './providers/asana.ts'
import { aws } from './providers/aws.ts'
import { calendly } from './providers/calendly.ts'
import { chargebee } from './providers/chargebee.ts'
import { discord } from './providers/discord.ts'
import { dropbox } from './providers/dropbox.ts'
import { emarsys } from './providers/emarsys.ts'
import { figma } from './providers/figma.ts'
import { github } from './providers/github.ts'
import { githubApp } from './providers/github-app.ts'
import { gitlab } from './providers/gitlab.ts'
import { gmail } from './providers/gmail.ts'
import { googleCalendar } from './providers/google-calendar.ts'
import { googleDrive } from './providers/google-drive.ts'
import { greenhouse } from './providers/greenhouse.ts'
import { hubspot } from './providers/hubspot.ts'
import { intercom } from './providers/intercom.ts'
import { jira } from './providers/jira.ts'
import { linear } from './providers/linear.ts'
import { mailchimp } from './providers/mailchimp.ts'
import { metabase } from './providers/metabase.ts'
import { netsuite } from './providers/netsuite.ts'
import { notion } from './providers/notion.ts'
import { onedrive } from './providers/onedrive.ts'
import { outlook } from './providers/outlook.ts'
import { quickbooks } from './providers/quickbooks.ts'
import { salesforce } from './providers/salesforce.ts'
import { sendgrid } from './providers/sendgrid.ts'
import { shopify } from './providers/shopify.ts'
import { slack } from './providers/slack.ts'
import { smartsheet } from './providers/smartsheet.ts'
import { square } from './providers/square.ts'
import { stripe } from './providers/stripe.ts'
import { xero } from './providers/xero.ts'
import { zendesk } from './providers/zendesk.ts'
import { zoom } from './providers/zoom.ts'
import { sandboxProvider } from './sandbox-provider.ts'

/**
 * All built-in providers: one file in `providers/` and one line here for each. Their `rateLimit` is the provider's limit for an app over
 * all accounts. Limits per account are not listed; the provider signals them with 429.
 */
export const PROVIDERS: readonly Provider[] = [
  { slug: 'airtable', definition: airtable },
  { slug: 'asana', definition: asana },
  { slug: 'aws', definition: aws },
  { slug: 'calendly', definition: calendly },
  { slug: 'chargebee', definition: chargebee },
  { slug: 'discord', definition: discord },
  { slug: 'dropbox', definition: dropbox },
  { slug: 'emarsys', definition: emarsys },
  { slug: 'figma', definition: figma },
  { slug: 'github', definition: github },
  { slug: 'github-app', definition: githubApp },
  { slug: 'gitlab', definition: gitlab },
  { slug: 'gmail', definition: gmail },
  { slug: 'google-calendar', definition: googleCalendar },
  { slug: 'google-drive', definition: googleDrive },
  { slug: 'greenhouse', definition: greenhouse },
  { slug: 'hubspot', definition: hubspot },
  { slug: 'intercom', definition: intercom },
  { slug: 'jira', definition: jira },
  { slug: 'linear', definition: linear },
  { slug: 'mailchimp', definition: mailchimp },
  { slug: 'metabase', definition: metabase },
  { slug: 'netsuite', definition: netsuite },
  { slug: 'notion', definition: notion },
  { slug: 'onedrive', definition: onedrive },
  { slug: 'outlook', definition: outlook },
  { slug: 'quickbooks', definition: quickbooks },
  { slug: 'salesforce', definition: salesforce },
  { slug: 'sendgrid', definition: sendgrid },
  { slug: 'shopify', definition: shopify },
  { slug: 'slack', definition: slack },
  { slug: 'smartsheet', definition: smartsheet },
  { slug: 'square', definition: square },
  { slug: 'stripe', definition: stripe },
  { slug: 'xero', definition: xero },
  { slug: 'zendesk', definition: zendesk },
  { slug: 'zoom', definition: zoom },
]

/** The built-in providers, and those of this deployment. */
let withOwn: readonly Provider[] = PROVIDERS

/**
 * Adds the providers of `LATCHKEY_PROVIDERS_DIR` to the catalogue, instead of those that were added before. Called once, before the start.
 * @throws Error for the slug of a built-in provider
 */
export function setOwnProviders(providers: readonly Provider[]): void {
  const taken = providers.find(({ slug }) => isBuiltIn(slug))
  if (taken !== undefined) throw new Error(`The catalogue has a built-in provider ${taken.slug}.`)
  withOwn = [...PROVIDERS, ...providers].sort((one, other) => (one.slug < other.slug ? -1 : 1))
}

/** Whether a slug is that of a built-in provider, whose definition a deployment cannot replace. */
export function isBuiltIn(slug: string): boolean {
  return slug === sandboxProvider().slug || PROVIDERS.some((provider) => provider.slug === slug)
}

/** Finds the provider of an existing integration; the sandbox is always included. */
export function findProvider(slug: string): Provider | null {
  return findCatalogEntry(slug, { sandbox: true })
}

/** Which providers are offered. */
interface CatalogEntry {
  /** The sandbox runs in this deployment. Default: false. */
  sandbox?: boolean
}

export function catalogEntries({ sandbox = false }: CatalogEntry): readonly Provider[] {
  return sandbox ? [...withOwn, sandboxProvider()] : withOwn
}

export function findCatalogEntry(slug: string, offer: CatalogEntry): Provider | null {
  return catalogEntries(offer).find((provider) => provider.slug === slug) ?? null
}

/** The columns of an integration from which its definition is read. */
interface DefinitionSource {
  id: string
  updatedAt: Date
  /** Slug of a provider of the catalogue; null: the workspace has its own `definition`. */
  provider: string | null
  definition: unknown
}

const parsed = new BoundedMap<string, { updatedAt: number; definition: IntegrationDefinition }>({ max: 1_000 })

/**
 * The definition of an integration. It is parsed once for each version.
 * @throws Error when this version does not have the provider, or no longer accepts the definition
 */
export function definitionOf(source: DefinitionSource): IntegrationDefinition {
  if (source.provider !== null) {
    const provider = findProvider(source.provider)
    if (provider === null) throw new Error(`The catalogue of this version has no provider "${source.provider}".`)
    return provider.definition
  }
  const known = parsed.get(source.id)
  if (known !== undefined && known.updatedAt === source.updatedAt.getTime()) return known.definition
  const definition = parseDefinition(source.definition, { isStored: true })
  parsed.set(source.id, { updatedAt: source.updatedAt.getTime(), definition })
  return definition
}
