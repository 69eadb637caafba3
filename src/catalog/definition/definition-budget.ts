import { InvalidInputError } from '../../kit/errors.ts'
import { MatchBudget } from './pattern.ts'

/** Characters of all templates with expressions, and some for each of them. Parsing as many takes 0.1 s at worst. */
const MAX_TEMPLATE_CHARACTERS = 40_000
const CHARACTERS_FOR_EACH_TEMPLATE = 16

/** What compiling the patterns of a definition may cost together, in the unit of `patternCost`. */
const MAX_PATTERN_COST = 10_000

/** What parsing one definition may still cost. */
export class DefinitionBudget {
  /**
   * Whether an older version accepted and stored the definition. Its templates and patterns are not limited, so that its connections
   * keep working.
   */
  readonly isStored: boolean
  /** For the examples of fields. */
  readonly matches = new MatchBudget()
  readonly #path: readonly string[]
  #templateCharacters = 0
  #patternCost = 0

  /** @param path of the definition in the caller's input */
  constructor({ path = [], isStored = false }: { path?: readonly string[]; isStored?: boolean } = {}) {
    this.#path = path
    this.isStored = isStored
  }

  /** Called before a template or an expression is compiled. @throws InvalidInputError */
  spendOnTemplate(source: string): void {
    this.#templateCharacters += source.length + CHARACTERS_FOR_EACH_TEMPLATE
    if (!this.isStored && this.#templateCharacters > MAX_TEMPLATE_CHARACTERS) {
      throw this.#exceeded(
        `its templates have more than ${MAX_TEMPLATE_CHARACTERS} characters together, counting ${CHARACTERS_FOR_EACH_TEMPLATE} more for each. Write fewer or shorter templates`,
      )
    }
  }

  /** Called before a pattern is compiled. @throws InvalidInputError */
  spendOnPattern(cost: number): void {
    this.#patternCost += cost
    if (!this.isStored && this.#patternCost > MAX_PATTERN_COST) {
      throw this.#exceeded('its patterns are too many or too large. Write fewer or simpler patterns')
    }
  }

  #exceeded(excess: string): InvalidInputError {
    return new InvalidInputError([{ path: [...this.#path], message: `is too large: ${excess}` }])
  }
}

let current: DefinitionBudget | undefined

/** Parses a definition within a budget. The schemas find it by `currentDefinitionBudget`, because zod passes nothing to them. */
export function parseWithin<T>(budget: DefinitionBudget, parse: () => T): T {
  const outer = current
  current = budget
  try {
    return parse()
  } finally {
    current = outer
  }
}

/** The budget of the definition that is being parsed; a new one for a schema that is used alone. */
export function currentDefinitionBudget(): DefinitionBudget {
  return current ?? new DefinitionBudget()
}
