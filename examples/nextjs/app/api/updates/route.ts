import { latchkey, workspaceId } from '../../latchkey'

/**
 * Sends a message for each event of the workspace. `after` is the cursor of the newest event that the page knows; a browser that
 * connects again sends the cursor of its last message. A product with many open pages follows the events once for all of them.
 */
export async function GET(request: Request): Promise<Response> {
  const { signal } = request
  const after = request.headers.get('last-event-id') ?? new URL(request.url).searchParams.get('after')
  const events = latchkey.events.follow({ workspaceId, after }, { signal })
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await events.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(`id: ${value.cursor}\ndata: changed\n\n`))
    },
    cancel: async () => void (await events.return()),
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}
