export interface StreamGuard {
  /** Aborts when the client is gone. */
  signal: AbortSignal
  /** How long the client may leave what was sent to it unread. */
  stalledAfterMs: number
  /** Called once it has; ends the connection, which aborts the signal. */
  onStalled: () => void
}

/**
 * The same response, whose stream ends, and lets go of its source, when its client leaves or stops reading: servers only
 * notice with the next chunk, or wait for a client that is gone to read on. Nothing is read ahead.
 */
export function guardedStream(response: Response, { signal, stalledAfterMs, onStalled }: StreamGuard): Response {
  if (response.body === null) return response
  const reader = response.body.getReader()
  let timer: NodeJS.Timeout | undefined
  let leave = (): void => undefined
  const finish = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        leave = () => {
          finish()
          controller.close()
          reader.cancel().catch(() => undefined)
        }
        if (signal.aborted) leave()
        else signal.addEventListener('abort', leave, { once: true })
      },
      async pull(controller) {
        clearTimeout(timer)
        try {
          const { done, value } = await reader.read()
          if (signal.aborted) return
          if (done) {
            finish()
            controller.close()
            return
          }
          controller.enqueue(value)
          timer = setTimeout(onStalled, stalledAfterMs)
          timer.unref()
        } catch (error) {
          finish()
          throw error
        }
      },
      async cancel(reason) {
        finish()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers })
}
