import type { RefreshFailure } from '../../../src/kit/errors.ts'
import type { CredentialInput } from '../../../src/wire/credential-fields.ts'
import type { WebhookTrial } from './webhook-trial.ts'

/** A response of a provider, taken from its documentation. */
export interface Answer {
  /** Default: 200. */
  status?: number
  headers?: Record<string, string>
  /** A text is sent unchanged, any other value as JSON. Undefined: no body. */
  body?: unknown
}

/** A token response and its expected result. */
export interface TokenTrial {
  answer: Answer
  accessToken: string
  refreshToken?: string
  /** Undefined: the expiry is unknown. */
  lifetimeSeconds?: number
  refreshLifetimeSeconds?: number
  scopes?: string[]
  kept?: Record<string, unknown>
}

export interface RefusalTrial {
  what: 'code' | 'renewal'
  answer: Answer
  reason: RefreshFailure
  retryable?: boolean
  /** A part of the provider's message that the error contains. */
  says?: string
}

export interface StreamTrial {
  name: string
  /** Two pages, or the only one. */
  pages: Answer[]
  /** The expected primary keys, in order. */
  keys: string[]
  /** A part of the path and query (decoded) or of the body that only the last request contains. */
  asksFor: string
  /** The parent record of a sub-stream; its key is `parent`. */
  parent?: Record<string, unknown>
  /** The value of the incremental parameter in the first request of an incremental run. */
  since?: { cursor: string | number; value: string }
  /** A response that asks to retry later, with the seconds of its Retry-After if it has one. */
  limited?: Answer
}

/** A call of an action, taken from the provider's documentation. */
export interface ActionExample {
  action: string
  /** All arguments that the action has, so that each of them has a place in the request. */
  arguments: Record<string, unknown>
  /** The expected method and URL, percent-encoded as it is sent. */
  request: string
  /** Expected headers besides those that the definition sets on every request. */
  headers?: Record<string, string>
  /** The expected body: a text for a form, any other value for JSON. Undefined: no body. */
  body?: unknown
  /** The documented response. */
  answer: Answer
  /** The expected output. */
  output: unknown
  /** It only reads, although its method is POST: a search, a GraphQL query, or an API that has only POST. */
  readsWithPost?: true
  /** It replaces what is there, and is therefore destructive. */
  overwrites?: true
  /** The provider documents an idempotency key. */
  keyed?: true
}

/** An error that a hint of the guide explains. */
export interface HintTrial {
  /** What the response answers: the test request, or a token request. */
  what: 'request' | 'code' | 'renewal'
  answer: Answer
  /** The complete message of the provider. Undefined: none is shown. */
  says?: string
  /** A part of the English cause of the hint. */
  cause: string
}

/** The responses of a provider, small and realistic, taken from its documentation. */
export interface ProviderTrial {
  /** Inputs besides the examples of the definition's fields. */
  input?: Record<string, string>
  /** Values of the callback, by the names of `callbackKeep`. */
  told?: Record<string, string>
  /** The credential that a person enters; providers with a code have none. */
  credential?: CredentialInput
  /** Its OAuth does not work with PKCE. The file of the provider says why. */
  withoutPkce?: true
  /** The response to the code exchange (authorization_code). */
  exchange?: TokenTrial
  /** The response to the refresh, the login, or the client credentials request. */
  renewal?: TokenTrial
  refusals?: RefusalTrial[]
  hints?: HintTrial[]
  /** The requests that a deleted connection sends, one line each: method, URL and body. */
  revocation?: string[]
  afterConnect?: { answers: Answer[]; kept: Record<string, unknown> }
  test?: {
    /** Path and query, decoded. */
    asks: string
    /** Expected headers, including the credential. */
    headers: Record<string, string>
    good: Answer
    /** `says`: the complete message of the provider. */
    refused: { answer: Answer; says: string }
  }
  /** Credentials of the other options of a selective definition, with the expected test request. */
  otherWays?: { credential: CredentialInput; asks: string; headers: Record<string, string> }[]
  streams?: StreamTrial[]
  webhook?: WebhookTrial
  /** An example of each action. */
  actions?: ActionExample[]
  /** The body of a documented failure of an action whose status is 200. */
  failureWith200?: unknown
}
