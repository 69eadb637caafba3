import { builder } from '../kernel/builder.ts'

// The types that refer to one another, each implemented in the file of its name.
const interfaces = [builder.nodeInterfaceRef()]

export const WorkspaceRef = builder.prismaObject('Workspace', { interfaces })
export const ApiKeyRef = builder.prismaObject('ApiKey', { interfaces })
export const AuthProviderRef = builder.prismaObject('AuthProvider', { interfaces })
export const EndUserRef = builder.prismaObject('EndUser', { interfaces })
export const OidcIssuerRef = builder.prismaObject('OidcIssuer', { interfaces })
export const CollectionRef = builder.prismaObject('Collection', { interfaces })
export const IntegrationRef = builder.prismaObject('Integration', { interfaces })
export const ConnectionRef = builder.prismaObject('Connection', { interfaces })
export const ConnectSessionRef = builder.prismaObject('ConnectSession', { interfaces })
export const SyncJobRef = builder.prismaObject('SyncJob', { interfaces })
