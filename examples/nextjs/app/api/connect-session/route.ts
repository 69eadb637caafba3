import { latchkey, origin, signedInUser, workspaceId } from '../../latchkey'

/** Returns the token of a connect session for the user who is signed in. */
export async function POST(): Promise<Response> {
  const { token } = await latchkey.connectSessions.create({
    workspaceId,
    endUserExternalId: await signedInUser(),
    allowedOrigins: [origin],
    redirectUrl: `${origin}/connected`,
  })
  return new Response(token)
}
