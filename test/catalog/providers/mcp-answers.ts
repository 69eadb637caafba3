import type { ProviderTrial } from './trial.ts'

const refused = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer realm="OAuth", error="invalid_token"' },
  body: { error: 'invalid_token', error_description: 'Missing or invalid access token' },
}

/** The responses of an MCP server and of its authorization server. @param name of its service, such as `Linear` */
export const mcpTrial = (name: string, host: string): ProviderTrial => ({
  exchange: {
    answer: {
      body: {
        access_token: 'first-access-t0ken',
        token_type: 'bearer',
        expires_in: 3600,
        refresh_token: 'first-refresh-t0ken',
        scope: '',
      },
    },
    accessToken: 'first-access-t0ken',
    refreshToken: 'first-refresh-t0ken',
    lifetimeSeconds: 3600,
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second-access-t0ken',
        token_type: 'bearer',
        expires_in: 3600,
        refresh_token: 'second-refresh-t0ken',
        scope: '',
      },
    },
    accessToken: 'second-access-t0ken',
    refreshToken: 'second-refresh-t0ken',
    lifetimeSeconds: 3600,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid refresh token' } },
      reason: 'INVALID_GRANT',
      says: 'Invalid refresh token',
    },
    {
      what: 'code',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'Client not found' } },
      reason: 'INVALID_CLIENT',
    },
  ],
  test: {
    asks: `POST ${host}/mcp`,
    headers: {
      authorization: 'Bearer first-access-t0ken',
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    },
    good: {
      body: {
        jsonrpc: '2.0',
        id: 1,
        result: { protocolVersion: '2025-03-26', capabilities: { tools: {} }, serverInfo: { name } },
      },
    },
    refused: { answer: refused, says: 'invalid_token: Missing or invalid access token' },
  },
  hints: [
    {
      what: 'request',
      answer: refused,
      says: 'invalid_token: Missing or invalid access token',
      cause: `was revoked in ${name}`,
    },
  ],
})
