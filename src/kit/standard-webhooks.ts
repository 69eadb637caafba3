import { createHmac, randomBytes } from 'node:crypto'

/**
 * The headers of a signed message to a product's endpoint, by the Standard Webhooks specification 1.0 (standardwebhooks.com):
 * `webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`, one for each secret, separated by spaces.
 */
interface SignedHeaders {
  'webhook-id': string
  'webhook-timestamp': string
  'webhook-signature': string
}

const PREFIX = 'whsec_'
const MIN_BYTES = 24
const MAX_BYTES = 64

/** A new `whsec_…` secret of 32 random bytes. */
export function newWebhookSecret(): string {
  return PREFIX + randomBytes(32).toString('base64')
}

/** The bytes of a `whsec_…` secret; null unless it is the base64 of 24 to 64 bytes. */
export function webhookSecretBytes(secret: string): Buffer | null {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : ''
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return null
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.length >= MIN_BYTES && bytes.length <= MAX_BYTES ? bytes : null
}

/**
 * Signs a message.
 * @param secrets several while a secret is being replaced: the receiver accepts any of the signatures
 * @param id id of the message, by which the receiver recognizes a repeated delivery
 * @param body the body exactly as it is sent
 * @throws RangeError for an invalid secret; the error holds no part of it
 */
export function signWebhook(secrets: readonly string[], id: string, now: Date, body: string): SignedHeaders {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const signatures = secrets.map((secret) => {
    const key = webhookSecretBytes(secret)
    if (key === null) throw new RangeError('A signing secret must be whsec_ followed by the base64 of 24 to 64 bytes.')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
