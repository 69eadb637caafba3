/** The reason that a promise rejects with. Fails if the promise does not reject. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => ({ failed: false, error: undefined }),
    (error: unknown) => ({ failed: true, error }),
  )
  if (!outcome.failed) throw new Error('A failure was expected.')
  return outcome.error
}
