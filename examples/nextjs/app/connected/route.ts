import { confirm, origin } from '../latchkey'

/** Where the browser comes back to without a popup. */
export async function GET(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const handle = searchParams.get('handle')
  if (handle === null) return new Response(`Not connected: ${searchParams.get('error') ?? 'nothing came back'}.`)
  await confirm(handle)
  return Response.redirect(origin)
}
