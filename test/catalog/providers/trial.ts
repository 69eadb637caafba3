import type { RefreshFailure } from '../../../src/kit/errors.ts'
import type { CredentialInput } from '../../../src/wire/credential-fields.ts'

/** An answer of a provider, as its documentation has it. */
export interface Answer {
  /** Default: 200. */
  status?: number
  headers?: Record<string, string>
  /** A text as it stands; anything else as JSON. Absent: no body. */
  body?: unknown
}

/** A token answer, and what has to come of it. */
export interface TokenTrial {
  answer: Answer
  accessToken: string
  refreshToken?: string
  /** Undefined: nobody knows when the token ends. */
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
  /** Part of the provider's words that the error repeats. */
  says?: string
}

export interface StreamTrial {
  name: string
  /** Two pages, or the only one. */
  pages: Answer[]
  /** The primary keys that are read, in order. */
  keys: string[]
  /** What the last request alone is known by: a part of its path and query (decoded), or of its body. */
  asksFor: string
  /** The record of the stream above that a sub-stream is read for; its key is `parent`. */
  parent?: Record<string, unknown>
  /** What the first request of an incremental run has in the stream's parameter. */
  since?: { cursor: string | number; value: string }
  /** An answer that means: later. With a Retry-After its seconds are waited for. */
  limited?: Answer
}

/** What a provider answers, as its documentation says, small and realistic. */
export interface ProviderTrial {
  /** Besides the examples of the definition's fields. */
  input?: Record<string, string>
  /** What the callback told, by the names of `callbackKeep`. */
  told?: Record<string, string>
  /** For what a person types in; providers with a code have none. */
  credential?: CredentialInput
  /** The answer to the code (authorization_code). */
  exchange?: TokenTrial
  /** The answer to the refresh token, to the login, or to the client's credentials. */
  renewal?: TokenTrial
  refusals?: RefusalTrial[]
  /** What is sent when a connection is deleted, one line for each request: method, place, and what its body holds. */
  revocation?: string[]
  afterConnect?: { answers: Answer[]; kept: Record<string, unknown> }
  test?: {
    /** Path and query, decoded. */
    asks: string
    /** Headers that the request has, credential included. */
    headers: Record<string, string>
    good: Answer
    /** `says`: the provider's words, whole. */
    refused: { answer: Answer; says: string }
  }
  /** Credentials of the other options of a selective definition, and how the test request then looks. */
  otherWays?: { credential: CredentialInput; asks: string; headers: Record<string, string> }[]
  streams?: StreamTrial[]
}
