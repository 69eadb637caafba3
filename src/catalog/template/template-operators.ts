import { syntaxError, TemplateError } from './template-error.ts'
import { bounded, isTrue, Missing, required, type TemplateValue, toNumber, toText } from './value.ts'

export type TemplateScope = Readonly<Record<string, unknown>>
export type Evaluate = (scope: TemplateScope) => TemplateValue

export function compileBinary(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  switch (operator) {
    case 'and':
      return (scope) => {
        const value = left(scope)
        return isTrue(value) ? right(scope) : value
      }
    case 'or':
      return (scope) => {
        const value = left(scope)
        return isTrue(value) ? value : right(scope)
      }
    case '~':
      return (scope) => bounded(toText(left(scope), 'A side of ~') + toText(right(scope), 'A side of ~'))
    case '==':
      return (scope) => equal(left(scope), right(scope))
    case '!=':
      return (scope) => !equal(left(scope), right(scope))
    case 'in':
      return (scope) => contains(right(scope), left(scope))
    case 'not in':
      return (scope) => !contains(right(scope), left(scope))
    case '<':
    case '>':
    case '<=':
    case '>=':
      return (scope) => compare(operator, required(left(scope)), required(right(scope)))
    case '+':
      return (scope) => add(required(left(scope)), required(right(scope)))
    case '-':
    case '*':
    case '/':
    case '//':
    case '%':
      return (scope) => reckon(operator, toNumber(left(scope)), toNumber(right(scope)))
    default:
      throw syntaxError(`The operator ${operator} is not allowed in a template.`)
  }
}

/** What is missing equals nothing, so that an optional input can stand in a condition. */
function equal(left: TemplateValue, right: TemplateValue): boolean {
  return !(left instanceof Missing) && typeof left !== 'object' && left === right
}

function contains(container: TemplateValue, item: TemplateValue): boolean {
  const list = required(container)
  if (item instanceof Missing) return false
  if (typeof list === 'string') return list.includes(toText(item, 'The text looked for'))
  if (Array.isArray(list)) return list.includes(item)
  if (typeof list === 'object') return Object.hasOwn(list, toText(item, 'The key looked for'))
  throw new TemplateError('unusable', 'Only texts, lists and objects can be searched with in.')
}

function compare(operator: '<' | '>' | '<=' | '>=', left: TemplateValue, right: TemplateValue): boolean {
  const comparable =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string')
  if (!comparable) throw new TemplateError('unusable', 'Only two numbers or two texts can be compared by size.')
  if (operator === '<') return left < right
  if (operator === '>') return left > right
  return operator === '<=' ? left <= right : left >= right
}

function add(left: TemplateValue, right: TemplateValue): TemplateValue {
  if (typeof left === 'string' && typeof right === 'string') return bounded(left + right)
  return finite(toNumber(left) + toNumber(right))
}

function reckon(operator: '-' | '*' | '/' | '//' | '%', left: number, right: number): number {
  if (operator === '-') return finite(left - right)
  if (operator === '*') return finite(left * right)
  if (operator === '/') return finite(left / right)
  if (operator === '//') return finite(Math.floor(left / right))
  return finite(left - Math.floor(left / right) * right)
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new TemplateError('unusable', 'The template reckons to something that is no number.')
}

export function compileUnary(operator: string, argument: Evaluate): Evaluate {
  if (operator === 'not') return (scope) => !isTrue(argument(scope))
  if (operator === '-') return (scope) => -toNumber(argument(scope))
  if (operator === '+') return (scope) => toNumber(argument(scope))
  throw syntaxError(`The operator ${operator} is not allowed in a template.`)
}
