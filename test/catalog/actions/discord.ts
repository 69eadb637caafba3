import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'get_current_user',
    arguments: {},
    request: 'GET https://discord.com/api/v10/users/@me',
    answer: { body: { id: '80351110224678912', username: 'Nelly' } },
    output: { id: '80351110224678912', username: 'Nelly' },
  },
  {
    action: 'list_guilds',
    arguments: { limit: 100, after: '80351110224678912' },
    request: 'GET https://discord.com/api/v10/users/@me/guilds?limit=100&after=80351110224678912',
    answer: { body: [{ id: '80351110224678913', name: '1337 Krew' }] },
    output: [{ id: '80351110224678913', name: '1337 Krew' }],
  },
  {
    action: 'get_guild_member',
    arguments: { guild_id: '80351110224678912' },
    request: 'GET https://discord.com/api/v10/users/@me/guilds/80351110224678912/member',
    answer: { body: { nick: 'NOT API SUPPORT', roles: [] } },
    output: { nick: 'NOT API SUPPORT', roles: [] },
  },
]
