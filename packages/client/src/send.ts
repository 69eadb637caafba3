import { ERROR_CLASSES, type RateLimitedError } from './generated/errors.ts'
import { type ErrorData, LatchkeyError, TransportError } from './latchkey-error.ts'

/** The gateway, and how it is reached. */
export interface Gateway {
  /** Of the endpoint. */
  url: string
  fetch: typeof fetch
  headers: () => Promise<Record<string, string>>
  /** `headers` may return another token than before. */
  renewsToken: boolean
  /** How often a request that can be repeated safely is sent again. */
  retries: number
}

export interface GraphQLRequest {
  document: string
  variables: unknown
  signal?: AbortSignal | undefined
}

/** An error in the `errors` of a response. */
interface ResponseError {
  message: string
  extensions?: Readonly<Record<string, unknown>> | undefined
}

/** A longer wait than this one is left to the caller. */
const LONGEST_WAIT_MS = 60_000

/**
 * Sends an operation.
 *
 * @param repeatable whether it has the same effect when it is sent twice. If so, it is sent again after failures that may pass.
 * @param read takes the result from the data; throws if it is an error
 * @throws LatchkeyError
 */
export async function send<T>(
  gateway: Gateway,
  request: GraphQLRequest,
  repeatable: boolean,
  read: (data: unknown) => T,
): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return read(await sendOnce(gateway, request))
    } catch (error) {
      const waitMs = waitAfter(error, failures)
      if (!repeatable || waitMs === null || waitMs > LONGEST_WAIT_MS || failures >= gateway.retries) throw error
      await pause(waitMs, request.signal)
    }
  }
}

async function sendOnce(gateway: Gateway, request: GraphQLRequest): Promise<unknown> {
  const response = await post(gateway, request, 'application/graphql-response+json, application/json')
  const body = await bodyOf(response, request.signal)
  if (body === null) throw notGraphQL(response)
  if (body.errors !== undefined && body.errors.length > 0) throw errorOf(body.errors)
  return body.data
}

/** Sends a request. @throws TransportError if there is no response, TypeError if the address is not valid */
export async function post(
  { url, fetch, headers }: Gateway,
  { document, variables, signal }: GraphQLRequest,
  accept: string,
): Promise<Response> {
  const own = await headers()
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { ...own, accept, 'content-type': 'application/json' },
      body: JSON.stringify({ query: document, variables }),
      signal: signal ?? null,
    })
  } catch (error) {
    if (!isAddress(url)) {
      throw new TypeError('The option url is not the address of a gateway, such as https://latchkey.example.com.')
    }
    throw lost(error, signal)
  }
}

/** Whether a request can be sent to it. In browsers, it may be relative to the page. */
function isAddress(url: string): boolean {
  try {
    return /^https?:$/.test(new URL(url, globalThis.location?.href).protocol)
  } catch {
    return false
  }
}

/** The error of a connection that broke. An abort by the caller stays what it is. */
export function lost(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  return new TransportError({ message: 'The connection to the gateway failed.' }, { cause: error })
}

interface ResponseBody {
  data?: unknown
  errors?: readonly ResponseError[]
}

/** The body of a response; null: it is not one of GraphQL. */
async function bodyOf(response: Response, signal: AbortSignal | undefined): Promise<ResponseBody | null> {
  let text: string
  try {
    text = await response.text()
  } catch (error) {
    throw lost(error, signal)
  }
  try {
    const body: ResponseBody | null = JSON.parse(text)
    return body?.data !== undefined || Array.isArray(body?.errors) ? body : null
  } catch {
    return null
  }
}

/** The error of a response without data: of something in front of the gateway, or of the gateway before GraphQL. */
export function notGraphQL({ status, headers }: Response): TransportError {
  const hint = status === 404 ? ' Check that the option url is the address of the gateway, without /graphql.' : ''
  const message = `The response of the gateway has the status ${status} and is not a response of GraphQL.${hint}`
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return new TransportError({ message, status, ...(seconds >= 0 ? { retryAfterSeconds: seconds } : {}) })
}

/** The first error of a response, as an instance of its class. The others are in `errors` of its `cause`. */
export function errorOf(errors: readonly ResponseError[]): LatchkeyError {
  const [first] = errors
  const { code, ...rest } = first?.extensions ?? {}
  const data = { message: first?.message ?? 'The request failed.', code: String(code ?? 'INTERNAL'), ...rest }
  return toError(data, { cause: { errors } })
}

/** An error of the API, as an instance of its class. */
export function toError(data: ErrorData, options?: ErrorOptions): LatchkeyError {
  const Class: (new (data: ErrorData, options?: ErrorOptions) => LatchkeyError) | undefined =
    ERROR_CLASSES[data.code as keyof typeof ERROR_CLASSES]
  return new (Class ?? LatchkeyError)(data, options)
}

const PASSING_STATUSES = new Set([429, 502, 503, 504])

/** How long to wait after a failure that may pass; null: it does not pass by waiting. */
export function waitAfter(error: unknown, failures: number): number | null {
  if (!(error instanceof LatchkeyError)) return null
  // Half a second, doubled each time up to 15 seconds, less up to a half at random.
  const backoffMs = Math.min(15_000, 500 * 2 ** failures) * (1 - Math.random() / 2)
  const asked = (error as Partial<RateLimitedError>).retryAfterSeconds
  const waitMs = asked === undefined ? backoffMs : Math.max(asked * 1_000, backoffMs)
  if (error instanceof TransportError) {
    return error.status === undefined || PASSING_STATUSES.has(error.status) ? waitMs : null
  }
  if (error.code === 'RATE_LIMITED' || error.code === 'UNAVAILABLE') return waitMs
  return 'retryable' in error && error.retryable === true ? waitMs : null
}

/** Waits. Rejects with the reason of `signal` if it aborts. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
