import { referencesIn, translate, translateAll, UntranslatableError } from './nango-template.ts'
import {
  durationOf,
  fieldName,
  type NangoProvider,
  type NangoValues,
  record,
  withoutUndefined,
} from './nango-values.ts'

/** The modes JWT and APP_STORE. */
export function jwtOf(
  provider: NangoProvider,
  placement: Record<string, unknown> | undefined,
  values: NangoValues,
): Record<string, unknown> {
  const isAppStore = provider['auth_mode'] === 'APP_STORE'
  const appStore = {
    signing_key: '${credentials.privateKey}',
    expires_in_ms: 900_000,
    header: { alg: 'ES256', kid: '${credentials.privateKeyId}', typ: 'JWT' },
    payload: { iss: '${credentials.issuerId}', aud: 'appstoreconnect-v1' },
  }
  const token = isAppStore ? appStore : record(provider['token'])
  const { alg, typ, ...header } = record(token['header'])
  const made = jwtParts({ key: token['signing_key'], algorithm: alg, header, payload: token['payload'] }, values)
  const { protocol, hmac_secret_encoding: encoding } = record(provider['signature'])
  return withoutUndefined({
    type: 'jwt',
    ...made,
    keyEncoding: protocol === 'HMAC' && encoding !== 'utf8' ? 'hex' : undefined,
    lifetime: durationOf(Number(token['expires_in_ms'] ?? 3_600_000)),
    placement,
  })
}

/** How a JWT is signed. Claims whose value may be absent are left out. */
export function jwtParts(
  { key, algorithm, header, payload }: { key: unknown; algorithm: unknown; header: unknown; payload: unknown },
  values: NangoValues,
): Record<string, unknown> {
  if (typeof key !== 'string') throw new UntranslatableError('does not say which key signs the token')
  const claims: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(record(payload))) {
    const text = JSON.stringify(value)
    const optional = referencesIn(text).find((reference) => {
      const field = values.inputs.get(fieldName(reference.replace(/^connection_?[cC]onfig\./, '')))
      return field !== undefined && field.required !== true
    })
    if (optional !== undefined) values.differs(`The claim ${name} is left out, because its value is optional.`)
    else claims[name] = translateAll(value, claimExpression(values))
  }
  const headers = record(translateAll(record(header), claimExpression(values)))
  return withoutUndefined({
    algorithm,
    key: translate(key, values.expressionOf),
    headers: Object.keys(headers).length > 0 ? headers : undefined,
    claims: Object.keys(claims).length > 0 ? claims : undefined,
  })
}

/** A claim may read `nonce`, a value that is never repeated. */
function claimExpression(values: NangoValues) {
  return (reference: string) => (reference === 'random' ? 'nonce' : values.expressionOf(reference))
}
