import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { describeAuth } from '../auth/describe-auth.ts'
import type { CredentialDescription } from '../auth/strategy.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import type { Database } from '../db/database.ts'
import type { Connection, ConnectSession, Integration } from '../db/generated/client.ts'
import type { Logger } from '../kit/log.ts'
import { consentOf } from './oauth/consent-request.ts'

/** An integration that a session's page offers. */
export interface Offer {
  integration: Integration
  definition: IntegrationDefinition
  description: CredentialDescription
  /** The provider asks the person itself; else the page has a form. */
  consent: boolean
  /** What the provider is asked to allow. */
  scopes: readonly string[]
}

interface OfferDeps {
  database: Database
  customStrategies: CustomStrategies
  logger: Logger
}

const MAX_OFFERED = 200

/** What a session offers, in the order that was asked for, else by name. */
export async function offersOf(deps: OfferDeps, session: ConnectSession): Promise<Offer[]> {
  const { integrationIds, workspaceId } = session
  const all = integrationIds.length === 0
  const rows = await deps.database.prisma.integration.findMany({
    where: { workspaceId, deletedAt: null, ...(all ? {} : { id: { in: integrationIds } }) },
    orderBy: { displayName: 'asc' },
    take: MAX_OFFERED,
  })
  if (!all) rows.sort((a, b) => integrationIds.indexOf(a.id) - integrationIds.indexOf(b.id))
  const offers = rows.flatMap((integration) => offerOf(deps, integration) ?? [])
  // What was named is shown, and says what is missing; of all there are, only what a person can use.
  return all ? offers.filter((offer) => !offer.consent || hasClient(offer)) : offers
}

function offerOf({ customStrategies, logger }: OfferDeps, integration: Integration): Offer | null {
  try {
    const definition = definitionOf(integration)
    const { auth } = definition
    const description = describeAuth(auth, { hasOAuthClient: integration.oauthClientId !== null }, customStrategies)
    const scopes = integration.oauthScopes.length > 0 ? integration.oauthScopes : description.scopes
    return { integration, definition, description, scopes, consent: asksProvider(integration, definition) }
  } catch (error) {
    logger.error({ err: error, integrationId: integration.id }, 'an integration cannot be offered')
    return null
  }
}

function hasClient({ integration: { oauthClientId }, definition: { auth } }: Offer): boolean {
  const consent = consentOf(auth)?.auth
  return oauthClientId !== null || (consent?.type === 'oauth2' && consent.clientId !== undefined)
}

/** Of several ways to choose from, the provider's consent page comes first, where the workspace has a client for it. */
function asksProvider({ oauthClientId }: Integration, { auth }: IntegrationDefinition): boolean {
  return consentOf(auth) !== null && (auth.type !== 'selective' || oauthClientId !== null)
}

/**
 * The connection that a session works on at an integration: the one that is to be connected again, or the one that an
 * earlier attempt of the same session left behind. Null: there is none yet.
 */
export async function connectionInWork(
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
