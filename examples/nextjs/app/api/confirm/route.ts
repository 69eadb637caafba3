import { confirm } from '../../latchkey'

/** Receives the handle that the browser of the user brought back. */
export async function POST(request: Request): Promise<Response> {
  return new Response(await confirm(await request.text()))
}
