import type { ClientCertificate } from '../egress/client-certificate.ts'

/** A client certificate as requests present it. */
export interface PresentedCertificate extends ClientCertificate {
  /** True: it belongs to the integration's OAuth client. False: to the credential of the connection. */
  ofClient: boolean
}

/** A request that is not serialized yet; an authenticator adds the credential to it. */
export interface RequestDraft {
  method: string
  url: URL
  headers: Headers
  body?: DraftBody
  /** Lower-case names of the headers that hold a credential. They are not sent to another origin. */
  credentialHeaders: Set<string>
  /** Presented in the TLS handshake. */
  clientCertificate?: PresentedCertificate | undefined
  /** Functions that sign the complete request. Added by `addFinisher`, called by `serializeDraft`. */
  finishers?: readonly DraftFinisher[]
}

export type DraftBody =
  | { type: 'json'; value: unknown }
  | { type: 'form'; value: URLSearchParams }
  | { type: 'raw'; value: Uint8Array | AsyncIterable<Uint8Array>; contentType?: string }

/** Receives a copy of the draft with its Content-Type, reads the final bytes with `bodyOf`, and adds its signature. */
export type DraftFinisher = (draft: RequestDraft) => void

/** A request as the egress client sends it. */
export interface SerializedRequest {
  method: string
  url: string
  headers: [string, string][]
  body?: SerializedBody
  credentialHeaders: string[]
  clientCertificate?: PresentedCertificate | undefined
}

type SerializedBody = string | Uint8Array | AsyncIterable<Uint8Array>

export function addFinisher(draft: RequestDraft, finisher: DraftFinisher): void {
  draft.finishers = [...(draft.finishers ?? []), finisher]
}

/**
 * The request to send. The draft is not changed, so that it can be serialized again with a fresh signature. A Content-Type
 * that the draft already has, such as `application/vnd.api+json`, is kept.
 *
 * @throws what a finisher throws: UnsupportedError when it cannot sign this body
 */
export function serializeDraft(draft: RequestDraft): SerializedRequest {
  const { finishers = [], ...rest } = draft
  if (finishers.length === 0) return serializeUnsigned(draft)
  const copy: RequestDraft = {
    ...rest,
    url: new URL(draft.url),
    headers: new Headers(draft.headers),
    credentialHeaders: new Set(draft.credentialHeaders),
  }
  addContentType(copy)
  for (const finish of finishers) finish(copy)
  addContentType(copy)
  const body = bodyOf(copy)
  return {
    method: copy.method,
    url: copy.url.href,
    headers: [...copy.headers],
    body,
    credentialHeaders: [...copy.credentialHeaders],
    clientCertificate: copy.clientCertificate,
  }
}

function serializeUnsigned(draft: RequestDraft): SerializedRequest {
  const { method, url, body, clientCertificate } = draft
  const headers = [...draft.headers]
  const contentType = body === undefined || draft.headers.has('content-type') ? undefined : contentTypeOf(body)
  if (contentType !== undefined) headers.push(['content-type', contentType])
  const credentialHeaders = [...draft.credentialHeaders]
  return { method, url: url.href, headers, body: bodyOf(draft), credentialHeaders, clientCertificate }
}

/** The body as it is sent. An iterable is a stream and can be read only once. */
export function bodyOf({ body }: RequestDraft): SerializedBody | undefined {
  if (body === undefined) return undefined
  if (body.type === 'json') return JSON.stringify(body.value)
  return body.type === 'raw' ? body.value : body.value.toString()
}

function addContentType({ body, headers }: RequestDraft): void {
  if (body === undefined || headers.has('content-type')) return
  const contentType = contentTypeOf(body)
  if (contentType !== undefined) headers.set('content-type', contentType)
}

function contentTypeOf(body: DraftBody): string | undefined {
  if (body.type === 'json') return 'application/json'
  return body.type === 'raw' ? body.contentType : 'application/x-www-form-urlencoded'
}
