/** Where the callbacks come in; the integration's own id follows, so that each has a redirect URI of its own. */
export const CALLBACK_PATH = '/oauth/callback/'

/**
 * What is registered with the provider: our callback of this integration, or the one that the workspace hosts itself. RFC 9700
 * section 4.4.2.2: with a redirect URI for each, an answer of one provider is never taken for another's.
 */
export function redirectUriOf(integration: { id: string; oauthRedirectUrl: string | null }, publicUrl: string): string {
  return integration.oauthRedirectUrl ?? `${publicUrl}${CALLBACK_PATH}${integration.id}`
}
