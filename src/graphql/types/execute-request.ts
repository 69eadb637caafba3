import {
  AmbiguousError,
  CredentialRefreshError,
  ProviderError,
  ReconnectRequiredError,
  ScopeMismatchError,
  UnsupportedError,
} from '../../kit/errors.ts'
import { type ExecutedRequest, type ExecutedResponse, executeRequest } from '../../tools/execute-request.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeOptionalId } from '../kernel/global-id.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { ConnectionRef } from './refs.ts'
import { ResolveConnectionInput, resolutionOf } from './resolve-connection.ts'
import { CONNECTION_ID } from './wording.ts'

const HttpMethodRef = builder.enumType('HttpMethod', {
  description: 'An HTTP method (RFC 9110 and RFC 5789).',
  values: {
    GET: { description: 'Reads a resource.' },
    HEAD: { description: 'Reads the headers of a resource.' },
    POST: { description: 'Submits data, for example to create a resource.' },
    PUT: { description: 'Replaces a resource.' },
    PATCH: { description: 'Changes a resource.' },
    DELETE: { description: 'Deletes a resource.' },
  },
})

export const HttpResponseRef = builder.objectRef<ExecutedResponse>('HttpResponse').implement({
  description: 'Response of a provider, of any status.',
  fields: (t) => ({
    status: t.exposeInt('status', { description: 'HTTP status.' }),
    headers: t.field({
      type: 'JSON',
      description:
        'Headers as a JSON object by name in lower case, without cookies and hop-by-hop headers (RFC 9110 section 7.6.1).',
      resolve: ({ headers }) => headers,
    }),
    body: t.field({
      type: 'JSON',
      nullable: true,
      description: 'The body, if it is JSON. Otherwise null.',
      resolve: ({ body }) => body,
    }),
    text: t.exposeString('text', {
      nullable: true,
      description: 'The body, if it is text other than JSON. Null also if it is empty or not UTF-8.',
    }),
    details: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'Set if there is a body that is neither JSON nor text: `{ binary: true, bytes, hint }`. Otherwise null.',
      resolve: ({ details }) => details,
    }),
  }),
})

const ExecuteRequestInput = builder.inputType('ExecuteRequestInput', {
  description: 'An HTTP request. Exactly one of `connectionId` and `resolve` must be given.',
  fields: (t) => ({
    connectionId: t.id({ required: false, description: CONNECTION_ID }),
    resolve: t.field({
      type: ResolveConnectionInput,
      required: false,
      description: 'Selects the connection, as `resolveConnection` does.',
    }),
    method: t.field({
      type: HttpMethodRef,
      description: 'HTTP method. Callers that may only read can use GET and HEAD (otherwise FORBIDDEN).',
    }),
    path: t.string({
      description:
        "Path below the integration's base URL, or a whole URL below it or at a host that the definition names in hosts, such as the URL of a next page.",
    }),
    query: t.field({
      type: 'JSON',
      required: false,
      description:
        'Query parameters as a JSON object: a string, number or boolean by name, or a list of these. Default: none.',
    }),
    headers: t.field({
      type: 'JSON',
      required: false,
      description:
        'Headers as a JSON object of strings by name. They cannot override what the credential sets. Default: none.',
    }),
    body: t.field({
      type: 'JSON',
      required: false,
      description:
        'Body. A string is sent unchanged, as text/plain if `headers` have no Content-Type; anything else is sent as JSON. Not allowed with GET and HEAD. Default: none.',
    }),
  }),
})

/** The errors of mutations that send a request of the caller through a connection. */
export const REQUEST_ERRORS = [
  CredentialRefreshError,
  ReconnectRequiredError,
  ProviderError,
  UnsupportedError,
  ScopeMismatchError,
  AmbiguousError,
]

mutation('executeRequest', {
  scope: 'EXECUTE',
  description:
    'Sends one authenticated HTTP request through a connection, whose credential is renewed first if it needs that. Responses of any status are returned as data. Bodies are limited to 10 MiB: use `/proxy/<connection id>/<path>` for larger ones and for streams.',
  input: ExecuteRequestInput,
  names: ({ connectionId, resolve }) => connectionId ?? resolve?.workspaceId,
  sends: ({ method, path, query, headers }) => ({
    method,
    path,
    query: Object.entries(query ?? {}).map(([name, value]) => [name, String(value)] as const),
    headerNames: Object.keys(headers ?? {}),
  }),
  payload: payloadType<ExecutedRequest>('ExecuteRequestPayload', (t) => ({
    response: t.field({
      type: HttpResponseRef,
      description: 'The response of the provider.',
      resolve: ({ response }) => response,
    }),
    connection: t.field({
      type: ConnectionRef,
      description: 'The connection that was used.',
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
    refreshed: t.exposeBoolean('refreshed', { description: 'True if the credential was renewed for this request.' }),
  })),
  errors: REQUEST_ERRORS,
  resolve: async ({ connectionId, resolve, method, path, query, headers, body }, context) => {
    const executed = await executeRequest(context.services, callerOf(context), {
      connectionId: decodeOptionalId('Connection', connectionId),
      resolve: resolve == null ? null : resolutionOf(resolve),
      method,
      path,
      query,
      headers,
      body,
    })
    // The renewal changed the connection, which an earlier field of the operation may have loaded.
    if (executed.refreshed) context.loaders.connection.clear(executed.connectionId)
    return executed
  },
})
