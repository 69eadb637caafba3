/**
 * Sets the clock of this process forward or back by `offsetMs`, for `Date.now()` and `new Date()`. Timers and
 * `performance.now()` keep running as before, and so does a database server's clock.
 * @returns a function that sets it right again
 */
export function shiftClock(offsetMs: number): () => void {
  const Original = globalThis.Date
  const now = () => Original.now() + offsetMs
  globalThis.Date = new Proxy(Original, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  })
  return () => {
    globalThis.Date = Original
  }
}
