import { z } from 'zod'
import { matchesPattern, patternProblem } from './pattern.ts'

export const maxFields = 50

/** The name of a field: readable in a template as `config['name']`, and never one of an object's own machinery. */
export const fieldNameSchema = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'must begin with a letter and hold only letters, digits, _, . and -')
  .refine((name) => !['__proto__', 'constructor', 'prototype'].includes(name), 'is not allowed as a name')

/** One thing that a person supplies. `pattern` is a regular expression for the whole value. */
export const fieldSchema = z
  .strictObject({
    name: fieldNameSchema,
    label: z.string().min(1).max(200).optional(),
    description: z.string().max(2_000).optional(),
    secret: z.boolean().optional(),
    required: z.boolean().optional(),
    pattern: z.string().optional(),
    example: z.string().min(1).max(1_000).optional(),
  })
  .superRefine((field, context) => {
    if (field.pattern === undefined) return
    const problem = patternProblem(field.pattern)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['pattern'], message: problem })
    else if (field.example !== undefined && matchesPattern(field.pattern, field.example) !== 'yes') {
      context.addIssue({ code: 'custom', path: ['example'], message: 'must match the pattern of its field' })
    }
  })

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
