/**
 * An auth strategy of a deployment's own, in a file of its own. Start Latchkey with `LATCHKEY_STRATEGIES_DIR` naming this
 * folder, and a definition may say
 *
 *     "auth": { "type": "custom", "strategy": "challenge", "options": { "loginUrl": "https://api.example.com/login" } }
 *
 * The provider gives a challenge, and a session for the right answer to it: the key itself never goes out.
 *
 *     POST <loginUrl>/challenge  { account }                     { challenge }
 *     POST <loginUrl>/session    { account, challenge, answer }  { session, expiresInSeconds }
 *
 * `answer` is the HMAC-SHA256 of the challenge under the key, in hexadecimal digits. The session goes out as `X-Session`.
 * `npm start -- check-strategies examples/strategies` tries it without sending anything.
 */
import { createHmac } from 'node:crypto'
import type { CustomRenewContext, CustomStrategy } from '../../src/auth/custom/custom-strategy.ts'

export const strategy: CustomStrategy = {
  name: 'challenge',
  // Options that it cannot work with are refused when the integration is made.
  fields({ loginUrl }) {
    if (typeof loginUrl !== 'string' || !URL.canParse(loginUrl)) throw new Error('loginUrl must be a URL')
    const key = {
      name: 'key',
      label: 'Signing key',
      description: '64 hexadecimal digits',
      secret: true,
      required: true,
    }
    return [
      { name: 'account', label: 'Account', required: true, example: 'acme' },
      { ...key, example: '00'.repeat(32) },
    ]
  },
  // Beyond what the pattern of a field can say; no message holds a value.
  check: ({ key = '' }) => (/^[0-9a-f]{64}$/i.test(key) ? {} : { key: 'must be 64 hexadecimal digits' }),
  open: ({ data }, { place }) => ({
    apply: (draft) => place(draft, { in: 'header', name: 'X-Session' }, String(data['session'])),
    secrets: [String(data['session'] ?? '')],
  }),
  async renew({ fields: { account, key = '' } }, context) {
    const { challenge } = await post(context, 'challenge', { account })
    const answer = createHmac('sha256', Buffer.from(key, 'hex')).update(String(challenge)).digest('hex')
    const { session, expiresInSeconds } = await post(context, 'session', { account, challenge, answer })
    if (typeof session !== 'string' || typeof expiresInSeconds !== 'number') {
      const message = 'The provider answered without a session.'
      throw context.failure(message, { reason: 'MALFORMED_RESPONSE', retryable: true })
    }
    return { data: { session }, expiresAt: new Date(context.now.getTime() + expiresInSeconds * 1000) }
  },
  example: { options: { loginUrl: 'https://api.example.com/login' }, data: { session: 'an example' } },
}

/** One step of the login. What is thrown decides what becomes of the connection. */
async function post(
  { egress, options, signal, timeoutMs, failure }: CustomRenewContext,
  step: string,
  body: unknown,
): Promise<Record<string, unknown>> {
  const response = await egress.send({
    method: 'POST',
    url: `${options['loginUrl']}/${step}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'never',
    signal,
    timeoutMs,
  })
  const answer = readJson(await response.text())
  // A person has to bring another key: the connection needs to be connected again.
  if (response.status === 403) {
    throw failure('The provider does not accept the key.', { reason: 'INVALID_GRANT', retryable: false })
  }
  if (response.status !== 200 || typeof answer !== 'object' || answer === null) {
    throw failure(`The login answered with status ${response.status}.`, {
      reason: 'PROVIDER_UNAVAILABLE',
      retryable: true,
      // A login consumes nothing: it may be repeated at once.
      unavailable: [429, 502, 503, 504].includes(response.status),
    })
  }
  return { ...answer }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
