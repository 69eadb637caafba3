import { TemplateError } from './value.ts'

/** Texts that the templates of one request may produce together, in UTF-16 code units, intermediate results included. */
const MAX_CHARACTERS = 4 * 1024 * 1024

/** Work that the templates of one request may do together: one step for each operation, and for each 16 characters or items read. */
const MAX_STEPS = 200_000

const READ_PER_STEP = 16

/**
 * What rendering may still cost. One budget is shared by everything that is rendered for one request. The interpreter keeps it: each
 * expression pays for its operations, and a text is paid for before it is built, so neither time nor memory exceeds the budget.
 */
export class TemplateBudget {
  readonly #maxCharacters: number
  readonly #maxSteps: number
  #characters = 0
  #steps = 0
  #nowMs: number | undefined

  /**
   * @param inputLength UTF-16 units of a text that the caller supplies besides the connection's values, such as the body to sign. It
   * may be read four times and copied twice.
   */
  constructor(inputLength = 0) {
    this.#maxCharacters = MAX_CHARACTERS + 2 * inputLength
    this.#maxSteps = MAX_STEPS + (4 * inputLength) / READ_PER_STEP
  }

  /** Milliseconds since 1970 when it was first asked for, so that all templates of a request have the same present. */
  get nowMs(): number {
    this.#nowMs ??= Date.now()
    return this.#nowMs
  }

  /** @throws TemplateError (`fault: 'limit'`) */
  step(count: number): void {
    this.#steps += count
    if (this.#steps > this.#maxSteps) throw limitError(`need more than ${Math.floor(this.#maxSteps)} steps`)
  }

  /** Pays for reading a text or list of this length. @throws TemplateError (`fault: 'limit'`) */
  read(length: number): void {
    this.step(length / READ_PER_STEP)
  }

  /** Checks that a text of this length may be produced. @throws TemplateError (`fault: 'limit'`) */
  reserve(length: number): void {
    if (this.#characters + length > this.#maxCharacters) {
      throw limitError(`produce more than ${this.#maxCharacters} characters of text`)
    }
  }

  /** Pays for a text of this length. Called before the text is built. @throws TemplateError (`fault: 'limit'`) */
  produce(length: number): void {
    this.reserve(length)
    this.#characters += length
  }
}

function limitError(excess: string): TemplateError {
  return new TemplateError('limit', `The templates of this request ${excess}. Write shorter templates, or supply less.`)
}

/** Key by which a scope carries its budget. Templates read names only, so they cannot see it. */
const BUDGET: unique symbol = Symbol('template budget')

/** The variables of templates, and the budget that they share. */
export type BudgetedScope = Readonly<Record<string, unknown>> & { readonly [BUDGET]?: TemplateBudget }

/** The budget that a scope carries, or a new one. */
export function budgetOf(scope: BudgetedScope): TemplateBudget {
  return scope[BUDGET] ?? new TemplateBudget()
}

/**
 * The scope with a budget that everything rendered with it shares; a budget that it has is kept. Call it where a request begins. A
 * scope that outlives the request must not carry one: without it, each template has its own budget.
 */
export function withSharedBudget(scope: BudgetedScope, budget?: TemplateBudget): BudgetedScope {
  if (budget === undefined && scope[BUDGET] !== undefined) return scope
  return { ...scope, [BUDGET]: budget ?? new TemplateBudget() }
}
