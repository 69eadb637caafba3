import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type CustomStrategies, type CustomStrategy, isCustomStrategy, shapeProblems } from './custom-strategy.ts'

/** A file without a usable strategy. The message names the file and the problem. */
export class CustomStrategyError extends Error {
  override readonly name = 'CustomStrategyError'
}

/**
 * Imports the export `strategy` of every `*.ts` and `*.js` file in a folder, not in its sub-folders. The code runs with all
 * permissions of this process. Rejects with CustomStrategyError when a file is not usable, two strategies have the same name,
 * or the folder cannot be read.
 */
export async function loadCustomStrategies(folder: string): Promise<CustomStrategies> {
  const strategies = new Map<string, CustomStrategy>()
  for (const file of await strategyFiles(folder)) {
    const strategy = await importStrategy(folder, file)
    if (strategies.has(strategy.name)) {
      throw new CustomStrategyError(`${file}: another file already has a strategy named ${strategy.name}.`)
    }
    strategies.set(strategy.name, strategy)
  }
  return strategies
}

/** The sorted names of the strategy files in a folder. Rejects with CustomStrategyError. */
export async function strategyFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CustomStrategyError(`The folder of custom strategies cannot be read: ${why}`, { cause })
  })
  const files = entries.filter((entry) => entry.isFile() && /(?<!\.(?:d|test))\.[tj]s$/.test(entry.name))
  return files.map((entry) => entry.name).sort()
}

/** Imports the strategy of one file. Rejects with CustomStrategyError. */
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
