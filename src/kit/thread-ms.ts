/** The processor time of this thread, in milliseconds. Node has it since 23.9; before, the time that has passed. */
export function threadMs(): number {
  if (process.threadCpuUsage === undefined) return performance.now()
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
