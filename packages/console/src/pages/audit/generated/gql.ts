/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "fragment ConnectionLine on Connection {\n  id\n  displayName\n  externalId\n  status\n  statusReason\n  updatedAt\n  integration {\n    id\n    slug\n    displayName\n  }\n  endUser {\n    id\n    externalId\n    displayName\n  }\n  latestSyncJob {\n    id\n    status\n    queuedAt\n    finishedAt\n    recordsWritten\n  }\n}\n\nfragment SyncJobLine on SyncJob {\n  id\n  status\n  trigger\n  attempt\n  queuedAt\n  startedAt\n  finishedAt\n  recordsRead\n  recordsWritten\n  recordsDeleted\n  pagesRead\n  connection {\n    id\n    displayName\n    integration {\n      id\n      displayName\n    }\n  }\n  streams {\n    name\n    status\n    recordsRead\n    recordsWritten\n    total\n  }\n  warnings {\n    code\n    message\n    stream\n    count\n  }\n  error {\n    code\n    message\n    providerMessage\n    stream\n  }\n}\n\nfragment EventLine on Event {\n  __typename\n  id\n  type\n  cursor\n  occurredAt\n  connection {\n    id\n    displayName\n  }\n  syncJob {\n    id\n    status\n  }\n}": typeof types.ConnectionLineFragmentDoc,
    "query AuditLog($workspaceId: ID!, $after: String, $filter: AuditFilter) {\n  workspace(id: $workspaceId) {\n    id\n    auditEvents(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        occurredAt\n        actor\n        actorKind\n        actorId\n        action\n        method\n        targetType\n        targetId\n        outcome\n        traceId\n        address\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n}\n\nquery AuditTargets($ids: [ID!]!) {\n  nodes(ids: $ids) {\n    __typename\n    id\n    ... on ApiKey {\n      name\n    }\n    ... on AuthProvider {\n      name\n    }\n    ... on Connection {\n      displayName\n    }\n    ... on EndUser {\n      externalId\n    }\n    ... on Integration {\n      slug\n      displayName\n    }\n    ... on OidcIssuer {\n      issuer\n    }\n    ... on WebhookEndpoint {\n      url\n    }\n    ... on SyncJob {\n      status\n    }\n  }\n}": typeof types.AuditLogDocument,
};
const documents: Documents = {
    "fragment ConnectionLine on Connection {\n  id\n  displayName\n  externalId\n  status\n  statusReason\n  updatedAt\n  integration {\n    id\n    slug\n    displayName\n  }\n  endUser {\n    id\n    externalId\n    displayName\n  }\n  latestSyncJob {\n    id\n    status\n    queuedAt\n    finishedAt\n    recordsWritten\n  }\n}\n\nfragment SyncJobLine on SyncJob {\n  id\n  status\n  trigger\n  attempt\n  queuedAt\n  startedAt\n  finishedAt\n  recordsRead\n  recordsWritten\n  recordsDeleted\n  pagesRead\n  connection {\n    id\n    displayName\n    integration {\n      id\n      displayName\n    }\n  }\n  streams {\n    name\n    status\n    recordsRead\n    recordsWritten\n    total\n  }\n  warnings {\n    code\n    message\n    stream\n    count\n  }\n  error {\n    code\n    message\n    providerMessage\n    stream\n  }\n}\n\nfragment EventLine on Event {\n  __typename\n  id\n  type\n  cursor\n  occurredAt\n  connection {\n    id\n    displayName\n  }\n  syncJob {\n    id\n    status\n  }\n}": types.ConnectionLineFragmentDoc,
    "query AuditLog($workspaceId: ID!, $after: String, $filter: AuditFilter) {\n  workspace(id: $workspaceId) {\n    id\n    auditEvents(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        occurredAt\n        actor\n        actorKind\n        actorId\n        action\n        method\n        targetType\n        targetId\n        outcome\n        traceId\n        address\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n}\n\nquery AuditTargets($ids: [ID!]!) {\n  nodes(ids: $ids) {\n    __typename\n    id\n    ... on ApiKey {\n      name\n    }\n    ... on AuthProvider {\n      name\n    }\n    ... on Connection {\n      displayName\n    }\n    ... on EndUser {\n      externalId\n    }\n    ... on Integration {\n      slug\n      displayName\n    }\n    ... on OidcIssuer {\n      issuer\n    }\n    ... on WebhookEndpoint {\n      url\n    }\n    ... on SyncJob {\n      status\n    }\n  }\n}": types.AuditLogDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment ConnectionLine on Connection {\n  id\n  displayName\n  externalId\n  status\n  statusReason\n  updatedAt\n  integration {\n    id\n    slug\n    displayName\n  }\n  endUser {\n    id\n    externalId\n    displayName\n  }\n  latestSyncJob {\n    id\n    status\n    queuedAt\n    finishedAt\n    recordsWritten\n  }\n}\n\nfragment SyncJobLine on SyncJob {\n  id\n  status\n  trigger\n  attempt\n  queuedAt\n  startedAt\n  finishedAt\n  recordsRead\n  recordsWritten\n  recordsDeleted\n  pagesRead\n  connection {\n    id\n    displayName\n    integration {\n      id\n      displayName\n    }\n  }\n  streams {\n    name\n    status\n    recordsRead\n    recordsWritten\n    total\n  }\n  warnings {\n    code\n    message\n    stream\n    count\n  }\n  error {\n    code\n    message\n    providerMessage\n    stream\n  }\n}\n\nfragment EventLine on Event {\n  __typename\n  id\n  type\n  cursor\n  occurredAt\n  connection {\n    id\n    displayName\n  }\n  syncJob {\n    id\n    status\n  }\n}"): (typeof documents)["fragment ConnectionLine on Connection {\n  id\n  displayName\n  externalId\n  status\n  statusReason\n  updatedAt\n  integration {\n    id\n    slug\n    displayName\n  }\n  endUser {\n    id\n    externalId\n    displayName\n  }\n  latestSyncJob {\n    id\n    status\n    queuedAt\n    finishedAt\n    recordsWritten\n  }\n}\n\nfragment SyncJobLine on SyncJob {\n  id\n  status\n  trigger\n  attempt\n  queuedAt\n  startedAt\n  finishedAt\n  recordsRead\n  recordsWritten\n  recordsDeleted\n  pagesRead\n  connection {\n    id\n    displayName\n    integration {\n      id\n      displayName\n    }\n  }\n  streams {\n    name\n    status\n    recordsRead\n    recordsWritten\n    total\n  }\n  warnings {\n    code\n    message\n    stream\n    count\n  }\n  error {\n    code\n    message\n    providerMessage\n    stream\n  }\n}\n\nfragment EventLine on Event {\n  __typename\n  id\n  type\n  cursor\n  occurredAt\n  connection {\n    id\n    displayName\n  }\n  syncJob {\n    id\n    status\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query AuditLog($workspaceId: ID!, $after: String, $filter: AuditFilter) {\n  workspace(id: $workspaceId) {\n    id\n    auditEvents(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        occurredAt\n        actor\n        actorKind\n        actorId\n        action\n        method\n        targetType\n        targetId\n        outcome\n        traceId\n        address\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n}\n\nquery AuditTargets($ids: [ID!]!) {\n  nodes(ids: $ids) {\n    __typename\n    id\n    ... on ApiKey {\n      name\n    }\n    ... on AuthProvider {\n      name\n    }\n    ... on Connection {\n      displayName\n    }\n    ... on EndUser {\n      externalId\n    }\n    ... on Integration {\n      slug\n      displayName\n    }\n    ... on OidcIssuer {\n      issuer\n    }\n    ... on WebhookEndpoint {\n      url\n    }\n    ... on SyncJob {\n      status\n    }\n  }\n}"): (typeof documents)["query AuditLog($workspaceId: ID!, $after: String, $filter: AuditFilter) {\n  workspace(id: $workspaceId) {\n    id\n    auditEvents(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        occurredAt\n        actor\n        actorKind\n        actorId\n        action\n        method\n        targetType\n        targetId\n        outcome\n        traceId\n        address\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n}\n\nquery AuditTargets($ids: [ID!]!) {\n  nodes(ids: $ids) {\n    __typename\n    id\n    ... on ApiKey {\n      name\n    }\n    ... on AuthProvider {\n      name\n    }\n    ... on Connection {\n      displayName\n    }\n    ... on EndUser {\n      externalId\n    }\n    ... on Integration {\n      slug\n      displayName\n    }\n    ... on OidcIssuer {\n      issuer\n    }\n    ... on WebhookEndpoint {\n      url\n    }\n    ... on SyncJob {\n      status\n    }\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;