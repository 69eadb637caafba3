import type { ActionDefinition } from '../definition/action.ts'
import { input, limit, text } from './input.ts'

/** Messages cannot be sent with the token of a user: they need a bot (docs.discord.com/developers/resources/message). */
export const discordActions: ActionDefinition[] = [
  {
    name: 'get_current_user',
    title: 'Get the connected user',
    description: 'Returns id, username, global name and avatar of the user who connected the account.',
    docsUrl: 'https://docs.discord.com/developers/resources/user#get-current-user',
    scopes: ['identify'],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/users/@me' },
  },
  {
    name: 'list_guilds',
    title: 'List servers',
    description: 'Lists the servers (guilds) that the user is a member of, with id, name and the user’s permissions.',
    docsUrl: 'https://docs.discord.com/developers/resources/user#get-current-user-guilds',
    scopes: ['guilds'],
    readOnly: true,
    input: input(
      {},
      {
        limit: limit(200, 200),
        after: text('Id of the last server of the previous page.', { pattern: '^[0-9]+$' }),
      },
    ),
    request: {
      method: 'GET',
      path: '/users/@me/guilds',
      query: { limit: '{{ args.limit | default(200) }}', after: '{{ args.after }}' },
    },
  },
  {
    name: 'get_guild_member',
    title: 'Get the user’s membership of a server',
    description: 'Returns nickname, roles and joining time of the connected user in one server.',
    docsUrl: 'https://docs.discord.com/developers/resources/user#get-current-user-guild-member',
    scopes: ['guilds.members.read'],
    readOnly: true,
    input: input({ guild_id: text('Id of the server. list_guilds returns it.', { pattern: '^[0-9]+$' }) }),
    request: { method: 'GET', path: '/users/@me/guilds/{{ args.guild_id }}/member' },
  },
]
