import type { OpenedConnection } from '../credentials/credential-row.ts'
import type { AuthenticatedRequests, ConnectionSource } from '../requests/send.ts'
import { testRequestParts } from '../requests/test-request-parts.ts'
import { createAnswer, judgeAnswer } from '../requests/verdict.ts'

/** What a test of a credential found. */
export interface TestResult {
  ok: boolean
  /** False: the definition has no test request. */
  checked: boolean
  /** The provider's own words where it has any. */
  message: string
  providerStatus: number | null
}

const MAX_ANSWER_BYTES = 1024 * 1024

/**
 * Sends the definition's test request. Where it has none, a credential that can be had is all that is asked for.
 * @throws what the source throws; ProviderError when the provider cannot be reached: then nothing is known
 */
export async function sendTestRequest(requests: AuthenticatedRequests, source: ConnectionSource): Promise<TestResult> {
  const opened = await source.open()
  const { definition, scope } = opened
  const parts = testRequestParts(definition, scope)
  if (parts === undefined) {
    const message = 'A credential is there. The definition has no test request, so that the provider was not asked.'
    return { ok: true, checked: false, message, providerStatus: null }
  }
  const request = { ...parts, headers: [], accept: 'application/json' }
  const { response, body, ...last } = await requests.send(alreadyOpened(source, opened), request, {
    read: { whole: { maxBytes: MAX_ANSWER_BYTES } },
  })
  const { status, headers } = response
  const text = new TextDecoder().decode(body ?? new Uint8Array())
  const { secrets } = last.opened.authenticator
  const failure = judgeAnswer(createAnswer(status, headers, text), definition.responseErrors, secrets)
  if (failure === null) {
    return { ok: true, checked: true, message: 'The provider accepts the credential.', providerStatus: status }
  }
  return { ok: false, checked: true, message: failure.providerMessage ?? failure.message, providerStatus: status }
}

/** A credential that is good for one request must not be spent on the look at it. */
function alreadyOpened(source: ConnectionSource, opened: OpenedConnection): ConnectionSource {
  let first: OpenedConnection | null = opened
  return {
    async open() {
      const taken = first ?? (await source.open())
      first = null
      return taken
    },
    refused: (last) => source.refused(last),
  }
}
