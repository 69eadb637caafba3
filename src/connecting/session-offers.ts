import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { describeAuth } from '../auth/describe-auth.ts'
import type { CredentialDescription } from '../auth/strategy.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { Auth } from '../catalog/definition/auth.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import { hasCommonClient } from '../connections/registered-clients.ts'
import type { Database } from '../db/database.ts'
import type { Connection, ConnectSession, Integration } from '../db/generated/client.ts'
import type { Logger } from '../kit/log.ts'
import {
  bringsClient,
  type Consent,
  type ConsentAuth,
  consentOf,
  defaultScopes,
  noOAuthClient,
} from './oauth/consent-request.ts'

/** An integration that the page of a session offers. */
export interface Offer {
  integration: Integration
  definition: IntegrationDefinition
  /** One, or the options of a selective definition. */
  methods: readonly Method[]
}

/** A way to sign in. */
export interface Method {
  /** The key of an option; null: the definition has only this method. */
  key: string | null
  label: string
  description: CredentialDescription
  /** The user connects on the provider's consent page. Null: the page shows a form. */
  consent: ConsentAuth | null
  /** The scopes that are requested from the provider. */
  scopes: readonly string[]
  /** What is missing, for the developers of the product. Null: the method can be used. */
  missing: string | null
}

/** Whether the user can connect at all. */
export function isUsable({ methods }: Offer): boolean {
  return methods.some(({ missing }) => missing === null)
}

export interface OfferDeps {
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
  const offers = rows.flatMap((integration) => offerOf(deps, integration) ?? [])
  // A requested integration that is not set up is shown with an explanation. Among all, only usable ones are shown.
  return all ? offers.filter(isUsable) : offers
}

/** Null: this version does not accept the definition. */
export function offerOf(deps: Omit<OfferDeps, 'database'>, integration: Integration): Offer | null {
  try {
    const definition = definitionOf(integration)
    const { auth } = definition
    const methods =
      auth.type === 'selective'
        ? auth.options.map((option) => methodOf(deps, integration, { ...option, whole: auth }))
        : [methodOf(deps, integration, { key: null, label: integration.displayName, auth, whole: auth })]
    return { integration, definition, methods }
  } catch (error) {
    deps.logger.error({ err: error, integrationId: integration.id }, 'an integration cannot be offered')
    return null
  }
}

/** @param option.whole the auth of the definition */
function methodOf(
  { customStrategies }: Pick<OfferDeps, 'customStrategies'>,
  integration: Integration,
  { key, label, auth, whole }: { key: string | null; label: string; auth: Auth; whole: Auth },
): Method {
  const hasOAuthClient = hasCommonClient(integration)
  const consent = consentOf(whole, key)
  const description = describeAuth(auth, { hasOAuthClient }, customStrategies)
  return {
    ...{ key, label, description },
    consent: consent?.auth ?? null,
    scopes: consent === null ? description.scopes : defaultScopes(integration, consent.auth),
    missing: missingOf(auth, consent, integration, customStrategies),
  }
}

function missingOf(
  auth: Auth,
  consent: Consent | null,
  integration: Integration,
  customStrategies: CustomStrategies,
): string | null {
  if (auth.type === 'custom' && !customStrategies.has(auth.strategy)) {
    return `This deployment has no strategy ${auth.strategy}, which the integration ${integration.slug} needs.`
  }
  const hasClient = consent === null || hasCommonClient(integration) || bringsClient(consent.auth)
  return hasClient ? null : noOAuthClient(integration.slug)
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
