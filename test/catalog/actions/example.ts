import type { Answer } from '../providers/trial.ts'

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
}
