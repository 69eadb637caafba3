import {
  AmbiguousError,
  CredentialRefreshError,
  ProviderError,
  ReconnectRequiredError,
  ScopeMismatchError,
  UnsupportedError,
} from '../../kit/errors.ts'
import type { ExecutedResponse } from '../../tools/execute-request.ts'
import { type ExecutedRequest, executeRequest } from '../../tools/execute-request.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeOptionalId } from '../kernel/global-id.ts'
import { mutation } from '../kernel/mutation.ts'
import { ConnectionRef } from './refs.ts'
import { ResolveConnectionInput, resolutionOf } from './resolve-connection.ts'

const HttpMethodRef = builder.enumType('HttpMethod', {
  values: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const,
})

const HttpResponseRef = builder.objectRef<ExecutedResponse>('HttpResponse').implement({
  description: 'What the provider answered, an error status too.',
  fields: (t) => ({
    status: t.exposeInt('status'),
    headers: t.field({
      type: 'JSON',
      description: 'By name in lower case; without cookies and those of the connection.',
      resolve: ({ headers }) => headers,
    }),
    body: t.field({ type: 'JSON', nullable: true, description: 'Where it is JSON.', resolve: ({ body }) => body }),
    text: t.exposeString('text', {
      nullable: true,
      description: 'Where it is not JSON. Null also when there is no body, or one that is no text.',
    }),
    details: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Why there is a body and neither JSON nor text.',
      resolve: ({ details }) => details,
    }),
  }),
})

const ExecuteRequestInput = builder.inputType('ExecuteRequestInput', {
  description: 'Exactly one of connectionId and resolve.',
  fields: (t) => ({
    connectionId: t.id({ required: false }),
    resolve: t.field({ type: ResolveConnectionInput, required: false }),
    method: t.field({ type: HttpMethodRef }),
    path: t.string({
      description: "Under the integration's base URL, or a whole URL under it, such as that of a next page.",
    }),
    query: t.field({
      type: 'JSON',
      required: false,
      description: 'By name: a string, number or boolean, or a list of these.',
    }),
    headers: t.field({
      type: 'JSON',
      required: false,
      description: 'By name: a string. What the credential sets is never overridden.',
    }),
    body: t.field({
      type: 'JSON',
      required: false,
      description: 'A string is sent as it is, as text/plain where headers have no Content-Type; all else as JSON.',
    }),
  }),
})

mutation('executeRequest', {
  description:
    'One authenticated HTTP request through a connection. Renews its credential where that is needed. For bodies of more than 10 MiB, and for streams: /proxy/<connection id>/<path>.',
  input: ExecuteRequestInput,
  payload: builder.objectRef<ExecutedRequest>('ExecuteRequestPayload').implement({
    fields: (t) => ({
      response: t.field({ type: HttpResponseRef, resolve: ({ response }) => response }),
      connection: t.field({
        type: ConnectionRef,
        resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
      }),
      refreshed: t.exposeBoolean('refreshed', { description: 'The credential was renewed on the way.' }),
    }),
  }),
  errors: [
    CredentialRefreshError,
    ReconnectRequiredError,
    ProviderError,
    UnsupportedError,
    ScopeMismatchError,
    AmbiguousError,
  ],
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
    // A renewal on the way has changed what an earlier field of the operation may have read.
    if (executed.refreshed) context.loaders.connection.clear(executed.connectionId)
    return executed
  },
})
