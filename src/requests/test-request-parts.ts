import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import type { TemplateScope } from '../catalog/template/template.ts'
import { renderJson } from '../catalog/template/template.ts'
import { renderPath } from '../catalog/template/url-template.ts'
import type { DraftBody } from '../wire/request-draft.ts'

interface TestRequestParts {
  method: string
  /** Under the base URL. */
  path: string
  body?: DraftBody
}

/**
 * The definition's test request, rendered; undefined: it has none. One with a JSON body is a POST unless it says other.
 * @throws TemplateError for a missing input
 */
export function testRequestParts(
  { testRequest }: IntegrationDefinition,
  scope: TemplateScope,
): TestRequestParts | undefined {
  if (testRequest === undefined) return undefined
  const { path, json, method = json === undefined ? 'GET' : 'POST' } = testRequest
  return {
    method,
    path: renderPath(path, scope),
    ...(json === undefined ? {} : { body: { type: 'json', value: renderJson(json, scope) } }),
  }
}
