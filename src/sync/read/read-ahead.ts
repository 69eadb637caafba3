/**
 * Hands on what a source gives, and asks it for the next while the last is used: at most two are held. Who leaves early
 * must end what the source waits for (an aborted signal); it is not waited for.
 */
export async function* readAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let pending = source.next()
  try {
    for (;;) {
      const { done, value } = await pending
      if (done === true) return
      pending = source.next()
      // Told when it is awaited; until then it must not count as unhandled.
      pending.catch(() => undefined)
      yield value
    }
  } finally {
    source.return(undefined).catch(() => undefined)
  }
}
