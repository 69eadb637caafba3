import { type SessionError, sessionStatus } from '../../connecting/connect-session-state.ts'
import { findSessionByToken } from '../../connecting/connect-sessions.ts'
import type { Services } from '../../graphql/kernel/context.ts'
import { encodeGlobalId } from '../../graphql/kernel/global-id.ts'

const BEARER = /^Bearer +([\x21-\x7e]{1,200})$/i

/**
 * `GET /connect/session`: how a session goes, for the page that holds its token. A page of another origin may read it where
 * the session names that origin. It tells of a session that is over too, and never the handle: that goes back with the
 * browser that connected, and the token may be in another.
 */
export async function connectSessionStatus(services: Services, request: Request): Promise<Response> {
  const origin = request.headers.get('origin')
  // A preflight names no session. What may be read is decided when it comes with its token.
  if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: preflightHeaders(origin) })
  if (request.method !== 'GET') return new Response(null, { status: 405, headers: { allow: 'GET, OPTIONS' } })
  const token = BEARER.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
  const session = await findSessionByToken(services.database, token)
  if (session === null) return statusResponse(401, { error: 'This connect session is not known.' }, '*')
  const own = new URL(services.publicUrl).origin
  if (origin !== null && origin !== own && !session.allowedOrigins.includes(origin)) {
    return statusResponse(
      403,
      { error: 'The allowedOrigins of this session do not name the origin of this page.' },
      null,
    )
  }
  const connection =
    session.connectionId === null
      ? null
      : await services.database.prisma.connection.findUnique({
          where: { id: session.connectionId, deletedAt: null },
          include: { integration: { select: { slug: true } } },
        })
  const error = session.error as SessionError | null
  return statusResponse(
    200,
    {
      session: {
        id: encodeGlobalId('ConnectSession', session.id),
        status: sessionStatus(session),
        expiresAt: session.expiresAt.toISOString(),
      },
      connection:
        connection === null
          ? null
          : {
              id: encodeGlobalId('Connection', connection.id),
              status: connection.status,
              displayName: connection.displayName,
              integration: connection.integration.slug,
            },
      error: error && toldOf(error),
    },
    origin,
  )
}

/** What the GraphQL type has of it. */
function toldOf({ code, message, providerError, providerErrorDescription }: SessionError): SessionError {
  return { code, message, providerError, providerErrorDescription }
}

function preflightHeaders(origin: string | null): Record<string, string> {
  return {
    'access-control-allow-origin': origin ?? '*',
    'access-control-allow-methods': 'GET',
    'access-control-allow-headers': 'authorization',
    'access-control-max-age': '7200',
    vary: 'origin',
  }
}

function statusResponse(status: number, body: unknown, origin: string | null): Response {
  return Response.json(body, {
    status,
    headers: {
      'cache-control': 'no-store',
      vary: 'origin',
      'cross-origin-resource-policy': 'cross-origin',
      ...(origin === null ? {} : { 'access-control-allow-origin': origin }),
    },
  })
}
