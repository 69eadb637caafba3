import type { OAuth1 } from '../../catalog/definition/auth.ts'
import { renderTemplate } from '../../catalog/template/template.ts'
import { UnsupportedError } from '../../kit/errors.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { assertMayReceive } from '../../wire/credential-request.ts'
import { applyPlacement } from '../../wire/placement.ts'
import { addFinisher, bodyOf, type RequestDraft } from '../../wire/request-draft.ts'
import { checkFields } from '../check-fields.ts'
import { randomNonce } from '../signature/signature.ts'
import { distinctSecrets } from '../simple/secret-value.ts'
import { readStored, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy } from '../strategy.ts'
import { scopeOf } from '../template-scope.ts'
import { signOAuth1 } from './oauth1-signature.ts'

/**
 * OAuth 1.0a (RFC 5849): each request is signed with the consumer secret and the token secret, and has the signature in the
 * Authorization header. The consumer may be the integration's OAuth client.
 */
export const oauth1: AuthStrategy<OAuth1> = {
  type: 'oauth1',
  describe(auth, options) {
    return { type: 'OAUTH1', scopes: [], credentialFields: describedFieldsOf(auth, options), options: [] }
  },
  check(auth, input, context) {
    return { type: 'oauth1', fields: checkFields(auth, input, context, ['fields']).values }
  },
  open(auth, stored, context) {
    const { fields } = readStored(storedSchemas.oauth1, stored)
    const { clock = () => new Date(), nonce = randomNonce, oauthClient } = context
    const consumerKey = fields['consumer_key'] ?? oauthClient?.clientId
    const consumerSecret = fields['consumer_secret'] ?? oauthClient?.clientSecret ?? ''
    const { token, token_secret: tokenSecret = '' } = fields
    const realm =
      auth.realm === undefined
        ? undefined
        : renderTemplate(auth.realm, scopeOf(auth, { type: 'oauth1', fields }, context))
    return {
      apply(draft) {
        if (consumerKey === undefined)
          throw new UnsupportedError('The credential has no consumer key, which signing needs.')
        addFinisher(draft, (final) => {
          // With PLAINTEXT, the header contains the secret itself (RFC 5849 section 3.4.4).
          if (auth.signature === 'PLAINTEXT' && fields['consumer_secret'] === undefined)
            assertMayReceive(oauthClient, final.url)
          const header = signOAuth1({
            method: final.method,
            url: final.url,
            form: formOf(final),
            signature: auth.signature ?? 'HMAC-SHA1',
            ...{ consumerKey, consumerSecret, token, tokenSecret },
            timestamp: Math.floor(clock().getTime() / 1000),
            nonce: nonce(),
            version: '1.0',
            realm,
          })
          applyPlacement(final, { in: 'header', name: 'Authorization' }, header)
        })
      },
      ready: true,
      refreshable: false,
      scopes: [],
      secrets: distinctSecrets([consumerSecret, token, tokenSecret]),
    }
  },
}

/** Signing parses and sorts them all: about 100 ms for as many. */
const MAX_FORM_PARAMETERS = 20_000

function parametersOf(body: string): URLSearchParams {
  let count = 1
  for (let at = body.indexOf('&'); at !== -1; at = body.indexOf('&', at + 1)) count += 1
  if (count <= MAX_FORM_PARAMETERS) return new URLSearchParams(body)
  throw new UnsupportedError(
    `A form of more than ${MAX_FORM_PARAMETERS} parameters cannot be signed. Send fewer in one request.`,
  )
}

/** The parameters of a form body. Other bodies are not signed (RFC 5849 section 3.4.1.3.1). */
function formOf(draft: RequestDraft): URLSearchParams {
  const body = bodyOf(draft) ?? ''
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(draft.headers.get('content-type') ?? '')
  if (!isForm) return new URLSearchParams()
  if (typeof body === 'string') return parametersOf(body)
  if (body instanceof Uint8Array) return parametersOf(Buffer.from(body).toString())
  throw new UnsupportedError('A streamed form cannot be signed. Send the form with a known length instead of a stream.')
}
