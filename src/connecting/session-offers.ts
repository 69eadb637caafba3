import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { describeAuth } from '../auth/describe-auth.ts'
import type { CredentialDescription } from '../auth/strategy.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import type { Database } from '../db/database.ts'
import type { Connection, ConnectSession, Integration } from '../db/generated/client.ts'
import type { Logger } from '../kit/log.ts'
import { consentOf } from './oauth/consent-request.ts'

/** An integration that the page of a session offers. */
export interface Offer {
  integration: Integration
  definition: IntegrationDefinition
  description: CredentialDescription
  /** True: the user connects on the provider's consent page. False: the page shows a form. */
  consent: boolean
  /** The scopes that are requested from the provider. */
  scopes: readonly string[]
}

interface OfferDeps {
  database: Database
  customStrategies: CustomStrategies
  logger: Logger
}

const MAX_OFFERS = 200

/** The integrations that a session offers: the requested ones in their order, or all of the workspace by name. */
export async function findOffers(deps: OfferDeps, session: ConnectSession): Promise<Offer[]> {
  const { integrationIds, workspaceId } = session
  const all = integrationIds.length === 0
  const rows = await deps.database.prisma.integration.findMany({
    where: { workspaceId, deletedAt: null, id: all ? undefined : { in: integrationIds } },
    orderBy: { displayName: 'asc' },
    take: MAX_OFFERS,
  })
  if (!all) rows.sort((a, b) => integrationIds.indexOf(a.id) - integrationIds.indexOf(b.id))
  const offers = rows.flatMap((integration) => toOffer(deps, integration) ?? [])
  // A requested integration without an OAuth client is shown with an explanation. Among all, only usable ones are shown.
  return all ? offers.filter((offer) => !offer.consent || hasOAuthClient(offer)) : offers
}

function toOffer({ customStrategies, logger }: OfferDeps, integration: Integration): Offer | null {
  try {
    const definition = definitionOf(integration)
    const { auth } = definition
    const description = describeAuth(auth, { hasOAuthClient: integration.oauthClientId !== null }, customStrategies)
    const scopes = integration.oauthScopes.length > 0 ? integration.oauthScopes : description.scopes
    return { integration, definition, description, scopes, consent: usesConsentPage(integration, definition) }
  } catch (error) {
    logger.error({ err: error, integrationId: integration.id }, 'an integration cannot be offered')
    return null
  }
}

function hasOAuthClient({ integration: { oauthClientId }, definition: { auth } }: Offer): boolean {
  const consent = consentOf(auth)?.auth
  return oauthClientId !== null || (consent?.type === 'oauth2' && consent.clientId !== undefined)
}

/** Of several auth options, the consent page is preferred if the integration has an OAuth client for it. */
function usesConsentPage({ oauthClientId }: Integration, { auth }: IntegrationDefinition): boolean {
  return consentOf(auth) !== null && (auth.type !== 'selective' || oauthClientId !== null)
}

/**
 * The connection that a session connects at an integration: the one to reconnect, or the PENDING one that an earlier flow of
 * the session created. Null when there is none yet.
 */
export async function findSessionConnection(
  { prisma }: Database,
  { id, reconnectId }: ConnectSession,
  integrationId: string,
): Promise<Connection | null> {
  if (reconnectId !== null) {
    return prisma.connection.findUnique({ where: { id: reconnectId, integrationId, deletedAt: null } })
  }
  const flow = await prisma.oAuthFlow.findFirst({
    where: { connectSessionId: id, integrationId, connection: { status: 'PENDING', deletedAt: null } },
    orderBy: { id: 'desc' },
    include: { connection: true },
  })
  return flow?.connection ?? null
}
