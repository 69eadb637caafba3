import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'list_candidates',
    arguments: { ids: [53883394, 53883395], limit: 5 },
    request: 'GET https://harvest.greenhouse.io/v3/candidates?ids=53883394%2C53883395&per_page=5',
    answer: { body: [{ id: 53883394, first_name: 'John' }] },
    output: [{ id: 53883394, first_name: 'John' }],
  },
  {
    action: 'list_applications',
    arguments: { candidate_ids: [53883394], limit: 5 },
    request: 'GET https://harvest.greenhouse.io/v3/applications?candidate_ids=53883394&per_page=5',
    answer: { body: [{ id: 69306314, candidate_id: 53883394 }] },
    output: [{ id: 69306314, candidate_id: 53883394 }],
  },
  {
    action: 'list_jobs',
    arguments: { ids: [6404], limit: 5 },
    request: 'GET https://harvest.greenhouse.io/v3/jobs?ids=6404&per_page=5',
    answer: { body: [{ id: 6404, name: 'Archaeologist' }] },
    output: [{ id: 6404, name: 'Archaeologist' }],
  },
]
