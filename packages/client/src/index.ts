export {
  createLatchkey,
  type FollowVariables,
  type Latchkey,
  type LatchkeyOptions,
  type RequestOptions,
} from './create-latchkey.ts'
export * from './generated/errors.ts'
export type * from './generated/types.ts'
export { type ErrorData, LatchkeyError, TransportError } from './latchkey-error.ts'
export type { CallOptions, NodeReference, Page, Reconnectable, ReconnectOptions, WatchOptions } from './operation.ts'
export type { TypedDocument } from './print-document.ts'
export {
  type FromPosition,
  type SubscriptionClient,
  SubscriptionError,
  type SubscriptionProblem,
  subscribeFrom,
} from './subscribe-from.ts'
