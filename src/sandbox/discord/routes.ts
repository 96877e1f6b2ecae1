import type { Answer } from '../misbehave.ts'
import type { Rate } from '../bucket.ts'
import { deleteChannel, editChannel, getChannel } from './channels.ts'
import { getCurrentUser, getGuild, getMember, listChannels, listRoles } from './guild.ts'
import { listMessages } from './history.ts'
import { CREATE_RATE, EDIT_RATE, OTHER_RATE } from './limits.ts'
import { createMessage, deleteMessage, editMessage, getMessage } from './messages.ts'
import type { Request } from './request.ts'
import { createPost, listActiveThreads, listArchivedThreads, startThread } from './threads.ts'

/** One endpoint. Its limit counts for each channel or guild (`:id`) on its own. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  /** What the headers call the limit. */
  readonly bucket: string
  readonly rate: Rate
  readonly handle: (request: Request) => Answer
}

const CHANNEL = '/channels/:id'
const MESSAGES = `${CHANNEL}/messages`
const MESSAGE = `${MESSAGES}/:mid`
const GUILD = '/guilds/:id'

/** What this Discord can do: what the relay and its check of an installation call. */
export const ROUTES: readonly Route[] = [
  route('GET', '/users/@me', 'user', OTHER_RATE, getCurrentUser),
  route('GET', GUILD, 'guild', OTHER_RATE, getGuild),
  route('GET', `${GUILD}/roles`, 'guild-roles', OTHER_RATE, listRoles),
  route('GET', `${GUILD}/channels`, 'guild-channels', OTHER_RATE, listChannels),
  route('GET', `${GUILD}/members/:mid`, 'guild-member', OTHER_RATE, getMember),
  route('GET', `${GUILD}/threads/active`, 'active-threads', OTHER_RATE, listActiveThreads),
  route('GET', CHANNEL, 'channel', OTHER_RATE, getChannel),
  route('PATCH', CHANNEL, 'channel-edit', OTHER_RATE, editChannel),
  route('DELETE', CHANNEL, 'channel-delete', OTHER_RATE, deleteChannel),
  route('GET', MESSAGES, 'messages', OTHER_RATE, listMessages),
  route('POST', MESSAGES, 'message-create', CREATE_RATE, createMessage),
  route('GET', MESSAGE, 'message', OTHER_RATE, getMessage),
  route('PATCH', MESSAGE, 'message-edit', EDIT_RATE, editMessage),
  route('DELETE', MESSAGE, 'message-delete', OTHER_RATE, deleteMessage),
  route('POST', `${MESSAGE}/threads`, 'thread-start', OTHER_RATE, startThread),
  route('POST', `${CHANNEL}/threads`, 'thread-create', OTHER_RATE, createPost),
  route('GET', `${CHANNEL}/threads/archived/public`, 'archived-threads', OTHER_RATE, listArchivedThreads),
]

function route(
  method: Route['method'],
  path: string,
  bucket: string,
  rate: Rate,
  handle: (request: Request) => Answer,
): Route {
  return { method, path, bucket, rate, handle }
}
