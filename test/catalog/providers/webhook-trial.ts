import { createHmac } from 'node:crypto'

/** The requests that a provider sends to the URL of its webhook, taken from its documentation. */
export interface WebhookTrial {
  /** The headers that prove the sender, made as the documentation says and not by the program. */
  sign(request: SignedRequest): Record<string, string>
  /** False: the proof is a token, and anybody who knows it can send any body. Default: true. */
  signsBody?: boolean
  /** How old a request may be. Undefined: the provider sends no time. */
  toleranceSeconds?: number
  /** A request and its proof that the provider has published. */
  published?: { secret: string; headers: Record<string, string>; body: string; at?: Date; url?: string }
  /** The requests that check the URL, and the complete answers. They have no proof. */
  handshakes?: HandshakeTrial[]
  /** What the connection has whose events are in `requests`. */
  connection: { kept?: Record<string, unknown>; input?: Record<string, string>; externalId?: string }
  requests: WebhookRequestTrial[]
}

export interface SignedRequest {
  secret: string
  /** `POST`. */
  method: string
  /** The whole URL that the provider knows, with its query. */
  url: string
  body: string
  at: Date
}

export interface HandshakeTrial {
  /** Default: `POST`. */
  method?: string
  query?: string
  body?: unknown
  /** The body of the answer. Its status is 200 and its type is text/plain, unless `type` says otherwise. */
  answer: string
  type?: string
  /** The secret that the request brings. */
  secret?: string
}

export interface WebhookRequestTrial {
  query?: string
  headers?: Record<string, string>
  /** JSON, or a function of the time when it is sent. Undefined: no body. */
  body?: Record<string, unknown> | unknown[] | ((at: Date) => Record<string, unknown>)
  events: EventTrial[]
}

export interface EventTrial {
  /** Undefined: the provider sends none. */
  id?: string
  type?: string
  /** The value that identifies the account. Undefined: the request names none. */
  account?: string
  /** The streams that it starts to sync. */
  streams: string[]
}

/** The secret in trials whose body contains it. */
export const webhookSecret = 'the-webhook-s3cret'

export function hmac(hash: string, secret: string, message: string, encoding: 'hex' | 'base64'): string {
  return createHmac(hash, secret).update(message).digest(encoding)
}

/** Seconds since 1970. */
export function seconds(at: Date): string {
  return String(Math.floor(at.getTime() / 1000))
}
