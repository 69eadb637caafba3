import { ERRORS, type OAuthFixture, RETURN_URL } from './oauth-fixture.ts'

const SESSION = 'id status connection { id status } error { code message providerError providerErrorDescription }'

/** Creates connect sessions. `app` is read when the first one is created. */
export function connectSessions(latchkey: Pick<OAuthFixture, 'app' | 'workspace'>) {
  return {
    /** Default: for the end user `ada` and the integration `oidc`. */
    async createSession(input: Record<string, unknown> = {}) {
      return latchkey.app.mutate(
        `mutation ($input: CreateConnectSessionInput!) { createConnectSession(input: $input) {
          ${ERRORS} ... on CreateConnectSessionPayload { connectUrl session { ${SESSION} } } } }`,
        {
          workspaceId: latchkey.workspace.id,
          endUserExternalId: 'ada',
          integrations: ['oidc'],
          redirectUrl: RETURN_URL,
          ...input,
        },
        latchkey.workspace.key,
      )
    },
    async sessionOf({ session: { id } }: { session: { id: string } }) {
      const { data } = await latchkey.app.request(`query ($id: ID!) { connectSession(id: $id) { ${SESSION} } }`, { id })
      return data.connectSession
    },
  }
}
