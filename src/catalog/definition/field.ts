import { z } from 'zod'
import { currentDefinitionBudget } from './definition-budget.ts'
import { matchesPattern, patternCost, patternProblem } from './pattern.ts'

const maxFields = 50
const maxChoices = 100

/** The values to choose from, such as the regions of a provider. */
const choicesSchema = z
  .array(
    z.strictObject({
      value: z.string().min(1).max(1_000),
      label: z.string().min(1).max(200),
    }),
  )
  .min(1)
  .max(maxChoices)

/** The name of a field. Templates read it as `config['name']`, so names such as `constructor` are refused. */
export const fieldNameSchema = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'must begin with a letter and contain only letters, digits, _, . and -')
  .refine((name) => !['__proto__', 'constructor', 'prototype'].includes(name), 'is not allowed as a name')

/** One value that a person supplies. `pattern` is a regular expression for the whole value, in the syntax of RE2. */
export const fieldSchema = z
  .strictObject({
    name: fieldNameSchema,
    label: z.string().min(1).max(200).optional(),
    description: z.string().max(2_000).optional(),
    secret: z.boolean().optional(),
    required: z.boolean().optional(),
    pattern: z.string().optional(),
    example: z.string().min(1).max(1_000).optional(),
    choices: choicesSchema.optional(),
  })
  .superRefine((field, context) => {
    for (const [place, message] of choiceProblems(field)) context.addIssue({ code: 'custom', path: place, message })
    if (field.pattern === undefined) return
    const budget = currentDefinitionBudget()
    // An older version checked it by other rules. Connections with the definition work without it.
    if (budget.isStored) return
    budget.spendOnPattern(patternCost(field.pattern))
    const problem = patternProblem(field.pattern)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['pattern'], message: problem })
    else if (field.example !== undefined && matchesPattern(field.pattern, field.example, budget.matches) !== 'yes') {
      context.addIssue({ code: 'custom', path: ['example'], message: 'must match the pattern of its field' })
    }
  })
  .meta({ id: 'Field' })

interface Choosable {
  choices?: { value: string }[] | undefined
  pattern?: string | undefined
  example?: string | undefined
  secret?: boolean | undefined
}

function* choiceProblems({ choices, pattern, example, secret }: Choosable): Generator<[(string | number)[], string]> {
  if (choices === undefined) return
  const values = choices.map(({ value }) => value)
  for (const [index, value] of values.entries()) {
    if (values.indexOf(value) < index) yield [['choices', index, 'value'], 'is the value of an earlier choice']
  }
  if (secret === true) yield [['choices'], 'must be left out, because a secret is not chosen from a list']
  if (pattern !== undefined) yield [['pattern'], 'must be left out, because choices say what the value may be']
  if (example !== undefined && !values.includes(example)) yield [['example'], 'must be the value of a choice']
}

export const fieldsSchema = z
  .array(fieldSchema)
  .max(maxFields)
  .superRefine((fields, context) => {
    const seen = new Set<string>()
    for (const [index, { name }] of fields.entries()) {
      if (seen.has(name)) {
        context.addIssue({ code: 'custom', path: [index, 'name'], message: `${name} is the name of an earlier field` })
      }
      seen.add(name)
    }
  })

export type Field = z.infer<typeof fieldSchema>
