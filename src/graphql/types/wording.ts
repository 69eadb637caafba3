/** Descriptions that several types share, so that a field of one name reads the same everywhere. */

export const NODE_ID = 'Global id: opaque, stable, and accepted by `node`.'
export const WORKSPACE_OF = 'The workspace that this belongs to.'
export const DELETED_ID = 'Global id of the deleted object, as given in the input.'

export const IN_WORKSPACE = 'Global id of the workspace.'
export const INTEGRATION_SLUG = 'Slug of an integration of the workspace.'
export const PROVIDER_SLUG =
  'Slug of a provider of the catalogue. If the workspace has no integration of it, one is created with the defaults of the provider; a caller that acts for an end user gets NOT_FOUND instead.'
export const END_USER_ID = 'Global id of the end user.'
export const END_USER_EXTERNAL_ID = 'External id of the end user, at most 255 characters.'
export const NEW_END_USER_EXTERNAL_ID = `${END_USER_EXTERNAL_ID} An end user that does not exist is created.`
export const AT_MOST_ONE_END_USER = 'At most one of `endUserId` and `endUserExternalId` may be given.'
export const COLLECTION_NAME =
  'Name of the collection that the connection joins. A collection that does not exist is created. Callers that act for an end user cannot set it (FORBIDDEN).'
export const CONNECTION_ID = 'Global id of the connection.'
export const CONNECTION_NAME = 'Name of the connection for people, at most 200 characters.'
export const CONNECTION_EXTERNAL_ID =
  "The product's own id of the connection, at most 255 characters. Unique within an integration: one that is taken is CONFLICT."
export const INPUT_VALUES =
  "Values of the definition's `inputFields` as a JSON object by field name, such as a subdomain or region. Not secret."
export const METADATA = 'JSON object of your own data. Latchkey stores it and does not interpret it.'

export const PROVIDER_STATUS = 'HTTP status of the response of the provider. Null if there was no response.'
export const PROVIDER_ERROR =
  'Error code in the response of the provider, such as `invalid_grant`. Secrets are removed. Null if it sent none.'
export const PROVIDER_ERROR_DESCRIPTION =
  'Error description in the response of the provider. Secrets are removed. Null if it sent none.'
export const LANGUAGE = 'Language of the texts.'
