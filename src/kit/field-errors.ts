import { type FieldError, InvalidInputError } from './errors.ts'

/** Gathers every wrong field, so that one answer names them all. */
export class FieldErrors {
  readonly list: FieldError[] = []

  add(path: readonly PropertyKey[], message: string): void {
    this.list.push({ path: path.map(String), message })
  }

  throwIfAny(): void {
    if (this.list.length > 0) throw new InvalidInputError(this.list)
  }
}
