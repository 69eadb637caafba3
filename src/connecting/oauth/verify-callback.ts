import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ConsentAuth } from './consent-request.ts'
import { refused } from './flow-failure.ts'

const SHOP = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/i

/**
 * Checks the provider's own signature of the callback, where the definition names one. Shopify: HMAC-SHA256 in hex, by the
 * client's secret, of all other parameters sorted by name, as a query
 * (https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant#step-3).
 * @throws FlowFailedError
 */
export function verifyCallback(auth: ConsentAuth, clientSecret: string | undefined, params: URLSearchParams): void {
  if (auth.type === 'oauth1' || auth.callbackVerify === undefined) return
  const given = params.get('hmac') ?? ''
  const others = new URLSearchParams([...params].filter(([name]) => name !== 'hmac'))
  others.sort()
  const expected = createHmac('sha256', clientSecret ?? '')
    .update(others.toString())
    .digest()
  const valid = /^[0-9a-f]{64}$/i.test(given) && timingSafeEqual(Buffer.from(given, 'hex'), expected)
  // Without a secret anybody could sign.
  if (!valid || clientSecret === undefined || clientSecret === '') {
    throw refused('The answer is not signed by the provider.')
  }
  if (!SHOP.test(params.get('shop') ?? '')) throw refused('The answer names no shop.')
}

const MAX_KEPT = 1_000

/** What of the callback is kept with the connection, by the definition's callbackKeep: QuickBooks' realmId. */
export function keptOfCallback(auth: ConsentAuth, params: URLSearchParams): Record<string, string> {
  const { callbackKeep = {} } = auth.type === 'oauth1' ? {} : auth
  const kept: Record<string, string> = {}
  for (const [param, name] of Object.entries(callbackKeep)) {
    const value = params.get(param)
    if (value === null || value === '') continue
    if (value.length > MAX_KEPT || !value.isWellFormed() || /\p{Cc}/u.test(value)) {
      throw refused(`The parameter ${param} of the answer cannot be kept.`)
    }
    kept[name] = value
  }
  return kept
}
