import type { Auth } from '../catalog/definition/auth.ts'
import { UnsupportedError } from '../kit/errors.ts'
import { withClientCertificate } from './client-certificate.ts'
import { custom } from './custom/custom.ts'
import type { CustomStrategies } from './custom/custom-strategy.ts'
import { oauth1 } from './oauth1/oauth1.ts'
import { oauth2 } from './oauth2/oauth2.ts'
import { sessionToken } from './session/session-token.ts'
import { jwt } from './signature/jwt.ts'
import { signature } from './signature/signature.ts'
import { apiKey } from './simple/api-key.ts'
import { basic } from './simple/basic.ts'
import { bearer } from './simple/bearer.ts'
import { none } from './simple/none.ts'
import { selective } from './simple/selective.ts'
import type { AuthStrategy, BoundStrategy } from './strategy.ts'

const NO_CUSTOM_STRATEGIES: CustomStrategies = new Map()

/**
 * The strategy for a definition's auth.
 *
 * @param customStrategies the strategies that the deployment adds; see load-custom-strategies.ts
 * @throws UnsupportedError for a custom strategy that is not one of them
 */
export function strategyOf(auth: Auth, customStrategies: CustomStrategies = NO_CUSTOM_STRATEGIES): BoundStrategy {
  return withClientCertificate(boundStrategyOf(auth, customStrategies), auth)
}

function boundStrategyOf(auth: Auth, customStrategies: CustomStrategies): BoundStrategy {
  const resolve = (inner: Auth) => strategyOf(inner, customStrategies)
  switch (auth.type) {
    case 'none':
      return bind(none, auth)
    case 'basic':
      return bind(basic, auth)
    case 'bearer':
      return bind(bearer, auth)
    case 'api_key':
      return bind(apiKey, auth)
    case 'oauth2':
      return bind(oauth2, auth)
    case 'session_token':
      return bind(sessionToken(resolve), auth)
    case 'jwt':
      return bind(jwt, auth)
    case 'signature':
      return bind(signature, auth)
    case 'oauth1':
      return bind(oauth1, auth)
    case 'selective':
      return bind(selective(resolve), auth)
    case 'custom':
      return bind(custom(auth, customStrategies), auth)
  }
}

function bind<A extends Auth>(strategy: AuthStrategy<A>, auth: A): BoundStrategy {
  return {
    describe: (options = {}) => strategy.describe(auth, options),
    check: (input, context) => strategy.check(auth, input, context),
    open: (stored, context) => strategy.open(auth, stored, context),
    async renew(stored, context) {
      if (strategy.renew !== undefined) return strategy.renew(auth, stored, context)
      throw new UnsupportedError(`A credential of the type ${auth.type} cannot be renewed.`)
    },
  }
}
