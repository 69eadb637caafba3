import { TOKEN_EXCHANGE_GRANT } from '../../catalog/definition/oauth2.ts'
import { isRecord } from '../../catalog/template/value.ts'
import type { RequestDraft } from '../../wire/request-draft.ts'

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/**
 * Why the answer to a token exchange cannot be used (RFC 8693 section 2.2.1): it must say what it has issued, and that must be
 * what was asked for, an access token where the request names nothing. Undefined: it can, or it was no token exchange.
 */
export function exchangeProblem(grantType: string, request: RequestDraft, answer: unknown): string | undefined {
  if (grantType !== TOKEN_EXCHANGE_GRANT) return undefined
  const issued = isRecord(answer) ? answer['issued_token_type'] : undefined
  if (typeof issued !== 'string' || issued === '') return 'It does not say what it has issued (issued_token_type).'
  return issued === requestedType(request) ? undefined : 'It has issued another type of token than was asked for.'
}

/** As it stands in the request, whoever has put it there. */
function requestedType({ body }: RequestDraft): string {
  if (body?.type === 'form') return body.value.get('requested_token_type') ?? ACCESS_TOKEN
  const asked = body?.type === 'json' && isRecord(body.value) ? body.value['requested_token_type'] : undefined
  return typeof asked === 'string' ? asked : ACCESS_TOKEN
}
