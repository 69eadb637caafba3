/** A request before it goes out; a credential is added to it. */
export interface RequestDraft {
  method: string
  url: URL
  headers: Headers
  body?: DraftBody
  /** Names, in lower case, of the headers that hold a credential: they are not sent on to another origin. */
  credentialHeaders: Set<string>
  /** What signs the request, once all else stands in it. Added by `addFinisher`, run by `serializeDraft`. */
  finishers?: readonly DraftFinisher[]
}

export type DraftBody =
  | { type: 'json'; value: unknown }
  | { type: 'form'; value: URLSearchParams }
  | { type: 'raw'; value: Uint8Array | AsyncIterable<Uint8Array>; contentType?: string }

/** Gets a copy of the draft with its Content-Type, reads the final bytes by `bodyOf`, and adds its signature. */
export type DraftFinisher = (draft: RequestDraft) => void

/** A request as the HTTP client sends it. */
export interface SerializedRequest {
  method: string
  url: string
  headers: [string, string][]
  body?: SerializedBody
  credentialHeaders: string[]
}

type SerializedBody = string | Uint8Array | AsyncIterable<Uint8Array>

export function addFinisher(draft: RequestDraft, finisher: DraftFinisher): void {
  draft.finishers = [...(draft.finishers ?? []), finisher]
}

/**
 * The request to send. The draft itself stays as it is, so that it can be serialized again, with a fresh signature. A
 * Content-Type that the draft has already, such as `application/vnd.api+json`, stays. Throws what a finisher throws:
 * UnsupportedError where it cannot sign this body.
 */
export function serializeDraft(draft: RequestDraft): SerializedRequest {
  const { finishers = [], ...rest } = draft
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
    ...(body === undefined ? {} : { body }),
    credentialHeaders: [...copy.credentialHeaders],
  }
}

/** The body as it is sent; an iterable is a stream, which can be read only once. */
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
