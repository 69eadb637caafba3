/** An npm package that an installation may leave out is missing. The message has no final period. */
export class MissingPackageError extends Error {
  override readonly name = 'MissingPackageError'
}

/** What to do about a missing package, as the end of a sentence. */
export const INSTALL_OPTIONAL = 'install Latchkey with its optional packages: npm install --include=optional.'

/**
 * Loads a part of the program that needs an optional package.
 * @throws MissingPackageError when that package is not installed
 */
export async function withOptionalPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const isMissing =
      cause instanceof Error &&
      'code' in cause &&
      cause.code === 'ERR_MODULE_NOT_FOUND' &&
      cause.message.includes(`'${name}'`)
    if (isMissing) throw new MissingPackageError(`The package ${name} is not installed`, { cause })
    throw cause
  }
}
