/**
 * Counts what the bytes of a request and its response cost the caller that they are for, and slows the exchange down while the
 * caller has used up its limits. `undefined` means that nothing has to be waited for.
 */
export interface Meter {
  /** Counts a chunk that was received, decoded or is about to be sent. Resolves when the next one may be read. */
  count(bytes: number): Promise<void> | undefined
  /**
   * Counts bytes that stay in memory until the request has ended. Resolves when there is room for them.
   * @throws RateLimitedError when there was no room for too long
   */
  keep(bytes: number): Promise<void> | undefined
  /**
   * Resolves when a body that was received as a whole may be processed, which nothing else can interrupt.
   * @throws RateLimitedError when the turn did not come in time
   */
  turn(bytes: number): Promise<void> | undefined
}
