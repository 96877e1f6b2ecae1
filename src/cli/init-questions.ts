import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Environment } from '../config/environment.ts'
import { CliError } from './error.ts'
import { EXIT } from './exit.ts'
import type { InitAnswers } from './init.ts'
import { toChannels } from './init-channels.ts'

/** Ask a person at the terminal for what cannot be guessed. An empty answer leaves it for later. */
export async function askQuestions(
  env: Environment,
  given: Pick<InitAnswers, 'url' | 'discordApp'>,
): Promise<InitAnswers> {
  let isHidden = false
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isHidden) process.stdout.write(chunk)
      done()
    },
  })
  const lines = createInterface({ input: process.stdin, output, terminal: true })
  // Ctrl-C and Ctrl-D close it, and no answer comes any more.
  const closed = new Promise<never>((_, reject) => {
    lines.once('close', () => reject(new CliError(EXIT.failed, ['stopped: nothing was written'])))
  })
  closed.catch(() => {})
  const answerTo = async (question: string): Promise<string> =>
    (await Promise.race([lines.question(question), closed])).trim()
  const hidden = async (question: string): Promise<string> => {
    process.stdout.write(question)
    isHidden = true
    try {
      return await answerTo('')
    } finally {
      isHidden = false
      process.stdout.write('\n')
    }
  }
  try {
    const slack = toIds(await answerTo('Slack channel ids, such as C0123456789 (Enter for none): '))
    const discord = toIds(await answerTo('Discord channel ids, such as 112233445566778899 (Enter for none): '))
    // Before the tokens, so that nobody pastes one in vain.
    const channels = toChannels(slack, discord)
    const ask = async (name: 'SLACK_BOT_TOKEN' | 'DISCORD_BOT_TOKEN', wanted: boolean, what: string) =>
      wanted && !env[name] ? { [name]: await hidden(`${what} (not shown; Enter to put it into .env later): `) } : {}
    const tokens = {
      ...(await ask('SLACK_BOT_TOKEN', slack.length > 0, 'Slack bot token, xoxb-…')),
      ...(await ask('DISCORD_BOT_TOKEN', discord.length > 0, 'Discord bot token')),
    }
    const reached = 'How Flashduty reaches the relay, such as https://relay.example.com (Enter: later): '
    const url = given.url ?? (await answerTo(reached)).replace(/\/+$/, '')
    return { ...given, channels, tokens, ...(url !== '' && { url }) }
  } finally {
    lines.close()
  }
}

function toIds(answer: string): readonly string[] {
  return answer.split(/[\s,]+/).filter((id) => id !== '')
}
