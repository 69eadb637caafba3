import { z } from 'zod'
import { definitionSchema } from './definition.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** What keys of a definition mean, by their place: lists and alternatives are left out, and `$defs` begin with their name. */
export const DESCRIPTIONS: Readonly<Record<string, string>> = {
  $schema: 'The address of this schema, for editors.',
  displayName: 'Name of the service for people.',
  docsUrl: 'URL of the API documentation of the service.',
  categories: 'Categories of the service, such as crm.',
  baseUrl:
    'URL that the paths of requests are appended to. A template, such as https://{{ input.subdomain }}.example.com/api.',
  inputFields:
    'Values that a connection needs besides its credential and that are not secret: subdomain, region, tenant.',
  auth: 'How requests are authenticated.',
  auths: 'Other ways in which streams send the fields of the connection.',
  hosts: 'Further hosts of the service that may get the credential, such as api.example.com or *.example.com.',
  headers: 'Templates for headers of every request.',
  query: 'Query parameters of every request that does not have them. Templates.',
  afterConnect: 'Requests that are sent once after connecting. A request that fails refuses the connection.',
  'afterConnect.path': 'Path below baseUrl, or a whole URL. A template.',
  'afterConnect.json': 'JSON body. With it, the request is a POST.',
  'afterConnect.where': 'Expression over input and kept. The request is sent only when it is true.',
  'afterConnect.keep': 'Names of values that are kept with the connection, and their paths in the response.',
  responseErrors: 'Responses that mean something other than their status. The first match wins.',
  'responseErrors.status': 'HTTP status of the response.',
  'responseErrors.path': 'Place of a value in the body.',
  'responseErrors.equals': 'The value there. Without it: any value except null, false and empty ones.',
  'responseErrors.as':
    'auth: the credential is refused. retry: the failure may pass. rate_limit: too many requests. fail: it is final.',
  'responseErrors.message': 'Place of the error message in the body.',
  testRequest: 'The request by which a credential is tested. A 2xx response is a success.',
  'testRequest.method': 'Default: GET, or POST with json.',
  'testRequest.path': 'Path below baseUrl. A template.',
  'testRequest.json': 'JSON body.',
  rateLimit: 'Limit of requests over all connections and processes.',
  'rateLimit.requestsPerSecond': 'Requests per second.',
  streams: 'The lists of records that can be synced.',
  'streams.name': 'Name of the stream, unique in the definition.',
  'streams.baseUrl': 'Base URL of this stream. Its host must be that of the definition, or among hosts.',
  'streams.auth': 'A key of auths. Default: the auth of the definition.',
  'streams.path': 'Path below baseUrl. A template, which may read parent and window.',
  'streams.method': 'Default: GET.',
  'streams.query':
    'Query parameters. Templates; a list sends the parameter once for each value, and whenEmpty leaves out an empty one.',
  'streams.headers': 'Headers. Templates.',
  'streams.json': 'JSON body. Its texts are templates.',
  'streams.form': 'Form body. Templates, as in query.',
  'streams.format': 'Format of the responses. Default: by their content type.',
  'streams.recordsPath': 'Path of the list of records in a response. Default: the response is the list.',
  'streams.records': 'Where the records of a response are, for other shapes than a list.',
  'streams.records.path': 'Path of the records. * stands for every key of an object and every element of a list.',
  'streams.records.one': 'True: what is at the path is one record.',
  'streams.records.map': 'True: what is at the path is an object whose values are the records.',
  'streams.records.where':
    'Expression over record, key, parent, window, item, input and kept. Other records are left out.',
  'streams.records.set': 'Values that are added to each record: templates by field, or by path with dots.',
  'streams.records.drop': 'Paths of what is left out of each record. * stands for every key and every element.',
  'streams.omitsEmptyList': 'True: the service leaves out a list without records.',
  'streams.primaryKey':
    'Paths of the values that identify a record. Without it, a record is identified by its content.',
  'streams.parent': 'The stream is read once for each record of another stream, which stands before it.',
  'streams.parent.stream': 'Name of the parent stream. Templates read its record as parent.',
  'streams.each': 'The stream is read once for each combination of these values, for each parent record too.',
  'streams.each.as': 'Name of the value. Templates read it as item.<name>.',
  'streams.each.values': 'The values: templates, or one that gives a list. They read input, kept and parent.',
  'streams.pagination': 'How the next page is requested. Without it, a stream has one page.',
  'streams.pagination.type':
    'link_header: the link with rel="next". next_url: a URL in the response. cursor: a value of the response. page: a number. offset: the number of records so far. next: the value of an expression.',
  'streams.pagination.path': 'Place of the next URL or cursor in the response.',
  'streams.pagination.param': 'Name of the parameter.',
  'streams.pagination.in': 'Where the parameter goes. Default: query.',
  'streams.pagination.from': 'Where the cursor is: in the answer, or in the last record. Default: answer.',
  'streams.pagination.start': 'Number of the first page. Default: 1.',
  'streams.pagination.size': 'Records per page.',
  'streams.pagination.sizeParam': 'Name of the parameter with the size of a page.',
  'streams.pagination.limitParam': 'Name of the parameter with the size of a page.',
  'streams.pagination.hasMore': 'Place that says whether there are more: a path, or header:<name>.',
  'streams.pagination.total': 'Place of the number of all records: a path, or header:<name>.',
  'streams.pagination.totalPages': 'Place of the number of all pages: a path, or header:<name>.',
  'streams.pagination.value':
    'Expression over answer, headers, last (record), count (of records), page (number), input and kept. The list ends where it is missing or false.',
  'streams.pagination.stop': 'Expression over the same names. The list ends where it is true.',
  'streams.pagination.place': 'Where the value goes in the next request; url: it is the URL of the next page.',
  'streams.responses': 'What responses of this stream mean. They are checked before responseErrors.',
  'streams.responses.as':
    'end: the list ends. empty: a page without records. skip: the stream is not read further. retry, rate_limit, auth, fail: as in responseErrors.',
  'streams.responses.where': 'Expression over answer, headers and status.',
  'streams.responses.waitFrom': 'Place of the time to wait: a path, or header:<name>.',
  'streams.incremental': 'How only what has changed is read.',
  'streams.incremental.cursorField': 'Path of the field whose highest value is sent with the next sync.',
  'streams.incremental.param': 'Name of the parameter that gets the value.',
  'streams.incremental.in': 'Where the parameter goes. Default: query.',
  'streams.incremental.format': 'Format in which the value is sent. Default: as the field is written.',
  'streams.incremental.fieldFormat': 'Format in which the field is read. Several are tried in turn.',
  'streams.incremental.lookback': 'ISO 8601 duration that is subtracted before the value is sent, such as PT10M.',
  'streams.incremental.start': 'The first value, where the API requires one. A template.',
  'streams.incremental.until': 'Parameter that gets the end of the reading.',
  'streams.incremental.window': 'ISO 8601 duration. The stream is read in steps of this length, such as P30D.',
  'streams.incremental.by':
    'parameter: the API filters. newest_first: reading stops at the first older page. compare: the whole list is read. Default: parameter.',
  'streams.incremental.per': 'parent: one cursor for each parent record.',
  'streams.incremental.feed': 'A change feed: each response has a cursor, which the next request sends.',
  'streams.incremental.feed.path': 'Place of the cursor in a response.',
  'streams.incremental.feed.param': 'Name of the parameter that gets it.',
  'streams.incremental.feed.start': 'The first value. A template.',
  'streams.deletes':
    'missing: what a full reading did not meet is deleted. never: nothing is deleted. Or the field that marks deleted records. Default: missing.',
  'streams.tolerance':
    'Share of the records that may be left out because they cannot be stored, from 0 to 1. Default: 0.01.',
  actions: 'Named requests with typed arguments.',
  'actions.name': 'Name of the action, unique in the definition.',
  'actions.title': 'Title for people.',
  'actions.description': 'What the action does, for people and models.',
  'actions.readOnly': 'True: the action changes nothing.',
  'actions.destructive': 'True: the action deletes or overwrites something.',
  'actions.input': 'JSON Schema of the arguments.',
  'actions.request': 'The request. Its templates read args.',
  'actions.request.method': 'HTTP method.',
  'actions.request.path': 'Path below baseUrl. A template.',
  'actions.request.query': 'Query parameters. Templates.',
  'actions.request.headers': 'Headers. Templates.',
  'actions.request.json': 'JSON body. A template that is one expression keeps the type of its value.',
  'actions.request.form': 'Form body. Templates.',
  'actions.output': 'Path of the result in the response. Default: the whole response.',
  webhook: 'How the events that the service sends are verified and attributed.',
  'webhook.verify': 'How a request shows that the service sent it.',
  'webhook.handshake': 'Requests by which the service checks the URL.',
  'webhook.events': 'Path of the list of events in the body. Default: a request is one event.',
  'webhook.id': 'Expression for the id of an event.',
  'webhook.type': 'Expression for the type of an event.',
  'webhook.connection': 'The connections that an event concerns.',
  'webhook.connection.value': 'Expression over body, headers, query and item.',
  'webhook.connection.equals': 'What it equals: externalId, input.<name> or kept.<name>.',
  'webhook.drop': 'Paths of what is left out of the stored body.',
  'webhook.sync': 'Events that start a sync.',
  'Auth.type': 'How requests are authenticated.',
  'Auth.fields': 'Values that a person supplies, instead of the usual ones.',
  'Auth.username': 'User name. A template. Default: the field username.',
  'Auth.password': 'Password. A template. Default: the field password.',
  'Auth.token': 'Bearer token. A template. Default: the field token.',
  'Auth.value': 'The key. A template. Default: the field api_key.',
  'Auth.placement': 'Where the credential goes in a request.',
  'Auth.grant': 'How the access token is obtained.',
  'Auth.authorizationUrl': 'URL of the page on which people consent. A template.',
  'Auth.authorizationParams': 'Further parameters of the authorization URL.',
  'Auth.tokenUrl': 'URL of the token endpoint. A template.',
  'Auth.refreshUrl': 'URL at which tokens are renewed. Default: tokenUrl.',
  'Auth.revocation': 'How tokens are revoked.',
  'Auth.issuer': 'Issuer of the authorization server (RFC 9207).',
  'Auth.scopes': 'OAuth scopes to request.',
  'Auth.scopeSeparator': 'What stands between scopes. Default: a space.',
  'Auth.pkce': 'Default: S256.',
  'Auth.clientAuth': 'How the OAuth client authenticates. Default: client_secret_post.',
  'Auth.clientHosts': 'Hosts to which the OAuth client may be sent, where an input is part of a host.',
  'Auth.tokenRequest': 'How the requests to the token endpoint differ from RFC 6749.',
  'Auth.tokenResponse': 'Where the values are in responses of the token endpoint.',
  'Auth.tokenResponse.keep': 'Names of values that are kept with the connection, and their paths in the response.',
  'Auth.tokenLifetime': 'ISO 8601 duration for which a token is valid, where the response does not say it.',
  'Auth.refreshTokenLifetime': 'ISO 8601 duration for which a refresh token is valid.',
  'Auth.permanentErrors': 'Error codes, besides invalid_grant, after which the account has to be connected again.',
  'Auth.rotation': 'none: refresh tokens stay. rotating: each can be used once. strict: a second use revokes all.',
  'Auth.login': 'The request that returns the token.',
  'Auth.login.url': 'URL of the login. A template.',
  'Auth.tokenPath': 'Path of the token in the response.',
  'Auth.lifetime': 'ISO 8601 duration for which the token is valid. Default: a login before every request.',
  'Auth.expiry': 'Place of the expiry in the response.',
  'Auth.algorithm': 'Signing algorithm.',
  'Auth.key': 'Key for signing. A template.',
  'Auth.claims': 'Claims of the token. Templates.',
  'Auth.method': 'How requests are signed.',
  'Auth.message': 'What is signed. A template over method, url, path, query, body, timestamp and nonce.',
  'Auth.options': 'The ways to choose from.',
  'Auth.options.key': 'Value of the credential field auth_method that selects this way.',
  'Auth.options.label': 'Label for people.',
  'Auth.strategy': 'Name of a strategy of this deployment.',
  'Field.name': 'Key of the value. Templates read it as config.<name>.',
  'Field.label': 'Label for people.',
  'Field.description': 'Explanation for people.',
  'Field.secret': 'True: the value is secret. Inputs are never secret.',
  'Field.required': 'True: the value must be given.',
  'Field.pattern': 'Regular expression (RE2) for the whole value.',
  'Field.example': 'An example, which must match the pattern.',
  'Placement.in': 'The part of the request.',
  'Placement.name': 'Name of the header, parameter or cookie. In JSON: a path.',
  'Placement.prefix': 'What precedes the value.',
}

/**
 * The JSON Schema of a definition as it is written, for editors. What it accepts may still be refused: templates, patterns and what
 * concerns several parts of a definition are checked by `parseDefinition` only.
 */
export function definitionJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(definitionSchema, { io: 'input', unrepresentable: 'any' })
  const { $schema, $defs = {}, ...rest } = schema
  const described = { $schema, title: 'Latchkey definition', ...rest, $defs }
  describe(described, [])
  for (const [name, each] of Object.entries($defs)) describe(each, [name.replace(/^Login/, '')])
  return described
}

/** Adds the descriptions to the properties of a schema, and of what is in it. */
function describe(schema: JsonSchema, place: readonly string[]): void {
  const inner = [schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])]
  for (const each of inner) {
    if (typeof each === 'object' && !Array.isArray(each)) describe(each, place)
  }
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    if (typeof value !== 'object') continue
    const description = DESCRIPTIONS[[...place, key].join('.')]
    if (description !== undefined) value.description = description
    describe(value, [...place, key])
  }
}
