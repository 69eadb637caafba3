/** Something that is ended with its surroundings, or alone. */
interface LinkedAbort {
  readonly signal: AbortSignal
  /** Ends it. From here on it holds nothing of its surroundings. */
  end(): void
}

/**
 * As AbortSignal.any over a signal and a controller. That leaves something at the signal each time, which fills the memory
 * of a job that does it for each of a hundred thousand parents.
 */
export function linkAbort(outer: AbortSignal): LinkedAbort {
  const inner = new AbortController()
  const onAbort = () => inner.abort(outer.reason)
  if (outer.aborted) onAbort()
  else outer.addEventListener('abort', onAbort)
  return {
    signal: inner.signal,
    end() {
      outer.removeEventListener('abort', onAbort)
      inner.abort()
    },
  }
}
