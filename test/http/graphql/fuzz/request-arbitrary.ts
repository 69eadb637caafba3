import fc from 'fast-check'
import { nastyJson, nastyText } from './nasty-values.ts'

export interface FuzzedRequest {
  method: string
  path: string
  headers: Record<string, string>
  body: Uint8Array | null
}

const header = (...values: string[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...values) }, { weight: 1, arbitrary: fc.string({ maxLength: 40 }) })

const body: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  nastyText.map(bytes),
  nastyJson.map(bytes),
  fc
    .tuple(fc.constantFrom('query', 'variables', 'operationName', 'extensions', 'id', '__proto__'), nastyJson)
    .map(([key, json]) => bytes(`{"query":"{ __typename }",${JSON.stringify(key)}:${json}}`)),
  fc.tuple(nastyJson, nastyJson).map(([query, variables]) => bytes(`{"query":${query},"variables":${variables}}`)),
  nastyText.map((query) => bytes(JSON.stringify({ query }))),
  fc.array(nastyJson, { maxLength: 4 }).map((items) => bytes(`[${items.join(',')}]`)),
  fc
    .constantFrom('{"query":"{ viewer { kind } }"}', '{"query":"mutation { __typename }"}', '', '{', '[', '"')
    .map(bytes),
)

/** Arbitrary requests to the endpoint. The test replaces `KEY` in headers by a credential. */
export const requestArbitrary: fc.Arbitrary<FuzzedRequest> = fc
  .record({
    method: fc.constantFrom('POST', 'POST', 'POST', 'POST', 'GET', 'GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
    query: fc.option(
      fc.oneof(
        fc
          .tuple(fc.constantFrom('query', 'variables', 'operationName', 'extensions', 'x'), nastyText)
          .map(([name, text]) => `?query={__typename}&${name}=${encode(text)}`),
        nastyText.map((text) => `?${encode(text)}`),
        fc.constantFrom(
          '?query={viewer{kind}}',
          '?query=mutation{__typename}',
          '?query={__typename}&variables={',
          '?query=%7B%ff',
          '?%',
          '?query={__typename}&query=x',
        ),
      ),
      { nil: '' },
    ),
    authorization: header('Bearer KEY', 'Bearer KEY', 'Bearer KEY', 'Bearer wrong', 'Basic eA==', 'bearer  KEY', ''),
    contentType: fc.option(
      header(
        'application/json',
        'application/json',
        'application/json',
        'application/json; charset=utf-16',
        'application/graphql',
        'application/graphql-response+json',
        'text/plain',
        'multipart/form-data; boundary=x',
        'application/x-www-form-urlencoded',
      ),
      { nil: undefined },
    ),
    accept: fc.option(
      header(
        '*/*',
        'application/json',
        'application/graphql-response+json',
        'text/event-stream',
        'multipart/mixed',
        'text/html',
        'image/png',
        'application/json;q=0',
      ),
      { nil: undefined },
    ),
    traceId: fc.option(nastyText, { nil: undefined }),
    body,
  })
  .map(({ method, query, authorization, contentType, accept, traceId, body: sent }) => ({
    method,
    path: `/graphql${query}`,
    headers: Object.fromEntries(
      Object.entries({ authorization, 'content-type': contentType, accept, 'x-request-id': traceId }).flatMap(
        ([name, value]) => (value === undefined || !isHeaderValue(value) ? [] : [[name, value]]),
      ),
    ),
    body: method === 'GET' || method === 'HEAD' ? null : sent,
  }))

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** A valid header value (RFC 9110 section 5.5). The HTTP parser refuses all others. */
function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text) && text.trim() === text
}
