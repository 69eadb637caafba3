import { CustomStrategyError, importStrategy, strategyFiles } from '../auth/custom/load-custom-strategies.ts'
import { checkStrategy } from './check-strategy.ts'

export interface CheckedFile {
  file: string
  /** Of its strategy; null: it has none that can be used. */
  name: string | null
  /** Sentences; empty: it keeps its promises. */
  problems: string[]
}

/**
 * Tries every strategy of a folder as `checkStrategy` does. One file that cannot be used does not hide the others.
 * Rejects with CustomStrategyError where the folder cannot be read.
 */
export async function checkStrategyFolder(folder: string): Promise<CheckedFile[]> {
  const checked: CheckedFile[] = []
  for (const file of await strategyFiles(folder)) {
    try {
      const strategy = await importStrategy(folder, file)
      const problems = await checkStrategy(strategy)
      if (checked.some(({ name }) => name === strategy.name)) {
        problems.push(`Another file has a strategy of the name ${strategy.name} already.`)
      }
      checked.push({ file, name: strategy.name, problems })
    } catch (error) {
      if (!(error instanceof CustomStrategyError)) throw error
      checked.push({ file, name: null, problems: [error.message] })
    }
  }
  return checked
}

/** For people: a line for each strategy, and one for each of its problems. */
export function describeStrategies(checked: readonly CheckedFile[]): string {
  const lines = checked.flatMap(({ file, name, problems }) => [
    `${problems.length === 0 ? 'ok     ' : 'problem'} ${name ?? '-'} (${file})`,
    ...problems.map((problem) => `        ${problem}`),
  ])
  const wrong = checked.filter(({ problems }) => problems.length > 0).length
  const count = checked.length === 1 ? '1 strategy' : `${checked.length} strategies`
  return `${[...lines, `${count}, ${wrong} with problems.`].join('\n')}\n`
}
