import { builder } from '../kernel/builder.ts'

/** The object types that refer to one another. The file of each name adds its fields, so that no imports form a cycle. */
const interfaces = [builder.nodeInterfaceRef()]

export const WorkspaceRef = builder.prismaObject('Workspace', {
  description: 'A tenant: everything else belongs to one workspace, and its API keys see nothing outside of it.',
  interfaces,
})
export const ApiKeyRef = builder.prismaObject('ApiKey', {
  description: 'A bearer token for the API, of one workspace or of the operator. Only its hash is stored.',
  interfaces,
})
export const AuditEventRef = builder.prismaObject('AuditEvent', {
  description:
    'One line of the audit log: who did what, and with which outcome. It holds no values. Lines are never changed, and are kept for `LATCHKEY_AUDIT_RETENTION`.',
  interfaces,
})
export const AuthProviderRef = builder.prismaObject('AuthProvider', {
  description:
    'An external service that holds credentials for the workspace. Latchkey requests a credential from it when a connection needs one, and does not store it.',
  interfaces,
})
export const EndUserRef = builder.prismaObject('EndUser', {
  description: 'A user of the product, to whom connections can belong.',
  interfaces,
})
export const OidcIssuerRef = builder.prismaObject('OidcIssuer', {
  description:
    "An OpenID Connect issuer of the product. A caller with one of its tokens acts as the end user that the token names, in the issuer's workspace.",
  interfaces,
})
export const CollectionRef = builder.prismaObject('Collection', {
  description: 'A named group of connections whose records are read as one list.',
  interfaces,
})
export const IntegrationRef = builder.prismaObject('Integration', {
  description:
    'A third-party service that a workspace can connect to: a provider of the catalogue or a definition of its own, with its OAuth client if it has one.',
  interfaces,
})
export const ConnectionRef = builder.prismaObject('Connection', {
  description: 'One account at one integration: its status, its credential and its records. May belong to an end user.',
  interfaces,
})
export const ConnectSessionRef = builder.prismaObject('ConnectSession', {
  description: 'A short-lived permission for one end user to connect an account on the hosted connect page.',
  interfaces,
})
export const WebhookEndpointRef = builder.prismaObject('WebhookEndpoint', {
  description: 'A URL of the product to which the events of a workspace are sent.',
  interfaces,
})
export const WebhookDeliveryRef = builder.prismaObject('WebhookDelivery', {
  description: 'The delivery of one event to one webhook endpoint.',
  interfaces,
})
export const SyncJobRef = builder.prismaObject('SyncJob', {
  description: 'One run that reads streams of a connection and writes their records.',
  interfaces,
})
