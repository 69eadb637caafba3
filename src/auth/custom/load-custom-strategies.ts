import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type CustomStrategies, type CustomStrategy, isCustomStrategy, shapeProblems } from './custom-strategy.ts'

/** A file of the folder that holds no strategy that can be used. Names the file and what is wrong. */
export class CustomStrategyError extends Error {
  override readonly name = 'CustomStrategyError'
}

/**
 * Imports every `*.ts` and `*.js` file of a folder, not of folders in it, and takes its named export `strategy`. The code
 * runs with all rights of this process. Rejects with CustomStrategyError, also for two strategies of one name, and
 * too where the folder cannot be read.
 */
export async function loadCustomStrategies(folder: string): Promise<CustomStrategies> {
  const strategies = new Map<string, CustomStrategy>()
  for (const file of await strategyFiles(folder)) {
    const strategy = await importStrategy(folder, file)
    if (strategies.has(strategy.name)) {
      throw new CustomStrategyError(`${file}: another file has a strategy of the name ${strategy.name} already.`)
    }
    strategies.set(strategy.name, strategy)
  }
  return strategies
}

/** Names of the files of a folder that are taken for strategies, in order. Rejects with CustomStrategyError. */
export async function strategyFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CustomStrategyError(`The folder of strategies cannot be read: ${why}`, { cause })
  })
  const files = entries.filter((entry) => entry.isFile() && /(?<!\.(?:d|test))\.[tj]s$/.test(entry.name))
  return files.map((entry) => entry.name).sort()
}

/** The strategy of one file. Rejects with CustomStrategyError. */
export async function importStrategy(folder: string, file: string): Promise<CustomStrategy> {
  const module: unknown = await import(pathToFileURL(resolve(folder, file)).href).catch((cause: unknown) => {
    throw new CustomStrategyError(`${file} cannot be loaded: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    })
  })
  const strategy: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, 'strategy') : undefined
  if (isCustomStrategy(strategy)) return strategy
  const problem = strategy === undefined ? 'it has no export named strategy' : shapeProblems(strategy).join('; ')
  throw new CustomStrategyError(`${file}: ${problem}.`)
}
