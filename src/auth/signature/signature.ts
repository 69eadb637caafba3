import { randomBytes } from 'node:crypto'
import type { Signature } from '../../catalog/definition/auth.ts'
import { describedFieldsOf } from '../../wire/credential-fields.ts'
import { addFinisher } from '../../wire/request-draft.ts'
import { scopeOf } from '../../wire/template-scope.ts'
import { checkFields } from '../check-fields.ts'
import { distinctSecrets, secretsOf } from '../simple/secret-value.ts'
import { readStored, storedSchemas } from '../stored-credential.ts'
import type { AuthStrategy } from '../strategy.ts'
import { awsKeys, signForAws } from './aws.ts'
import { signByHmac } from './signature-hmac.ts'

/** Each request is signed, once all else stands in it: AWS Signature Version 4, or an HMAC of a text of its parts. */
export const signature: AuthStrategy<Signature> = {
  type: 'signature',
  describe(auth, options) {
    return { type: 'SIGNATURE', scopes: [], credentialFields: describedFieldsOf(auth, options), options: [] }
  },
  check(auth, input, context) {
    return { type: 'signature', fields: checkFields(auth, input, context, ['secretText', 'fields']).values }
  },
  open(auth, stored, context) {
    const credential = readStored(storedSchemas.signature, stored)
    const scope = scopeOf(auth, credential, context)
    const { clock = () => new Date(), nonce = randomNonce } = context
    const keys = auth.method === 'aws_sigv4' ? awsKeys(auth, scope) : undefined
    return {
      apply(draft) {
        addFinisher(draft, (final) => {
          if (keys !== undefined) signForAws(final, keys, clock())
          else if (auth.method === 'hmac') signByHmac(auth, final, scope, clock(), nonce)
        })
      },
      ready: true,
      refreshable: false,
      scopes: [],
      secrets: distinctSecrets([
        ...secretsOf(describedFieldsOf(auth, {}), credential.fields),
        keys?.secretAccessKey,
        keys?.sessionToken,
      ]),
    }
  },
}

export function randomNonce(): string {
  return randomBytes(16).toString('hex')
}
