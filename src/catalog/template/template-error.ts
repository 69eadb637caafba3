import { InvalidInputError } from '../../kit/errors.ts'

/** `syntax`: the template itself; `missing`: nobody supplied what it reads; `unusable`: what it read does not fit there. */
export type TemplateFault = 'syntax' | 'missing' | 'unusable'

/**
 * A template that does not parse or cannot be rendered. The message names the input (`config['username']`) and never
 * holds its value.
 */
export class TemplateError extends InvalidInputError {
  readonly fault: TemplateFault
  /** The input that was read, as a template would write it. */
  readonly reference: string | undefined

  constructor(fault: TemplateFault, message: string, reference?: string) {
    super([{ path: [reference ?? 'template'], message }], reference === undefined ? message : `${reference} ${message}`)
    this.fault = fault
    this.reference = reference
  }
}

export function syntaxError(message: string): TemplateError {
  return new TemplateError('syntax', message)
}
