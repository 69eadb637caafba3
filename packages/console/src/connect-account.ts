import { mutate } from './api.ts'
import { AllowRedirectDocument, StartConnectingDocument } from './generated/graphql.ts'
import { hrefOf } from './router.ts'

/** The end user of connections that people make in the console. */
export const OWN_END_USER = 'console'

interface Target {
  workspaceId: string
  /** Path of the workspace. */
  base: string
  /** Slug of the integration to connect, or the connection of the console's own end user to connect again. */
  integration: string | { connectionId: string }
  /** The `redirectUrls` of the workspace. */
  redirectUrls: readonly string[]
}

/**
 * Leads to the connect page of an integration. The browser comes back to the console, which confirms the connection.
 * @throws Error with the message for people
 */
export async function connectAccount({ workspaceId, base, integration, redirectUrls }: Target): Promise<void> {
  const redirectUrl = `${location.origin}${hrefOf(`${base}/connected`)}`
  if (!redirectUrls.includes(redirectUrl)) {
    await mutate(AllowRedirectDocument, { input: { workspaceId, redirectUrls: [...redirectUrls, redirectUrl] } })
  }
  const offered = typeof integration === 'string' ? { integrations: [integration] } : integration
  const payload = await mutate(StartConnectingDocument, {
    input: { workspaceId, endUserExternalId: OWN_END_USER, redirectUrl, ...offered },
  })
  if (payload.__typename === 'CreateConnectSessionPayload') location.assign(payload.connectUrl)
}
